import assert from "node:assert/strict";
import { test } from "node:test";
import { fromRanges, toRanges } from "../src/data/ranges.ts";

test("numbers become ranges and come back", () => {
    assert.equal(toRanges([9, 3, 7, 8, 0]), "0_3_7-9");
    assert.equal(toRanges([]), "");
    assert.deepEqual([...fromRanges("0_3_7-9", 100)], [0, 3, 7, 8, 9]);
});

test("what is no range, or too many, is left out", () => {
    assert.deepEqual([...fromRanges("x_5-_-3_1e9_2-1_4", 100)], [4]);
    assert.deepEqual([...fromRanges("2-99999999999999", 5)], [2, 3, 4]);
    assert.deepEqual([...fromRanges("7", 5)], []);
});
