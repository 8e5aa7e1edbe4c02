// Every block: a table of any length with a query, and the rows it finds as CSV or JSON.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ask, rowsListed, rowsReady } from "../data/client.ts";
import { save, toCsv } from "../data/csv.ts";
import { address, bytes, count, duration, plural, within } from "../data/format.ts";
import type { Model } from "../data/model.ts";
import { parseQuery } from "../data/query.ts";
import { counted, rowsAreAll } from "../data/trust.ts";
import { errorOfVariance, varianceOf } from "../data/whatif.ts";
import { extra, filters, select, selection, setExtra, span } from "../state.ts";
import { FrameLabel, SiteLink } from "../ui/bits.tsx";
import { Grid, type GridColumn } from "../ui/grid.tsx";
import { NeedRows } from "../ui/need_rows.tsx";

const PAGE = 256;
const MOST_EXPORTED = 200_000;
const EXAMPLES = ["live", "peak", "size>=64k", "life<1ms", "freed -thread:1", "born>1s live"];

type Page = Record<string, number[]>;

const COLUMNS: GridColumn[] = [
    { key: "site", title: "site", width: "minmax(220px, 3fr)", doc: "where it was allocated, lifted out of wrappers" },
    { key: "size", title: "size", width: "96px", right: true, sortable: true, doc: "requested bytes" },
    { key: "born_ns", title: "born", width: "96px", right: true, sortable: true, doc: "since the start" },
    { key: "life", title: "lived", width: "96px", right: true, sortable: true, doc: "until it was released, or until the end" },
    { key: "end", title: "end", width: "116px", sortable: true, doc: "live, uncertain, freed, reallocated, implied" },
    { key: "thread_id", title: "thread", width: "72px", right: true, sortable: true, doc: "that allocated it" },
    { key: "freed_by", title: "freed by", width: "80px", right: true, sortable: true, doc: "thread that released it" },
    { key: "task_id", title: "task", width: "64px", right: true, sortable: true, doc: "that it was allocated for" },
    { key: "address", title: "address", width: "136px", right: true, sortable: true, doc: "its address" },
    { key: "stands_for", title: "stands for", width: "88px", right: true, sortable: true, doc: "blocks, where there is only a sample" },
];

// Columns without a single value would only take room.
function worthShowing(model: Model): GridColumn[] {
    const widths: Record<string, string> = rowsAreAll(model, rowsListed.value) ? {} : { stands_for: "116px", site: "minmax(180px, 3fr)" };
    return COLUMNS.map((column) => ({ ...column, width: widths[column.key] ?? column.width })).filter((column) => {
        if (column.key === "task_id") return model.table("tasks").rows > 0;
        if (column.key === "freed_by") return model.table("threads").rows > 1;
        if (column.key === "address") return model.table("capture").col("addresses").bool(0);
        return true;
    });
}

// ---- rows from the worker, page by page -------------------------------------------------------------

interface Selected {
    count: number;
    bytes: number;
    blocks: number;
    bytesError: number; // standard errors of these; NaN: exact
    blocksError: number;
}

function useSelected(model: Model, text: string, sort: { key: string; descending: boolean }) {
    const [selected, setSelected] = useState<Selected | null>(null);
    const [pages, setPages] = useState(new Map<number, Page>());
    const generation = useRef(0);
    const [version, setVersion] = useState(0);
    const wanted = [...filters.value, text].join(" ");
    const window = span.value;
    useEffect(() => {
        const mine = ++generation.current;
        const filter = model.rowFilter(parseQuery(wanted));
        if (window) {
            const number = { kind: "number", not: false } as const;
            filter.numbers.push({ ...number, field: "born", comparison: "<=", value: window[1] });
            filter.numbers.push({ ...number, field: "died", comparison: "<", value: window[0], not: true });
        }
        ask("select", filter, sort.key, sort.descending).then((found) => {
            if (mine !== generation.current) return;
            setPages(new Map());
            setSelected(found);
            setVersion(mine);
        }, () => undefined);
    }, [model, wanted, window, sort, rowsReady.value]);

    const asked = useRef(new Set<string>());
    const need = (from: number, to: number) => {
        const mine = generation.current;
        for (let page = Math.floor(from / PAGE); page * PAGE < to; page++) {
            const key = `${mine} ${page}`;
            if (pages.has(page) || asked.current.has(key)) continue;
            asked.current.add(key);
            ask("page", page * PAGE, (page + 1) * PAGE).then((values) => {
                asked.current.delete(key);
                if (mine === generation.current) setPages((old) => new Map(old).set(page, values));
            }, () => undefined);
        }
    };
    const value = (row: number, key: string) => pages.get(Math.floor(row / PAGE))?.[key]?.[row % PAGE];
    return { selected, need, value, version };
}

// ---- export -----------------------------------------------------------------------------------------

const EXPORTED = ["site", "size", "born_ns", "died_ns", "end", "thread_id", "freed_by", "task_id", "address", "stands_for"];

function plain(model: Model, page: Page, key: string, i: number): string | number | null {
    if (key === "end") return model.text(page.end[i]);
    const value = page[key][i];
    return Number.isNaN(value) ? null : value;
}

async function saveRows(model: Model, format: "csv" | "json", rows: number): Promise<void> {
    const page = await ask("page", 0, Math.min(rows, MOST_EXPORTED));
    const n = page.row.length;
    const records = Array.from({ length: n }, (_, i) => EXPORTED.map((key) => plain(model, page, key, i)));
    if (format === "csv") save("allocations.csv", "text/csv", toCsv([EXPORTED, ...records]));
    else save("allocations.json", "application/json", JSON.stringify(records.map((row) => Object.fromEntries(row.map((v, k) => [EXPORTED[k], v])))));
}

// Times are known to a tick of the recorder: what died within the one it was born in lived for less.
function lived(ns: number): string {
    return ns === 0 ? "< a tick" : duration(ns);
}

// ---- the view ---------------------------------------------------------------------------------------

export function Allocations({ model }: { model: Model }): JSX.Element {
    return <NeedRows model={model}>{() => <BlockTable model={model} />}</NeedRows>;
}

function BlockTable({ model }: { model: Model }): JSX.Element {
    const [sort, setSort] = useState({ key: "size", descending: true });
    const text = extra.value.q ?? "";
    const { selected, need, value, version } = useSelected(model, text, sort);
    const columns = useMemo(() => worthShowing(model), [model]);
    const errors = parseQuery(text).errors;

    const cell = (row: number, key: string) => {
        const v = value(row, key === "life" ? "born_ns" : key);
        if (v === undefined) return <span class="loading">…</span>;
        switch (key) {
            case "site": {
                const site = model.siteIndex(v);
                return site < 0 ? <FrameLabel frame={null} /> : <SiteLink model={model} index={site} />;
            }
            case "size":
                return <span title={`${v} bytes`}>{bytes(v)}</span>;
            case "born_ns":
                return duration(v);
            case "life": {
                const died = value(row, "died_ns") ?? Number.NaN;
                return Number.isNaN(died) ? <span class="open">{duration(model.duration - v)} +</span> : lived(died - v);
            }
            case "end":
                return <span class={`end ${model.text(v)}`}>{model.text(v)}</span>;
            case "address":
                return <code>{address(v)}</code>;
            case "stands_for":
                return v === 1 ? "1" : `${v.toFixed(1)}${within(errorOfVariance(varianceOf(v)), (e) => e.toFixed(1))}`;
            default:
                return Number.isNaN(v) ? <span class="unknown">–</span> : String(v);
        }
    };
    const open = (row: number) => {
        const site = model.siteIndex(value(row, "site") ?? -1);
        if (site >= 0) select("sites", site);
    };
    return (
        <>
            <form class="query" role="search" onSubmit={(event) => event.preventDefault()}>
                <input
                    type="search"
                    aria-label="Query: which blocks"
                    placeholder="size>64k  life<1ms  function:parse  thread:3  live  -module:libc"
                    spellcheck={false}
                    value={text}
                    onInput={(event) => setExtra("q", event.currentTarget.value)}
                />
                <button type="button" disabled={!selected?.count} onClick={() => saveRows(model, "csv", selected!.count)}>CSV</button>
                <button type="button" disabled={!selected?.count} onClick={() => saveRows(model, "json", selected!.count)}>JSON</button>
            </form>
            <p class="found" role="status">
                {errors.length > 0 && <span class="complaint">{errors.join("; ")}. </span>}
                {selected && <Found model={model} selected={selected} />}
                {!text && (
                    <span class="examples">
                        {EXAMPLES.map((example) => (
                            <button type="button" class="link" key={example} onClick={() => setExtra("q", example)}>{example}</button>
                        ))}
                    </span>
                )}
            </p>
            <Grid
                label="Blocks"
                columns={columns}
                count={selected?.count ?? 0}
                cell={cell}
                onNeed={need}
                version={version}
                onOpen={open}
                sort={sort}
                onSort={(key) => setSort({ key, descending: sort.key === key ? !sort.descending : true })}
                selected={selection.value?.kind === "allocations" ? selection.value.id : -1}
            />
        </>
    );
}

// Rows may be a sample; then what they stand for is an estimate, and the totals elsewhere are exact.
function Found({ model, selected }: { model: Model; selected: Selected }): JSX.Element {
    const sampled = !Number.isNaN(selected.blocksError);
    return (
        <>
            <b>{plural(selected.count, "row")}</b>
            {sampled ? ` of a sample, standing for ${counted(selected.blocks, selected.blocksError, "block")} and ` : ", "}
            {bytes(selected.bytes)}{within(selected.bytesError, bytes)} requested{sampled ? "; the report saw " : " of "}
            {count(model.schema.blocks ?? 0)} blocks.{" "}
        </>
    );
}
