// The tables of a report, as src/export/html.c writes them: columns of numbers, and the texts and
// stacks that they refer to. Everything is described by the schema in the page, which comes from
// records.def: a new field arrives here as a new column without a change of this file.

export type Kind = "number" | "signed" | "float" | "bool" | "text" | "stack" | "list";
export type Unit = "bytes" | "count" | "ns" | "address" | "ratio" | "id";

export interface ColumnSchema {
    name: string;
    kind: Kind;
    unit?: Unit;
    doc: string;
}

export interface TableSchema {
    doc: string;
    list: boolean;
    columns: ColumnSchema[];
}

export interface Schema {
    schema: number;
    version: string;
    blocks: number | null; // what `allocations` stands for; null: no single blocks are listed
    tables: Record<string, TableSchema>;
}

// Large tables keep their numbers in as few bytes as they fit in.
export type Numbers = Float64Array | Float32Array | Uint32Array | Uint8Array;

// The values of a column. Not known is NaN. Numbers beyond 2^53 also stand in `exact`.
export interface Values {
    numbers: Numbers;
    exact?: BigUint64Array;
}

export class Column {
    readonly schema: ColumnSchema;
    readonly numbers: Numbers;
    readonly exact: BigUint64Array | undefined;
    readonly texts: readonly string[];

    constructor(schema: ColumnSchema, values: Values, texts: readonly string[]) {
        this.schema = schema;
        this.numbers = values.numbers;
        this.exact = values.exact;
        this.texts = texts;
    }

    // NaN: not known.
    num(row: number): number {
        return this.numbers[row];
    }

    known(row: number): boolean {
        const value = this.numbers[row];
        const nothing = this.schema.kind === "text" || this.schema.kind === "stack";
        return !Number.isNaN(value) && !(nothing && value === 0);
    }

    text(row: number): string | null {
        return this.texts[this.numbers[row] - 1] ?? null;
    }

    bool(row: number): boolean {
        return this.numbers[row] !== 0;
    }

    // All digits of a number.
    digits(row: number): string {
        return this.exact ? String(this.exact[row]) : String(this.numbers[row]);
    }

    sum(): number {
        let sum = 0;
        for (const value of this.numbers) if (!Number.isNaN(value)) sum += value;
        return sum;
    }
}

export class Table {
    readonly key: string;
    readonly schema: TableSchema;
    readonly rows: number;
    private readonly columns: Map<string, Column>;

    constructor(key: string, schema: TableSchema, rows: number, columns: Column[]) {
        this.key = key;
        this.schema = schema;
        this.rows = rows;
        this.columns = new Map(columns.map((column) => [column.schema.name, column]));
    }

    has(name: string): boolean {
        return this.columns.has(name);
    }

    // A column that the report has for sure; one of a later version may be missing: ask has().
    col(name: string): Column {
        const column = this.columns.get(name);
        if (!column) throw new Error(`table ${this.key} has no column ${name}`);
        return column;
    }

    all(): Column[] {
        return [...this.columns.values()];
    }
}

export function emptyTable(key: string, schema: TableSchema | undefined): Table {
    const known = schema ?? { doc: "", list: true, columns: [] };
    const none = { numbers: new Float64Array(0) };
    return new Table(
        key,
        known,
        0,
        known.columns.map((column) => new Column(column, none, [])),
    );
}
