import assert from "node:assert/strict";
import { test } from "node:test";
import { levels } from "../src/data/counts.ts";
import { spellsOf } from "../src/data/custody.ts";

const acts = (...what: string[]) => what.map((w, row) => ({ row, time: 10 * row, what: w, count: Number.NaN }));
const spells = (status: string, whole: boolean, ...what: string[]) => spellsOf(acts(...what), status, whole).map((s) => `${s.from}-${s.to} ${s.custody}`);

test("a block is abroad from its handover until it is taken back, freed or over", () => {
    assert.deepEqual(spells("freed_by_owner", true, "handover", "reclaim", "freed"), ["0-1 abroad", "1-2 home"]);
    assert.deepEqual(spells("freed_by_foreign", true, "handover", "freed_abroad"), ["0-1 abroad"]);
    assert.deepEqual(spells("in_foreign_custody", true, "handover"), ["0-1 abroad"]);
    assert.deepEqual(spells("in_foreign_custody", true, "handover", "handover"), ["0-2 abroad"]);
});

test("what nobody has seen is neither at home nor abroad", () => {
    assert.deepEqual(spells("lost", true, "handover", "reclaim"), ["0-1 abroad", "1-2 unseen"]);
    assert.deepEqual(spells("reclaimed", false, "handover", "reclaim"), ["0-1 abroad", "1-2 unseen"]);
});

test("weak references do not change the count, and a count that is not known keeps the last", () => {
    const act = (what: string, count: number) => ({ row: 0, time: 0, what, count });
    assert.deepEqual(levels([act("ref_new", 1), act("weak", 7), act("ref", 2), act("ref", Number.NaN), act("unref", 1)]), [1, 1, 2, 2, 1]);
});
