// Where the blocks lie: addresses over time, of all or of each thread, or in a room with their sizes; and the
// pages at one moment, which can be played.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../data/client.ts";
import { address, bytes, duration, plural, share } from "../data/format.ts";
import type { HeapMap, ThreadMap } from "../data/heap.ts";
import type { Model } from "../data/model.ts";
import type { RowFilter, Span } from "../data/rows.ts";
import { extra, query, setExtra, theSpan, view } from "../state.ts";
import { useAnswer } from "../ui/answer.ts";
import { Card, Name, NotRecorded, Segments } from "../ui/bits.tsx";
import { Canvas } from "../ui/canvas.tsx";
import { NeedRows } from "../ui/need_rows.tsx";
import { type Player, PlayerBar, playerKey, usePlayer } from "../ui/player.tsx";
import { type TablePart, Tables } from "../ui/tables.tsx";
import { drawMap } from "./heap_draw.ts";
import { Pages } from "./heap_pages.tsx";
import { SpaceView } from "./heap_space.tsx";

const WIDTH = 400; // columns of a map
const HEIGHT = 160; // its rows
const THREADS = 12;
const BOXES = 40_000;

type Mode = "all" | "threads" | "space";
const MODES = [["all", "All"], ["threads", "By thread"], ["space", "3D"]] as const;
const TITLES: Record<Mode, string> = { all: "Addresses over time", threads: "Addresses over time, by the thread that allocated", space: "Time, address and size" };

const PARTS: TablePart[] = [
    { table: "resources", title: "The process beside its heap", empty: "The process was not sampled.", how: "Record with memscope run, for longer than a tenth of a second." },
];

export function Heap({ model }: { model: Model }): JSX.Element {
    const addresses = model.table("capture").rows && model.table("capture").col("addresses").bool(0);
    return (
        <>
            {!addresses ? (
                <NotRecorded what="Addresses were left out of the trace." how="Record without --compact." />
            ) : (
                <NeedRows model={model}>{() => <Places model={model} />}</NeedRows>
            )}
            <Tables model={model} parts={PARTS} />
        </>
    );
}

function Places({ model }: { model: Model }): JSX.Element {
    const filter = query.value;
    const window = theSpan.value;
    const peak = model.one("summary", "peak_time_ns");
    const passing = useSignal<number | null>(null); // while it plays: the address is not the place for each step
    const wanted = passing.value ?? (Number(extra.value.at ?? Number.NaN) || peak);
    const time = Math.min(Math.max(wanted, window[0]), window[1]);
    const rows = model.rowFilter(filter);
    const use = useAnswer(() => ask("pageUse", rows, time === peak ? model.peakMoment : time).then((found) => ({ time, found })), model, filter, time);
    const player = usePlayer(window, time, use?.time ?? null, (to, stays) => {
        passing.value = stays ? null : to;
        if (stays) setExtra("at", to === peak ? "" : String(to));
    });
    const mode = (TITLES[extra.value.map as Mode] ? extra.value.map : "all") as Mode;
    const [hover, setHover] = useState("");
    const sampled = (model.schema.blocks ?? 0) > 1 << 20 || model.oneText("summary", "evidence") === "estimated";
    const look = { model, rows, filter, window, time, player, onHover: setHover };
    return (
        <>
            <Card title={TITLES[mode]} aside={<Segments label="What is shown" value={mode} options={MODES} onChange={(m) => setExtra("map", m === "all" ? "" : m)} />}>
                {mode === "all" && <AllMap {...look} />}
                {mode === "threads" && <ByThread {...look} />}
                {mode === "space" && <Room {...look} />}
                {mode !== "space" && <p class="legend">{hover || "highest addresses on top; unused space between regions is left out; a stronger colour is fuller"}</p>}
                <PlayerBar player={player} span={window} time={time} named={[["at the peak", peak]]} />
            </Card>
            <Card title={`Pages at ${duration(use?.time ?? time)}`}
                aside={<button type="button" class="link" onClick={() => { setExtra("q", time === peak ? "peak" : `born<=${time}ns -died<=${time}ns`); view.value = "allocations"; }}>list the blocks</button>}>
                {use && <Pages use={use.found} sampled={sampled} />}
            </Card>
        </>
    );
}

interface Look {
    model: Model;
    rows: RowFilter;
    filter: unknown; // another one: other rows
    window: Span;
    time: number;
    player: Player;
    onHover: (text: string) => void;
}

const NOTHING = "No block of that kind has an address.";

function shareOf(window: Span, time: number): number {
    return (time - window[0]) / Math.max(window[1] - window[0], 1);
}

// A map with the moment in it: a click goes there, keys move it.
function MapCanvas({ map, look, what }: { map: HeapMap; look: Look; what: string }): JSX.Element {
    const { window, time, player } = look;
    const at = (x: number, y: number, box: Element) => {
        const column = Math.min(Math.max(Math.floor((x / box.clientWidth) * map.width), 0), map.width - 1);
        const row = Math.min(Math.max(Math.floor((y / box.clientHeight) * map.rows.length), 0), map.rows.length - 1);
        return { time: window[0] + ((column + 0.5) / map.width) * (window[1] - window[0]), row, used: map.used[row * map.width + column] };
    };
    const onMove = (x: number, y: number, event: PointerEvent) => {
        const place = at(x, y, event.currentTarget as Element);
        const { from, to } = map.rows[place.row];
        look.onHover(`${duration(place.time)}: ${address(from)} – ${address(to)}, ${share(place.used, 1)} of its pages' bytes are live`);
    };
    return (
        <Canvas
            label={`How full the addresses ${what} are, over time. The moment below is ${duration(time)}; arrow keys move it, space plays.`}
            draw={(pen) => drawMap(pen, map, shareOf(window, time))}
            onMove={onMove}
            onLeave={() => look.onHover("")}
            onDown={(x, y, event) => player.go(at(x, y, event.currentTarget as Element).time)}
            onKey={(event) => playerKey(player, event)}
        />
    );
}

function AllMap(look: Look): JSX.Element {
    const { model, rows, filter, window } = look;
    const map = useAnswer(() => ask("heapMap", rows, window, WIDTH, HEIGHT), model, filter, window);
    if (map && !map.rows.length) return <NotRecorded what={NOTHING} />;
    return <div class="heap-map">{map && <MapCanvas map={map} look={look} what="in use" />}</div>;
}

function ByThread(look: Look): JSX.Element {
    const { model, rows, filter, window } = look;
    const found = useAnswer(() => ask("threadMaps", rows, window, WIDTH, HEIGHT, THREADS), model, filter, window);
    if (found && !found.threads.length) return <NotRecorded what={NOTHING} />;
    return (
        <div class="thread-maps">
            {found?.threads.map((thread) => <OneThread key={thread.thread} thread={thread} look={look} />)}
            {!!found?.others && <p class="legend">and {plural(found.others, "thread")} that allocated less</p>}
        </div>
    );
}

function OneThread({ thread, look }: { thread: ThreadMap; look: Look }): JSX.Element {
    const threads = look.model.table("threads");
    const row = Array.from(threads.col("id").numbers).indexOf(thread.thread);
    const name = row < 0 ? "thread not known" : `${threads.col("thread").text(row) ?? "thread"} (${thread.thread})`;
    return (
        <figure>
            <figcaption><Name text={name} /><small>{bytes(thread.bytes)} in {plural(thread.blocks, "block")}</small></figcaption>
            <div><MapCanvas map={thread.map} look={look} what={`that ${name} uses`} /></div>
        </figure>
    );
}

function Room(look: Look): JSX.Element {
    const { model, rows, filter, window, time, player } = look;
    const space = useAnswer(() => ask("space", rows, window, BOXES), model, filter, window);
    if (space && !space.count) return <NotRecorded what={NOTHING} />;
    return <>{space && <SpaceView space={space} moment={shareOf(window, time)} time={time} onKey={(event) => playerKey(player, event)} />}</>;
}
