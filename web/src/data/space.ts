// Blocks as boxes in a room: time goes to the right, addresses into the depth, sizes upwards.
import { type Block, PAGE, usedPages } from "./heap.ts";

export interface Space {
    count: number; // boxes
    of: number; // blocks that would be: the largest of them are
    boxes: Float32Array; // of each: born, died, address, its depth, height; all from 0 to 1
    kept: Float32Array; // 1: it lives at the end of the run
    most: number; // size of the largest, whose height is 1
}

export const FIELDS = 5;
const THINNEST = 1 / 500;

// Of the blocks that live within `span`, the `most` largest. Addresses nobody uses are left out, as in maps.
export function spaceOf(blocks: Block, span: [number, number], most: number): Space {
    const all: number[] = [];
    for (let i = 0; i < blocks.address.length; i++) {
        if ((blocks.chosen && !blocks.chosen[i]) || Number.isNaN(blocks.address[i])) continue;
        if (blocks.born[i] <= span[1] && blocks.died[i] > span[0]) all.push(i);
    }
    const { size } = blocks;
    const rows = all.length > most ? all.sort((a, b) => size[b] - size[a] || a - b).slice(0, most) : all;
    const pages = usedPages(blocks);
    const largest = rows.reduce((largest, i) => Math.max(largest, size[i]), 0);
    const boxes = new Float32Array(rows.length * FIELDS);
    const time = (t: number) => Math.min(Math.max((t - span[0]) / Math.max(span[1] - span[0], 1), 0), 1);
    rows.forEach((i, n) => {
        const place = (rankOf(pages, Math.floor(blocks.address[i] / PAGE)) + (blocks.address[i] % PAGE) / PAGE) / pages.length;
        const deep = Math.max(size[i] / PAGE / pages.length, THINNEST);
        const high = Math.max(Math.log2(size[i] + 1) / Math.log2(largest + 2), 0.01);
        boxes.set([time(blocks.born[i]), time(blocks.died[i]), place, Math.min(deep, 1 - place + THINNEST), high], n * FIELDS);
    });
    const kept = Float32Array.from(rows, (i) => (blocks.died[i] === Infinity ? 1 : 0));
    return { count: rows.length, of: all.length, boxes, kept, most: largest };
}

// How many values are below `value`.
function rankOf(sorted: Float64Array, value: number): number {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (sorted[middle] < value) low = middle + 1;
        else high = middle;
    }
    return low;
}
