import assert from "node:assert/strict";
import { test } from "node:test";
import { allKin, errorOf, foldKin, type Kin, measure, placeKin } from "../src/data/kin.ts";

const fold = (parents: number[], names: string[]) => foldKin(parents, (row) => names[row]);
const text = (kin: Kin): string => `${kin.key}${kin.rows.length}${kin.children.length ? `(${kin.children.map(text).join(" ")})` : ""}`;
const shape = (root: Kin) => root.children.map(text).join(" ");

test("what has one name and comes from one place is one", () => {
    const root = fold([-1, 0, 0, 1, 2, -1], ["main", "job", "job", "part", "part", "other"]);
    measure(root, [1, 10, 20, 100, 200, 7], false);
    assert.equal(shape(root), "main1(job2(part2)) other1");
    const [main, other, job, part] = allKin(root);
    assert.deepEqual([main.total, job.own, job.total, part.total, other.total, root.total], [331, 30, 330, 300, 7, 338]);
});

test("what comes from its own kind again is counted with it, however deep", () => {
    const n = 20000;
    const root = fold(Array.from({ length: n }, (_, i) => i - 1), Array.from({ length: n }, (_, i) => (i % 2 ? "b" : "a")));
    measure(root, new Float64Array(n).fill(1), false);
    assert.equal(shape(root), `a${n / 2}(b${n / 2})`);
    assert.equal(root.total, n);
});

test("of values that hold what is within only the outermost count", () => {
    const root = fold([-1, 0, 1, 0], ["a", "a", "b", "b"]);
    measure(root, [100, 60, 20, 5], true);
    assert.equal(shape(root), "a2(b2)");
    const [a, b] = allKin(root);
    assert.deepEqual([a.total, a.own, b.total], [100, 75, 25]);
});

test("parents that are not there, and rings of them, lose nobody", () => {
    const root = fold([7, 2, 1, 3, -1], ["gone", "x", "y", "self", "z"]);
    assert.equal(allKin(root).reduce((sum, kin) => sum + kin.rows.length, 0), 5);
});

test("boxes do not overlap, the largest are shown, the others counted", () => {
    const parents = [-1, ...new Array<number>(50).fill(0)];
    const root = foldKin(parents, (row) => `n${row}`);
    measure(root, parents.map((_, row) => row), false);
    const { boxes, columns, lines } = placeKin(root, 11);
    assert.equal(columns, 2);
    assert.equal(boxes.length, 12);
    assert.equal(boxes.find((box) => box.rest)?.rest, 40);
    assert.equal(boxes.filter((box) => !box.rest && box.column === 1)[0].kin.rows[0], 50);
    const places = boxes.map((box) => `${box.column} ${box.line}`);
    assert.equal(new Set(places).size, boxes.length);
    assert.equal(lines, 11);
});

test("errors of a sum add up as squares, and exact stays exact", () => {
    assert.equal(errorOf([0, 1, 2], [3, 4, Number.NaN]), 5);
    assert.ok(Number.isNaN(errorOf([2], [3, 4, Number.NaN])));
});
