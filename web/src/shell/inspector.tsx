// The drawer at the side: all that the report knows of one thing, whatever view it was chosen in.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, rowsReady } from "../data/client.ts";
import { bytes, count, duration, within } from "../data/format.ts";
import type { Model } from "../data/model.ts";
import { termFor } from "../data/query.ts";
import type { Table } from "../data/table.ts";
import { counted } from "../data/trust.ts";
import { addFilter, query, selection } from "../state.ts";
import { Icon, Name, Segments, SiteLink, Sparkline } from "../ui/bits.tsx";
import { title, Value } from "../ui/records.tsx";
import { Stack, Where } from "../ui/stack.tsx";
import { Tick } from "../ui/tick.tsx";

export function Inspector({ model }: { model: Model }): JSX.Element | null {
    const chosen = selection.value;
    if (!chosen) return null;
    const table = model.table(chosen.kind);
    const close = () => {
        selection.value = null;
    };
    return (
        <aside class="inspector" aria-label="Inspector">
            <header>
                <span class="kind">{chosen.kind.replace(/s$/, "").replaceAll("_", " ")}</span>
                <button type="button" class="plain" aria-label="Close the inspector" onClick={close}>
                    <Icon name="close" />
                </button>
            </header>
            {chosen.id < table.rows ? (
                chosen.kind === "sites" ? (
                    <Site model={model} index={chosen.id} key={chosen.id} />
                ) : (
                    <RecordTabs model={model} table={table} row={chosen.id} key={`${chosen.kind} ${chosen.id}`} />
                )
            ) : (
                <p class="nothing">This report has no such thing.</p>
            )}
        </aside>
    );
}

// ---- a site -------------------------------------------------------------------------------------

function Fact(props: { label: string; value: string; exact?: string }): JSX.Element {
    return (
        <div>
            <dt>{props.label}</dt>
            <dd title={props.exact ?? ""}>{props.value}</dd>
        </div>
    );
}

function SiteFacts({ sites, i }: { sites: Table; i: number }): JSX.Element {
    const n = (name: string) => sites.col(name).num(i);
    const size = (name: string) => bytes(n(name)) + within(n(`${name}_error`), bytes);
    const blocks = (name: string) => counted(n(name), n(`${name}_error`), "block");
    const births = n("allocations") + n("reallocations");
    return (
        <dl class="facts">
            <Fact label="at the peak" value={`${size("peak_bytes")} in ${blocks("peak_blocks")}`} exact={sites.col("peak_bytes").digits(i)} />
            <Fact label="live at the end" value={`${size("live_bytes")} in ${blocks("live_blocks")}`} exact={sites.col("live_bytes").digits(i)} />
            <Fact label="own peak" value={size("own_peak_bytes")} exact={sites.col("own_peak_bytes").digits(i)} />
            <Fact label="allocated" value={`${size("bytes_allocated")} in ${counted(births, Math.hypot(n("allocations_error"), n("reallocations_error") || 0), "block")}`} exact={sites.col("bytes_allocated").digits(i)} />
            <Fact label="temporary" value={Number.isNaN(n("temporary")) ? "not recorded with samples" : count(n("temporary"))} />
            <Fact label="sizes" value={`${bytes(n("min_size"))} – ${bytes(n("max_size"))}`} />
            <Fact label="lifetime" value={Number.isNaN(n("lifetime_ns.p50")) ? "none died" : `median ${duration(n("lifetime_ns.p50"))}, 99 % below ${duration(n("lifetime_ns.p99"))}`} />
            <Fact label="active" value={`${duration(n("first_ns"))} – ${duration(n("last_ns"))}`} />
            <Fact label="interface" value={sites.col("family").text(i) ?? "–"} />
            <Fact label="evidence" value={sites.col("evidence").text(i) ?? "–"} />
        </dl>
    );
}

function History({ model, index }: { model: Model; index: number }): JSX.Element | null {
    const [series, setSeries] = useState<{ kept: Float64Array; gone: Float64Array } | null>(null);
    const ready = rowsReady.value;
    useEffect(() => {
        if (!ready) return;
        const group = new Int32Array(model.table("sites").rows).fill(-1);
        group[index] = 0;
        ask("series", model.rowFilter(query.value), group, 1, 120, [0, model.duration]).then(setSeries, () => undefined);
    }, [index, ready]);
    return series && (
        <figure class="history">
            <Sparkline kept={series.kept} gone={series.gone} />
            <figcaption>Live bytes over the run: <i class="key kept" /> stays until the end, <i class="key gone" /> goes</figcaption>
        </figure>
    );
}

function Site({ model, index }: { model: Model; index: number }): JSX.Element {
    const sites = model.table("sites");
    const [tab, setTab] = useState<"overview" | "stack" | "all">("overview");
    const id = sites.col("id").num(index);
    const name = sites.col("variable").text(index);
    const type = sites.col("type").text(index);
    return (
        <>
            <h2><Name text={model.siteName(index)} /></h2>
            {(name || type) && (
                <p class="is">
                    {name && <Name text={name} />} {type && <small><Name text={type} /></small>}
                </p>
            )}
            <p class="actions">
                <button type="button" onClick={() => addFilter(termFor("site", id))}>Only this</button>
                <button type="button" onClick={() => addFilter(`-${termFor("site", id)}`)}>Leave it out</button>
                <label><Tick sites={[index]} name={model.siteName(index)} /> what if not</label>
            </p>
            <Segments label="What is shown" value={tab} onChange={setTab} options={[["overview", "Overview"], ["stack", "Stack"], ["all", "All fields"]]} />
            {tab === "overview" && (
                <>
                    <History model={model} index={index} />
                    <SiteFacts sites={sites} i={index} />
                </>
            )}
            {tab === "stack" && <Stack model={model} frames={model.stack(sites.col("stack").num(index))} />}
            {tab === "all" && <Fields model={model} table={sites} row={index} />}
        </>
    );
}

// ---- any record ---------------------------------------------------------------------------------

function Fields({ model, table, row }: { model: Model; table: Table; row: number }): JSX.Element {
    return (
        <dl class="facts">
            {table.all()
                .filter((c) => c.schema.kind !== "list" && !(c.schema.name.endsWith("_error") && !c.known(row)))
                .map((c) => (
                    <div key={c.schema.name} title={c.schema.doc}>
                        <dt>{title(c.schema.name)}</dt>
                        <dd><Value model={model} column={c} row={row} /></dd>
                    </div>
                ))}
        </dl>
    );
}

function InnerList({ model, table, list, row }: { model: Model; table: Table; list: string; row: number }): JSX.Element {
    const { inner, from, to } = model.inner(table.key, list, row);
    if (from === to) return <p class="nothing">None.</p>;
    const rows = Array.from({ length: to - from }, (_, i) => from + i);
    return (
        <ol class="events">
            {rows.map((r) => (
                <li key={r}>
                    {inner.all().filter((c) => c.known(r) && c.schema.kind !== "stack").map((c) => (
                        <span key={c.schema.name} title={`${title(c.schema.name)}: ${c.schema.doc}`}>
                            <Value model={model} column={c} row={r} />
                        </span>
                    ))}
                    <Where model={model} inner={inner} row={r} />
                </li>
            ))}
        </ol>
    );
}

function RecordTabs({ model, table, row }: { model: Model; table: Table; row: number }): JSX.Element {
    const lists = table.all().filter((c) => c.schema.kind === "list").map((c) => c.schema.name);
    const stacks = table.all().filter((c) => c.schema.kind === "stack" && c.known(row));
    const [tab, setTab] = useState("fields");
    const options: [string, string][] = [["fields", "Overview"]];
    for (const list of lists) options.push([list, title(list)]);
    if (stacks.length) options.push(["stacks", "Stacks"]);
    const name = ["name", "title", "thread", "task", "scope", "module", "function"]
        .filter((n) => table.has(n)).map((n) => table.col(n)).find((c) => c.schema.kind === "text" && c.known(row));
    const site = table.has("site") && table.key !== "sites" ? model.siteIndex(table.col("site").num(row)) : -1;
    return (
        <>
            <h2><Name text={name?.text(row) ?? `number ${row + 1}`} /></h2>
            {options.length > 1 && <Segments label="What is shown" value={tab} options={options} onChange={setTab} />}
            {tab === "fields" && <Fields model={model} table={table} row={row} />}
            {tab === "fields" && site >= 0 && <p>Site: <SiteLink model={model} index={site} /></p>}
            {tab === "stacks" && stacks.map((c) => (
                <section key={c.schema.name}>
                    <h3>{title(c.schema.name)}</h3>
                    <Stack model={model} frames={model.stack(c.num(row))} />
                </section>
            ))}
            {lists.includes(tab) && <InnerList model={model} table={table} list={tab} row={row} />}
        </>
    );
}
