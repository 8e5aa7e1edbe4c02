// Where the blocks lie: addresses over time, and how full the pages are at one moment. What is live on a
// page that is nearly empty keeps all of the page.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask } from "../data/client.ts";
import { address, bytes, count, duration, plural, share } from "../data/format.ts";
import { type HeapMap, PAGE, type PageUse } from "../data/heap.ts";
import type { Model } from "../data/model.ts";
import { extra, query, setExtra, theSpan } from "../state.ts";
import { Bar, Card, NotRecorded } from "../ui/bits.tsx";
import { Canvas, type Pen } from "../ui/canvas.tsx";
import { NeedRows } from "../ui/need_rows.tsx";
import { type TablePart, Tables } from "../ui/tables.tsx";

const WIDTH = 400;
const HEIGHT = 160;

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
                <NeedRows model={model}>{() => <Map model={model} />}</NeedRows>
            )}
            <Tables model={model} parts={PARTS} />
        </>
    );
}

function useAnswer<T>(question: () => Promise<T>, ...of: unknown[]): T | null {
    const [answer, setAnswer] = useState<T | null>(null);
    useEffect(() => {
        let current = true;
        question().then((found) => current && setAnswer(found), () => undefined);
        return () => {
            current = false;
        };
    }, of);
    return answer;
}

function Map({ model }: { model: Model }): JSX.Element {
    const filter = query.value;
    const window = theSpan.value;
    const peak = model.one("summary", "peak_time_ns");
    const time = Number(extra.value.at ?? Number.NaN) || peak;
    const rows = model.rowFilter(filter);
    const map = useAnswer(() => ask("heapMap", rows, window, WIDTH, HEIGHT), model, filter, window);
    const use = useAnswer(() => ask("pageUse", rows, time), model, filter, time);
    const [hover, setHover] = useState("");
    const at = (x: number, y: number, box: Element) => {
        if (!map?.rows.length) return null;
        const column = Math.min(Math.max(Math.floor((x / box.clientWidth) * WIDTH), 0), WIDTH - 1);
        const row = Math.min(Math.max(Math.floor((y / box.clientHeight) * map.rows.length), 0), map.rows.length - 1);
        return { time: window[0] + ((column + 0.5) / WIDTH) * (window[1] - window[0]), row, used: map.used[row * WIDTH + column] };
    };
    const onMove = (x: number, y: number, event: PointerEvent) => {
        const place = at(x, y, event.currentTarget as Element);
        if (!place) return;
        const { from, to } = map!.rows[place.row];
        setHover(`${duration(place.time)}: ${address(from)} – ${address(to)}, ${share(place.used, 1)} of its pages' bytes are live`);
    };
    const move = (event: KeyboardEvent) => {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!by) return;
        event.preventDefault();
        event.stopPropagation();
        const next = time + (by * (window[1] - window[0])) / 50;
        setExtra("at", String(Math.round(Math.min(Math.max(next, window[0]), window[1]))));
    };
    return (
        <>
            <Card title="Addresses over time" aside={hover || "highest addresses on top; unused space between regions is left out"}>
                {map && !map.rows.length ? (
                    <NotRecorded what="No block of that kind has an address." />
                ) : (
                    <div class="heap-map">
                        <Canvas
                            label={`How full the addresses in use are, over time. The moment below is ${duration(time)}; arrow keys move it.`}
                            draw={(pen) => map && drawMap(pen, map, (time - window[0]) / (window[1] - window[0]))}
                            onMove={onMove}
                            onLeave={() => setHover("")}
                            onDown={(x, y, event) => {
                                const place = at(x, y, event.currentTarget as Element);
                                if (place) setExtra("at", String(Math.round(place.time)));
                            }}
                            onKey={move}
                        />
                    </div>
                )}
            </Card>
            <Card title={`Pages at ${duration(time)}`} aside={<button type="button" class="link" onClick={() => setExtra("at", "")}>at the peak</button>}>
                {use && <Pages use={use} sampled={(model.schema.blocks ?? 0) > 1 << 20 || model.oneText("summary", "evidence") === "estimated"} />}
            </Card>
        </>
    );
}

function drawMap(pen: Pen, map: HeapMap, cursor: number): void {
    const { c, width, height, color } = pen;
    const levels = Array.from({ length: 9 }, (_, i) => color(`--heat-${i + 1}`));
    const [w, h] = [width / map.width, height / map.rows.length];
    for (let row = 0; row < map.rows.length; row++) {
        // Neighbours that are as full are drawn as one.
        for (let x = 0, from = 0; x <= map.width; x++) {
            const level = x < map.width ? levelOf(map.used[row * map.width + x]) : -1;
            const before = levelOf(map.used[row * map.width + from]);
            if (x < map.width && level === before) continue;
            if (before > 0) {
                c.fillStyle = levels[before - 1];
                const [top, bottom] = [Math.round(row * h), Math.round((row + 1) * h)];
                c.fillRect(from * w, top, (x - from) * w + 0.5, Math.max(bottom - top, 1));
            }
            from = x;
        }
    }
    if (cursor < 0 || cursor > 1) return;
    c.fillStyle = color("--peak");
    c.fillRect(cursor * width - 0.75, 0, 1.5, height);
}

function levelOf(used: number): number {
    return used > 0 ? Math.min(1 + Math.floor(used * 9), 9) : 0;
}

function Pages({ use, sampled }: { use: PageUse; sampled: boolean }): JSX.Element {
    const held = use.pages * PAGE;
    const most = Math.max(...use.tenths, 1);
    if (!use.pages) return <NotRecorded what="Nothing is live then." />;
    return (
        <>
            <p>
                <b>{bytes(use.bytes)}</b> live on <b>{plural(use.pages, "page")}</b> of 4 KiB, {bytes(held)}: {share(use.bytes, held)} of them used.
                {use.sparse.pages > 0 && (
                    <> {plural(use.sparse.pages, "page")} ({bytes(use.sparse.pages * PAGE)}) {use.sparse.pages === 1 ? "is" : "are"} less than a tenth full, held by{" "}
                    {plural(use.sparse.blocks, "block")} of {bytes(use.sparse.bytes)} in all.</>
                )}
                {sampled && " Counted over the blocks that are listed, which are a sample: pages are at least as full."}
            </p>
            <table class="pivot tenths">
                <thead><tr><th scope="col">full</th><th scope="col">pages</th><th scope="col">share</th></tr></thead>
                <tbody>
                    {use.tenths.map((n, i) => (
                        <tr key={String(i)}>
                            <th scope="row">{i * 10} – {i * 10 + 10} %<Bar value={n} whole={most} /></th>
                            <td>{count(n)}</td>
                            <td>{share(n, use.pages)}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </>
    );
}
