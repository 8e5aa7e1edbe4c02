// What has changed between two moments of the run: by place, what was live at the one and is at the other.
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { rank } from "../data/blame.ts";
import { ask } from "../data/client.ts";
import { bytes, count, duration, within } from "../data/format.ts";
import type { Frame, Model } from "../data/model.ts";
import type { NumberTerm } from "../data/query.ts";
import type { RowFilter } from "../data/rows.ts";
import { errorOfVariance } from "../data/whatif.ts";
import { extra, query, select, setExtra } from "../state.ts";
import { Card, FrameLabel, NotRecorded } from "../ui/bits.tsx";
import { Grid } from "../ui/grid.tsx";
import { NeedRows } from "../ui/need_rows.tsx";

interface Change {
    frame: Frame | null;
    sites: Set<number>;
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
            const place = places.get(key) ?? { frame: blame.frame, sites: new Set(), before: 0, after: 0, word: "same" };
            place[side] += blame.cost;
            for (const site of blame.sites) place.sites.add(site);
            places.set(key, place);
        }
    };
    add(before, "before");
    add(after, "after");
    const all = [...places.values()];
    for (const place of all) place.word = word(place.before, place.after);
    return all.sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
}

// By site, of blocks live at A, at B, and of the difference; null: all of these are exact.
type Variances = Record<"before" | "after" | "change", Float64Array> | null;

interface Both {
    before: Float64Array;
    after: Float64Array;
    variances: Variances;
}

// What is live at both moments is no part of the difference, nor is its error.
async function liveAt(rows: RowFilter, a: number, b: number): Promise<Both> {
    const lasting: NumberTerm = { kind: "number", field: "died", comparison: "<=", value: Math.max(a, b), not: true };
    const [before, after] = await Promise.all([ask("costs", rows, [0, a], "live"), ask("costs", rows, [0, b], "live")]);
    const [x, y] = [before.variance, after.variance];
    if (!x || !y) return { before: before.bytes, after: after.bytes, variances: null };
    const stays = { ...rows, numbers: [...rows.numbers, lasting] };
    const both = (await ask("costs", stays, [0, Math.min(a, b)], "live")).variance!;
    const change = x.map((variance, site) => Math.max(variance + y[site] - 2 * both[site], 0));
    return { before: before.bytes, after: after.bytes, variances: { before: x, after: y, change } };
}

// " ± 12.0 KiB" behind a sum over these sites; empty: it is exact.
function off(variances: Variances, of: keyof NonNullable<Variances>, sites: Iterable<number>): string {
    if (!variances) return "";
    let sum = 0;
    for (const site of sites) sum += variances[of][site];
    return within(errorOfVariance(sum), bytes);
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
    const [both, setBoth] = useState<Both | null>(null);
    useEffect(() => {
        let current = true;
        liveAt(model.rowFilter(filter), a, b).then((found) => current && setBoth(found), () => undefined);
        return () => {
            current = false;
        };
    }, [model, a, b, filter]);
    const all = useMemo(() => (both ? changes(model, both.before, both.after) : []), [model, both]);
    const shown = all.filter((place) => place.word !== "same");
    const before = all.reduce((sum, place) => sum + place.before, 0);
    const after = all.reduce((sum, place) => sum + place.after, 0);
    const variances = both?.variances ?? null;
    const wide = variances ? "172px" : "112px"; // errors take room
    const everywhere = all.flatMap((place) => [...place.sites]);
    const most = Math.max(...shown.slice(0, 1).map((place) => Math.abs(place.after - place.before)), 1);
    return (
        <>
            <div class="moments">
                <Moment label="A" model={model} value={a} onChange={(t) => setExtra("a", String(Math.round(t)))} />
                <Moment label="B" model={model} value={b} onChange={(t) => setExtra("b", String(Math.round(t)))} />
            </div>
            <p class="verdict">
                <strong>{signed(after - before)}</strong>{off(variances, "change", everywhere)} from A ({bytes(before)}{off(variances, "before", everywhere)}) to B
                ({bytes(after)}{off(variances, "after", everywhere)}); {count(shown.length)} of {count(all.length)} places changed.
            </p>
            {both && !shown.length && <NotRecorded what="No place has more or less at B than at A." how="Choose two other moments." />}
            {shown.length > 0 && (
                <Grid label="Places that changed" count={shown.length} onOpen={(row) => select("sites", [...shown[row].sites][0])}
                    cell={(row, key) => <Cell place={shown[row]} column={key} most={most} variances={variances} />}
                    columns={[
                        { key: "place", title: "place", width: "minmax(240px, 3fr)" },
                        { key: "word", title: "what", width: "72px" },
                        { key: "before", title: "at A", width: wide, right: true },
                        { key: "after", title: "at B", width: wide, right: true },
                        { key: "change", title: "change", width: wide, right: true },
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

function Cell({ place, column, most, variances }: { place: Change; column: string; most: number; variances: Variances }): JSX.Element {
    const change = place.after - place.before;
    switch (column) {
        case "place":
            return <FrameLabel frame={place.frame} />;
        case "word":
            return <span>{place.word}</span>;
        case "before":
            return <span title={String(place.before)}>{bytes(place.before)}{off(variances, "before", place.sites)}</span>;
        case "after":
            return <span title={String(place.after)}>{bytes(place.after)}{off(variances, "after", place.sites)}</span>;
        case "change":
            return <span title={String(change)}><b>{signed(change)}</b>{off(variances, "change", place.sites)}</span>;
        default: {
            const width = (50 * Math.abs(change)) / most;
            const style = change < 0 ? { right: "50%", width: `${width}%` } : { left: "50%", width: `${width}%` };
            return <span class={`change ${change < 0 ? "less" : "more"}`} aria-hidden="true"><span style={style} /></span>;
        }
    }
}
