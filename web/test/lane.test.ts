import assert from "node:assert/strict";
import { test } from "node:test";
import { spread } from "../src/data/lane.ts";

test("moments that are apart lie where they are", () => {
    assert.deepEqual(spread([0, 25, 100], [0, 100], 0.01), [0, 0.25, 1]);
});

test("moments of one tick lie side by side in their order, and stay within", () => {
    const near = (actual: number[], wanted: number[]) => actual.forEach((v, i) => assert.ok(Math.abs(v - wanted[i]) < 1e-9, `${actual}`));
    near(spread([50, 50, 50], [0, 100], 0.1), [0.5, 0.6, 0.7]);
    near(spread([100, 100, 100], [0, 100], 0.1), [0.8, 0.9, 1]);
    near(spread([0, 0, 0], [0, 0], 0.9), [0, 0.5, 1]);
    const many = spread(new Array<number>(200).fill(7), [0, 10], 0.05);
    assert.ok(many.every((v, i) => v >= -1e-9 && v <= 1 && (i === 0 || v > many[i - 1])));
});
