// Which variable, type, module, thread or task uses the memory.
import type { JSX } from "preact";
import type { Model } from "../data/model.ts";
import { type TablePart, Tables } from "../ui/tables.tsx";

const PARTS: TablePart[] = [
    { table: "variable_groups", title: "Variables by place", empty: "No variable was tracked.", how: "Annotate the program: MEMSCOPE_TRACK(variable)." },
    { table: "types", title: "Types", empty: "No types are known.", how: "Build the program with debug information (-g), or track its variables." },
    { table: "threads", title: "Threads", empty: "No thread recorded an event.", how: "" },
    { table: "tasks", title: "Tasks", empty: "No task was begun.", how: "Annotate the program: MEMSCOPE_TASK(name)." },
    { table: "scopes", title: "Scopes", empty: "No scope was entered.", how: "Annotate the program: MEMSCOPE_SCOPE(name)." },
    { table: "modules", title: "Modules", empty: "No module is on a stack.", how: "" },
];

export function Explore({ model }: { model: Model }): JSX.Element {
    return <Tables model={model} parts={PARTS} />;
}
