// Rows of a table in the order of one of its columns, and what the window of time leaves of them.
import { useMemo, useState } from "preact/hooks";
import type { Span } from "../data/rows.ts";
import type { Table } from "../data/table.ts";
import { filters, span } from "../state.ts";

export interface Sort {
    key: string;
    descending: boolean;
}

// By a number, or a text; what is not known comes last.
export function sortRows(rows: number[], table: Table, sort: Sort): number[] {
    const column = table.col(sort.key);
    const sign = sort.descending ? -1 : 1;
    const texts = column.schema.kind === "text";
    return [...rows].sort((a, b) => {
        const [x, y] = [column.known(a), column.known(b)];
        if (!x || !y) return Number(!x) - Number(!y) || a - b;
        const order = texts ? column.text(a)!.localeCompare(column.text(b)!) : column.num(a) - column.num(b);
        return sign * order || a - b;
    });
}

export function useSorted(rows: number[], table: Table, first: Sort) {
    const [sort, setSort] = useState(first);
    const sorted = useMemo(() => sortRows(rows, table, sort), [rows, table, sort]);
    const onSort = (key: string) => setSort({ key, descending: sort.key === key ? !sort.descending : true });
    return { sorted, sort, onSort };
}

// Those whose life touches the window; one that is not over lasts until the end.
export function rowsWithin(table: Table, born: string, died: string, window: Span | null): number[] {
    const [from, to] = [table.col(born).numbers, table.col(died).numbers];
    const all = Array.from({ length: table.rows }, (_, row) => row);
    return window ? all.filter((row) => from[row] <= window[1] && !(to[row] < window[0])) : all;
}

// What the scope bar does to a view of what the program said: the window counts, filters of blocks do not.
export function scopeNote(): string {
    const notes = [];
    if (span.value) notes.push("only what was alive in the window of time; its numbers are of its whole life");
    if (filters.value.length) notes.push("filters of blocks do not apply here");
    return notes.join("; ");
}
