import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, heapMap, PAGE, pageUse, threadMaps } from "../src/data/heap.ts";
import { FIELDS, spaceOf } from "../src/data/space.ts";
import { cameraMatrix } from "../src/ui/scene.ts";

// [address in pages, size in pages, born, died]
function blocksOf(...list: [number, number, number, number][]): Block {
    return {
        address: list.map((b) => b[0] * PAGE),
        size: list.map((b) => b[1] * PAGE),
        born: list.map((b) => b[2]),
        died: list.map((b) => b[3]),
        thread: list.map((_, i) => i % 2),
        chosen: null,
    };
}

test("only pages in use make rows, the highest on top, and each is as full as it is", () => {
    const map = heapMap(blocksOf([10, 1, 0, 50], [1000, 0.5, 50, Infinity]), [0, 100], 4, 10);
    assert.deepEqual(map.rows.map((r) => r.from / PAGE), [1000, 10]);
    assert.deepEqual(Array.from(map.used), [0, 0, 0.5, 0.5, 1, 1, 0, 0]);
});

test("more pages than rows share them", () => {
    const map = heapMap(blocksOf([0, 100, 0, Infinity]), [0, 10], 1, 10);
    assert.equal(map.rows.length, 10);
    assert.deepEqual(map.rows[9], { from: 0, to: 10 * PAGE });
    assert.ok(map.used.every((share) => share === 1));
});

test("pages are counted by how full they are at a moment", () => {
    const blocks = blocksOf([0, 0.05, 0, Infinity], [1, 1, 0, 10], [2, 0.5, 5, Infinity], [2.5, 0.25, 5, Infinity]);
    const early = pageUse(blocks, 7);
    assert.equal(early.pages, 3);
    assert.deepEqual(early.tenths, [1, 0, 0, 0, 0, 0, 0, 1, 0, 1]);
    assert.equal(early.sparse.blocks, 1);
    assert.equal(pageUse(blocks, 10).pages, 2);
    assert.equal(pageUse(blocks, 1).pages, 2);
});

test("unknown addresses and no blocks are no rows", () => {
    const blocks = blocksOf([Number.NaN, 1, 0, Infinity]);
    assert.equal(heapMap(blocks, [0, 1], 4, 4).rows.length, 0);
    assert.equal(pageUse(blocks, 1).pages, 0);
});

test("cells are the pages ever used, in order; a hole is one that is empty then", () => {
    const blocks = blocksOf([7, 1, 0, 10], [3, 0.5, 5, Infinity], [3.5, 0.25, 5, 6]);
    const { cells } = pageUse(blocks, 5);
    assert.equal(cells.pages, 1);
    assert.deepEqual(Array.from(cells.from), [3 * PAGE, 7 * PAGE]);
    assert.deepEqual(Array.from(cells.used), [0.75, 1]);
    assert.deepEqual(Array.from(cells.blocks), [2, 1]);
    assert.deepEqual(Array.from(pageUse(blocks, 10).cells.used), [0.5, 0]);
});

test("many pages share cells", () => {
    const { cells } = pageUse(blocksOf([0, 10000, 0, Infinity], [20000, 0.5, 0, Infinity]), 1);
    assert.equal(cells.pages, 3);
    assert.equal(cells.from.length, Math.ceil(10001 / 3));
    assert.ok(cells.used.slice(0, -1).every((share) => share === 1));
    assert.equal(cells.used.at(-1), 0.75); // a full page and half of one
});

test("each thread has a map of what it allocated, those of most bytes first", () => {
    const blocks = blocksOf([1, 1, 0, Infinity], [50, 3, 0, 5], [2, 1, 0, Infinity]);
    const { threads, others } = threadMaps(blocks, [0, 10], 2, 20, 1);
    assert.equal(others, 1);
    assert.deepEqual(threads.map((t) => [t.thread, t.blocks, t.bytes]), [[1, 1, 3 * PAGE]]);
    assert.deepEqual(threads[0].map.rows.map((r) => r.from / PAGE), [52, 51, 50]);
});

test("boxes are where and when their blocks are, the largest if there are too many", () => {
    const blocks = blocksOf([0, 1, 0, 50], [900, 1, 50, Infinity], [1, 0.25, 10, 20]);
    const space = spaceOf(blocks, [0, 100], 2);
    assert.deepEqual([space.count, space.of, space.most], [2, 3, PAGE]);
    const box = (i: number) => Array.from(space.boxes.subarray(i * FIELDS, i * FIELDS + 3));
    assert.deepEqual(box(0), [0, 0.5, 0]);
    assert.deepEqual(box(1).map((v) => Math.round(v * 1000)), [500, 1000, 667]);
    assert.deepEqual(Array.from(space.kept), [0, 1]);
    assert.equal(spaceOf(blocks, [60, 100], 10).count, 1);
    assert.equal(spaceOf(blocksOf(), [0, 1], 5).count, 0);
});

test("the camera sees what is in the middle, and a turn moves it around", () => {
    const project = (m: Float32Array, [x, y, z]: number[]) => {
        const [cx, cy, , w] = [0, 1, 2, 3].map((row) => m[row] * x + m[row + 4] * y + m[row + 8] * z + m[row + 12]);
        return [cx / w, cy / w];
    };
    const near = (a: number[], b: number[]) => a.forEach((value, i) => assert.ok(Math.abs(value - b[i]) < 1e-5, `${a} is not ${b}`));
    near(project(cameraMatrix({ yaw: 1, pitch: 0.4, distance: 5 }, 2), [0, 0, 0]), [0, 0]);
    const front = project(cameraMatrix({ yaw: 0, pitch: 0, distance: 4 }, 1), [1, 0, 0]);
    assert.ok(front[0] > 0 && front[1] === 0);
    near(project(cameraMatrix({ yaw: Math.PI, pitch: 0, distance: 4 }, 1), [1, 0, 0]), [-front[0], 0]);
    const above = project(cameraMatrix({ yaw: 0, pitch: 1, distance: 4 }, 1), [0, 0, 1]);
    assert.ok(above[1] < 0); // what is nearer is lower on the screen
});
