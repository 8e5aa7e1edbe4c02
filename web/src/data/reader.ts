// Chunks come in, tables go out: those of which all chunks have been seen. Runs in the worker.
import { Damage, decodeColumns, decodeTexts, inflate } from "./decode.ts";
import { Column, emptyTable, type Numbers, type Schema, Table, type Values } from "./table.ts";

export interface Chunk {
    table: string;
    rows: number;
    size: number;
    base64: string;
}

const MOST_ROWS = 1 << 20; // of a chunk: columns that are the same in all rows take no room in the file

// The rows of a chunk. A column that is the same in all of them has one number.
interface Group {
    rows: number;
    columns: Values[];
}

export class Reader {
    readonly schema: Schema;
    readonly texts: string[] = [];
    readonly damage: string[] = []; // what could not be read, for people
    private readonly parts = new Map<string, Group[]>();
    private rows = 0;

    constructor(schema: Schema) {
        this.schema = schema;
    }

    async take(chunk: Chunk): Promise<void> {
        try {
            const bytes = await inflate(chunk.base64, chunk.size);
            if (chunk.table === "texts") {
                for (const text of decodeTexts(bytes, chunk.rows)) this.texts.push(text);
                return;
            }
            const schema = this.schema.tables[chunk.table];
            if (!schema) return; // of a later version
            if (!(chunk.rows <= MOST_ROWS)) throw new Damage("has more rows than can be");
            const kinds = schema.columns.map((column) => column.kind);
            const groups = this.parts.get(chunk.table) ?? [];
            groups.push({ rows: chunk.rows, columns: decodeColumns(bytes, chunk.rows, kinds) });
            this.parts.set(chunk.table, groups);
            this.rows += chunk.rows;
        } catch (error) {
            const what = error instanceof Damage ? error.message : String(error);
            this.damage.push(`a part of "${chunk.table}" ${what}`);
        }
    }

    // The table as far as it was read; its chunks are let go.
    table(key: string): Table {
        const schema = this.schema.tables[key];
        const groups = this.parts.get(key);
        if (!schema || !groups) return emptyTable(key, schema);
        this.parts.delete(key);
        const rows = groups.reduce((sum, group) => sum + group.rows, 0);
        const columns = schema.columns.map((column, i) => new Column(column, joinColumn(groups, i, rows), this.texts));
        return new Table(key, schema, rows, columns);
    }

    // To be called at the end of the page: were all rows there?
    finish(expected: number | null): void {
        if (expected === null) this.damage.push("the file ends early");
        else if (expected !== this.rows && !this.damage.length)
            this.damage.push(`${expected - this.rows} rows are missing`);
    }
}

// The smallest array that holds what all of these do.
function arrayFor(parts: Numbers[], rows: number): Numbers {
    const has = (type: new () => Numbers) => parts.some((part) => part instanceof type);
    if (has(Float64Array) || (has(Float32Array) && has(Uint32Array))) return new Float64Array(rows);
    if (has(Float32Array)) return new Float32Array(rows);
    return has(Uint32Array) ? new Uint32Array(rows) : new Uint8Array(rows);
}

// Column `i` of all groups.
function joinColumn(groups: Group[], i: number, rows: number): Values {
    const numbers = arrayFor(groups.map((group) => group.columns[i].numbers), rows);
    const exact = groups.some((group) => group.columns[i].exact) ? new BigUint64Array(rows) : undefined;
    let at = 0;
    for (const group of groups) {
        const values = group.columns[i];
        const digits = exact && (values.exact ?? BigUint64Array.from(values.numbers, toBigInt));
        if (values.numbers.length === 1) {
            numbers.fill(values.numbers[0], at, at + group.rows);
            exact?.fill(digits![0], at, at + group.rows);
        } else {
            numbers.set(values.numbers, at);
            exact?.set(digits!, at);
        }
        at += group.rows;
    }
    return exact ? { numbers, exact } : { numbers };
}

function toBigInt(value: number): bigint {
    return Number.isNaN(value) ? 0n : BigInt(value);
}
