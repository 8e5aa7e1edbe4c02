// What is allocated only to be released: how long blocks live against how large they are, who churns, and
// arrays that grow by being moved.
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { rank } from "../data/blame.ts";
import { allRead, ask, rowsReady } from "../data/client.ts";
import { costsByRows } from "../data/costs.ts";
import { bytes, count, duration, share } from "../data/format.ts";
import type { Model } from "../data/model.ts";
import { addFilter, extra, query, setExtra, theSpan } from "../state.ts";
import { act, Bar, Card, FrameLabel, Name, NotRecorded, Segments } from "../ui/bits.tsx";
import { Grid } from "../ui/grid.tsx";
import { NeedRows, RowsNote } from "../ui/need_rows.tsx";

const WIDTH = 20; // steps of lifetime
const HEIGHT = 8; // of size
const SHORTEST = 1000; // ns
const SMALLEST = 8; // bytes
const SIZE_STEP = 8;

// Each step of lifetime is that many times the one before: so many that the run has room.
function lifeStep(model: Model): number {
    let factor = 2;
    while (SHORTEST * factor ** (WIDTH - 1) < model.duration) factor++;
    return factor;
}

export function Churn({ model }: { model: Model }): JSX.Element {
    return (
        <>
            <NeedRows model={model}>{() => <Heat model={model} />}</NeedRows>
            <div class="pairs">
                <Churners model={model} by="temporary" />
                <Churners model={model} by="churned" />
            </div>
            <Arrays model={model} />
        </>
    );
}

// ---- lifetime against size ----------------------------------------------------------------------------

interface Cells {
    blocks: Float64Array;
    bytes: Float64Array;
}

function Heat({ model }: { model: Model }): JSX.Element {
    const [cells, setCells] = useState<Cells | null>(null);
    const by = extra.value.heat === "bytes" ? "bytes" : "blocks";
    const filter = query.value;
    const [from, to] = theSpan.value;
    const factor = lifeStep(model);
    useEffect(() => {
        let current = true;
        const rows = model.rowFilter(filter);
        const born = { kind: "number", field: "born", not: false } as const;
        rows.numbers.push({ ...born, comparison: ">=", value: from }, { ...born, comparison: "<=", value: to });
    
        const steps = { life: factor, size: SIZE_STEP };
        ask("grid", rows, WIDTH, HEIGHT, { life: SHORTEST, size: SMALLEST }, steps).then((found) => current && setCells(found), () => undefined);
        return () => {
            current = false;
        };
    }, [model, filter, from, to, factor]);
    const values = cells?.[by];
    const most = values ? Math.max(...values) : 0;
    const all = values ? values.reduce((a, b) => a + b, 0) : 0;
    const as = by === "bytes" ? bytes : count;
    return (
        <Card title="How long blocks live, and how large they are"
            aside={<Segments label="Count" value={by} options={[["blocks", "Blocks"], ["bytes", "Bytes"]]} onChange={(v) => setExtra("heat", v === "bytes" ? v : "")} />}>
            {values && all === 0 && <NotRecorded what="No block of this window has died." />}
            {values && all > 0 && (
                <table class="heat">
                    <caption class="hidden">Dead blocks by size (rows) and lifetime (columns); choose a cell to filter to it</caption>
                    <tbody>
                        {Array.from({ length: HEIGHT }, (_, i) => HEIGHT - 1 - i).map((y) => (
                            <tr key={y}>
                                <th scope="row">{sizeFrom(y)}</th>
                                {Array.from({ length: WIDTH }, (_, x) => (
                                    <Cell key={x} x={x} y={y} factor={factor} value={values[x + y * WIDTH]} most={most} all={all} as={as} />
                                ))}
                            </tr>
                        ))}
                        <tr>
                            <td />
                            {Array.from({ length: WIDTH }, (_, x) => (
                                <th scope="col" key={x}>{x % 2 === 0 ? lifeFrom(x, factor) : <span class="hidden">{lifeFrom(x, factor)}</span>}</th>
                            ))}
                        </tr>
                    </tbody>
                </table>
            )}
            <p class="legend"><span>lived for →</span><span>↑ size</span><span>darker: more, on a logarithmic scale</span></p>
        </Card>
    );
}

function sizeFrom(y: number): string {
    const text = bytes(SMALLEST * SIZE_STEP ** Math.max(y, 1)).replace(".0", "");
    return y === 0 ? `< ${text}` : `≥ ${text}`;
}

function lifeFrom(x: number, factor: number): string {
    return x === 0 ? "0" : duration(SHORTEST * factor ** x).replace(/\.\d+/, "");
}

function Cell(props: { x: number; y: number; factor: number; value: number; most: number; all: number; as: (v: number) => string }): JSX.Element {
    const { x, y, factor, value, most } = props;
    if (!(value > 0)) return <td class="empty" />;
    const level = Math.round(1 + 8 * (most > 1 ? Math.log(1 + value) / Math.log(1 + most) : 1));
    const choose = () => {
        if (x > 0) addFilter(`life>=${SHORTEST * factor ** x}ns`);
        if (x < WIDTH - 1) addFilter(`life<${SHORTEST * factor ** (x + 1)}ns`);
        if (y > 0) addFilter(`size>=${SMALLEST * SIZE_STEP ** y}`);
        if (y < HEIGHT - 1) addFilter(`size<${SMALLEST * SIZE_STEP ** (y + 1)}`);
    };
    const label = `${props.as(value)}, ${share(value, props.all)}; size ${sizeFrom(y)}, lived from ${lifeFrom(x, factor)}`;
    return (
        <td>
            <button type="button" class={`heat-${level}`} title={label} aria-label={label} onClick={choose} />
        </td>
    );
}

// ---- who ------------------------------------------------------------------------------------------------

function Churners({ model, by }: { model: Model; by: "temporary" | "churned" }): JSX.Element {
    const temporary = model.table("sites").col("temporary").numbers;
    const [churned, setChurned] = useState<ArrayLike<number>>([]);
    const ready = rowsReady.value;
    const filter = query.value;
    const window = theSpan.value;
    useEffect(() => {
        let current = true;
        if (by === "churned" && ready)
            costsByRows(model, "churned", model.rowFilter(filter), window).then((values) => current && setChurned(values), () => undefined);
        return () => {
            current = false;
        };
    }, [model, by, ready, filter, window]);
    const costs = by === "temporary" ? temporary : churned;
    const all = useMemo(() => rank(model, costs), [model, costs]);
    const whole = all.reduce((sum, blame) => sum + blame.cost, 0);
    const as = by === "temporary" ? count : bytes;
    const unknown = by === "temporary" && Number.isNaN(model.one("summary", "temporary_allocations"));
    const waiting = by === "churned" && !ready && !allRead.value;
    const title = by === "temporary" ? "Released before the next allocation" : "Born and released within the window";
    return (
        <Card title={title} aside={whole > 0 ? as(whole) : ""}>
            {unknown && <NotRecorded what="Not known of samples: what came between a birth and its death was not recorded." how="Record every event: --strategy core" />}
            {!unknown && !all.length && (waiting ? <p class="nothing" role="status">Reading blocks …</p> : <NotRecorded what="None." />)}
            {by === "churned" && ready && <RowsNote model={model} />}
            <ol class="ranked plain">
                {all.slice(0, 8).map((blame) => (
                    <li key={blame.name + blame.place}>
                        <a href={`#sel=sites:${blame.sites[0]}`} onClick={(e) => act(e, "sites", blame.sites[0])}>
                            <FrameLabel frame={blame.frame} />
                            <Bar value={blame.cost} whole={all[0].cost} />
                        </a>
                        <b title={String(blame.cost)}>{as(blame.cost)}</b>
                        <small>{share(blame.cost, whole)}</small>
                    </li>
                ))}
            </ol>
        </Card>
    );
}

// ---- arrays that grow -------------------------------------------------------------------------------------

// Containers of the report: those the program tells of, and arrays that grow by realloc.
function Arrays({ model }: { model: Model }): JSX.Element {
    const table = model.table("containers");
    const copied = table.col("copied_bytes").numbers;
    const rows = useMemo(() => {
        const all = Array.from({ length: table.rows }, (_, i) => i);
        return all.sort((a, b) => (copied[b] || 0) - (copied[a] || 0));
    }, [table]);
    if (!rows.length)
        return (
            <Card title="Containers and arrays that grow">
                <NotRecorded what="No array grew by realloc, and the program told of no container." how="Containers of a program's own are told by memscope_container_*() of memscope.h." />
            </Card>
        );
    const n = (name: string, row: number) => (table.has(name) ? table.col(name).num(row) : Number.NaN);
    const cell = (row: number, key: string) => {
        const r = rows[row];
        switch (key) {
            case "name": {
                const site = model.siteIndex(n("site", r));
                return (
                    <a class="entity" href={`#sel=containers:${r}`} onClick={(e) => act(e, "containers", r)}>
                        {site >= 0 ? <Name text={model.siteName(site)} /> : <Name text={table.col("name").text(r) ?? table.col("function").text(r) ?? "container"} />}
                    </a>
                );
            }
            case "advice":
                return <Advice growths={n("growths", r)} copied={n("copied_bytes", r)} room={n("max_capacity", r)} factor={n("growth_factor", r)} />;
            case "growths":
                return count(n("growths", r));
            case "factor":
                return Number.isNaN(n("growth_factor", r)) ? "–" : `× ${n("growth_factor", r).toFixed(2)}`;
            default:
                return bytes(n(key, r));
        }
    };
    return (
        <Card title="Containers and arrays that grow" aside={count(rows.length)}>
            <Grid label="Containers and arrays that grow" count={rows.length} cell={cell} onOpen={(row) => act(new MouseEvent("click"), "containers", rows[row])}
                columns={[
                    { key: "name", title: "container, or place of the array", width: "minmax(200px, 2fr)" },
                    { key: "growths", title: "growths", width: "96px", right: true, doc: "times it had more room than before" },
                    { key: "factor", title: "factor", width: "80px", right: true, doc: "room after all growths by the room before" },
                    { key: "max_capacity", title: "most room", width: "104px", right: true },
                    { key: "slack_bytes", title: "not in use", width: "104px", right: true },
                    { key: "copied_bytes", title: "copied", width: "104px", right: true, doc: "bytes in use when it moved" },
                    { key: "advice", title: "what that means", width: "minmax(220px, 3fr)" },
                ]} />
        </Card>
    );
}

// Only what its own numbers say.
function Advice(props: { growths: number; copied: number; room: number; factor: number }): JSX.Element {
    const { growths, copied, room, factor } = props;
    if (growths >= 4 && factor < 1.25)
        return <>grows by little each time: {count(growths)} times, to {bytes(room)}; grow by half at least, or reserve</>;
    if (growths >= 8 && copied > room)
        return <>copied {bytes(copied)} to have {bytes(room)}: reserve that at first</>;
    return <span class="unknown">–</span>;
}
