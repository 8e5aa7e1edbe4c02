// Errors of memory that a detector has found, each with its stacks side by side; and the checks behind it.
import type { JSX } from "preact";
import { type Check, checksOf, ERROR_KINDS, type Outcome, OUTCOMES } from "../../data/checks.ts";
import { bytes, count, plural } from "../../data/format.ts";
import type { Model } from "../../data/model.ts";
import { select, view } from "../../state.ts";
import { Card, Icon, Name } from "../../ui/bits.tsx";
import { CsvButton, Evidence } from "../../ui/evidence.tsx";
import { Stack } from "../../ui/stack.tsx";

const STACKS: [column: string, title: string][] = [
    ["stacks.alloc", "Allocated"], ["stacks.free", "Released"], ["stacks.access", "Used wrongly"],
];

export function Issues({ model }: { model: Model }): JSX.Element {
    const t = model.table("findings");
    const kind = (row: number) => t.col("kind").text(row) ?? "";
    const rows = Array.from({ length: t.rows }, (_, row) => row).filter((row) => ERROR_KINDS.has(kind(row)));
    const others = t.rows - rows.length;
    return (
        <Card title="Errors of memory" aside={<>{count(rows.length)} <CsvButton model={model} table="findings" rows={rows} /></>}>
            {!rows.length && <Nothing model={model} />}
            <ol class="findings issues">
                {rows.map((row) => <Issue key={row} model={model} row={row} />)}
            </ol>
            {others > 0 && (
                <p class="found">
                    {plural(others, "other finding")}, not about errors, {others === 1 ? "stands" : "stand"} in the{" "}
                    <button type="button" class="link" onClick={() => { view.value = "overview"; }}>overview</button>.
                </p>
            )}
        </Card>
    );
}

function Nothing({ model }: { model: Model }): JSX.Element {
    const ran = checksOf(model).filter((check) => check.outcome === "ran" || check.outcome === "part").length;
    return <p class="nothing">No detector has reported an error in {plural(model.one("summary", "allocations"), "allocation")}. {ran ? `${plural(ran, "check")} below found nothing either; what no check has looked at stands there, too.` : "See below which checks could look."}</p>;
}

function Issue({ model, row }: { model: Model; row: number }): JSX.Element {
    const t = model.table("findings");
    const text = (name: string) => t.col(name).text(row);
    const severity = text("severity") ?? "info";
    const site = model.siteIndex(t.col("site").num(row));
    const stacks = STACKS.filter(([column]) => t.col(column).known(row));
    return (
        <li class={severity}>
            <span class="severity"><Icon name={severity} />{severity}</span>
            <div>
                <strong><Name text={text("title") ?? text("kind") ?? ""} /></strong> <Evidence word={text("evidence")} />
                {text("detail") && <p><Name text={text("detail")!} /></p>}
                {text("advice") && <p class="advice"><Name text={text("advice")!} /></p>}
            </div>
            <div class="stake"><b>{bytes(t.col("bytes").num(row))}</b><small>{plural(t.col("blocks").num(row), "block")}</small></div>
            <button type="button" onClick={() => (site >= 0 ? select("sites", site) : select("findings", row))}>Show me</button>
            {stacks.length > 0 && (
                <details class="side-by-side">
                    <summary>{plural(stacks.length, "stack")}</summary>
                    <div>
                        {stacks.map(([column, title]) => (
                            <section key={column}>
                                <h3>{title}</h3>
                                <Stack model={model} frames={model.stack(t.col(column).num(row))} />
                            </section>
                        ))}
                    </div>
                </details>
            )}
        </li>
    );
}

// ---- checks -----------------------------------------------------------------------------------------

const WORST: Outcome[] = ["found", "part", "ran", "not"];

export function Checks({ model }: { model: Model }): JSX.Element {
    const checks = [...checksOf(model)].sort((a, b) => WORST.indexOf(a.outcome) - WORST.indexOf(b.outcome));
    const n = (outcome: Outcome) => checks.filter((check) => check.outcome === outcome).length;
    const sums = WORST.filter(n).map((outcome) => `${n(outcome)} ${OUTCOMES[outcome]}`).join(", ");
    return (
        <Card title="What was checked" aside={sums}>
            <table class="pivot checks">
                <caption class="hidden">Checks of memory safety, what they found, and what was not looked at</caption>
                <thead><tr><th scope="col">check</th><th scope="col">outcome</th><th scope="col">of what</th></tr></thead>
                <tbody>{checks.map((check) => <CheckRow key={check.name} check={check} />)}</tbody>
            </table>
        </Card>
    );
}

function CheckRow({ check }: { check: Check }): JSX.Element {
    return (
        <tr>
            <th scope="row">{check.name}</th>
            <td><span class={`mark ${check.outcome}`}>{OUTCOMES[check.outcome]}</span></td>
            <td>{check.result}.{check.how && <small> {check.how}.</small>}</td>
        </tr>
    );
}
