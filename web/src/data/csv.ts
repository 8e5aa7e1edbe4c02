// Tables for other programs: every column by the name it has in the schema, every digit.
import type { Model } from "./model.ts";
import { frameName } from "./model.ts";
import type { Column, Table } from "./table.ts";

export type Cell = string | number | boolean | null;

// A text that a spreadsheet would take for a formula is a name of the program: it stays one.
function quoted(cell: Cell): string {
    if (cell === null) return "";
    if (typeof cell !== "string") return String(cell);
    const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toCsv(rows: Cell[][]): string {
    return rows.map((row) => row.map(quoted).join(",")).join("\n");
}

function plain(model: Model, column: Column, row: number): Cell {
    if (!column.known(row)) return null;
    switch (column.schema.kind) {
        case "text":
            return column.text(row);
        case "bool":
            return column.bool(row);
        case "stack":
            return model.stack(column.num(row)).map(frameName).join(";");
        default:
            return column.digits(row);
    }
}

// Lists are as long as they are: their rows are another table.
export function tableCsv(model: Model, table: Table, rows: ArrayLike<number>): string {
    const columns = table.all();
    return toCsv([
        columns.map((c) => c.schema.name),
        ...Array.from(rows, (row) => columns.map((c) => plain(model, c, row))),
    ]);
}

export function save(name: string, type: string, text: string): void {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
