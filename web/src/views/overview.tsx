// What is wrong and what to do first: the verdict, the numbers that matter, findings, and who holds what,
// lifted out of allocator wrappers.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { type Blame, keptBy, rank } from "../data/blame.ts";
import { ask, rowsReady } from "../data/client.ts";
import { bytes, count, duration, plural, share, split, within } from "../data/format.ts";
import type { Model } from "../data/model.ts";
import { termFor } from "../data/query.ts";
import { counted, limits, siteError } from "../data/trust.ts";
import { metric, type Metric, select, view } from "../state.ts";
import { act, Bar, Card, FrameLabel, Icon, KeptIn, Name, NotRecorded, Sparkline } from "../ui/bits.tsx";
import { Tick } from "../ui/tick.tsx";

const SHOWN = 6;
const BUCKETS = 60;

// ---- the verdict ----------------------------------------------------------------------------------

// As the report says it without script: taken over once, word for word.
const words = new Map<string, Node[]>();

function wordsOf(id: string): Node[] {
    if (!words.has(id)) words.set(id, Array.from(document.getElementById(id)?.childNodes ?? [], (n) => n.cloneNode(true)));
    return words.get(id)!;
}

const take = (id: string) => (element: HTMLElement | null) => element?.replaceChildren(...wordsOf(id).map((n) => n.cloneNode(true)));

function Verdict(): JSX.Element {
    return (
        <>
            <p class="verdict" ref={take("verdict")} />
            {wordsOf("warnings").length > 0 && <ul class="warnings" aria-label="Warnings" ref={take("warnings")} />}
        </>
    );
}

// ---- numbers --------------------------------------------------------------------------------------

function Kpi(props: {
    label: string;
    text: string;
    exact: string;
    note: ComponentChildren;
    spark?: ArrayLike<number>;
    field: string;
}): JSX.Element {
    const [number, unit] = split(props.text);
    return (
        <div class="kpi" data-field={props.field}>
            <h3>{props.label}</h3>
            <p class="value" title={props.exact}>
                {number}
                {unit && <small> {unit}</small>}
            </p>
            <p class="note">{props.note}</p>
            {props.spark && <Sparkline kept={props.spark} />}
        </div>
    );
}

// `count` values of a column, evenly spaced; what is not known is 0.
function thinned(values: ArrayLike<number>, wanted: number): number[] {
    const n = Math.min(wanted, values.length);
    return Array.from({ length: n }, (_, i) => values[Math.floor((i * values.length) / n)] || 0);
}

function rates(values: ArrayLike<number>, wanted: number): number[] {
    const levels = thinned(values, wanted + 1);
    return levels.slice(1).map((v, i) => Math.max(v - levels[i], 0));
}

function Kpis({ model }: { model: Model }): JSX.Element {
    const s = model.table("summary");
    const n = (name: string) => s.col(name).num(0);
    const digits = (name: string) => s.col(name).digits(0);
    const timeline = model.table("timeline");
    const live = timeline.col("live_bytes").numbers;
    const temporary = n("temporary_allocations");
    const rss = n("peak_rss_bytes");
    const seconds = model.duration / 1e9;
    return (
        <div class="kpis">
            <Kpi field="peak_bytes" label="Peak" text={bytes(n("peak_bytes"))} exact={digits("peak_bytes")} spark={thinned(live, BUCKETS)}
                note={`${within(n("peak_bytes_error"), bytes)} in ${counted(n("peak_blocks"), n("peak_blocks_error"), "block")}, at ${duration(n("peak_time_ns"))}`} />
            <Kpi field="live_bytes" label="Live at the end" text={bytes(n("live_bytes"))} exact={digits("live_bytes")}
                note={`${within(n("live_bytes_error"), bytes)} in ${counted(n("live_blocks"), n("live_blocks_error"), "block")}, ${share(n("live_bytes"), n("peak_bytes"))} of the peak`} />
            <Kpi field="allocations" label="Allocations" text={count(n("allocations"))} exact={digits("allocations")} spark={rates(timeline.col("allocations").numbers, BUCKETS)}
                note={`${count(n("allocations") / seconds)} per second, ${count(n("reallocations"))} reallocations`} />
            <Kpi field="bytes_allocated" label="Allocated in all" text={bytes(n("bytes_allocated"))} exact={digits("bytes_allocated")}
                note={`${bytes(n("bytes_allocated") / Math.max(n("allocations") + n("reallocations"), 1))} a block on average`} />
            <Kpi field="temporary_allocations" label="Temporary" text={Number.isNaN(temporary) ? "–" : share(temporary, n("allocations"))} exact={digits("temporary_allocations")}
                note={Number.isNaN(temporary) ? "not recorded with samples: record with --strategy core" : `${count(temporary)} released before the next of their thread`} />
            <Kpi field="peak_rss_bytes" label="Resident, most" text={bytes(rss)} exact={digits("peak_rss_bytes")} {...(Number.isNaN(rss) ? {} : { spark: thinned(timeline.col("rss_bytes").numbers, BUCKETS) })}
                note={Number.isNaN(rss) ? "not recorded: too short to be sampled" : rss > n("peak_bytes") ? `${bytes(rss - n("peak_bytes"))} more than the peak of the heap` : `${bytes(n("peak_bytes") - rss)} less than the peak of the heap`} />
        </div>
    );
}

// ---- findings -------------------------------------------------------------------------------------

// What counts as worth saying by itself: notes of the report that are about all of it go below.
function Findings({ model }: { model: Model }): JSX.Element {
    const table = model.table("findings");
    if (!table.rows)
        return (
            <Card title="Findings">
                <NotRecorded what="No detector has found anything to say about this run." />
            </Card>
        );
    const text = (name: string, row: number) => table.col(name).text(row);
    return (
        <Card title="Findings" aside={count(table.rows)}>
            <ol class="findings">
                {Array.from({ length: Math.min(table.rows, 12) }, (_, row) => {
                    const severity = text("severity", row) ?? "info";
                    const site = model.siteIndex(table.col("site").num(row));
                    return (
                        <li key={row} class={severity}>
                            <span class="severity">
                                <Icon name={severity} />
                                {severity}
                            </span>
                            <div>
                                <strong><Name text={text("title", row) ?? text("kind", row) ?? ""} /></strong>
                                {text("detail", row) && <p><Name text={text("detail", row)!} /></p>}
                                {text("advice", row) && <p class="advice"><Name text={text("advice", row)!} /></p>}
                            </div>
                            <div class="stake">
                                <b>{bytes(table.col("bytes").num(row))}</b>
                                <small>{plural(table.col("blocks").num(row), "block")} · {text("evidence", row)}</small>
                            </div>
                            <button type="button" onClick={() => (site >= 0 ? select("sites", site) : select("findings", row))}>
                                Show me
                            </button>
                        </li>
                    );
                })}
            </ol>
        </Card>
    );
}

// ---- ranked lists ---------------------------------------------------------------------------------

interface Ranking {
    metric: Metric;
    column: string;
    title: string;
    empty: string;
    unit: "bytes" | "count";
}

const RANKINGS: Ranking[] = [
    { metric: "peak", column: "peak_bytes", title: "Held the peak", empty: "Nothing was live at the peak.", unit: "bytes" },
    { metric: "end", column: "live_bytes", title: "Live at the end", empty: "Nothing is live at the end.", unit: "bytes" },
    { metric: "calls", column: "allocations", title: "Allocate most", empty: "Nothing was allocated.", unit: "count" },
    { metric: "temporary", column: "temporary", title: "Allocate to release at once", empty: "No temporary allocations.", unit: "count" },
];

interface Series {
    kept: Float64Array;
    gone: Float64Array;
}

// How the blocks of each blamed place were live over time.
function useSeries(model: Model, blames: Blame[]): Series | null {
    const [series, setSeries] = useState<Series | null>(null);
    const ready = rowsReady.value;
    useEffect(() => {
        if (!ready || !blames.length) return;
        const group = new Int32Array(model.table("sites").rows).fill(-1);
        blames.forEach((blame, g) => {
            for (const site of blame.sites) group[site] = g;
        });
        const all = { sites: null, numbers: [], ends: [] };
        ask("series", all, group, blames.length, BUCKETS, [0, model.duration]).then(setSeries, () => undefined);
    }, [model, ready, blames]);
    return series;
}

function RankedList({ model, ranking }: { model: Model; ranking: Ranking }): JSX.Element {
    const costs = model.table("sites").col(ranking.column).numbers;
    const all = useMemo(() => rank(model, costs), [model, costs]);
    const shown = useMemo(() => all.slice(0, SHOWN), [all]);
    const series = useSeries(model, shown);
    const whole = all.reduce((sum, blame) => sum + blame.cost, 0);
    const as = ranking.unit === "bytes" ? bytes : count;
    const unknown = ranking.metric === "temporary" && Number.isNaN(model.one("summary", "temporary_allocations"));
    const showAll = () => {
        metric.value = ranking.metric;
        view.value = "flame";
    };
    return (
        <Card title={ranking.title} aside={<button type="button" class="link" onClick={showAll}>all {count(all.length)}</button>}>
            {!all.length && (unknown ? <NotRecorded what="Not known of samples: what came between a birth and its death was not recorded." how="Record every event: --strategy core" /> : <NotRecorded what={ranking.empty} />)}
            <ol class="ranked ticks">
                {shown.map((blame, i) => {
                    const id = model.table("sites").col("id").num(blame.sites[0]);
                    const term = blame.sites.length === 1 || !blame.frame ? termFor("site", id) : termFor("function", blame.name);
                    return (
                        <li key={blame.name + blame.place}>
                            <Tick sites={blame.sites} name={blame.name} />
                            <a href={`#sel=sites:${blame.sites[0]}`} onClick={(e) => act(e, "sites", blame.sites[0], term)}>
                                <FrameLabel frame={blame.frame} />
                                <KeptIn kept={keptBy(model, blame.sites)} />
                                <Bar value={blame.cost} whole={all[0].cost} />
                            </a>
                            {series ? (
                                <Sparkline kept={series.kept.subarray(i * BUCKETS, (i + 1) * BUCKETS)} gone={series.gone.subarray(i * BUCKETS, (i + 1) * BUCKETS)} />
                            ) : (
                                <span class="spark" />
                            )}
                            <b title={String(blame.cost)}>{as(blame.cost)}<small class="error">{siteError(model, ranking.column, blame.sites, as)}</small></b>
                            <small>{share(blame.cost, whole)}</small>
                        </li>
                    );
                })}
            </ol>
        </Card>
    );
}

// ---- how it was recorded --------------------------------------------------------------------------

function Provenance({ model }: { model: Model }): JSX.Element {
    const c = model.table("capture");
    const n = (name: string) => c.col(name).num(0);
    const evidence = model.oneText("summary", "evidence");
    const facts: [string, string][] = [
        ["evidence", evidence ?? "–"],
        ["strategy", c.col("strategy").text(0) ?? "–"],
        ["complete", c.col("complete").bool(0) ? "from the first allocation to the end" : "no"],
        ["events", count(n("events"))],
        ["sites", count(n("sites"))],
        ["trace", bytes(n("trace_bytes"))],
        ["ran", duration(model.duration)],
        ["memscope", model.schema.version],
    ];
    facts.push(...limits(model));
    const uncertain = n("order_uncertainty_bytes");
    if (uncertain) facts.push(["peak may be off by", `${bytes(uncertain)} (order of threads)`]);
    for (const column of c.all()) {
        const lost = column.schema.name.startsWith("dropped.") && column.num(0) > 0;
        if (lost) facts.push([`lost: ${column.schema.name.slice(8).replaceAll("_", " ")}`, count(column.num(0))]);
    }
    return (
        <Card title="How it was recorded">
            <dl class="facts wide">
                {facts.map(([label, value]) => (
                    <div key={label}><dt>{label}</dt><dd>{value}</dd></div>
                ))}
            </dl>
        </Card>
    );
}

// What could have been recorded and was not, and how to have it.
const ABSENT: [table: string, what: string, how: string][] = [
    ["variables", "names of variables", "MEMSCOPE_TRACK(variable) in the program"],
    ["types", "types of blocks", "debug information (-g), or tracked variables"],
    ["tasks", "tasks", "MEMSCOPE_TASK(name)"],
    ["scopes", "scopes", "MEMSCOPE_SCOPE(name)"],
    ["smart_pointers", "reference counts", "memscope_rc, memscope_arc, memscope_ref_changed()"],
    ["passports", "blocks over boundaries", "memscope_passport_handover()"],
    ["containers", "room and use of containers", "memscope_container_*()"],
    ["snapshots", "named moments", "memscope_snapshot(label)"],
    ["resources", "resident memory and CPU time", "memscope run, for longer than a tenth of a second"],
];

function Absent({ model }: { model: Model }): JSX.Element | null {
    const absent = ABSENT.filter(([table]) => !model.table(table).rows);
    if (!absent.length) return null;
    return (
        <Card title="Not recorded">
            <dl class="facts wide">
                {absent.map(([table, what, how]) => (
                    <div key={table}><dt>{what}</dt><dd>{how}</dd></div>
                ))}
            </dl>
        </Card>
    );
}

export function Overview({ model }: { model: Model }): JSX.Element {
    return (
        <>
            <Verdict />
            <Kpis model={model} />
            <Findings model={model} />
            <div class="pairs">
                {RANKINGS.map((ranking) => (
                    <RankedList key={ranking.metric} model={model} ranking={ranking} />
                ))}
                <Provenance model={model} />
                <Absent model={model} />
            </div>
        </>
    );
}
