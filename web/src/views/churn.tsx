// What is allocated only to be released.
import type { JSX } from "preact";
import type { Model } from "../data/model.ts";
import { type TablePart, Tables } from "../ui/tables.tsx";

const PARTS: TablePart[] = [
    { table: "containers", title: "Containers", empty: "No container was tracked.", how: "Annotate the program: MEMSCOPE_CONTAINER_* of memscope.h." },
];

export function Churn({ model }: { model: Model }): JSX.Element {
    return <Tables model={model} parts={PARTS} />;
}
