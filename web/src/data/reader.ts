// Chunks come in, tables go out: those of which all chunks have been seen. Runs in the worker.
import { Damage, decodeColumns, decodeTexts, inflate } from "./decode.ts";
import { Column, compact, emptyTable, type Schema, Table, type Values } from "./table.ts";

export interface Chunk {
    table: string;
    rows: number;
    size: number;
    crc: number;
    base64: string;
}

export class Reader {
    readonly schema: Schema;
    readonly texts: string[] = [];
    readonly damage: string[] = []; // what could not be read, for people
    private readonly parts = new Map<string, Values[][]>();
    private rows = 0;

    constructor(schema: Schema) {
        this.schema = schema;
    }

    async take(chunk: Chunk): Promise<void> {
        try {
            const bytes = await inflate(chunk.base64, chunk.size, chunk.crc);
            if (chunk.table === "texts") {
                for (const text of decodeTexts(bytes, chunk.rows)) this.texts.push(text);
                return;
            }
            const schema = this.schema.tables[chunk.table];
            if (!schema) return; // of a later version
            const kinds = schema.columns.map((column) => column.kind);
            const groups = this.parts.get(chunk.table) ?? [];
            groups.push(decodeColumns(bytes, chunk.rows, kinds));
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
        const columns = schema.columns.map(
            (column, i) => new Column(column, join(groups, i), this.texts),
        );
        const rows = groups.reduce((sum, group) => sum + (group[0]?.numbers.length ?? 0), 0);
        return new Table(key, schema, rows, columns);
    }

    // To be called at the end of the page: were all rows there?
    finish(expected: number | null): void {
        if (expected === null) this.damage.push("the file ends early");
        else if (expected !== this.rows && !this.damage.length)
            this.damage.push(`${expected - this.rows} rows are missing`);
    }
}

// Column `i` of all groups, one after the other.
function join(groups: Values[][], i: number): Values {
    const length = groups.reduce((sum, group) => sum + group[i].numbers.length, 0);
    const numbers = new Float64Array(length);
    const exact = groups.some((group) => group[i].exact) ? new BigUint64Array(length) : undefined;
    let at = 0;
    for (const group of groups) {
        const values = group[i];
        numbers.set(values.numbers, at);
        if (exact)
            exact.set(values.exact ?? BigUint64Array.from(values.numbers, toBigInt), at);
        at += values.numbers.length;
    }
    return exact ? { numbers, exact } : { numbers: compact(numbers) };
}

function toBigInt(value: number): bigint {
    return Number.isNaN(value) ? 0n : BigInt(value);
}
