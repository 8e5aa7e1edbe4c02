// Counted objects: how their counts went over time, who holds them, and who took the reference that was
// never given back.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { actsOf, type Fate, FATES, fateOf } from "../../data/counts.ts";
import { bytes, count, duration, plural } from "../../data/format.ts";
import type { Model } from "../../data/model.ts";
import type { Table } from "../../data/table.ts";
import { extra, select, selection, setExtra, span } from "../../state.ts";
import { Acts } from "../../ui/acts.tsx";
import { Card, Name, NotRecorded, Segments } from "../../ui/bits.tsx";
import { CountChart, CountSpark } from "../../ui/count_chart.tsx";
import { CsvButton, WordsEvidence } from "../../ui/evidence.tsx";
import { Grid, type GridColumn } from "../../ui/grid.tsx";
import { rowsWithin, scopeNote, useSorted } from "../../ui/sorted.ts";
import { Where } from "../../ui/stack.tsx";

const ORDER: Fate[] = ["over", "early", "held", "alive", "gone"];

function nameOf(t: Table, row: number): string {
    return t.col("name").text(row) ?? t.col("type").text(row) ?? t.col("kind").text(row) ?? "object";
}

export function Counted({ model }: { model: Model }): JSX.Element {
    const t = model.table("smart_pointers");
    const fates = useMemo(() => Array.from({ length: t.rows }, (_, row) => fateOf(t, row)), [t]);
    if (!t.rows)
        return <NotRecorded what="No counted object was tracked." how="Annotate the program: memscope_rc_*, memscope_arc_*, MEMSCOPE_REF or memscope_ref_changed(). GObjects are followed without (--adapters)." />;
    const wanted = ORDER.includes(extra.value.fate as Fate) ? (extra.value.fate as Fate) : "all";
    const options: (readonly [string, string])[] = [["all", `All ${count(t.rows)}`]];
    for (const fate of ORDER) {
        const n = fates.filter((f) => f === fate).length;
        if (n) options.push([fate, `${FATES[fate]} ${count(n)}`]);
    }
    return (
        <>
            <Segments label="Which objects" value={wanted} options={options} onChange={(f) => setExtra("fate", f === "all" ? "" : f)} />
            <Objects model={model} t={t} fates={fates} wanted={wanted} />
        </>
    );
}

const COLUMNS: GridColumn[] = [
    { key: "name", title: "object", width: "minmax(150px, 1.6fr)", sortable: true, doc: "the variable that holds it, or its type" },
    { key: "kind", title: "kind", width: "84px", sortable: true },
    { key: "fate", title: "end", width: "minmax(130px, 0.8fr)", doc: "how it ended" },
    { key: "history", title: "count", width: "minmax(96px, 1fr)", doc: "references after each of its first acts" },
    { key: "held", title: "held", width: "72px", right: true, sortable: true, doc: "references at the end" },
    { key: "max_count", title: "most", width: "72px", right: true, sortable: true, doc: "most references at one time" },
    { key: "refs", title: "taken", width: "80px", right: true, sortable: true, doc: "references taken" },
    { key: "unrefs", title: "given up", width: "80px", right: true, sortable: true, doc: "references given up" },
    { key: "size", title: "size", width: "88px", right: true, sortable: true },
    { key: "born_ns", title: "since", width: "88px", right: true, sortable: true, doc: "when it was heard of first" },
];

function Objects({ model, t, fates, wanted }: { model: Model; t: Table; fates: Fate[]; wanted: Fate | "all" }): JSX.Element {
    const window = span.value;
    const rows = useMemo(() => rowsWithin(t, "born_ns", "died_ns", window).filter((row) => wanted === "all" || fates[row] === wanted), [t, window, wanted]);
    const { sorted, sort, onSort } = useSorted(rows, t, { key: "held", descending: true });
    const at = selection.value?.kind === "smart_pointers" ? selection.value.id : (sorted[0] ?? -1);
    return (
        <>
            <Card title="Counted objects" aside={<>{count(rows.length)} <WordsEvidence model={model} /> <CsvButton model={model} table="smart_pointers" rows={sorted} /></>}>
                {scopeNote() && <p class="found">{scopeNote()}</p>}
                <Grid label="Counted objects" columns={COLUMNS} count={sorted.length} sort={sort} onSort={onSort} selected={sorted.indexOf(at)}
                    cell={(row, key) => <Cell model={model} t={t} row={sorted[row]} column={key} fate={fates[sorted[row]]} />}
                    onOpen={(row) => select("smart_pointers", sorted[row])} />
            </Card>
            {at >= 0 && at < t.rows && <History key={at} model={model} t={t} row={at} fate={fates[at]} />}
        </>
    );
}

function Cell(props: { model: Model; t: Table; row: number; column: string; fate: Fate }): JSX.Element {
    const { model, t, row, column, fate } = props;
    switch (column) {
        case "name":
            return <Name text={nameOf(t, row)} />;
        case "kind":
            return <Name text={t.col("kind").text(row) ?? "–"} />;
        case "fate":
            return <span class={`mark ${fate}`}>{FATES[fate]}</span>;
        case "history":
            return <CountSpark acts={actsOf(model, "smart_pointers", "history", row)} />;
        case "size":
            return <span title={t.col("size").digits(row)}>{bytes(t.col("size").num(row))}</span>;
        case "born_ns":
            return <>{duration(t.col("born_ns").num(row))}</>;
        default:
            return <>{count(t.col(column).num(row))}</>;
    }
}

// ---- one object -------------------------------------------------------------------------------------

function History({ model, t, row, fate }: { model: Model; t: Table; row: number; fate: Fate }): JSX.Element {
    const acts = actsOf(model, "smart_pointers", "history", row);
    const { inner } = model.inner("smart_pointers", "history", row);
    const [chosen, setChosen] = useState(-1);
    const byTime = extra.value.axis === "time";
    const type = t.col("type").text(row);
    return (
        <Card title={<><Name text={nameOf(t, row)} /> {type && <small><Name text={type} /></small>}</>} aside={<span class={`mark ${fate}`}>{FATES[fate]}</span>}>
            <Verdict model={model} t={t} row={row} />
            <Holders model={model} t={t} row={row} />
            {acts.length > 0 && (
                <>
                    <div class="toolbar">
                        <h3>References after each act</h3>
                        <Segments label="Acts side by side" value={byTime ? "time" : "order"} options={[["order", "in their order"], ["time", "by time"]]} onChange={(a) => setExtra("axis", a === "time" ? a : "")} />
                    </div>
                    <CountChart acts={acts} lasts={!t.col("died_ns").known(row)} byTime={byTime} chosen={chosen} onChoose={setChosen} />
                    <Acts model={model} inner={inner} acts={acts} all={t.col("acts").num(row)} chosen={chosen} />
                </>
            )}
            {!acts.length && <NotRecorded what="What was done to it is counted, but not listed: of GObjects that were let go nothing else is kept." />}
        </Card>
    );
}

// What the numbers of an object come to, in a sentence.
function Verdict({ model, t, row }: { model: Model; t: Table; row: number }): JSX.Element {
    const n = (name: string) => t.col(name).num(row);
    const keepers = holdersOf(model, row).filter((h) => h.balance > 0);
    const kept = keepers.reduce((sum, h) => sum + h.balance, 0);
    const untracked = n("untracked");
    const [first] = actsOf(model, "smart_pointers", "history", row);
    const made = first?.what === "ref_new" ? first.count : Number.NaN;
    return (
        <p class="verdict-of">
            {made > 0 && <>Made with {plural(made, "reference")}; </>}{count(n("refs"))} taken, {count(n("unrefs"))} given up
            {n("held") > 0 && <>; <b>{plural(n("held"), "reference")} never given back</b></>}
            {n("over_released") > 0 && <>; <b>{count(n("over_released"))} given up that it did not have</b></>}
            {kept > 0 && <>: {keepers.slice(0, 3).map((h, i) => <span key={i}>{i > 0 && ", "}<code><Name text={h.name} /></code> kept {count(h.balance)}</span>)}</>}
            {untracked !== 0 && !Number.isNaN(untracked) && <>; its own count says {count(n("real_count"))}: {plural(Math.abs(untracked), "change")} of it nobody was seen to make</>}.
        </p>
    );
}

interface Holder {
    row: number;
    name: string;
    refs: number;
    unrefs: number;
    balance: number;
    made: boolean;
}

function holdersOf(model: Model, row: number): Holder[] {
    const { inner, from, to } = model.inner("smart_pointers", "holders", row);
    return Array.from({ length: to - from }, (_, i) => {
        const n = (name: string) => inner.col(name).num(from + i);
        const name = inner.col("function").text(from + i) ?? inner.col("module").text(from + i) ?? "(no stack was taken)";
        return { row: from + i, name, refs: n("refs"), unrefs: n("unrefs"), balance: n("balance"), made: inner.col("made").bool(from + i) };
    });
}

function Holders({ model, t, row }: { model: Model; t: Table; row: number }): JSX.Element | null {
    const holders = holdersOf(model, row);
    if (!holders.length) {
        if (!(t.col("held").num(row) > 0)) return null;
        return <NotRecorded what="Who holds it is not known." how="Record with stacks, and take references with annotations or through GObject." />;
    }
    const { inner } = model.inner("smart_pointers", "holders", row);
    return (
        <table class="pivot holders">
            <caption class="hidden">Functions that took references of it, or gave some up</caption>
            <thead>
                <tr><th scope="col">function</th><th scope="col">taken</th><th scope="col">given up</th><th scope="col">kept</th></tr>
            </thead>
            <tbody>
                {holders.map((h) => (
                    <tr key={h.row} class={h.balance > 0 ? "keeps" : ""}>
                        <th scope="row">
                            <Name text={h.name} />{h.made && <small> made it</small>}
                            <Where model={model} inner={inner} row={h.row} />
                        </th>
                        <td>{count(h.refs)}</td>
                        <td>{count(h.unrefs)}</td>
                        <td><b>{h.balance > 0 ? `+${count(h.balance)}` : String(h.balance)}</b></td>
                    </tr>
                ))}
            </tbody>
        </table>
    );
}
