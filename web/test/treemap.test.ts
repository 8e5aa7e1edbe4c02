import assert from "node:assert/strict";
import { test } from "node:test";
import { squarify } from "../src/ui/treemap.tsx";

test("areas are as the values, inside the box, and do not overlap", () => {
    const values = [600, 300, 200, 100, 60, 30, 7, 1];
    const sum = values.reduce((a, b) => a + b);
    const boxes = squarify(values, 300, 200);
    assert.equal(boxes.length, values.length);
    for (const box of boxes) {
        assert.ok(Math.abs(box.width * box.height - (values[box.index] / sum) * 60000) < 1e-6);
        assert.ok(box.x >= -1e-9 && box.y >= -1e-9 && box.x + box.width <= 300 + 1e-6 && box.y + box.height <= 200 + 1e-6);
        for (const other of boxes)
            if (other !== box)
                assert.ok(
                    box.x + box.width <= other.x + 1e-6 || other.x + other.width <= box.x + 1e-6 ||
                    box.y + box.height <= other.y + 1e-6 || other.y + other.height <= box.y + 1e-6,
                );
    }
});

test("nothing has no boxes, and what is nothing has none", () => {
    assert.deepEqual(squarify([], 100, 100), []);
    assert.deepEqual(squarify([0, 0], 100, 100), []);
    assert.deepEqual(squarify([5], 0, 100), []);
    assert.equal(squarify([5, 0], 100, 100).length, 1);
});
