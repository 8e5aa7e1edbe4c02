import assert from "node:assert/strict";
import { test } from "node:test";
import { checksOf } from "../src/data/checks.ts";
import { Model } from "../src/data/model.ts";
import { Column, type ColumnSchema, type Schema, Table } from "../src/data/table.ts";

type Value = number | string | boolean | null;

// A report of these tables; columns are those of the first row.
function modelOf(tables: Record<string, Record<string, Value>[]>): Model {
    const texts: string[] = [];
    const schema: Schema = { schema: 1, version: "1", blocks: null, tables: {} };
    const built = Object.entries(tables).map(([key, rows]) => {
        const columns = Object.keys(rows[0] ?? {}).map((name) => {
            const first = rows.map((row) => row[name]).find((v) => v !== null);
            const kind: ColumnSchema["kind"] = typeof first === "string" ? "text" : typeof first === "boolean" ? "bool" : "number";
            const numbers = rows.map((row) => {
                const value = row[name];
                if (typeof value === "string") return texts.push(value);
                return value === null ? (kind === "text" ? 0 : Number.NaN) : Number(value);
            });
            return new Column({ name, kind, doc: "" }, { numbers: Float64Array.from(numbers) }, texts);
        });
        schema.tables[key] = { doc: "", list: true, columns: columns.map((c) => c.schema) };
        return new Table(key, schema.tables[key], rows.length, columns);
    });
    return new Model(schema, built, texts);
}

const SUMMARY = { evidence: "recorded", frees: 10, unmatched_frees: 0, unsampled_frees: 0, gap_frees: 0 };
const CAPTURE = { complete: true, truncated: false, gaps: 0, gap_ns: 0, notes: 0, notes_from_ns: null, passports_left_out: 0, "dropped.no_space": 0 };
const PASSPORTS = [{ status: "reclaimed" }, { status: "freed_by_foreign" }];

function outcome(begin: string, summary: Record<string, Value>, capture: Record<string, Value>, more: Record<string, Record<string, Value>[]> = {}) {
    const model = modelOf({ summary: [{ ...SUMMARY, ...summary }], capture: [{ ...CAPTURE, ...capture }], findings: [], ...more });
    return checksOf(model).find((check) => check.name.startsWith(begin))!;
}

test("releases of a whole recording are judged, those of a part of it in part", () => {
    assert.equal(outcome("Releases of what", {}, {}).outcome, "ran");
    assert.equal(outcome("Releases of what", { unmatched_frees: 2 }, {}).outcome, "found");
    for (const less of [{ complete: false }, { truncated: true }, { gaps: 1 }, { "dropped.no_space": 3 }]) {
        const check = outcome("Releases of what", {}, less);
        assert.equal(check.outcome, "part", JSON.stringify(less));
        assert.notEqual(check.how, "");
    }
    assert.match(outcome("Releases of what", { evidence: "estimated", unsampled_frees: 7 }, {}).result, /7 of blocks that were perhaps not sampled cannot be judged/);
});

test("nothing to look at is not the same as nothing found", () => {
    assert.equal(outcome("Blocks that go over", {}, {}).outcome, "not");
    assert.equal(outcome("Blocks that go over", {}, {}, { passports: PASSPORTS }).outcome, "ran");
    assert.equal(outcome("Blocks that go over", {}, { notes_from_ns: 5e6 }, { passports: PASSPORTS }).outcome, "part");
    assert.equal(outcome("Blocks that go over", {}, { passports_left_out: 4 }, { passports: PASSPORTS }).outcome, "part");
    assert.equal(outcome("Blocks that go over", {}, {}, { passports: [{ status: "lost" }] }).outcome, "found");
});

test("who releases is judged as far as it is known", () => {
    const pair = (freed_by: string | null, crosses: boolean) => ({ allocated_by: "a", freed_by, crosses, blocks: 5, bytes: 50 });
    const of = (...module_pairs: Record<string, Value>[]) => outcome("Blocks that one module", {}, {}, { module_pairs }).outcome;
    assert.equal(of(), "not");
    assert.equal(of(pair("a", false)), "ran");
    assert.equal(of(pair("a", false), pair(null, false)), "part");
    assert.equal(of(pair("b", true), pair(null, false)), "found");
});

test("conflicts of borrows are counted although the lives list only some of them", () => {
    const lives = { "variables.history": [{ kind: "borrowed" }, { kind: "returned" }], variables: [{ name: "x" }] };
    assert.equal(outcome("Nothing is borrowed", {}, {}, lives).outcome, "ran");
    const misuses = [{ kind: "something was borrowed to be changed while it was borrowed", count: 40 }];
    const check = outcome("Nothing is borrowed", {}, {}, { ...lives, misuses });
    assert.equal(check.outcome, "found");
    assert.match(check.result, /40 conflicts/);
});

test("what this version does not look for is never said to be well", () => {
    assert.equal(outcome("Use of blocks after", {}, {}).outcome, "not");
    assert.equal(outcome("Use of blocks after", {}, {}, { findings: [{ kind: "use_after_free" }] }).outcome, "found");
});
