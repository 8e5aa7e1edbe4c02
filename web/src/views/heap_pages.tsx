// The pages at one moment: each as full as it is, and how many are how full. What is live on a page that is
// nearly empty keeps all of the page.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { address, bytes, count, plural, share } from "../data/format.ts";
import { PAGE, type PageUse } from "../data/heap.ts";
import { Bar, NotRecorded } from "../ui/bits.tsx";
import { Canvas } from "../ui/canvas.tsx";
import { drawCells, latticeFor } from "./heap_draw.ts";

export function Pages({ use, sampled }: { use: PageUse; sampled: boolean }): JSX.Element {
    const held = use.pages * PAGE;
    return (
        <>
            {use.pages ? (
                <p>
                    <b>{bytes(use.bytes)}</b> live on <b>{plural(use.pages, "page")}</b> of 4 KiB, {bytes(held)}: {share(use.bytes, held)} of them used.
                    {use.sparse.pages > 0 && (
                        <> {plural(use.sparse.pages, "page")} ({bytes(use.sparse.pages * PAGE)}) {use.sparse.pages === 1 ? "is" : "are"} less than a tenth full, held by{" "}
                        {plural(use.sparse.blocks, "block")} of {bytes(use.sparse.bytes)} in all.</>
                    )}
                    {sampled && " Counted over the blocks that are listed, which are a sample: pages are at least as full."}
                </p>
            ) : (
                <NotRecorded what="Nothing is live then." />
            )}
            <CellMap use={use} />
            {use.pages > 0 && <Tenths use={use} />}
        </>
    );
}

function CellMap({ use: { cells } }: { use: PageUse }): JSX.Element | null {
    const [hover, setHover] = useState("");
    if (!cells.from.length) return null;
    const per = cells.pages === 1 ? "a page" : `${count(cells.pages)} pages`;
    const onMove = (x: number, y: number, event: PointerEvent) => {
        const box = event.currentTarget as Element;
        const { columns, side } = latticeFor(cells.from.length, box.clientWidth, box.clientHeight);
        const [column, i] = [Math.floor(x / side), Math.floor(y / side) * columns + Math.floor(x / side)];
        if (column >= columns || i >= cells.from.length) setHover("");
        else setHover(`${address(cells.from[i])}: ${share(cells.used[i], 1)} of ${per} live, in ${plural(cells.blocks[i], "block")}`);
    };
    return (
        <>
            <div class="cells">
                <Canvas label={`Each page that is ever used, by address, as full as it is; ${per} to a square. The table below counts them.`}
                    draw={(pen) => drawCells(pen, cells)} onMove={onMove} onLeave={() => setHover("")} />
            </div>
            <p class="legend">{hover || `a square is ${per}, lowest address first; a stronger colour is fuller; a dot is a page that is used at another time only`}</p>
        </>
    );
}

function Tenths({ use }: { use: PageUse }): JSX.Element {
    const most = Math.max(...use.tenths, 1);
    return (
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
    );
}
