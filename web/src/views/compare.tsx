// What has changed between two moments of the run: by place, what was live at the one and is at the other.
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { rank } from "../data/blame.ts";
import { ask } from "../data/client.ts";
import { bytes, count, duration } from "../data/format.ts";
import type { Frame, Model } from "../data/model.ts";
import { extra, query, select, setExtra } from "../state.ts";
import { Card, FrameLabel, NotRecorded } from "../ui/bits.tsx";
import { Grid } from "../ui/grid.tsx";
import { NeedRows } from "../ui/need_rows.tsx";

interface Change {
    frame: Frame | null;
    site: number;
    before: number;
    after: number;
    word: "new" | "gone" | "more" | "less" | "same";
}

function word(before: number, after: number): Change["word"] {
    if (!before) return "new";
    if (!after) return "gone";
    return after === before ? "same" : after > before ? "more" : "less";
}

// By the frames that are blamed, most changed first.
export function changes(model: Model, before: ArrayLike<number>, after: ArrayLike<number>): Change[] {
    const places = new Map<string, Change>();
    const add = (costs: ArrayLike<number>, side: "before" | "after") => {
        for (const blame of rank(model, costs)) {
            const key = `${blame.name}\n${blame.place}\n${blame.frame?.module ?? ""}`;
            const place = places.get(key) ?? { frame: blame.frame, site: blame.sites[0], before: 0, after: 0, word: "same" };
            place[side] += blame.cost;
            places.set(key, place);
        }
    };
    add(before, "before");
    add(after, "after");
    const all = [...places.values()];
    for (const place of all) place.word = word(place.before, place.after);
    return all.sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
}

// Moments that have names, by their times.
function moments(model: Model): [name: string, time: number][] {
    const table = model.table("snapshots");
    const named: [string, number][] = [["the start", 0], ["the peak", model.peakMoment], ["the end", model.duration]];
    for (let row = 0; row < Math.min(table.rows, 200); row++)
        named.push([table.col("label").text(row) ?? "snapshot", table.col("time_ns").num(row)]);
    return named.sort((a, b) => a[1] - b[1]);
}

function Moment(props: { label: string; value: number; model: Model; onChange: (time: number) => void }): JSX.Element {
    const { model, value } = props;
    const named = moments(model);
    const chosen = named.findIndex(([, time]) => Math.abs(time - value) < 1);
    return (
        <div class="moment">
            <label>
                <b>{props.label}</b> {duration(value)}
                <input type="range" min={0} max={model.duration} step={model.duration / 1000} value={value} aria-label={props.label} aria-valuetext={duration(value)}
                    onInput={(e) => props.onChange(Number(e.currentTarget.value))} />
            </label>
            <select value={chosen} aria-label={`${props.label}: a moment with a name`} onChange={(e) => props.onChange(named[Number(e.currentTarget.value)]?.[1] ?? value)}>
                <option value={-1}>choose a moment</option>
                {named.map(([name, time], i) => <option key={`${name} ${time}`} value={i}>{name} ({duration(time)})</option>)}
            </select>
        </div>
    );
}

export function Compare({ model }: { model: Model }): JSX.Element {
    return <NeedRows model={model}>{() => <Moments model={model} />}</NeedRows>;
}

function Moments({ model }: { model: Model }): JSX.Element {
    const a = Number(extra.value.a ?? model.duration * 0.25);
    const b = Number(extra.value.b ?? model.duration);
    const filter = query.value;
    const [both, setBoth] = useState<{ before: Float64Array; after: Float64Array } | null>(null);
    useEffect(() => {
        let current = true;
        const rows = model.rowFilter(filter);
        Promise.all([ask("costs", rows, [0, a], "live"), ask("costs", rows, [0, b], "live")]).then(
            ([before, after]) => current && setBoth({ before: before.bytes, after: after.bytes }), () => undefined);
        return () => {
            current = false;
        };
    }, [model, a, b, filter]);
    const all = useMemo(() => (both ? changes(model, both.before, both.after) : []), [model, both]);
    const shown = all.filter((place) => place.word !== "same");
    const before = all.reduce((sum, place) => sum + place.before, 0);
    const after = all.reduce((sum, place) => sum + place.after, 0);
    const most = Math.max(...shown.slice(0, 1).map((place) => Math.abs(place.after - place.before)), 1);
    return (
        <>
            <div class="moments">
                <Moment label="A" model={model} value={a} onChange={(t) => setExtra("a", String(Math.round(t)))} />
                <Moment label="B" model={model} value={b} onChange={(t) => setExtra("b", String(Math.round(t)))} />
            </div>
            <p class="verdict">
                <strong>{signed(after - before)}</strong> from A ({bytes(before)}) to B ({bytes(after)}); {count(shown.length)} of {count(all.length)} places changed.
            </p>
            {both && !shown.length && <NotRecorded what="No place has more or less at B than at A." how="Choose two other moments." />}
            {shown.length > 0 && (
                <Grid label="Places that changed" count={shown.length} onOpen={(row) => select("sites", shown[row].site)}
                    cell={(row, key) => <Cell place={shown[row]} column={key} most={most} />}
                    columns={[
                        { key: "place", title: "place", width: "minmax(240px, 3fr)" },
                        { key: "word", title: "what", width: "72px" },
                        { key: "before", title: "at A", width: "104px", right: true },
                        { key: "after", title: "at B", width: "104px", right: true },
                        { key: "change", title: "change", width: "112px", right: true },
                        { key: "bar", title: "less | more", width: "160px" },
                    ]} />
            )}
            <Card title="Two runs"><NotRecorded what="This page speaks of one run." /></Card>
        </>
    );
}

function signed(value: number): string {
    return `${value > 0 ? "+" : ""}${bytes(value)}`;
}

function Cell({ place, column, most }: { place: Change; column: string; most: number }): JSX.Element {
    const change = place.after - place.before;
    switch (column) {
        case "place":
            return <FrameLabel frame={place.frame} />;
        case "word":
            return <span>{place.word}</span>;
        case "before":
            return <span title={String(place.before)}>{bytes(place.before)}</span>;
        case "after":
            return <span title={String(place.after)}>{bytes(place.after)}</span>;
        case "change":
            return <b title={String(change)}>{signed(change)}</b>;
        default: {
            const width = (50 * Math.abs(change)) / most;
            const style = change < 0 ? { right: "50%", width: `${width}%` } : { left: "50%", width: `${width}%` };
            return <span class={`change ${change < 0 ? "less" : "more"}`} aria-hidden="true"><span style={style} /></span>;
        }
    }
}
