// Who owns what, and who keeps it alive.
import type { JSX } from "preact";
import type { Model } from "../data/model.ts";
import { type TablePart, Tables } from "../ui/tables.tsx";

const PARTS: TablePart[] = [
    { table: "smart_pointers", title: "Counted objects", empty: "No counted object was tracked.", how: "Annotate the program: memscope_rc_*, memscope_arc_* or memscope_ref_changed()." },
    { table: "tasks", title: "Tasks", empty: "No task was begun.", how: "Annotate the program: MEMSCOPE_TASK(name)." },
];

export function Relations({ model }: { model: Model }): JSX.Element {
    return <Tables model={model} parts={PARTS} />;
}
