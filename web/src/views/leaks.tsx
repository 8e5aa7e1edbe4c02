// What stays and what grows: places by what they have live at the end, how that came about, and what was
// born between two moments and is still there at a third.
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { type Blame, rank } from "../data/blame.ts";
import { ask, rowsReady } from "../data/client.ts";
import { bytes, count, duration, plural, share } from "../data/format.ts";
import { KINDS, type Kind, kindOf } from "../data/growth.ts";
import type { Model } from "../data/model.ts";
import { termFor } from "../data/query.ts";
import type { Growth } from "../data/rows.ts";
import { counted, siteError, totalError } from "../data/trust.ts";
import { addFilter, extra, query, select, setExtra, span, theSpan } from "../state.ts";
import { toggle } from "../ticks.ts";
import { act, Card, FrameLabel, NotRecorded, Segments, Sparkline } from "../ui/bits.tsx";
import { Grid, type GridColumn } from "../ui/grid.tsx";
import { NeedRows } from "../ui/need_rows.tsx";
import { Tick } from "../ui/tick.tsx";

const STEPS = 60;
const MOST = 2000; // places that are looked at
const KIND_ORDER: Kind[] = ["grows", "steps", "kept", "bounded", "released"];

interface Place {
    blame: Blame;
    index: number; // in the growth
    kind: Kind;
    live: number;
    blocks: number;
    slope: number;
    fit: number;
}

function groupsOf(model: Model, blames: Blame[]): Int32Array {
    const group = new Int32Array(model.table("sites").rows).fill(-1);
    blames.forEach((blame, g) => {
        for (const site of blame.sites) group[site] = g;
    });
    return group;
}

// Places that had the most at one time: what is live at the end is among them.
function usePlaces(model: Model): { places: Place[]; growth: Growth | null } {
    const [growth, setGrowth] = useState<{ of: Blame[]; growth: Growth } | null>(null);
    const blames = useMemo(() => {
        const sites = model.table("sites");
        return rank(model, sites.col("own_peak_bytes").numbers).slice(0, MOST);
    }, [model]);
    const ready = rowsReady.value;
    const filter = query.value;
    const window = theSpan.value;
    useEffect(() => {
        let current = true;
        if (ready)
            ask("growth", model.rowFilter(filter), groupsOf(model, blames), blames.length, STEPS, window).then(
                (found) => current && setGrowth({ of: blames, growth: found }),
                () => undefined,
            );
        return () => {
            current = false;
        };
    }, [model, blames, ready, filter, window]);
    const places = useMemo(() => (growth ? judge(model, growth.of, growth.growth) : []), [growth]);
    return { places, growth: growth?.growth ?? null };
}

function judge(model: Model, blames: Blame[], g: Growth): Place[] {
    const blocks = model.table("sites").col("live_blocks").numbers;
    return blames.map((blame, index) => {
        const levels = Array.from({ length: STEPS }, (_, i) => g.kept[index * STEPS + i] + g.gone[index * STEPS + i]);
        const facts = { slope: g.slope[index], fit: g.fit[index], rising: g.rising[index], levels };
        return {
            blame,
            index,
            kind: kindOf(facts),
            live: levels[STEPS - 1],
            blocks: blame.sites.reduce((sum, site) => sum + blocks[site], 0),
            slope: facts.slope,
            fit: facts.fit,
        };
    });
}

const COLUMNS: GridColumn[] = [
    { key: "tick", title: "not", width: "44px", doc: "what if not: tick places to see the peak without them; the space key does" },
    { key: "place", title: "place", width: "minmax(220px, 3fr)", doc: "where it is allocated, lifted out of wrappers" },
    { key: "kind", title: "how", width: "124px", sortable: true, doc: "see below the table" },
    { key: "spark", title: "over time", width: "120px", doc: "live bytes: what stays until the end, and what goes" },
    { key: "live", title: "live", width: "minmax(104px, 0.6fr)", right: true, sortable: true, doc: "bytes at the end of the window" },
    { key: "blocks", title: "blocks at the end", width: "minmax(128px, 0.6fr)", right: true, sortable: true, doc: "of the whole run" },
    { key: "slope", title: "slope", width: "116px", right: true, sortable: true, doc: "of the line that fits best, bytes per second" },
    { key: "fit", title: "R²", width: "64px", right: true, sortable: true, doc: "1: all moments are on that line" },
];

function order(places: Place[], key: string, descending: boolean): Place[] {
    const sign = descending ? -1 : 1;
    const value = (p: Place) => (key === "kind" ? -KIND_ORDER.indexOf(p.kind) : Number(p[key as "live"]));
    return [...places].sort((a, b) => sign * (value(a) - value(b)) || b.live - a.live);
}

export function Leaks({ model }: { model: Model }): JSX.Element {
    return <NeedRows model={model}>{() => <Growing model={model} />}</NeedRows>;
}

function Growing({ model }: { model: Model }): JSX.Element {
    const { places, growth } = usePlaces(model);
    const [sort, setSort] = useState({ key: "live", descending: true });
    const kind = (extra.value.kind ?? "all") as Kind | "all" | "live";
    const shown = useMemo(() => {
        const meant = places.filter((p) => (kind === "all" ? p.kind !== "released" : p.kind === kind));
        return order(meant, sort.key, sort.descending);
    }, [places, kind, sort]);

    const of = (k: Kind) => places.filter((p) => p.kind === k).length;
    const options: [Kind | "all", string][] = [["all", `What stays`]];
    for (const k of KIND_ORDER) if (of(k)) options.push([k, `${KINDS[k].word} ${count(of(k))}`]);
    const cell = (row: number, key: string) => <Cell model={model} place={shown[row]} column={key} growth={growth!} />;
    return (
        <>
            <Verdict places={places} model={model} />
            <Segments label="Which places" value={kind === "live" ? "all" : kind} options={options} onChange={(k) => setExtra("kind", k === "all" ? "" : k)} />
            {shown.length ? (
                <Grid label="Places that keep memory" columns={COLUMNS} count={shown.length} cell={cell} sort={sort}
                    onSort={(key) => setSort({ key, descending: sort.key === key ? !sort.descending : true })}
                    onOpen={(row) => select("sites", shown[row].blame.sites[0])}
                    onSpace={(row) => toggle(shown[row].blame.sites)} />
            ) : (
                growth && <NotRecorded what="No place keeps memory in this window." />
            )}
            <dl class="words">
                {KIND_ORDER.map((k) => <div key={k}><dt class={`kind ${k}`}>{KINDS[k].word}</dt><dd>{KINDS[k].means}</dd></div>)}
            </dl>
            <Between model={model} />
        </>
    );
}

function Cell({ model, place, column, growth }: { model: Model; place: Place; column: string; growth: Growth }): JSX.Element {
    const { blame, index } = place;
    switch (column) {
        case "tick":
            return <Tick sites={blame.sites} name={blame.name} focusable={false} />;
        case "place":
            return (
                <a class="entity" href={`#sel=sites:${blame.sites[0]}`} onClick={(e) => act(e, "sites", blame.sites[0], termFor("function", blame.name))}>
                    <FrameLabel frame={blame.frame} />
                </a>
            );
        case "kind":
            return <span class={`kind ${place.kind}`}>{KINDS[place.kind].word}</span>;
        case "spark":
            return <Sparkline kept={growth.kept.subarray(index * STEPS, (index + 1) * STEPS)} gone={growth.gone.subarray(index * STEPS, (index + 1) * STEPS)} />;
        case "live":
            return <span title={`${place.live} bytes`}>{bytes(place.live)}{siteError(model, "live_bytes", blame.sites, bytes)}</span>;
        case "blocks":
            return <>{count(place.blocks)}{siteError(model, "live_blocks", blame.sites, count)}</>;
        case "slope":
            return <>{Math.abs(place.slope) < 0.5 ? "0" : `${bytes(place.slope)}/s`}</>;
        default:
            return <>{place.fit.toFixed(2)}</>;
    }
}

function Verdict({ places, model }: { places: Place[]; model: Model }): JSX.Element {
    const growing = places.filter((p) => p.kind === "grows").sort((a, b) => b.slope - a.slope);
    const live = model.one("summary", "live_bytes");
    return (
        <p class="verdict">
            <strong>{bytes(live)}</strong>{totalError(model, "live_bytes", bytes)} in {counted(model.one("summary", "live_blocks"), model.one("summary", "live_blocks_error"), "block")}{" "}
            {model.one("summary", "live_blocks") === 1 ? "is" : "are"} live at the end
            {growing.length > 0 && (
                <>
                    ; {plural(growing.length, "place")} {growing.length === 1 ? "grows" : "grow"} steadily, fastest{" "}
                    <code>{growing[0].blame.name}</code> with {bytes(growing[0].slope)} per second
                </>
            )}
            .
        </p>
    );
}

// ---- three moments ----------------------------------------------------------------------------------

// Blocks born between A and B and alive at C: the way to find what a piece of work leaves behind.
function Between({ model }: { model: Model }): JSX.Element {
    const whole = model.duration;
    const [a, b] = span.value ?? [whole * 0.25, whole * 0.5];
    const c = Math.max(Number(extra.value.at ?? 0) || whole, b);
    const [found, setFound] = useState<Blame[]>([]);
    useEffect(() => {
        let current = true;
        const filter = model.rowFilter(query.value);
        const born = { kind: "number", field: "born", not: false } as const;
        filter.numbers.push({ ...born, comparison: ">=", value: a }, { ...born, comparison: "<=", value: b });
        ask("costs", filter, [0, c], "live").then((costs) => current && setFound(rank(model, costs.bytes)), () => undefined);
        return () => {
            current = false;
        };
    }, [model, a, b, c, query.value]);
    const all = found.reduce((sum, blame) => sum + blame.cost, 0);
    const keep = () => {
        for (const term of [`born>=${Math.round(a)}ns`, `born<=${Math.round(b)}ns`]) addFilter(term);
    };
    return (
        <Card title="Born between two moments, alive at a third" aside={<button type="button" class="link" onClick={keep}>filter to these births</button>}>
            <p class="between">
                Born from <b>{duration(a)}</b> to <b>{duration(b)}</b>{span.value ? "" : " (choose a window in the timeline)"}, alive at{" "}
                <input type="range" min={b} max={whole} step={whole / 1000} value={c} aria-label="The third moment"
                    aria-valuetext={duration(c)} onInput={(e) => setExtra("at", e.currentTarget.value)} />{" "}
                <b>{duration(c)}</b>: <b>{bytes(all)}</b>
            </p>
            {found.length ? (
                <ol class="ranked plain">
                    {found.slice(0, 8).map((blame) => (
                        <li key={blame.name + blame.place}>
                            <a href={`#sel=sites:${blame.sites[0]}`} onClick={(e) => act(e, "sites", blame.sites[0])}><FrameLabel frame={blame.frame} /></a>
                            <b>{bytes(blame.cost)}</b>
                            <small>{share(blame.cost, all)}</small>
                        </li>
                    ))}
                </ol>
            ) : (
                <NotRecorded what="Nothing that was born then is still there." />
            )}
        </Card>
    );
}
