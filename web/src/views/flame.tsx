// Which calls use the memory, by the chosen metric, window and filters: from main() inwards, from the
// allocation outwards, around one function, or as a list.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { type Call, CallTree, type FunctionCost, type Label } from "../data/calltree.ts";
import { siteCosts } from "../data/costs.ts";
import { bytes, count, share } from "../data/format.ts";
import { frameName, framePlace, type Model } from "../data/model.ts";
import { termFor } from "../data/query.ts";
import { sourceOf } from "../data/source.ts";
import { isEstimated, totalError } from "../data/trust.ts";
import { addFilter, extra, METRICS, setExtra, theSpan } from "../state.ts";
import { Card, FrameLabel, Name, NotRecorded, Segments } from "../ui/bits.tsx";
import { FlameGraph } from "../ui/flame.tsx";
import { Grid } from "../ui/grid.tsx";
import { RowsNote } from "../ui/need_rows.tsx";
import { moduleColors, stayColor } from "../ui/palette.ts";
import { Snippet } from "../ui/stack.tsx";
import { Tick } from "../ui/tick.tsx";

type Shape = "icicle" | "inverted" | "sandwich" | "table";
type Color = "module" | "stay";

const SHAPES = [["icicle", "Icicle"], ["inverted", "Inverted"], ["sandwich", "Sandwich"], ["table", "Table"]] as const;

export function Flame({ model }: { model: Model }): JSX.Element {
    const costs = siteCosts.value;
    const shape = (extra.value.shape ?? "icicle") as Shape;
    const label = (extra.value.label ?? "function") as Label;
    const wrappers = extra.value.wrappers === "1";
    const fold = extra.value.fold === "1";
    const colored = (extra.value.color ?? "module") as Color;
    const [chosen, setChosen] = useState<Call | null>(null);
    const tree = useMemo(
        () => costs && new CallTree(model, costs.values, { label, wrappers, fold }),
        [model, costs, label, wrappers, fold],
    );
    if (!costs || !tree) return <p class="nothing" role="status">Adding up …</p>;
    if (costs.missing) return <NotRecorded what={costs.missing} how="Choose another metric, or take the filters away." />;

    const as = METRICS[costs.metric].unit === "bytes" ? bytes : count;
    const whole = tree.root.total;
    const name = (call: Call) => nameOf(model, call, label);
    const describe = (call: Call) =>
        `${as(call.total)}, ${share(call.total, whole)} of all${call.self ? `; ${as(call.self)} by itself` : ""}`;
    const look = { model, tree, name, describe, label, colored, chosen, setChosen };
    return (
        <>
            <Tools model={model} shape={shape} label={label} wrappers={wrappers} fold={fold} colored={colored} />
            <Says model={model} costs={costs} as={as} whole={whole} />
            {whole === 0 ? (
                <NotRecorded what="Nothing of that kind." how="Choose another metric, a longer window of time, or fewer filters." />
            ) : shape === "table" ? (
                <FunctionTable model={model} tree={tree} as={as} whole={whole} />
            ) : shape === "sandwich" ? (
                <Sandwich {...look} />
            ) : (
                <OneGraph {...look} inverted={shape === "inverted"} />
            )}
            {chosen && chosen.frame >= 0 && shape !== "table" && (
                <Chosen model={model} tree={tree} shape={shape} call={chosen} describe={describe} />
            )}
        </>
    );
}

function nameOf(model: Model, call: Call, label: Label): string {
    if (call.frame < 0) return "all";
    const frame = model.frame(call.frame);
    const text = label === "source" ? sourceOf(model).text(frame) : null;
    if (text) return `${text}  ${frameName(frame)}`;
    const place = label === "function" ? "" : framePlace(frame);
    return place ? `${frameName(frame)}  ${place}` : frameName(frame);
}

const LABELS: [Label, string][] = [["function", "Functions"], ["line", "Lines"]];

function Tools(props: { model: Model; shape: Shape; label: Label; wrappers: boolean; fold: boolean; colored: Color }): JSX.Element {
    const keep = (key: string, plain: string) => (value: string) => setExtra(key, value === plain ? "" : value);
    const labels: [Label, string][] = sourceOf(props.model).embedded ? [...LABELS, ["source", "Source"]] : LABELS;
    return (
        <div class="toolbar">
            <Segments label="Shape" value={props.shape} options={SHAPES} onChange={keep("shape", "icicle")} />
            <Segments label="Merged by" value={props.label} options={labels} onChange={keep("label", "function")} />
            <Segments label="Colour" value={props.colored} options={[["module", "Module"], ["stay", "What stays"]]} onChange={keep("color", "module")} />
            <label><input type="checkbox" checked={props.wrappers} onChange={(e) => setExtra("wrappers", e.currentTarget.checked ? "1" : "")} /> allocator wrappers</label>
            <label><input type="checkbox" checked={props.fold} onChange={(e) => setExtra("fold", e.currentTarget.checked ? "1" : "")} /> fold recursion</label>
            <input type="search" aria-label="Find in the graph" placeholder="find" spellcheck={false} value={extra.value.find ?? ""} onInput={(e) => setExtra("find", e.currentTarget.value)} />
        </div>
    );
}

// Of totals: the places of single boxes are less sure than the whole.
function Error(props: { model: Model; metric: keyof typeof METRICS; as: (v: number) => string }): JSX.Element | null {
    const column = { peak: "peak_bytes", end: "live_bytes", live: "live_bytes", grown: "live_bytes" }[props.metric as string];
    const error = column ? totalError(props.model, column, props.as) : "";
    return isEstimated(props.model) ? <>{error}; estimated from samples, of single places with less certainty</> : null;
}

function Says(props: { model: Model; costs: { metric: keyof typeof METRICS; from: string }; as: (v: number) => string; whole: number }): JSX.Element {
    const { model, costs } = props;
    void theSpan.value;
    return (
        <div class="found">
            <b>{props.as(props.whole)}</b> {METRICS[costs.metric].label}
            {costs.from === "rows" ? ", counted over single blocks" : <Error model={model} metric={costs.metric} as={props.as} />}
            {costs.from === "rows" && <RowsNote model={model} />}
        </div>
    );
}

// ---- graphs -----------------------------------------------------------------------------------------

interface Look {
    model: Model;
    tree: CallTree;
    name: (call: Call) => string;
    describe: (call: Call) => string;
    label: Label;
    colored: Color;
    chosen: Call | null;
    setChosen: (call: Call | null) => void;
}

// Of each function the share of its bytes that is live at the end.
function useStay(model: Model, label: Label): Map<number, number> {
    return useMemo(() => {
        const sites = model.table("sites");
        const options = { label, wrappers: true, fold: false };
        const live = new CallTree(model, sites.col("live_bytes").numbers, options).functions();
        const all = new CallTree(model, sites.col("bytes_allocated").numbers, options).functions();
        const stays = new Map(live.map((f) => [f.key, f.total]));
        return new Map(all.map((f) => [f.key, (stays.get(f.key) ?? 0) / f.total]));
    }, [model, label]);
}

function useColor({ model, label, colored }: Look): (call: Call, dark: boolean) => string {
    const stay = useStay(model, label);
    const module = useMemo(() => moduleColors(model), [model]);
    if (colored === "stay") return (call, dark) => stayColor(call.frame < 0 ? 0 : (stay.get(call.key) ?? 0), dark);
    return (call, dark) => module(call.frame, call.key, dark);
}

function useFound(look: Look): ((call: Call) => boolean) | undefined {
    const wanted = (extra.value.find ?? "").toLowerCase();
    return wanted ? (call) => call.frame >= 0 && look.name(call).toLowerCase().includes(wanted) : undefined;
}

function OneGraph(props: Look & { inverted: boolean }): JSX.Element {
    const { tree, inverted } = props;
    const root = useMemo(() => (inverted ? tree.inverted() : tree.root), [tree, inverted]);
    const color = useColor(props);
    const found = useFound(props);
    return (
        <Card class="graph">
            <FlameGraph
                root={root}
                label={`Calls by cost, ${inverted ? "from what allocates outwards" : "from the outermost inwards"}`}
                name={props.name}
                describe={props.describe}
                color={color}
                found={found}
                chosen={props.chosen}
                onChoose={props.setChosen}
            />
            <Legend model={props.model} colored={props.colored} />
        </Card>
    );
}

function Sandwich(props: Look): JSX.Element {
    const { model, tree } = props;
    const functions = useMemo(() => tree.functions(), [tree]);
    const wanted = extra.value.fn ?? "";
    const chosen = functions.find((f) => frameName(model.frame(f.frame)) === wanted) ?? mostByItself(functions);
    const both = useMemo(() => (chosen ? tree.sandwich(chosen.key) : null), [tree, chosen?.key]);
    const color = useColor(props);
    const found = useFound(props);
    if (!both) return <NotRecorded what="No function costs anything here." />;
    const graph = { name: props.name, describe: props.describe, color, found, chosen: props.chosen, onChoose: props.setChosen };
    return (
        <Card class="graph" title={<Name text={frameName(model.frame(chosen!.frame))} />} aside="choose another in the graph or the table">
            <h3>Who calls it</h3>
            <FlameGraph root={both.callers} label="Its callers" upward {...graph} />
            <h3>What it calls</h3>
            <FlameGraph root={both.callees} label="What it calls" {...graph} />
            <Legend model={model} colored={props.colored} />
        </Card>
    );
}

function mostByItself(functions: FunctionCost[]): FunctionCost | undefined {
    return functions.reduce<FunctionCost | undefined>((best, f) => (!best || f.self > best.self ? f : best), undefined);
}

function Legend({ model, colored }: { model: Model; colored: Color }): JSX.Element {
    const entries = useMemo(() => moduleColors(model).legend, [model]);
    if (colored === "stay")
        return <p class="legend"><i class="scale-stay" /> from "all of it is released" to "all of it stays until the end"</p>;
    return (
        <p class="legend">
            {entries.map(([name, className]) => (
                <span key={name}><i class={className} /> <Name text={name} /></span>
            ))}
        </p>
    );
}

// ---- one call ---------------------------------------------------------------------------------------

function Chosen(props: { model: Model; tree: CallTree; shape: Shape; call: Call; describe: (call: Call) => string }): JSX.Element {
    const { model, tree, shape, call, describe } = props;
    const sites = useMemo(() => (shape === "sandwich" ? [] : tree.sitesOf(call, shape === "inverted")), [tree, shape, call]);
    const frame = model.frame(call.frame);
    const name = frameName(frame);
    return (
        <Card class="chosen-call">
            <div>
                <FrameLabel frame={frame} />
                <p>{describe(call)}{frame.module && <> · <Name text={frame.module} /></>}</p>
                <Snippet model={model} frame={frame} open={false} />
            </div>
            <p class="actions">
                <button type="button" onClick={() => addFilter(termFor("function", name))}>Only this</button>
                <button type="button" onClick={() => addFilter(`-${termFor("function", name)}`)}>Leave it out</button>
                {sites.length > 0 && <label><Tick sites={sites} name={name} /> what if not</label>}
                <button type="button" onClick={() => { setExtra("fn", name); setExtra("shape", "sandwich"); }}>Callers and callees</button>
            </p>
        </Card>
    );
}

// ---- as a table -------------------------------------------------------------------------------------

function FunctionTable({ model, tree, as, whole }: { model: Model; tree: CallTree; as: (v: number) => string; whole: number }): JSX.Element {
    const [sort, setSort] = useState({ key: "total", descending: true });
    const wanted = (extra.value.find ?? "").toLowerCase();
    const functions = useMemo(() => {
        const all = tree.functions().filter((f) => !wanted || frameName(model.frame(f.frame)).toLowerCase().includes(wanted));
        const by = sort.key === "self" ? (f: FunctionCost) => f.self : (f: FunctionCost) => f.total;
        return all.sort((a, b) => (by(b) - by(a)) * (sort.descending ? 1 : -1));
    }, [tree, wanted, sort]);
    const cell = (row: number, key: string) => {
        const f = functions[row];
        if (key === "name") return <FrameLabel frame={model.frame(f.frame)} />;
        if (key === "module") return <Name text={model.frame(f.frame).module ?? "–"} />;
        const value = key.startsWith("self") ? f.self : f.total;
        return key.endsWith("%") ? share(value, whole) : <span title={String(value)}>{as(value)}</span>;
    };
    return (
        <Grid
            label="Functions by cost"
            count={functions.length}
            cell={cell}
            sort={sort}
            onSort={(key) => setSort({ key, descending: sort.key === key ? !sort.descending : true })}
            onOpen={(row) => { setExtra("fn", frameName(model.frame(functions[row].frame))); setExtra("shape", "sandwich"); }}
            columns={[
                { key: "name", title: "function", width: "minmax(240px, 3fr)" },
                { key: "total", title: "total", width: "110px", right: true, sortable: true, doc: "with what it calls" },
                { key: "total%", title: "share", width: "80px", right: true },
                { key: "self", title: "self", width: "110px", right: true, sortable: true, doc: "allocated by itself" },
                { key: "self%", title: "share", width: "80px", right: true },
                { key: "module", title: "module", width: "minmax(100px, 1fr)" },
            ]}
        />
    );
}
