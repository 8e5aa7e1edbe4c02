// Blocks that were handed over a boundary: a lane for each, with whose hands it was in and every stamp.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { type Act, actsOf } from "../../data/counts.ts";
import { type Custody, releasedAt, spellsOf, STATUS } from "../../data/custody.ts";
import { bytes, count, duration } from "../../data/format.ts";
import { spread } from "../../data/lane.ts";
import type { Model } from "../../data/model.ts";
import type { Span } from "../../data/rows.ts";
import type { Table } from "../../data/table.ts";
import { extra, select, selection, setExtra, span, theSpan } from "../../state.ts";
import { Acts } from "../../ui/acts.tsx";
import { Card, Name, NotRecorded, Segments } from "../../ui/bits.tsx";
import { WORDS } from "../../ui/count_chart.tsx";
import { CsvButton, Evidence, WordsEvidence } from "../../ui/evidence.tsx";
import { Grid, type GridColumn } from "../../ui/grid.tsx";
import { Lane, type Mark, type Stretch } from "../../ui/lane.tsx";
import { scopeNote, useSorted } from "../../ui/sorted.ts";
import { Where } from "../../ui/stack.tsx";

// Those that were there in the window: from the first stamp until the block was released.
function rowsIn(model: Model, t: Table, window: Span | null): number[] {
    const rows = Array.from({ length: t.rows }, (_, row) => row);
    if (!window) return rows;
    const issued = t.col("issued_ns").numbers;
    return rows.filter((row) => issued[row] <= window[1] && !(releasedAt(actsOf(model, "passports", "stamps", row)) < window[0]));
}

export function Passports({ model }: { model: Model }): JSX.Element {
    const t = model.table("passports");
    const words = Object.keys(STATUS);
    const wanted = words.includes(extra.value.status) ? extra.value.status : "all";
    const window = span.value;
    const rows = useMemo(() => {
        const all = rowsIn(model, t, window);
        return wanted === "all" ? all : all.filter((row) => t.col("status").text(row) === wanted);
    }, [model, t, window, wanted]);
    if (!t.rows)
        return (
            <Card title="Passports">
                <NotRecorded what="No block was handed over a boundary, as far as the program says." how="Annotate it: memscope_passport_handover(block, who), memscope_passport_reclaim(block)." />
            </Card>
        );
    const options: (readonly [string, string])[] = [["all", `All ${count(t.rows)}`]];
    for (const word of words) {
        let n = 0;
        for (let row = 0; row < t.rows; row++) n += Number(t.col("status").text(row) === word);
        if (n) options.push([word, `${STATUS[word]} ${count(n)}`]);
    }
    return (
        <Card title="Passports" aside={<>{count(rows.length)} <WordsEvidence model={model} /> <CsvButton model={model} table="passports" rows={rows} /></>}>
            <div class="toolbar">
                <Segments label="Which passports" value={wanted} options={options} onChange={(word) => setExtra("status", word === "all" ? "" : word)} />
                <Legend />
            </div>
            {scopeNote() && <p class="found">{scopeNote()}</p>}
            <Lanes model={model} t={t} rows={rows} />
        </Card>
    );
}

function Legend(): JSX.Element {
    return (
        <p class="legend lanes-legend">
            <span><i class="home" /> at home</span>
            <span><i class="abroad" /> abroad</span>
            <span><i class="unseen" /> not seen</span>
        </p>
    );
}

const COLUMNS: GridColumn[] = [
    { key: "name", title: "handed to", width: "minmax(110px, 1fr)", sortable: true, doc: "the other side, as the program calls it" },
    { key: "issued_ns", title: "time", width: "minmax(240px, 2.4fr)", sortable: true, doc: "from its first stamp on" },
    { key: "status", title: "end", width: "140px", sortable: true },
    { key: "owner", title: "allocated by", width: "minmax(96px, 0.9fr)", sortable: true, doc: "the module whose code allocated it" },
    { key: "freed_by", title: "released by", width: "minmax(96px, 0.9fr)", sortable: true, doc: "the module whose code released it" },
    { key: "size", title: "size", width: "88px", right: true, sortable: true },
    { key: "acts", title: "stamps", width: "72px", right: true, sortable: true },
];

function Lanes({ model, t, rows }: { model: Model; t: Table; rows: number[] }): JSX.Element {
    const { sorted, sort, onSort } = useSorted(rows, t, { key: "issued_ns", descending: false });
    const scale = theSpan.value;
    const at = selection.value?.kind === "passports" ? selection.value.id : -1;
    const columns = COLUMNS.map((c) => (c.key === "issued_ns" ? { ...c, title: `${duration(scale[0])} – ${duration(scale[1])}` } : c));
    return (
        <>
            <Grid label="Passports" columns={columns} count={sorted.length} sort={sort} onSort={onSort} selected={sorted.indexOf(at)} fit={sorted.length <= 12}
                cell={(row, key) => <Cell model={model} t={t} row={sorted[row]} column={key} scale={scale} />}
                onOpen={(row) => select("passports", sorted[row])} />
            {at >= 0 && at < t.rows && <Stamps model={model} t={t} row={at} />}
        </>
    );
}

function Cell(props: { model: Model; t: Table; row: number; column: string; scale: Span }): JSX.Element {
    const { model, t, row, column } = props;
    const text = t.col(column).schema.kind === "text" ? t.col(column).text(row) : null;
    switch (column) {
        case "issued_ns":
            return <Life model={model} t={t} row={row} scale={props.scale} />;
        case "status":
            return <span class={`mark ${text ?? ""}`}>{STATUS[text ?? ""] ?? text}</span>;
        case "size":
            return <span title={t.col("size").digits(row)}>{bytes(t.col("size").num(row))}</span>;
        case "acts":
            return <>{count(t.col("acts").num(row))}</>;
        default:
            return text ? <Name text={text} /> : <span class="unknown">–</span>;
    }
}

const CUSTODY: Record<Custody, string> = { home: "at home", abroad: "abroad", unseen: "not seen" };

function Life({ model, t, row, scale }: { model: Model; t: Table; row: number; scale: Span }): JSX.Element {
    const stamps = actsOf(model, "passports", "stamps", row);
    const status = t.col("status").text(row) ?? "";
    const whole = stamps.length === t.col("acts").num(row);
    const places = spread([...stamps.map((s) => s.time), model.duration], scale, 0.05);
    const time = (i: number) => (i < stamps.length ? duration(stamps[i].time) : "the end");
    const stretches: Stretch[] = spellsOf(stamps, status, whole).map((s) => ({
        from: places[s.from], to: places[s.to], kind: s.custody,
        title: `${CUSTODY[s.custody]} from ${time(s.from)} to ${time(s.to)}`,
    }));
    const marks: Mark[] = stamps.map((s: Act, i) => ({ at: places[i], kind: s.what, title: `${WORDS[s.what] ?? s.what} at ${duration(s.time)}` }));
    return <Lane stretches={stretches} marks={marks} />;
}

function Stamps({ model, t, row }: { model: Model; t: Table; row: number }): JSX.Element {
    const acts = actsOf(model, "passports", "stamps", row);
    const { inner } = model.inner("passports", "stamps", row);
    return (
        <section class="stamps">
            <h3>
                Stamps of passport {t.col("id").num(row)}, a block of {bytes(t.col("size").num(row))} <Evidence word={t.col("evidence").text(row)} />
            </h3>
            {t.col("stack").known(row) && <p class="found">Allocated in <Where model={model} inner={t} row={row} /></p>}
            <Acts model={model} inner={inner} acts={acts} all={t.col("acts").num(row)} chosen={-1} />
        </section>
    );
}
