// Where the blocks lie.
import type { JSX } from "preact";
import type { Model } from "../data/model.ts";
import { type TablePart, Tables } from "../ui/tables.tsx";

const PARTS: TablePart[] = [
    { table: "resources", title: "The process", empty: "The process was not sampled.", how: "Record with memscope run, for longer than a tenth of a second." },
];

export function Heap({ model }: { model: Model }): JSX.Element {
    return <Tables model={model} parts={PARTS} />;
}
