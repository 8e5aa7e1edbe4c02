import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOf } from "../src/data/growth.ts";
import { fitLine, shareRising } from "../src/data/rows.ts";

const kind = (levels: number[]) => {
    const { slope, fit } = fitLine(levels);
    return kindOf({ slope, fit, rising: shareRising(levels), levels });
};
const times = (f: (i: number) => number) => Array.from({ length: 40 }, (_, i) => f(i));

test("a leak grows, a cache is bounded, a table is kept, work is released", () => {
    assert.equal(kind(times((i) => 100 * i)), "grows");
    assert.equal(kind(times((i) => 1000 * Math.floor(i / 4))), "steps");
    assert.equal(kind(times(() => 5000)), "kept");
    assert.equal(kind(times((i) => Math.min(i * 400, 4000) + (i % 2) * 300)), "kept");
    assert.equal(kind(times((i) => (i < 20 ? 0 : 3000 + (i % 3) * 500))), "bounded");
    assert.equal(kind(times((i) => (i < 35 ? i * 100 : 0))), "released");
    assert.equal(kind(times(() => 0)), "released");
});
