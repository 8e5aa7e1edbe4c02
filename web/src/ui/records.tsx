// Any table of the report by its schema alone: what a later version records shows up here without a view
// of its own.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { bytes, byUnit } from "../data/format.ts";
import type { Model } from "../data/model.ts";
import type { Column, Table } from "../data/table.ts";
import { select, selection } from "../state.ts";
import { Name } from "./bits.tsx";
import { Grid, type GridColumn } from "./grid.tsx";

// A cell of any kind.
export function Value({ model, column, row }: { model: Model; column: Column; row: number }): JSX.Element {
    const { kind, unit } = column.schema;
    if (kind === "stack") {
        const frame = model.blamedFrame(column.num(row));
        return frame < 0 ? <span class="unknown">–</span> : <Name text={model.frame(frame).function ?? "?"} />;
    }
    if (!column.known(row)) return <span class="unknown">–</span>;
    if (kind === "text") return <Name text={column.text(row) ?? ""} />;
    if (kind === "bool") return <span>{column.bool(row) ? "yes" : "no"}</span>;
    const text = byUnit(column.num(row), unit);
    const exact = unit === "bytes" || unit === "ns" ? column.digits(row) : "";
    return <span title={exact}>{text}</span>;
}

// "peak_bytes" as "peak bytes".
export function title(name: string): string {
    return name.replaceAll("_", " ").replace(/ ns$/, "");
}

function isError(column: Column): boolean {
    return column.schema.name.endsWith("_error");
}

// Columns that say something: errors only of estimates, nothing that is unknown in every row.
function worthShowing(column: Column, rows: number): boolean {
    for (let i = 0; i < rows; i++) if (column.known(i)) return true;
    return rows === 0 && !isError(column);
}

function order(table: Table, key: string, descending: boolean): number[] {
    const rows = Array.from({ length: table.rows }, (_, i) => i);
    if (!key) return rows;
    const column = table.col(key);
    const sign = descending ? -1 : 1;
    if (column.schema.kind === "text")
        return rows.sort((a, b) => sign * (column.text(a) ?? "").localeCompare(column.text(b) ?? ""));
    return rows.sort((a, b) => {
        const [x, y] = [column.num(a), column.num(b)];
        if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
        return sign * (x - y);
    });
}

export function Records(props: { model: Model; table: string; columns?: string[] }): JSX.Element {
    const { model } = props;
    const table = model.table(props.table);
    const [sort, setSort] = useState({ key: "", descending: true });
    const rows = useMemo(() => order(table, sort.key, sort.descending), [table, sort]);
    const columns: GridColumn[] = useMemo(
        () =>
            table
                .all()
                .filter((c) => (props.columns ? props.columns.includes(c.schema.name) : true))
                .filter((c) => c.schema.kind !== "list" && worthShowing(c, table.rows))
                .map((c) => ({
                    key: c.schema.name,
                    title: title(c.schema.name),
                    doc: c.schema.doc,
                    width: c.schema.kind === "text" || c.schema.kind === "stack" ? "minmax(140px, 2fr)" : "minmax(96px, 1fr)",
                    right: c.schema.kind === "number" && c.schema.unit !== "id",
                    sortable: c.schema.kind !== "stack",
                })),
        [table],
    );
    const chosen = selection.value?.kind === props.table ? rows.indexOf(selection.value.id) : -1;
    return (
        <Grid
            label={table.schema.doc || props.table}
            columns={columns}
            count={table.rows}
            sort={sort}
            onSort={(key) => setSort({ key, descending: sort.key === key ? !sort.descending : true })}
            cell={(row, key) => <Value model={model} column={table.col(key)} row={rows[row]} />}
            onOpen={(row) => select(props.table, rows[row])}
            selected={chosen}
        />
    );
}

export function exactBytes(value: number): string {
    return Number.isNaN(value) ? "not recorded" : `${bytes(value)} (${value} bytes)`;
}
