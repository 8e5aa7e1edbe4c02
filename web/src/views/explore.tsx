// Which variable, type, module, thread or task uses the memory: grouped by any one or two of them, as areas
// and as a table; and a card for each thread, task and variable.
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { ask, rowsListed, rowsReady } from "../data/client.ts";
import { BY_ROWS, spanOf } from "../data/costs.ts";
import { bytes, count, duration, share, within } from "../data/format.ts";
import type { Model } from "../data/model.ts";
import { DIMENSIONS, type Dimension, type Groups, groupsBy } from "../data/pivot.ts";
import type { Cell } from "../data/rows.ts";
import type { Table } from "../data/table.ts";
import { rowsAreAll } from "../data/trust.ts";
import { errorOfVariance } from "../data/whatif.ts";
import { addFilter, extra, METRICS, metric, query, select, selection, setExtra, theSpan } from "../state.ts";
import { Bar, Card, Name, NotRecorded, Segments } from "../ui/bits.tsx";
import { NeedRows } from "../ui/need_rows.tsx";
import { type TablePart, Tables } from "../ui/tables.tsx";
import { Treemap } from "../ui/treemap.tsx";
import { Types } from "./types.tsx";

const MOST_AREAS = 150;
const MOST_ROWS = 14;
const MOST_COLUMNS = 7;

const PARTS: TablePart[] = [
    { table: "variable_groups", title: "Variables by place", empty: "No variable was tracked.", how: "Annotate the program: MEMSCOPE_TRACK(variable)." },
    { table: "scopes", title: "Scopes", empty: "No scope was entered.", how: "Annotate the program: MEMSCOPE_SCOPE(name)." },
    { table: "modules", title: "Modules", empty: "No module is on a stack.", how: "" },
];

export function Explore({ model }: { model: Model }): JSX.Element {
    const tab = (extra.value.tab ?? "groups") as "groups" | "types" | "cards" | "tables";
    return (
        <>
            <Segments label="What is shown" value={tab} options={[["groups", "Groups"], ["types", "Types"], ["cards", "Threads, tasks, variables"], ["tables", "Tables"]]} onChange={(t) => setExtra("tab", t === "groups" ? "" : t)} />
            {tab === "groups" && <NeedRows model={model}>{() => <Grouped model={model} />}</NeedRows>}
            {tab === "types" && <Types model={model} />}
            {tab === "cards" && <Cards model={model} />}
            {tab === "tables" && <Tables model={model} parts={PARTS} />}
        </>
    );
}

// ---- groups -----------------------------------------------------------------------------------------

interface Sum {
    group: number;
    value: number;
    variance: number;
}

function varianceAt(cell: Cell, at: 2 | 3): number {
    return at === 2 ? cell[4] : cell[5];
}

// Most first.
function sums(cells: Cell[], side: 0 | 1, at: 2 | 3): Sum[] {
    const of = new Map<number, Sum>();
    for (const cell of cells) {
        const sum = of.get(cell[side]) ?? { group: cell[side], value: 0, variance: 0 };
        sum.value += cell[at];
        sum.variance += varianceAt(cell, at);
        of.set(cell[side], sum);
    }
    return [...of.values()].sort((a, b) => b.value - a.value);
}

function Grouped({ model }: { model: Model }): JSX.Element {
    const first = dimension(extra.value.by, "place");
    const second = dimension(extra.value.with, "size");
    const [a, b] = [useMemo(() => groupsBy(model, first), [model, first]), useMemo(() => groupsBy(model, second), [model, second])];
    const [cells, setCells] = useState<Cell[] | null>(null);
    const ready = rowsReady.value;
    const filter = query.value;
    const which = metric.value;
    const window = theSpan.value;
    useEffect(() => {
        let current = true;
        if (ready)
            ask("pivot", model.rowFilter(filter), spanOf(model, which, window), BY_ROWS[which], a.grouping, b.grouping).then(
                (found) => current && setCells(found), () => undefined);
        return () => {
            current = false;
        };
    }, [model, ready, filter, which, window, a, b]);
    if (which === "temporary") return <NotRecorded what="Which blocks are temporary is counted by site only." how="Choose another metric above, or see Churn." />;
    const bytesWanted = METRICS[which].unit === "bytes";
    const at = bytesWanted ? 2 : 3;
    const as = bytesWanted ? bytes : count;
    const groups = cells ? sums(cells, 0, at) : [];
    const all = groups.reduce((sum, g) => sum + g.value, 0);
    const error = errorOfVariance(groups.reduce((sum, g) => sum + g.variance, 0));
    return (
        <>
            <div class="toolbar">
                <Choice label="Grouped by" value={first} onChange={(d) => setExtra("by", d)} />
                <Choice label="and" value={second} onChange={(d) => setExtra("with", d)} />
                <span><b>{as(all)}</b>{within(error, as)} {METRICS[which].label}{rowsAreAll(model, rowsListed.value) ? "" : ", of the blocks that are listed"}</span>
            </div>
            {cells && all === 0 && <NotRecorded what="Nothing of that kind." how="Choose another metric, a longer window of time, or fewer filters." />}
            {all > 0 && (
                <>
                    <Treemap label={`${METRICS[which].label} by ${DIMENSIONS[first].toLowerCase()}`}
                        areas={groups.slice(0, MOST_AREAS).map((g, i) => ({
                            name: a.name(g.group),
                            value: g.value,
                            text: `${as(g.value)}${within(errorOfVariance(g.variance), as)}, ${share(g.value, all)}`,
                            color: `area-${g.group < 0 ? "none" : i % 7}`,
                            onChoose: () => filterTo(a.term(g.group)),
                        }))} />
                    <Pivot cells={cells!} at={at} as={as} a={a} b={b} first={first} all={all} groups={groups} />
                </>
            )}
        </>
    );
}

function filterTo(term: string | null): void {
    if (term) addFilter(term);
}

function dimension(text: string | undefined, otherwise: Dimension): Dimension {
    return text && Object.hasOwn(DIMENSIONS, text) ? (text as Dimension) : otherwise;
}

function Choice(props: { label: string; value: Dimension; onChange: (d: Dimension) => void }): JSX.Element {
    return (
        <label>
            {props.label}
            <select value={props.value} onChange={(e) => props.onChange(e.currentTarget.value as Dimension)}>
                {Object.entries(DIMENSIONS).map(([key, text]) => <option key={key} value={key}>{text}</option>)}
            </select>
        </label>
    );
}

interface PivotProps {
    cells: Cell[];
    at: 2 | 3;
    as: (value: number) => string;
    a: Groups;
    b: Groups;
    first: Dimension;
    all: number;
    groups: Sum[];
}

function Pivot({ cells, at, as, a, b, first, all, groups }: PivotProps): JSX.Element {
    const columns = sums(cells, 1, at).slice(0, MOST_COLUMNS);
    const value = new Map(cells.map((cell) => [`${cell[0]} ${cell[1]}`, as(cell[at]) + within(errorOfVariance(varianceAt(cell, at)), as)]));
    return (
        <Card class="scroll">
            <table class="pivot">
                <thead>
                    <tr>
                        <th scope="col">{DIMENSIONS[first]}</th>
                        <th scope="col">all</th>
                        <th scope="col">share</th>
                        {columns.map((c) => <th scope="col" key={c.group}><Name text={b.name(c.group)} /></th>)}
                    </tr>
                </thead>
                <tbody>
                    {groups.slice(0, MOST_ROWS).map((g) => (
                        <tr key={g.group}>
                            <th scope="row">
                                <button type="button" class="link" onClick={() => filterTo(a.term(g.group))}><Name text={a.name(g.group)} /></button>
                                <Bar value={g.value} whole={groups[0].value} />
                            </th>
                            <td><b>{as(g.value)}</b>{within(errorOfVariance(g.variance), as)}</td>
                            <td>{share(g.value, all)}</td>
                            {columns.map((c) => <td key={c.group}>{value.get(`${g.group} ${c.group}`)}</td>)}
                        </tr>
                    ))}
                </tbody>
            </table>
            {groups.length > MOST_ROWS && <p class="found">and {count(groups.length - MOST_ROWS)} more</p>}
        </Card>
    );
}

// ---- cards ------------------------------------------------------------------------------------------

const CARDS = 60;

interface CardText {
    name: string;
    state: string; // a class, and the word for it
    note: string;
    value: number; // bytes
    text: string;
}

function threadCard(t: Table, row: number): CardText {
    const n = (name: string) => t.col(name).num(row);
    return {
        name: t.col("thread").text(row) ?? `thread ${n("id")}`,
        state: t.col("ended").bool(row) ? "ended" : "running",
        note: `${count(n("allocations"))} allocations, ${bytes(n("live_bytes"))}${within(n("live_bytes_error"), bytes)} live at the end, ${count(n("freed_by_others"))}${within(n("freed_by_others_error"), count)} freed by others`,
        value: n("bytes_allocated"),
        text: `${bytes(n("bytes_allocated"))} allocated`,
    };
}

function taskCard(t: Table, row: number): CardText {
    const n = (name: string) => t.col(name).num(row);
    const state = t.col("zombie").bool(row) ? "never ended" : Number.isNaN(n("ended_ns")) ? "open" : "ended";
    return {
        name: t.col("task").text(row) ?? `task ${n("id")}`,
        state,
        note: `${count(n("allocations"))}${within(n("allocations_error"), count)} allocations, peak ${bytes(n("peak_bytes"))}${within(n("peak_bytes_error"), bytes)}, busy ${duration(n("busy_ns"))}`,
        value: n("peak_bytes"),
        text: `${bytes(n("live_bytes"))}${within(n("live_bytes_error"), bytes)} live at the end`,
    };
}

// Words of the life of a variable: what its records say of it.
function variableCard(t: Table, row: number): CardText {
    const n = (name: string) => t.col(name).num(row);
    const alive = Number.isNaN(n("died_ns"));
    const state = !alive ? "deallocated" : n("changes") > 0 ? "active" : "allocated";
    const life = alive ? `alive since ${duration(n("born_ns"))}` : `lived ${duration(n("died_ns") - n("born_ns"))}`;
    return {
        name: t.col("name").text(row) ?? "variable",
        state,
        note: [t.col("type").text(row), t.col("function").text(row), life].filter(Boolean).join(" · "),
        value: n("size") || 0,
        text: bytes(n("size")),
    };
}

function Cards({ model }: { model: Model }): JSX.Element {
    return (
        <>
            <CardList model={model} table="threads" title="Threads" card={threadCard} empty="No thread recorded an event." how="" />
            <CardList model={model} table="tasks" title="Tasks" card={taskCard} empty="No task was begun." how="Annotate the program: MEMSCOPE_TASK(name)." />
            <CardList model={model} table="variables" title="Variables" card={variableCard} empty="No variable was tracked." how="Annotate the program: MEMSCOPE_TRACK(variable)." />
        </>
    );
}

function CardList(props: {
    model: Model;
    table: string;
    title: string;
    card: (t: Table, row: number) => CardText;
    empty: string;
    how: string;
}): JSX.Element {
    const t = props.model.table(props.table);
    const [shown, setShown] = useState(CARDS);
    const wanted = (extra.value.find ?? "").toLowerCase();
    const cards = useMemo(() => {
        const all = Array.from({ length: t.rows }, (_, row) => ({ row, ...props.card(t, row) }));
        return all.sort((a, b) => b.value - a.value);
    }, [t]);
    const found = cards.filter((c) => c.name.toLowerCase().includes(wanted));
    const most = found[0]?.value ?? 0;
    return (
        <section class="cards">
            <h2>{props.title} <small>{count(t.rows)}</small></h2>
            {!t.rows && <NotRecorded what={props.empty} how={props.how} />}
            <div>
                {found.slice(0, shown).map((c) => (
                    <button type="button" key={c.row} class={`tile ${c.state.replace(" ", "-")}`}
                        aria-pressed={selection.value?.kind === props.table && selection.value.id === c.row}
                        onClick={() => select(props.table, c.row)}>
                        <strong><Name text={c.name} /></strong>
                        <span class="state">{c.state}</span>
                        <span class="note"><Name text={c.note} /></span>
                        <b>{c.text}</b>
                        <Bar value={c.value} whole={most} />
                    </button>
                ))}
            </div>
            {found.length > shown && <button type="button" onClick={() => setShown(shown + 4 * CARDS)}>Show more of {count(found.length)}</button>}
        </section>
    );
}
