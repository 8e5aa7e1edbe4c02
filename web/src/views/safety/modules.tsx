// Which module's blocks are released by which: a table of heat, and behind each cell the sites it counts.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { bytes, count, plural } from "../../data/format.ts";
import { frameName, framePlace, type Model } from "../../data/model.ts";
import { termFor } from "../../data/query.ts";
import type { Table } from "../../data/table.ts";
import { addFilter, extra, setExtra, view } from "../../state.ts";
import { Bar, Card, Name, NotRecorded, Segments, SiteLink } from "../../ui/bits.tsx";
import { CsvButton, Evidence } from "../../ui/evidence.tsx";

const MOST = 12; // modules to a side

const UNKNOWN = "(not known)";

interface Side {
    names: string[]; // most first
    rest: number; // modules that are not shown
}

function sideOf(t: Table, column: string, value: string): Side {
    const sums = new Map<string, number>();
    for (let row = 0; row < t.rows; row++) {
        const name = t.col(column).text(row) ?? UNKNOWN;
        sums.set(name, (sums.get(name) ?? 0) + t.col(value).num(row));
    }
    const names = [...sums].sort((a, b) => b[1] - a[1]).map(([name]) => name);
    return { names: names.slice(0, MOST), rest: Math.max(names.length - MOST, 0) };
}

// From 1 to 9, by powers; 0: none.
export function heat(value: number, most: number): number {
    if (!(value > 0)) return 0;
    return most <= 1 ? 9 : Math.min(9, 1 + Math.floor((8 * Math.log(value)) / Math.log(most)));
}

export function Modules({ model }: { model: Model }): JSX.Element {
    const t = model.table("module_pairs");
    const value = extra.value.heat === "bytes" ? "bytes" : "blocks";
    if (!t.rows)
        return (
            <Card title="Which module releases whose blocks">
                <NotRecorded what="No release of a recorded block was seen, or who makes it was not recorded." how="Record with stacks: without --no-stacks." />
            </Card>
        );
    const pair = Number(extra.value.pair ?? -1);
    return (
        <Card title="Which module releases whose blocks" aside={<>{count(t.rows)} <PairEvidence model={model} /> <CsvButton model={model} table="module_pairs" /></>}>
            <div class="toolbar">
                <Segments label="What is counted" value={value} options={[["blocks", "Blocks"], ["bytes", "Bytes"]]} onChange={(v) => setExtra("heat", v === "bytes" ? v : "")} />
                <p class="found">A framed cell crosses: both modules are known, they are two, and the one that releases is not the C or C++ library.</p>
            </div>
            <Matrix t={t} value={value} chosen={pair} />
            {pair >= 0 && pair < t.rows && <Pair model={model} t={t} row={pair} />}
        </Card>
    );
}

// Releases are counted as they come; with samples only those of sampled blocks, which is no estimate of all.
function PairEvidence({ model }: { model: Model }): JSX.Element {
    const sampled = model.oneText("summary", "evidence") === "estimated";
    return <>{sampled && "of sampled blocks only "}<Evidence word="recorded" /></>;
}

function Matrix({ t, value, chosen }: { t: Table; value: "blocks" | "bytes"; chosen: number }): JSX.Element {
    const [down, across] = useMemo(() => [sideOf(t, "allocated_by", value), sideOf(t, "freed_by", value)], [t, value]);
    const rowOf = useMemo(() => {
        const name = (row: number, column: string) => t.col(column).text(row) ?? UNKNOWN;
        return new Map(Array.from({ length: t.rows }, (_, row) => [`${name(row, "allocated_by")}\n${name(row, "freed_by")}`, row]));
    }, [t]);
    const most = Array.from(t.col(value).numbers).reduce((a, b) => Math.max(a, b), 0);
    const as = value === "bytes" ? bytes : count;
    const cell = (from: string, to: string) => {
        const row = rowOf.get(`${from}\n${to}`);
        if (row === undefined) return <td key={to} class="empty" />;
        const n = t.col(value).num(row);
        const crosses = t.col("crosses").bool(row);
        const words = `${from} allocates, ${to} releases: ${plural(t.col("blocks").num(row), "block")}, ${bytes(t.col("bytes").num(row))}${crosses ? ", crosses" : ""}`;
        return (
            <td key={to}>
                <button type="button" class={`heat-${heat(n, most)}${crosses ? " crosses" : ""}`} aria-pressed={row === chosen} aria-label={words} title={words}
                    onClick={() => setExtra("pair", row === chosen ? "" : String(row))}>{as(n)}</button>
            </td>
        );
    };
    const rest = [down.rest && `${plural(down.rest, "module")} that allocate`, across.rest && `${plural(across.rest, "module")} that release`].filter(Boolean);
    return (
        <div class="scroll">
            <table class="heat modules">
                <caption class="hidden">Modules that allocate, down, and modules that release, across</caption>
                <thead><tr><th scope="col">allocated ↓ released →</th>{across.names.map((to) => <th scope="col" key={to}><Name text={to} /></th>)}</tr></thead>
                <tbody>
                    {down.names.map((from) => <tr key={from}><th scope="row"><Name text={from} /></th>{across.names.map((to) => cell(from, to))}</tr>)}
                </tbody>
            </table>
            {rest.length > 0 && <p class="found">Not shown, for they have least: {rest.join(" and ")}. All are in the CSV.</p>}
        </div>
    );
}

// ---- one cell ---------------------------------------------------------------------------------------

interface Place {
    sites: number[]; // indices
    blocks: number;
    bytes: number;
}

const MOST_PLACES = 20;

// The sites of a pair by the frame that is to blame, most blocks first: a plugin that is loaded again is there
// again.
function placesOf(model: Model, row: number): Place[] {
    const { inner, from, to } = model.inner("module_pairs", "sites", row);
    const places = new Map<string, Place>();
    for (let i = from; i < to; i++) {
        const site = model.siteIndex(inner.col("site").num(i));
        if (site < 0) continue;
        const frame = model.blamedFrames()[site];
        const key = frame < 0 ? `site ${site}` : `${frameName(model.frame(frame))} ${framePlace(model.frame(frame), true)}`;
        const place = places.get(key) ?? { sites: [], blocks: 0, bytes: 0 };
        places.set(key, place);
        place.sites.push(site);
        place.blocks += inner.col("blocks").num(i);
        place.bytes += inner.col("bytes").num(i);
    }
    return [...places.values()].sort((a, b) => b.blocks - a.blocks);
}

function Pair({ model, t, row }: { model: Model; t: Table; row: number }): JSX.Element {
    const places = placesOf(model, row);
    const blocks = t.col("blocks").num(row);
    const shown = places.slice(0, MOST_PLACES);
    const listed = shown.reduce((sum, place) => sum + place.blocks, 0);
    return (
        <section class="pair">
            <h3>
                {plural(blocks, "block")} of {bytes(t.col("bytes").num(row))} that <Name text={t.col("allocated_by").text(row) ?? "an unknown module"} /> allocates
                and <Name text={t.col("freed_by").text(row) ?? "an unknown module"} /> releases
            </h3>
            <table class="pivot">
                <caption class="hidden">The places that allocate them</caption>
                <thead><tr><th scope="col">allocated at</th><th scope="col">blocks</th><th scope="col">bytes</th><th scope="col">all it allocates</th></tr></thead>
                <tbody>{shown.map((place) => <PlaceRow key={place.sites[0]} model={model} place={place} whole={blocks} />)}</tbody>
            </table>
            {listed < blocks && <p class="found">{plural(blocks - listed, "block")} of other sites are counted, not listed.</p>}
        </section>
    );
}

function PlaceRow({ model, place, whole }: { model: Model; place: Place; whole: number }): JSX.Element {
    const [site] = place.sites;
    const id = model.table("sites").col("id").num(site);
    const show = () => {
        addFilter(place.sites.length === 1 ? termFor("site", id) : termFor("function", model.siteName(site)));
        view.value = "allocations";
    };
    return (
        <tr>
            <th scope="row">
                <SiteLink model={model} index={site} />
                {place.sites.length > 1 && <small> {plural(place.sites.length, "site")}</small>}
                <Bar value={place.blocks} whole={whole} />
            </th>
            <td>{count(place.blocks)}</td>
            <td title={String(place.bytes)}>{bytes(place.bytes)}</td>
            <td><button type="button" class="link" onClick={show}>its blocks</button></td>
        </tr>
    );
}
