// The worker: takes the chunks of the page, hands over the tables, keeps the rows of single blocks and
// answers questions about them.
import { heapMap, pageUse, threadMaps } from "./data/heap.ts";
import { type Chunk, Reader } from "./data/reader.ts";
import { type Axes, type Grouping, indexById, type RowFilter, type RowMetric, Rows, type Span } from "./data/rows.ts";
import { spaceOf } from "./data/space.ts";
import type { Column, Schema, Values } from "./data/table.ts";

export interface WireTable {
    key: string;
    rows: number;
    columns: Values[];
}

export type ToWorker =
    | { type: "schema"; schema: Schema }
    | { type: "chunk"; chunk: Chunk }
    | { type: "tables" } // all chunks but those of rows have been sent
    | { type: "end"; rows: number | null }
    | { type: "ask"; id: number; question: keyof Questions; args: unknown[] };

export type FromWorker =
    | { type: "tables"; texts: string[]; tables: WireTable[] }
    | { type: "rows"; rows: number; damage: string[] }
    | { type: "trouble"; what: string }
    | { type: "answer"; id: number; answer: unknown }
    | { type: "failure"; id: number; message: string };

let reader: Reader | undefined;
let rows: Rows | undefined;
let setup: { sites: number; indexOf: Uint32Array; end: number; peak: number } | undefined;
let selected = new Uint32Array();

// What the page may ask; each answer is a copy or handed over.
const questions = {
    costs: (filter: RowFilter, span: Span, metric: RowMetric) =>
        theRows().costs(filter, span, metric),
    series: (
        filter: RowFilter,
        group: Int32Array,
        groups: number,
        buckets: number,
        span: Span,
    ) => theRows().series(filter, group, groups, buckets, span),
    pivot: (
        filter: RowFilter,
        span: Span,
        metric: RowMetric,
        first: Grouping,
        second: Grouping,
    ) => theRows().pivot(filter, span, metric, first, second),
    growth: (
        filter: RowFilter,
        group: Int32Array,
        groups: number,
        steps: number,
        span: Span,
    ) => theRows().growth(filter, group, groups, steps, span),
    whatIf: (left: Uint8Array) => theRows().whatIf(left),
    heapMap: (filter: RowFilter, span: Span, width: number, height: number) =>
        heapMap(theRows().places(filter), span, width, height),
    threadMaps: (filter: RowFilter, span: Span, width: number, height: number, most: number) =>
        threadMaps(theRows().places(filter), span, width, height, most),
    space: (filter: RowFilter, span: Span, most: number) => spaceOf(theRows().places(filter), span, most),
    pageUse: (filter: RowFilter, time: number) => pageUse(theRows().places(filter), time),
    // Keeps the selection here; pages of it are asked for one by one.
    select: (filter: RowFilter, column: string, descending: boolean) => {
        selected = theRows().select(filter, column, descending) as Uint32Array<ArrayBuffer>;
        return { count: selected.length, ...theRows().total(selected) };
    },
    page: (from: number, to: number) => theRows().page(selected.subarray(from, to)),
    grid: (filter: RowFilter, width: number, height: number, lowest: Axes, factor: Axes) =>
        theRows().grid(filter, width, height, lowest, factor),
};

export type Questions = typeof questions;

function theRows(): Rows {
    if (!rows) throw new Error("this report lists no single blocks");
    return rows;
}

function wire(key: string): WireTable {
    const table = reader!.table(key);
    const columns = table.all().map((c: Column) => {
        const values: Values = { numbers: c.numbers };
        return c.exact ? { ...values, exact: c.exact } : values;
    });
    if (key === "sites") setup = { ...setup!, sites: table.rows, indexOf: indexById(table.col("id")) };
    if (key === "program") setup = { ...setup!, end: table.rows ? table.col("duration_ns").num(0) : 0 };
    if (key === "summary") setup = { ...setup!, peak: table.rows ? table.col("peak_time_ns").num(0) : 0 };
    return { key, rows: table.rows, columns };
}

function handOverTables(): void {
    setup = { sites: 0, indexOf: new Uint32Array(), end: 0, peak: 0 };
    const keys = Object.keys(reader!.schema.tables).filter((key) => key !== "allocations");
    const tables = keys.map(wire);
    const buffers = tables.flatMap((t) => t.columns.flatMap((c) => c.numbers.buffer as ArrayBuffer));
    post({ type: "tables", texts: reader!.texts, tables }, [...new Set(buffers)]);
}

function finish(expected: number | null): void {
    reader!.finish(expected);
    const table = reader!.table("allocations");
    if (reader!.schema.blocks !== null && setup && table.schema.columns.length)
        rows = new Rows(table, setup.sites, setup.indexOf, setup.end, setup.peak);
    post({ type: "rows", rows: table.rows, damage: reader!.damage });
}

function answer(id: number, question: keyof Questions, args: unknown[]): void {
    try {
        const ask = questions[question] as (...args: unknown[]) => unknown;
        post({ type: "answer", id, answer: ask(...args) });
    } catch (error) {
        post({ type: "failure", id, message: String(error) });
    }
}

function post(message: FromWorker, transfer: Transferable[] = []): void {
    (self as unknown as Worker).postMessage(message, transfer);
}

async function handle(message: ToWorker): Promise<void> {
    switch (message.type) {
        case "schema":
            reader = new Reader(message.schema);
            break;
        case "chunk":
            await reader!.take(message.chunk);
            break;
        case "tables":
            handOverTables();
            break;
        case "end":
            finish(message.rows);
            break;
        case "ask":
            answer(message.id, message.question, message.args);
            break;
    }
}

// One message after the other: to unpack a chunk takes a while, and their order matters.
let last = Promise.resolve();
self.onmessage = (event: MessageEvent<ToWorker>) => {
    last = last
        .then(() => handle(event.data))
        .catch((error: unknown) => post({ type: "trouble", what: String(error) }));
};
