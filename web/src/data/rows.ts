// Questions to the rows of single blocks: which are meant, what do they amount to by site, by time. All
// over typed arrays, a pass or two each; runs in the worker.
import type { Block } from "./heap.ts";
import type { Comparison, NumberTerm } from "./query.ts";
import type { Column, Table } from "./table.ts";
import { errorOfVariance, varianceOf, whatIf, type WhatIf } from "./whatif.ts";

// Which rows are meant.
export interface RowFilter {
    sites: Uint8Array | null; // by site index: 1 where its blocks are meant; null: all
    numbers: NumberTerm[];
    ends: { ends: string[]; not: boolean }[];
}

// A span of time, both in ns.
export type Span = [from: number, to: number];

// How blocks are counted in a span: what is alive at its end, what was born in it and is, what was born
// and died in it, all that was born in it.
export type RowMetric = "live" | "grown" | "churned" | "allocated";

// What rows are grouped by: a group of their site, a number of their own, or the power of two below it.
export type Grouping = { sites: Int32Array } | { column: string; powers?: boolean };

// Of a pivot: both groups, -1 for none, then bytes and blocks, and the variances of these estimates.
export type Cell = [first: number, second: number, bytes: number, blocks: number, bytesVariance: number, blocksVariance: number];

export interface Costs {
    bytes: Float64Array; // by site index
    blocks: Float64Array;
    variance: Float64Array | null; // of the bytes, where rows stand for several blocks; null: sums are exact
}

const COLUMNS = {
    size: "size",
    born: "born_ns",
    died: "died_ns",
    address: "address",
    thread: "thread_id",
    freedby: "freed_by",
    task: "task_id",
    scope: "scope_id",
    site: "site",
} as const;

export class Rows {
    readonly table: Table;
    readonly end: number; // of the recording, ns
    private readonly siteIndex: Uint32Array; // by row
    private readonly sites: number;
    // What every question goes over, in one type each: engines are several times as fast then.
    private readonly born: Float64Array; // and whole times, but in the tick of the peak
    private readonly died: Float64Array; // Infinity: it lives
    private readonly size: Float64Array;
    private readonly weight: Float64Array;
    private readonly sampled: boolean; // some rows stand for several blocks
    private readonly peak: number; // ns
    private readonly atPeak: number = -1; // see settlePeak()

    // `indexOf[id]` is the index of the site with that id.
    // `peak` is when the report has its peak, ns.
    constructor(table: Table, sites: number, indexOf: ArrayLike<number>, end: number, peak = Number.NaN) {
        this.table = table;
        this.sites = sites;
        this.end = end;
        this.peak = peak;
        this.siteIndex = indexed(table.col("site").numbers, indexOf);
        this.born = floats(table.col("born_ns").numbers);
        this.died = deaths(table.col("died_ns").numbers);
        this.size = floats(table.col("size").numbers);
        this.weight = floats(table.col("stands_for").numbers);
        this.sampled = this.weight.some((weight) => weight !== 1);
        if (table.has("births_at_death")) {
            this.born = this.born.slice(); // the table's own stays as it is
            this.atPeak = this.settlePeak(peak);
        }
    }

    // The peak lies between two events of one tick. What came before it in that tick is put half a nanosecond
    // earlier here, so that peakMoment() is between the two, and whole times mean the end of their tick.
    // Returns the row whose birth made it, -1 if none did.
    private settlePeak(peak: number): number {
        const { born, died, size, weight } = this;
        const births = this.table.col("births_at_death").numbers;
        const [low, high] = [lowerBound(born, peak), upperBound(born, peak)];
        const dead = new Float64Array(Math.max(high - low, 0) + 1);
        for (let i = 0; i < high; i++)
            if (died[i] === peak) dead[Math.min(births[i], dead.length - 1)] += size[i] * weight[i];
        let [level, most, row] = [0, 0, low - 1];
        for (let i = low; i < high; i++) {
            level += size[i] * weight[i] - dead[i - low];
            if (level > most) [most, row] = [level, i];
        }
        for (let i = low; i <= row; i++) born[i] -= 0.5;
        for (let i = 0; i <= row; i++) if (died[i] === peak && low + births[i] <= row) died[i] -= 0.5;
        return row;
    }

    // 1 for each row that is meant; null: all are.
    private chosen(filter: RowFilter): Uint8Array | null {
        return filter.sites || filter.numbers.length || filter.ends.length ? this.mask(filter) : null;
    }

    // 1 for each row that is meant.
    mask(filter: RowFilter): Uint8Array {
        const mask = new Uint8Array(this.table.rows).fill(1);
        if (filter.sites) this.keepSites(mask, filter.sites);
        for (const term of filter.numbers) this.keepNumbers(mask, term);
        for (const { ends, not } of filter.ends)
            if (ends[0] === "peak") this.keepAtPeak(mask, not);
            else this.keepEnds(mask, ends, not);
        return mask;
    }

    private keepSites(mask: Uint8Array, sites: Uint8Array): void {
        for (let i = 0; i < mask.length; i++) mask[i] &= sites[this.siteIndex[i]];
    }

    private keepEnds(mask: Uint8Array, ends: string[], not: boolean): void {
        const column = this.table.col("end");
        const wanted = new Set<number>();
        column.texts.forEach((text, i) => {
            if (ends.includes(text)) wanted.add(i + 1);
        });
        for (let i = 0; i < mask.length; i++)
            if (wanted.has(column.numbers[i]) === not) mask[i] = 0;
    }

    private keepAtPeak(mask: Uint8Array, not: boolean): void {
        for (let i = 0; i < mask.length; i++) {
            const live = i <= this.atPeak && this.died[i] >= this.peak;
            if (live === not) mask[i] = 0;
        }
    }

    private keepNumbers(mask: Uint8Array, term: NumberTerm): void {
        const { comparison, value, not } = term;
        const test = comparisons[comparison];
        if (term.field === "life") {
            for (let i = 0; i < mask.length; i++) if (test(this.lived(i), value) === not) mask[i] = 0;
            return;
        }
        const numbers = this.table.col(COLUMNS[term.field]).numbers;
        for (let i = 0; i < mask.length; i++) if (test(numbers[i], value) === not) mask[i] = 0;
    }

    // Until it died, or until the end.
    private lived(i: number): number {
        return Math.ceil(Math.min(this.died[i], this.end)) - Math.ceil(this.born[i]);
    }

    // The rows from `low` up to `high` are born in a span: they are in the order of their births.
    private bornIn([from, to]: Span): [low: number, high: number] {
        return [from > 0 ? lowerBound(this.born, from) : 0, upperBound(this.born, to)];
    }

    costs(filter: RowFilter, span: Span, metric: RowMetric): Costs {
        const bytes = new Float64Array(this.sites);
        const blocks = new Float64Array(this.sites);
        const { size, weight, siteIndex } = this;
        const mask = this.chosen(filter);
        this.each(mask, span, metric, (i) => {
            bytes[siteIndex[i]] += size[i] * weight[i];
            blocks[siteIndex[i]] += weight[i];
        });
        if (!this.sampled) return { bytes, blocks, variance: null };
        const variance = new Float64Array(this.sites);
        this.each(mask, span, metric, (i) => {
            variance[siteIndex[i]] += varianceOf(weight[i]) * size[i] ** 2;
        });
        return { bytes, blocks, variance };
    }

    // Live bytes of groups of sites at the end of each of `buckets` equal times: those that stay until the end, and
    // those that go. `group[site]` is the group of a site, -1: of none.
    series(filter: RowFilter, group: ArrayLike<number>, groups: number, buckets: number, span: Span) {
        const mask = this.chosen(filter);
        const kept = new Float64Array(groups * (buckets + 1));
        const gone = new Float64Array(groups * (buckets + 1));
        const { born, died, size, weight, siteIndex } = this;
        const scale = buckets / Math.max(span[1] - span[0], 1);
        const bucket = (time: number) =>
            Math.min(Math.max(Math.ceil((time - span[0]) * scale - 1e-9) - 1, 0), buckets);
        const [, high] = this.bornIn(span);
        for (let i = 0; i < high; i++) {
            const g = group[siteIndex[i]];
            if (!(g >= 0) || (mask && !mask[i])) continue;
            const lives = died[i] === Infinity;
            const steps = lives ? kept : gone;
            const value = size[i] * weight[i];
            steps[g * (buckets + 1) + bucket(born[i])] += value;
            if (!lives) steps[g * (buckets + 1) + bucket(died[i])] -= value;
        }
        return { kept: addUp(kept, groups, buckets), gone: addUp(gone, groups, buckets) };
    }

    // What blocks cost by two groupings at once: cells that are not empty, as [group, group, bytes, blocks].
    pivot(filter: RowFilter, span: Span, metric: RowMetric, first: Grouping, second: Grouping): Cell[] {
        const mask = this.chosen(filter);
        const [a, b] = [this.groupOf(first), this.groupOf(second)];
        const cells = new Map<string | number, Cell>();
        this.each(mask, span, metric, (i) => {
            const [x, y] = [a(i), b(i)];
            const key = (x + 1) * 2 ** 26 + y + 1;
            let cell = cells.get(key);
            if (!cell) cells.set(key, (cell = [x, y, 0, 0, 0, 0]));
            const [size, weight] = [this.size[i], this.weight[i]];
            cell[2] += size * weight;
            cell[3] += weight;
            cell[4] += varianceOf(weight) * size ** 2;
            cell[5] += varianceOf(weight);
        });
        return [...cells.values()];
    }

    // The peak without the sites of which `left` is 1.
    whatIf(left: Uint8Array): WhatIf {
        const { size, weight } = this;
        const born = floats(this.table.col("born_ns").numbers);
        this.deathRows ??= this.findDeathRows(born);
        return whatIf({ size, weight, born, death: this.deathRows, site: this.siteIndex }, left);
    }

    private deathRows: Uint32Array | undefined;

    // The row before whose birth each block died.
    private findDeathRows(born: Float64Array): Uint32Array {
        const died = this.table.col("died_ns").numbers;
        const births = this.table.col("births_at_death").numbers;
        const rows = new Uint32Array(born.length).fill(born.length);
        for (let i = 0; i < rows.length; i++)
            if (!Number.isNaN(died[i])) rows[i] = Math.min(lowerBound(born, died[i]) + births[i], rows.length);
        return rows;
    }

    // Where the blocks lie that are meant.
    places(filter: RowFilter): Block {
        const { size, born, died } = this;
        const chosen = this.chosen(filter);
        if (!chosen && this.everywhere) return this.everywhere;
        const [address, thread] = [this.table.col("address").numbers, this.table.col("thread_id").numbers];
        const blocks = { address, size, born, died, thread, chosen };
        if (!chosen) this.everywhere = blocks;
        return blocks;
    }

    private everywhere: Block | undefined; // all of them, again and again

    // The group of a row; -1: of none.
    private groupOf(grouping: Grouping): (row: number) => number {
        if ("sites" in grouping) return (row) => grouping.sites[this.siteIndex[row]];
        const { numbers } = this.table.col(grouping.column);
        if (grouping.powers) return (row) => (numbers[row] > 0 ? Math.floor(Math.log2(numbers[row])) : -1);
        return (row) => (Number.isNaN(numbers[row]) ? -1 : numbers[row]);
    }

    // Calls `take` for each row that counts.
    private each(mask: Uint8Array | null, span: Span, metric: RowMetric, take: (row: number) => void): void {
        const { died } = this;
        const [low, high] = this.bornIn(metric === "live" ? [0, span[1]] : span);
        // It counts when it dies within these times.
        const after = metric === "live" || metric === "grown" ? Math.min(span[1], Number.MAX_SAFE_INTEGER) : -1;
        const until = metric === "churned" ? span[1] : Infinity;
        for (let i = low; i < high; i++)
            if ((!mask || mask[i]) && died[i] > after && died[i] <= until) take(i);
    }

    // How live bytes of groups of sites grow: the straight line that fits them best at `steps` moments.
    growth(filter: RowFilter, group: ArrayLike<number>, groups: number, steps: number, span: Span): Growth {
        const { kept, gone } = this.series(filter, group, groups, steps, span);
        const result: Growth = {
            slope: new Float64Array(groups),
            fit: new Float64Array(groups),
            rising: new Float64Array(groups),
            kept,
            gone,
        };
        const seconds = (span[1] - span[0]) / 1e9 / steps;
        for (let g = 0; g < groups; g++) {
            const levels = Array.from({ length: steps }, (_, i) => kept[g * steps + i] + gone[g * steps + i]);
            const line = fitLine(levels);
            result.slope[g] = seconds > 0 ? line.slope / seconds : 0;
            result.fit[g] = line.fit;
            result.rising[g] = shareRising(levels);
        }
        return result;
    }

    // The rows that are meant, in the order of `column`.
    select(filter: RowFilter, column: string, descending: boolean): Uint32Array {
        const mask = this.mask(filter);
        let count = 0;
        for (let i = 0; i < mask.length; i++) count += mask[i];
        const rows = new Uint32Array(count);
        for (let i = 0, n = 0; i < mask.length; i++) if (mask[i]) rows[n++] = i;
        return this.sort(rows, column, descending);
    }

    private keys(column: string): ArrayLike<number> {
        if (column !== "life") return this.table.col(column).numbers;
        return Float64Array.from(this.born, (_, i) => this.lived(i));
    }

    // Ties keep the order of births; what is not known comes last.
    private sort(rows: Uint32Array, column: string, descending: boolean): Uint32Array {
        if (column === "born_ns") return descending ? rows.reverse() : rows;
        const keys = this.keys(column);
        return sortPacked(rows, keys, descending) ?? sortCompared(rows, keys, descending);
    }

    // What a set of rows amounts to, and the standard errors of that; NaN: it is exact.
    total(rows: Uint32Array): { bytes: number; blocks: number; bytesError: number; blocksError: number } {
        const { size, weight } = this;
        const sums = { bytes: 0, blocks: 0 };
        const variances = { bytes: 0, blocks: 0 };
        for (const row of rows) {
            sums.bytes += size[row] * weight[row];
            sums.blocks += weight[row];
            variances.bytes += varianceOf(weight[row]) * size[row] ** 2;
            variances.blocks += varianceOf(weight[row]);
        }
        return { ...sums, bytesError: errorOfVariance(variances.bytes), blocksError: errorOfVariance(variances.blocks) };
    }

    // Every column of some rows.
    page(rows: ArrayLike<number>): Record<string, number[]> {
        const page: Record<string, number[]> = { row: Array.from(rows) };
        for (const column of this.table.all())
            page[column.schema.name] = Array.from(rows, (row) => column.numbers[row]);
        return page;
    }

    // Dead blocks by lifetime and size: cell [x + y * width]. A step along an axis is a power of `factor`
    // above `lowest`.
    grid(filter: RowFilter, width: number, height: number, lowest: Axes, factor: Axes) {
        const mask = this.chosen(filter);
        const blocks = new Float64Array(width * height);
        const bytes = new Float64Array(width * height);
        const { born, died, size, weight } = this;
        for (let i = 0; i < died.length; i++) {
            if ((mask && !mask[i]) || died[i] === Infinity) continue;
            const x = step(died[i] - born[i], lowest.life, factor.life, width);
            const y = step(size[i], lowest.size, factor.size, height);
            blocks[x + y * width] += weight[i];
            bytes[x + y * width] += size[i] * weight[i];
        }
        return { blocks, bytes };
    }
}

// Loops, for `from` with a function takes ten times as long.
function indexed(ids: ArrayLike<number>, indexOf: ArrayLike<number>): Uint32Array {
    const result = new Uint32Array(ids.length);
    for (let i = 0; i < ids.length; i++) result[i] = indexOf[ids[i]];
    return result;
}

function deaths(times: ArrayLike<number>): Float64Array {
    const result = new Float64Array(times);
    for (let i = 0; i < result.length; i++) if (Number.isNaN(result[i])) result[i] = Infinity;
    return result;
}

function floats(numbers: ArrayLike<number>): Float64Array {
    return numbers instanceof Float64Array ? numbers : new Float64Array(numbers);
}

// The first index whose value is not below `value`.
function lowerBound(sorted: Float64Array, value: number): number {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (sorted[middle] < value) low = middle + 1;
        else high = middle;
    }
    return low;
}

// The first index whose value is above `value`.
function upperBound(sorted: Float64Array, value: number): number {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (sorted[middle] <= value) low = middle + 1;
        else high = middle;
    }
    return low;
}

// Key and row in one number: to sort plain numbers is several times as fast as with a comparison. Null
// where they do not fit into 53 bits.
function sortPacked(rows: Uint32Array, keys: ArrayLike<number>, descending: boolean): Uint32Array | null {
    let most = 0;
    let whole = true; // thousands, as times are that are known to the microsecond
    for (const row of rows) {
        const key = keys[row];
        if (Number.isNaN(key)) continue;
        if (key < 0 || key % 1 !== 0) return null;
        if (key > most) most = key;
        if (key % 1000 !== 0) whole = false;
    }
    const scale = whole ? 1000 : 1;
    const room = keys.length;
    if ((most / scale + 2) * room > Number.MAX_SAFE_INTEGER) return null;
    const packed = Float64Array.from(rows, (row) => {
        const key = keys[row];
        const rank = Number.isNaN(key) ? most / scale + 1 : (descending ? most - key : key) / scale;
        return rank * room + row;
    });
    return Uint32Array.from(packed.sort(), (value) => value % room);
}

function sortCompared(rows: Uint32Array, keys: ArrayLike<number>, descending: boolean): Uint32Array {
    const sign = descending ? -1 : 1;
    return rows.sort((a, b) => {
        const x = keys[a];
        const y = keys[b];
        if (x === y) return a - b;
        if (Number.isNaN(x)) return Number.isNaN(y) ? a - b : 1;
        return Number.isNaN(y) ? -1 : (x - y) * sign;
    });
}

export interface Axes {
    life: number; // ns, or a factor
    size: number; // bytes, or a factor
}

export interface Growth {
    slope: Float64Array; // bytes per second
    fit: Float64Array; // R squared: 1 where all moments are on the line
    rising: Float64Array; // share of the moments at which more is live than ever before
    kept: Float64Array; // as series() has them
    gone: Float64Array;
}

// The least-squares line through values at even distances.
export function fitLine(values: number[]): { slope: number; fit: number } {
    const n = values.length;
    const middle = (n - 1) / 2;
    const mean = values.reduce((a, b) => a + b, 0) / Math.max(n, 1);
    let xx = 0;
    let xy = 0;
    let yy = 0;
    values.forEach((value, i) => {
        xx += (i - middle) ** 2;
        xy += (i - middle) * (value - mean);
        yy += (value - mean) ** 2;
    });
    if (xx === 0 || yy === 0) return { slope: 0, fit: 0 };
    return { slope: xy / xx, fit: (xy * xy) / (xx * yy) };
}

// Of all moments but the first those that are a new maximum.
export function shareRising(values: number[]): number {
    let most = values[0] ?? 0;
    let rising = 0;
    for (const value of values) {
        if (value > most) rising++;
        most = Math.max(most, value);
    }
    return values.length > 1 ? rising / (values.length - 1) : 0;
}

// The power of `factor` above `lowest` that `value` reaches, within the grid. Powers are compared, for
// logarithms are not exact at the edges.
function step(value: number, lowest: number, factor: number, steps: number): number {
    let reached = 0;
    for (let edge = lowest * factor; value >= edge && reached < steps - 1; edge *= factor) reached++;
    return reached;
}

const comparisons: Record<Comparison, (a: number, b: number) => boolean> = {
    "<": (a, b) => a < b,
    "<=": (a, b) => a <= b,
    ">": (a, b) => a > b,
    ">=": (a, b) => a >= b,
    "=": (a, b) => a === b,
};

// From changes to levels; the change in the extra last bucket is beyond the span.
function addUp(steps: Float64Array, groups: number, buckets: number): Float64Array {
    const levels = new Float64Array(groups * buckets);
    for (let g = 0; g < groups; g++) {
        let level = 0;
        for (let b = 0; b < buckets; b++) {
            level += steps[g * (buckets + 1) + b];
            levels[g * buckets + b] = level;
        }
    }
    return levels;
}

// The index of each id of a column.
export function indexById(column: Column): Uint32Array {
    let most = 0;
    for (const id of column.numbers) most = Math.max(most, id);
    const index = new Uint32Array(most + 1);
    column.numbers.forEach((id, i) => {
        index[id] = i;
    });
    return index;
}
