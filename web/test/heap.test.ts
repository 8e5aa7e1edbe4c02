import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, heapMap, PAGE, pageUse } from "../src/data/heap.ts";

// [address in pages, size in pages, born, died]
function blocksOf(...list: [number, number, number, number][]): Block {
    return {
        address: list.map((b) => b[0] * PAGE),
        size: list.map((b) => b[1] * PAGE),
        born: list.map((b) => b[2]),
        died: list.map((b) => b[3]),
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
