// What each type has live over time: areas on each other in the window of the strip; of a type that is chosen its own
// alone, with its error.
import type { JSX } from "preact";
import { bytes, count, duration, within } from "../data/format.ts";
import type { Model } from "../data/model.ts";
import { extra, query, select, selection, setExtra, span, theSpan } from "../state.ts";
import { Card, Name, Segments } from "../ui/bits.tsx";
import { type TablePart, Tables } from "../ui/tables.tsx";

const HEIGHT = 220;
const WIDTH = 1000;

const WHAT = [["live_bytes", "Bytes"], ["live_count", "Instances"], ["padding_bytes", "Padding"]] as const;

const PARTS: TablePart[] = [
    { table: "types", title: "Types", empty: "No types are known.", how: "Build the program with debug information (-g), or track its variables." },
];

interface Series {
    name: string;
    type: number; // index in types; NaN: of several, or of none
    color: string;
    levels: number[];
    errors: number[];
}

export function Types({ model }: { model: Model }): JSX.Element {
    return (
        <>
            {model.table("type_series").rows > 0 && <OverTime model={model} />}
            <Tables model={model} parts={PARTS} />
        </>
    );
}

function seriesOf(model: Model, what: string): Series[] {
    const t = model.table("type_series");
    return Array.from({ length: t.rows }, (_, row) => {
        const { inner, from, to } = model.inner("type_series", "points", row);
        const values = (column: string) => Array.from(inner.col(column).numbers.subarray(from, to));
        const kind = t.col("what").text(row);
        return {
            name: t.col("name").text(row) ?? (kind === "others" ? `${count(t.col("types").num(row))} other types` : "type not known"),
            type: t.col("type").num(row) - 1,
            color: kind === "type" ? `hue-${row % 7}` : "hue-other",
            levels: values(what), // NaN: of some types no padding is known
            errors: values(`${what}_error`),
        };
    });
}

function OverTime({ model }: { model: Model }): JSX.Element {
    const [what] = WHAT.find(([key]) => key === extra.value.of) ?? WHAT[0];
    const as = what === "live_count" ? count : bytes;
    const all = seriesOf(model, what);
    const chosen = selection.value?.kind === "types" ? selection.value.id : -1;
    const own = all.filter((s) => s.type === chosen);
    const shown = own.length ? own : all;
    const [from, to] = theSpan.value;
    const { inner, from: first, to: end } = model.inner("type_series", "points", 0);
    const times = Array.from(inner.col("time_ns").numbers.subarray(first, end));
    // What is told in numbers: the peak, or the end of the window.
    const peak = span.value ? -1 : times.findIndex((_, i) => inner.col("peak").bool(first + i));
    const at = peak < 0 ? Math.max(times.findLastIndex((t) => t <= to), 0) : peak;
    const inWindow = times.map((_, i) => (times[i + 1] ?? to) >= from && (times[i - 1] ?? from) <= to);

    const floors = times.map(() => 0);
    const areas = shown.map((s) => {
        const lower = floors.slice();
        s.levels.forEach((v, i) => {
            floors[i] += v || 0;
        });
        return { ...s, lower, upper: floors.slice() };
    });
    const error = (i: number) => (own.length && own[0].errors[i]) || 0;
    const top = Math.max(...floors.filter((_, i) => inWindow[i]));
    const most = Math.max(1, ...floors.map((v, i) => (inWindow[i] ? v + error(i) : 0)));
    const line = (level: (i: number) => number, order: number[]) =>
        order.map((i) => `${(((times[i] - from) / (to - from)) * WIDTH).toFixed(1)} ${(HEIGHT * (1 - level(i) / most)).toFixed(1)}`).join("L");
    const forth = times.map((_, i) => i);
    const back = [...forth].reverse();
    const area = (upper: (i: number) => number, lower: (i: number) => number) => `M${line(upper, forth)}L${line(lower, back)}Z`;
    return (
        <Card title="Types over time" aside={<Segments label="What is shown over time" value={what} options={WHAT} onChange={(w) => setExtra("of", w === "live_bytes" ? "" : w)} />}>
            <svg class="over-time" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img"
                aria-label={`${own.length ? own[0].name : "All types"} from ${duration(from)} to ${duration(to)}, ${as(top)} at most; below, what there is at ${duration(times[at])}`}>
                {areas.map((a, i) => (
                    <path key={i} class={a.color} d={area((k) => a.upper[k], (k) => a.lower[k])} onClick={() => a.type >= 0 && select("types", a.type)}>
                        <title>{a.name}</title>
                    </path>
                ))}
                {own.length > 0 && own[0].errors.some((e) => e > 0) && <path class="error" d={area((i) => floors[i] + error(i), (i) => floors[i] - error(i))} />}
            </svg>
            <p class="ends"><span>{duration(from)}</span><span>{as(top)} at most{query.value.terms.length > 0 && ", of all blocks: filters do not apply here"}</span><span>{duration(to)}</span></p>
            <ul class="legend">
                <li>At {peak < 0 ? "" : "the peak, "}{duration(times[at])}:</li>
                {all.map((s, i) => (
                    <li key={i}>
                        <i class={s.color} />{" "}
                        {s.type >= 0 ? (
                            <button type="button" class="link" aria-pressed={s.type === chosen}
                                onClick={() => (s.type === chosen ? (selection.value = null) : select("types", s.type))}>
                                <Name text={s.name} />
                            </button>
                        ) : s.name}{" "}
                        <b>{as(s.levels[at])}{within(s.errors[at], as)}</b>
                    </li>
                ))}
            </ul>
            {chosen >= 0 && !own.length && <p class="found">The chosen type is one of the other types.</p>}
        </Card>
    );
}
