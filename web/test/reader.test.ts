import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { Reader } from "../src/data/reader.ts";
import type { ColumnSchema, Schema } from "../src/data/table.ts";

interface Head {
    base: bigint;
    planes: number[][];
    how?: number;
}

function base64Of(heads: Head[]): { base64: string; size: number } {
    const bytes = new Uint8Array(20 * heads.length + heads.flatMap((head) => head.planes.flat()).length);
    const view = new DataView(bytes.buffer);
    let at = 20 * heads.length;
    heads.forEach(({ base, planes, how }, i) => {
        bytes.set([how ?? 0, planes.length], 20 * i);
        view.setBigUint64(20 * i + 4, 1n, true);
        view.setBigUint64(20 * i + 12, base, true);
        for (const plane of planes) {
            bytes.set(plane, at);
            at += plane.length;
        }
    });
    return { base64: deflateSync(bytes).toString("base64"), size: bytes.length };
}

function readerOf(...names: string[]): Reader {
    const columns = names.map((name): ColumnSchema => ({ name, kind: "number", doc: "" }));
    const schema: Schema = { schema: 1, version: "", blocks: null, tables: { things: { doc: "", list: true, columns } } };
    return new Reader(schema);
}

test("chunks of a table stand one after the other, whatever their numbers fit in", async () => {
    const reader = readerOf("a", "b");
    const large = (1n << 64n) - 1n;
    const chunks: [rows: number, heads: Head[]][] = [
        [2, [{ base: 7n, planes: [] }, { base: 0n, planes: [[1, 2]] }]],
        [3, [{ base: 0n, planes: [[1, 2, 3], [0, 0, 1]] }, { base: 0n, planes: [[0, 9, 10]], how: 2 }]],
        [1, [{ base: 0n, planes: [[5]] }, { base: large, planes: [] }]],
    ];
    for (const [rows, heads] of chunks) await reader.take({ table: "things", rows, ...base64Of(heads) });
    reader.finish(6);
    assert.deepEqual(reader.damage, []);
    const table = reader.table("things");
    assert.equal(table.rows, 6);
    assert.deepEqual(Array.from(table.col("a").numbers), [7, 7, 1, 2, 259, 5]);
    assert.deepEqual(Array.from(table.col("b").numbers), [1, 2, Number.NaN, 8, 9, Number(large)]);
    assert.deepEqual([1, 3, 5].map((row) => table.col("b").digits(row)), ["2", "8", String(large)]);
});

test("a chunk that cannot be is left out, and said", async () => {
    const reader = readerOf("a");
    await reader.take({ table: "things", rows: 2 ** 40, ...base64Of([{ base: 7n, planes: [] }]) });
    await reader.take({ table: "things", rows: 2, ...base64Of([{ base: 7n, planes: [] }]) });
    await reader.take({ table: "things", rows: 2, base64: "eJw=", size: 24 });
    assert.equal(reader.table("things").rows, 2);
    assert.equal(reader.damage.length, 2);
    reader.finish(null);
    assert.match(reader.damage[2], /ends early/);
});
