import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQuery } from "../src/data/query.ts";
import { fitLine, type RowFilter, Rows, shareRising } from "../src/data/rows.ts";
import { Column, Table } from "../src/data/table.ts";

const ENDS = ["live", "freed"];

// [site, size, born, died (-1: lives)]
type Block = [site: number, size: number, born: number, died: number];

function rowsOf(blocks: Block[], weight = 1, birthsAtDeath?: number[], peak?: number): Rows {
    const column = (name: string, kind: "number" | "float" | "text", f: (b: Block) => number) =>
        new Column({ name, kind, doc: "" }, { numbers: Float64Array.from(blocks, f) }, ENDS);
    const columns = [
        column("site", "number", (b) => b[0] + 10),
        column("size", "number", (b) => b[1]),
        column("born_ns", "number", (b) => b[2]),
        column("died_ns", "number", (b) => (b[3] < 0 ? Number.NaN : b[3])),
        column("end", "text", (b) => (b[3] < 0 ? 1 : 2)),
        column("stands_for", "float", () => weight),
    ];
    if (birthsAtDeath)
        columns.push(new Column({ name: "births_at_death", kind: "number", doc: "" }, { numbers: Float64Array.from(birthsAtDeath) }, []));
    const table = new Table("allocations", { doc: "", list: true, columns: [] }, blocks.length, columns);
    const indexOf = Array.from({ length: 20 }, (_, id) => id - 10);
    return new Rows(table, 3, indexOf, 100, peak);
}

// In the order of their births, as the exporter has them.
const BLOCKS: Block[] = [[0, 10, 0, 50], [0, 20, 10, -1], [1, 40, 20, 30], [2, 80, 60, 70], [1, 160, 65, -1]];
const ALL: RowFilter = { sites: null, numbers: [], ends: [] };

const bytes = (rows: Rows, span: [number, number], metric: "live" | "grown" | "churned" | "allocated", filter = ALL) =>
    Array.from(rows.costs(filter, span, metric).bytes);

test("each metric counts the blocks it speaks of", () => {
    const rows = rowsOf(BLOCKS);
    assert.deepEqual(bytes(rows, [0, 25], "live"), [30, 40, 0]);
    assert.deepEqual(bytes(rows, [5, 25], "grown"), [20, 40, 0]);
    assert.deepEqual(bytes(rows, [15, 80], "churned"), [0, 40, 80]);
    assert.deepEqual(bytes(rows, [0, 100], "allocated"), [30, 200, 80]);
    assert.deepEqual(bytes(rows, [0, 100], "live"), [20, 160, 0]);
});

test("a block that dies at a moment is not live then", () => {
    assert.deepEqual(bytes(rowsOf(BLOCKS), [0, 50], "live"), [20, 0, 0]);
});

test("rows count for as many blocks as they stand for", () => {
    assert.deepEqual(bytes(rowsOf(BLOCKS, 2.5), [0, 100], "live"), [50, 400, 0]);
});

test("what stands for several blocks is off by as much as its draw says", () => {
    const sampled = rowsOf(BLOCKS, 3); // each was kept by one chance in three: a variance of 3 * 2
    assert.equal(rowsOf(BLOCKS).costs(ALL, [0, 100], "live").variance, null);
    assert.deepEqual(Array.from(sampled.costs(ALL, [0, 100], "live").variance!), [6 * 20 ** 2, 6 * 160 ** 2, 0]);
    const total = sampled.total(sampled.select(ALL, "born_ns", false).subarray(0, 2));
    assert.deepEqual(total, { bytes: 90, blocks: 6, bytesError: Math.sqrt(6 * (10 ** 2 + 20 ** 2)), blocksError: Math.sqrt(12) });
    assert.ok(Number.isNaN(rowsOf(BLOCKS).total(Uint32Array.of(0, 1)).bytesError));
    const cells = sampled.pivot(ALL, [0, 100], "live", { sites: Int32Array.of(0, 0, 0) }, { column: "end" });
    assert.deepEqual(cells, [[0, 1, 540, 6, 6 * (20 ** 2 + 160 ** 2), 12]]);
});

test("filters leave out what they do not mean", () => {
    const filter = (text: string): RowFilter => {
        const result: RowFilter = { sites: null, numbers: [], ends: [] };
        for (const term of parseQuery(text).terms) {
            if (term.kind === "number") result.numbers.push(term);
            else if (term.kind === "end") result.ends.push(term);
        }
        return result;
    };
    const rows = rowsOf(BLOCKS);
    const total = (text: string) => rows.total(rows.select(filter(text), "born_ns", false)).bytes;
    assert.equal(total("live"), 180);
    assert.equal(total("-live"), 130);
    assert.equal(total("size>=40 dead"), 120);
    assert.equal(total("life<=10"), 120);
    assert.equal(total("-size>20"), 30);
    assert.equal(total("site:10"), 30);
});

test("series hold what is live at the end of each bucket, apart by what stays", () => {
    const { kept, gone } = rowsOf(BLOCKS).series(ALL, [0, 0, 0], 1, 10, [0, 100]);
    assert.deepEqual(Array.from(kept), [20, 20, 20, 20, 20, 20, 180, 180, 180, 180]);
    assert.deepEqual(Array.from(gone), [10, 50, 10, 10, 0, 80, 0, 0, 0, 0]);
});

test("rows are sorted by any column, what is not known last", () => {
    const rows = rowsOf(BLOCKS);
    assert.deepEqual(Array.from(rows.select(ALL, "size", true)), [4, 3, 2, 1, 0]);
    assert.deepEqual(Array.from(rows.select(ALL, "died_ns", false)), [2, 0, 3, 1, 4]);
    assert.deepEqual(Array.from(rows.select(ALL, "life", true)), [1, 0, 4, 2, 3]);
});

test("a straight line fits itself, a flat one has no slope, and noise fits badly", () => {
    assert.deepEqual(fitLine([1, 3, 5, 7]), { slope: 2, fit: 1 });
    assert.deepEqual(fitLine([4, 4, 4]), { slope: 0, fit: 0 });
    assert.deepEqual(fitLine([]), { slope: 0, fit: 0 });
    assert.ok(fitLine([0, 9, 0, 9, 0, 9]).fit < 0.2);
});

test("rising is a new maximum, not a recovery", () => {
    assert.equal(shareRising([1, 2, 3, 4]), 1);
    assert.equal(shareRising([4, 1, 2, 3]), 0);
    assert.equal(shareRising([0, 5, 0, 6, 6]), 0.5);
});

test("growth is in bytes per second", () => {
    const blocks: Block[] = Array.from({ length: 100 }, (_, i) => [0, 10, i + 1, -1]);
    const { slope, fit, rising } = rowsOf(blocks).growth(ALL, [0, -1, -1], 1, 10, [0, 100]);
    assert.equal(Math.round(slope[0]), 10 * 1e9);
    assert.ok(fit[0] > 0.999 && rising[0] === 1);
});

test("the grid has its edges at powers of the factor", () => {
    const blocks: Block[] = [[0, 7, 0, 3], [0, 64, 0, 4], [0, 63, 0, 16], [0, 512, 0, 15], [0, 9, 0, -1]];
    const { blocks: cells } = rowsOf(blocks).grid(ALL, 3, 3, { life: 1, size: 8 }, { life: 4, size: 8 });
    assert.deepEqual(Array.from(cells), [1, 0, 1, 0, 1, 0, 0, 1, 0]);
});

test("sorting by numbers that do not fit into one with their row gives the same order", () => {
    const large: Block[] = BLOCKS.map(([site, size, born, died]) => [site, size * 2 ** 46 + 1, born, died]);
    assert.deepEqual(Array.from(rowsOf(large).select(ALL, "size", true)), [4, 3, 2, 1, 0]);
});

test("a pivot groups by sites and by numbers of the blocks, and its cells add up", () => {
    const cells = rowsOf(BLOCKS).pivot(ALL, [0, 100], "allocated", { sites: Int32Array.of(0, 1, 1) }, { column: "end" });
    const sorted = cells.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    assert.deepEqual(sorted, [[0, 1, 20, 1, 0, 0], [0, 2, 10, 1, 0, 0], [1, 1, 160, 1, 0, 0], [1, 2, 120, 2, 0, 0]]);
    const sizes = rowsOf(BLOCKS).pivot(ALL, [0, 100], "live", { column: "size", powers: true }, { column: "died_ns" });
    assert.deepEqual(sizes, [[4, -1, 20, 1, 0, 0], [7, -1, 160, 1, 0, 0]]);
});

test("the peak is between two events of one tick, whole times are at its end", () => {
    // In the tick 20: 100 dies, 170 is born, which is the peak, 170 dies, 5 is born.
    const blocks: Block[] = [[0, 100, 0, 20], [0, 50, 10, -1], [1, 170, 20, 20], [2, 5, 20, -1]];
    const births = [0, Number.NaN, 1, Number.NaN];
    const rows = rowsOf(blocks, 1, births, 20);
    assert.deepEqual(bytes(rows, [0, 19.75], "live"), [50, 170, 0]);
    assert.deepEqual(bytes(rows, [0, 20], "live"), [50, 0, 5]);
    assert.deepEqual(bytes(rows, [0, 19], "live"), [150, 0, 0]);
    const peak: RowFilter = { sites: null, numbers: [], ends: [{ ends: ["peak"], not: false }] };
    assert.deepEqual(Array.from(rows.select(peak, "born_ns", false)), [1, 2]);
    assert.deepEqual(rows.page([2]).born_ns, [20]);
    const grown = rowsOf(blocks, 1, births, 10); // no birth of that tick came before it
    assert.deepEqual(bytes(grown, [0, 10], "live"), [150, 0, 0]);
    // Without what made the peak it is before that tick; else the order within the tick decides.
    assert.deepEqual(rows.whatIf(Uint8Array.of(0, 0, 1)).without, { bytes: 220, time: 20, row: 2 });
    assert.deepEqual(rows.whatIf(Uint8Array.of(0, 1, 0)).without, { bytes: 150, time: 10, row: 1 });
    assert.deepEqual(rows.whatIf(Uint8Array.of(1, 0, 0)).without, { bytes: 170, time: 20, row: 2 });
});
