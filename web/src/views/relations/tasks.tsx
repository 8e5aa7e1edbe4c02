// Which task begins which, what each costs, and which were never ended: folded by name, then one by one.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { bytes, count, duration, plural, share, within } from "../../data/format.ts";
import { allKin, errorOf, foldKin, type Kin, measure } from "../../data/kin.ts";
import { spread } from "../../data/lane.ts";
import type { Model } from "../../data/model.ts";
import type { Span } from "../../data/rows.ts";
import type { Table } from "../../data/table.ts";
import { extra, select, selection, setExtra, span, theSpan } from "../../state.ts";
import { Card, Name, NotRecorded, Segments } from "../../ui/bits.tsx";
import { CsvButton, SummaryEvidence } from "../../ui/evidence.tsx";
import { Grid, type GridColumn } from "../../ui/grid.tsx";
import { KinTree, type KinText } from "../../ui/kin_tree.tsx";
import { Lane, type Mark, type Stretch } from "../../ui/lane.tsx";
import { rowsWithin, scopeNote, useSorted } from "../../ui/sorted.ts";

const VALUES = { bytes_allocated: "Allocated", live_bytes: "Live at the end" } as const;
type Value = keyof typeof VALUES;

export function taskName(t: Table, row: number): string {
    return t.col("task").text(row) ?? t.col("callback").text(row) ?? "(no name)";
}

// The rows that others are begun in, or -1: by the numbers of tasks.
function parentsOf(t: Table): Int32Array {
    const rowOf = new Map(Array.from(t.col("id").numbers, (id, row) => [id, row]));
    return Int32Array.from(t.col("parent").numbers, (id) => rowOf.get(id) ?? -1);
}

export function Tasks({ model }: { model: Model }): JSX.Element {
    const t = model.table("tasks");
    const value: Value = extra.value.value === "live_bytes" ? "live_bytes" : "bytes_allocated";
    const root = useMemo(() => {
        const folded = foldKin(parentsOf(t), (row) => taskName(t, row));
        measure(folded, t.col(value).numbers, false);
        return folded;
    }, [t, value]);
    if (!t.rows) return <NotRecorded what="No task was begun." how="Annotate the program: MEMSCOPE_TASK(name). Callbacks of libuv, GLib and libevent are found without." />;
    const of = extra.value.of ? Number(extra.value.of) : -1;
    const chosen = allKin(root).find((kin) => kin.rows.includes(of)) ?? null;
    const choose = (kin: Kin) => {
        setExtra("of", kin === chosen ? "" : String(kin.rows[0]));
        if (kin !== chosen) select("tasks", kin.rows[0]);
    };
    return (
        <>
            <div class="toolbar">
                <Segments label="What is compared" value={value} options={Object.entries(VALUES) as [Value, string][]} onChange={(v) => setExtra("value", v === "bytes_allocated" ? "" : v)} />
                <Sums model={model} names={allKin(root).length} />
            </div>
            <Groups model={model} />
            <Card title="Which task begins which" aside={<SummaryEvidence model={model} />}>
                <KinTree root={root} label="Tasks by name, from the tasks they are begun in" chosen={chosen} onChoose={choose}
                    describe={(kin) => describe(t, kin, value)} />
            </Card>
            <Lanes model={model} t={t} kin={chosen} />
        </>
    );
}

// Of all tasks, those too that are not listed one by one.
function Sums({ model, names }: { model: Model; names: number }): JSX.Element {
    const t = model.table("task_groups");
    const all = Array.from({ length: t.rows }, (_, row) => row);
    const live = t.col("live_bytes");
    const zombies = t.col("zombies").sum();
    const tasks = t.col("tasks").sum();
    return (
        <p class="sums">
            <b>{plural(tasks, "task")}</b>{names < tasks && ` in ${plural(names, "group")}`}, {count(zombies)} never ended,{" "}
            <b title={String(live.sum())}>{bytes(live.sum())}{within(errorOf(all, t.col("live_bytes_error").numbers), bytes)}</b> of theirs live at the end
            of {bytes(model.one("summary", "live_bytes"))}
        </p>
    );
}

function describe(t: Table, kin: Kin, value: Value): KinText {
    const [first] = kin.rows;
    const zombies = kin.rows.filter((row) => t.col("zombie").bool(row)).length;
    const live = kin.rows.reduce((sum, row) => sum + t.col("live_bytes").num(row), 0);
    const error = within(errorOf(kin.rows, t.col(`${value}_error`).numbers), bytes);
    const marks: [string, string][] = [];
    if (zombies) marks.push(["never-ended", kin.rows.length === 1 ? "never ended" : `${count(zombies)} never ended`]);
    if (live > 0 && value !== "live_bytes") marks.push(["live", `${bytes(live)} live`]);
    const name = taskName(t, first);
    const within_ = kin.total > kin.own ? `; ${bytes(kin.total)} with the tasks begun in it` : "";
    return {
        name,
        count: kin.rows.length > 1 ? `×${count(kin.rows.length)}` : "",
        value: error && !kin.own ? "none sampled" : `${bytes(kin.own)}${error}`,
        marks,
        title: `${name}: ${plural(kin.rows.length, "task")}, ${kin.own} bytes ${VALUES[value].toLowerCase()}${error}${within_}${marks.map(([, words]) => `; ${words}`).join("")}`,
    };
}

// ---- by name, where there are more than are listed ------------------------------------------------------

const GROUP_COLUMNS: GridColumn[] = [
    { key: "task", title: "tasks of one name", width: "minmax(150px, 2fr)", sortable: true },
    { key: "tasks", title: "how many", width: "104px", right: true, sortable: true },
    { key: "zombies", title: "never ended", width: "104px", right: true, sortable: true },
    { key: "bytes_allocated", title: "allocated", width: "104px", right: true, sortable: true, doc: "by all of them" },
    { key: "p50_bytes", title: "half up to", width: "104px", right: true, sortable: true, doc: "half of them allocated no more" },
    { key: "p99_bytes", title: "99 % up to", width: "104px", right: true, sortable: true, doc: "99 of 100 allocated no more" },
    { key: "max_bytes", title: "the largest", width: "104px", right: true, sortable: true },
    { key: "live_bytes", title: "live at the end", width: "112px", right: true, sortable: true },
];

function Groups({ model }: { model: Model }): JSX.Element | null {
    const t = model.table("task_groups");
    const all = useMemo(() => Array.from({ length: t.rows }, (_, row) => row), [t]);
    const { sorted, sort, onSort } = useSorted(all, t, { key: "live_bytes", descending: true });
    const left = model.one("capture", "tasks_left_out");
    if (!(left > 0)) return null;
    return (
        <Card title="All tasks by name" aside={<><SummaryEvidence model={model} /> <CsvButton model={model} table="task_groups" rows={sorted} /></>}>
            <p class="found">
                {count(left)} tasks are counted here and not shown below, where those are that have most live at the end, never ended, or were the largest.
            </p>
            <Grid label="Tasks by name" columns={GROUP_COLUMNS} count={sorted.length} sort={sort} onSort={onSort} fit={sorted.length <= 20}
                cell={(row, key) => <GroupCell t={t} row={sorted[row]} column={key} />} />
        </Card>
    );
}

function GroupCell({ t, row, column }: { t: Table; row: number; column: string }): JSX.Element {
    if (column === "task") return <Name text={taskName(t, row)} />;
    const value = t.col(column);
    if (!value.known(row)) return <span title="not known of estimates">–</span>;
    const as = column === "tasks" || column === "zombies" ? count : bytes;
    const error = t.has(`${column}_error`) ? t.col(`${column}_error`).num(row) : Number.NaN;
    return <span title={value.digits(row)}>{as(value.num(row))}{within(error, as)}</span>;
}

// ---- one by one -------------------------------------------------------------------------------------

const COLUMNS: GridColumn[] = [
    { key: "task", title: "task", width: "minmax(150px, 1.4fr)", sortable: true, doc: "its name" },
    { key: "first_ns", title: "time", width: "minmax(220px, 2fr)", sortable: true, doc: "from when it began to when it ended" },
    { key: "zombie", title: "end", width: "132px", sortable: true, doc: "whether the program said that it ended" },
    { key: "bytes_allocated", title: "allocated", width: "104px", right: true, sortable: true },
    { key: "peak_bytes", title: "peak", width: "104px", right: true, sortable: true },
    { key: "live_bytes", title: "live at the end", width: "112px", right: true, sortable: true },
    { key: "freed_by_others", title: "freed by others", width: "112px", right: true, sortable: true, doc: "blocks released outside of it" },
    { key: "busy_ns", title: "busy", width: "88px", right: true, sortable: true, doc: "for how long a thread worked for it" },
];

function Lanes({ model, t, kin }: { model: Model; t: Table; kin: Kin | null }): JSX.Element {
    const window = span.value;
    const rows = useMemo(() => {
        const alive = rowsWithin(t, "first_ns", "ended_ns", window);
        const own = kin && new Set(kin.rows);
        return own ? alive.filter((row) => own.has(row)) : alive;
    }, [t, kin, window]);
    const { sorted, sort, onSort } = useSorted(rows, t, { key: "first_ns", descending: false });
    const scale = theSpan.value;
    const columns = COLUMNS.map((c) => (c.key === "first_ns" ? { ...c, title: `${duration(scale[0])} – ${duration(scale[1])}` } : c));
    return (
        <Card title={kin ? <>Tasks <Name text={kin.key} /></> : "All tasks"}
            aside={<>{count(rows.length)} <SummaryEvidence model={model} /> <CsvButton model={model} table="tasks" rows={sorted} /></>}>
            {scopeNote() && <p class="found">{scopeNote()}</p>}
            <Grid label="Tasks" columns={columns} count={sorted.length} sort={sort} onSort={onSort}
                cell={(row, key) => <Cell t={t} row={sorted[row]} column={key} scale={scale} end={model.duration} />}
                onOpen={(row) => select("tasks", sorted[row])}
                selected={selection.value?.kind === "tasks" ? sorted.indexOf(selection.value.id) : -1} />
        </Card>
    );
}

function endOf(t: Table, row: number): [kind: string, word: string] {
    if (t.col("zombie").bool(row)) return ["never-ended", "never ended"];
    if (t.col("ended_ns").known(row)) return ["ended", "ended"];
    return ["not-said", "not said"];
}

function Cell({ t, row, column, scale, end }: { t: Table; row: number; column: string; scale: Span; end: number }): JSX.Element {
    const value = t.col(column).num(row);
    switch (column) {
        case "task":
            return <Name text={taskName(t, row)} />;
        case "first_ns":
            return <Life t={t} row={row} scale={scale} end={end} />;
        case "zombie":
            return <span class={`mark ${endOf(t, row)[0]}`}>{endOf(t, row)[1]}</span>;
        case "busy_ns":
            return <span title={`${share(value, value + t.col("idle_ns").num(row))} of its time, taken up ${count(t.col("taken_up").num(row))} times`}>{value ? duration(value) : "< a tick"}</span>;
        default: {
            const as = column === "freed_by_others" ? count : bytes;
            return <span title={t.col(column).digits(row)}>{as(value)}{within(t.col(`${column}_error`).num(row), as)}</span>;
        }
    }
}

// Begun, taken up first, ended.
function Life({ t, row, scale, end }: { t: Table; row: number; scale: Span; end: number }): JSX.Element {
    const [begun, first, ended] = ["begun_ns", "first_ns", "ended_ns"].map((name) => t.col(name).num(row));
    const times = [Number.isNaN(begun) ? first : begun, first, Number.isNaN(ended) ? end : ended];
    const [a, b, c] = spread(times, scale, 0.012);
    const [kind, word] = endOf(t, row);
    const stretches: Stretch[] = [
        { from: a, to: b, kind: "waits", title: `begun at ${duration(times[0])}, taken up at ${duration(first)}` },
        { from: b, to: c, kind, title: `${duration(times[2] - first)} from ${duration(first)} on, ${word}` },
    ];
    const marks: Mark[] = [{ at: a, kind: "begun", title: `${Number.isNaN(begun) ? "first seen" : "begun"} at ${duration(times[0])}` }];
    if (!Number.isNaN(ended)) marks.push({ at: c, kind: "ended", title: `ended at ${duration(ended)}` });
    return <Lane stretches={stretches} marks={marks} />;
}
