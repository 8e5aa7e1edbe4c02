// What a report says, as views use it: its tables, its stacks, and the sites they belong to.
import type { Query } from "./query.ts";
import type { RowFilter } from "./rows.ts";
import { emptyTable, type Schema, type Table } from "./table.ts";

export interface Frame {
    index: number;
    function: string | null;
    file: string | null;
    line: number; // NaN: not known
    module: string | null;
    address: number;
    inlined: boolean;
    wrapper: boolean;
    broken: string | null;
}

export class Model {
    readonly schema: Schema;
    private readonly tables: Map<string, Table>;

    private readonly texts: readonly string[];

    constructor(schema: Schema, tables: Table[], texts: readonly string[]) {
        this.schema = schema;
        this.texts = texts;
        this.tables = new Map(tables.map((table) => [table.key, table]));
    }

    // A table without rows where the report has none of that name.
    table(key: string): Table {
        return this.tables.get(key) ?? emptyTable(key, this.schema.tables[key]);
    }

    // A text as columns of rows refer to it: its number + 1.
    text(number: number): string {
        return this.texts[number - 1] ?? "";
    }

    // A value of one of the parts that are single records; NaN: not known.
    one(table: string, column: string): number {
        const t = this.table(table);
        return t.rows && t.has(column) ? t.col(column).num(0) : Number.NaN;
    }

    oneText(table: string, column: string): string | null {
        const t = this.table(table);
        return t.rows && t.has(column) ? t.col(column).text(0) : null;
    }

    private readonly starts = new Map<string, Float64Array>();

    // The rows of an inner list ("history" of "variables") that belong to a record: `from` and up to `to`.
    inner(table: string, list: string, row: number): { inner: Table; from: number; to: number } {
        const key = `${table}.${list}`;
        const inner = this.table(key);
        let starts = this.starts.get(key);
        if (!starts) {
            const counts = this.table(table).col(list).numbers;
            starts = new Float64Array(counts.length + 1);
            for (let i = 0; i < counts.length; i++) starts[i + 1] = starts[i] + counts[i];
            this.starts.set(key, starts);
        }
        const within = (at: number) => Math.min(at, inner.rows); // of a damaged report some are missing
        return { inner, from: within(starts[row]), to: within(starts[row + 1]) };
    }

    get duration(): number {
        return this.one("program", "duration_ns") || 1;
    }

    // A time at which exactly what held the peak is live: see Rows.settlePeak().
    get peakMoment(): number {
        return this.one("summary", "peak_time_ns") - 0.25;
    }

    // ---- stacks -----------------------------------------------------------------------------

    frame(index: number): Frame {
        const frames = this.table("frames");
        return {
            index,
            function: frames.col("function").text(index),
            file: frames.col("file").text(index),
            line: frames.col("line").num(index),
            module: frames.col("module").text(index),
            address: frames.col("address").num(index),
            inlined: frames.col("inlined").bool(index),
            wrapper: frames.col("wrapper").bool(index),
            broken: frames.col("broken").text(index),
        };
    }

    // The node of a stack as records refer to it (number + 1; 0 and NaN: none), or -1.
    nodeOf(stack: number): number {
        if (!(stack > 0)) return -1;
        return this.table("stacks").col("node").num(stack - 1) - 1;
    }

    lifted(stack: number): number {
        return stack > 0 ? this.table("stacks").col("lifted").num(stack - 1) : 0;
    }

    parentOf(node: number): number {
        return this.table("nodes").col("parent").num(node) - 1;
    }

    frameOfNode(node: number): number {
        return this.table("nodes").col("frame").num(node);
    }

    // Innermost first.
    stack(stack: number): Frame[] {
        const frames: Frame[] = [];
        for (let node = this.nodeOf(stack); node >= 0; node = this.parentOf(node))
            frames.push(this.frame(this.frameOfNode(node)));
        return frames;
    }

    // The frame that is to blame for what is allocated there, as src/model/rank.c has it: the innermost
    // that is no allocator wrapper. -1: there is no stack.
    blamedFrame(stack: number): number {
        let node = this.nodeOf(stack);
        for (let left = this.lifted(stack); left > 0 && this.parentOf(node) >= 0; left--)
            node = this.parentOf(node);
        return node < 0 ? -1 : this.frameOfNode(node);
    }

    // ---- sites ------------------------------------------------------------------------------

    private indexOfSite: Map<number, number> | undefined;

    siteIndex(id: number): number {
        if (!this.indexOfSite) {
            this.indexOfSite = new Map();
            const ids = this.table("sites").col("id").numbers;
            for (let i = 0; i < ids.length; i++) this.indexOfSite.set(ids[i], i);
        }
        return this.indexOfSite.get(id) ?? -1;
    }

    private blamed: Int32Array | undefined;

    // The frame to blame of each site, by index.
    blamedFrames(): Int32Array {
        if (!this.blamed) {
            const stacks = this.table("sites").col("stack").numbers;
            this.blamed = Int32Array.from(stacks, (stack) => this.blamedFrame(stack));
        }
        return this.blamed;
    }

    siteName(index: number): string {
        return frameName(this.blamedFrames()[index] < 0 ? null : this.frame(this.blamedFrames()[index]));
    }

    // ---- filters ----------------------------------------------------------------------------

    // 1 for each node with a frame, on the way to it, in whose `columns` the text is.
    private nodesWith(text: string, columns: string[]): Uint8Array {
        const frames = this.table("frames");
        const found = new Uint8Array(frames.rows);
        for (const name of columns) {
            const column = frames.col(name);
            for (let i = 0; i < frames.rows; i++)
                if (column.text(i)?.toLowerCase().includes(text)) found[i] = 1;
        }
        const nodes = this.table("nodes");
        const parent = nodes.col("parent").numbers;
        const frame = nodes.col("frame").numbers;
        const result = new Uint8Array(nodes.rows);
        for (let i = 0; i < nodes.rows; i++)
            result[i] = found[frame[i]] | (parent[i] ? result[parent[i] - 1] : 0);
        return result;
    }

    private sitesWith(field: string, text: string): Uint8Array {
        const sites = this.table("sites");
        const mask = new Uint8Array(sites.rows);
        const own = field === "any" ? ["type", "variable"] : [field];
        for (const name of own.filter((n) => n === "type" || n === "variable"))
            for (let i = 0; i < sites.rows; i++)
                if (sites.col(name).text(i)?.toLowerCase().includes(text)) mask[i] = 1;
        const inFrames = field === "any" ? ["function", "file"] : [field];
        const columns = inFrames.filter((n) => n === "function" || n === "file" || n === "module");
        if (columns.length) {
            const nodes = this.nodesWith(text, columns);
            const stacks = sites.col("stack").numbers;
            for (let i = 0; i < sites.rows; i++) {
                const node = this.nodeOf(stacks[i]);
                if (node >= 0 && nodes[node]) mask[i] = 1;
            }
        }
        return mask;
    }

    // The rows that a query means.
    rowFilter(query: Query): RowFilter {
        const filter: RowFilter = { sites: null, numbers: [], ends: [] };
        for (const term of query.terms) {
            if (term.kind === "number") filter.numbers.push(term);
            else if (term.kind === "end") filter.ends.push(term);
            else {
                const mask = this.sitesWith(term.field, term.text);
                filter.sites ??= new Uint8Array(mask.length).fill(1);
                for (let i = 0; i < mask.length; i++) filter.sites[i] &= mask[i] ^ (term.not ? 1 : 0);
            }
        }
        return filter;
    }
}

export function frameName(frame: Frame | null): string {
    if (!frame) return "(no stack)";
    if (frame.function) return frame.function;
    return `${frame.module ?? "unknown"}+0x${(frame.address || 0).toString(16)}`;
}

// "parse.c:120"; with the whole path if `full`. Empty where it is not known.
export function framePlace(frame: Frame | null, full = false): string {
    if (!frame?.file) return "";
    const file = full ? frame.file : frame.file.slice(frame.file.lastIndexOf("/") + 1);
    return Number.isNaN(frame.line) ? file : `${file}:${frame.line}`;
}
