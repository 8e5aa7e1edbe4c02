// What has changed between named moments.
import type { JSX } from "preact";
import type { Model } from "../data/model.ts";
import { type TablePart, Tables } from "../ui/tables.tsx";

const PARTS: TablePart[] = [
    { table: "snapshots", title: "Named moments", empty: "The program has named no moment.", how: "Annotate the program: memscope_snapshot(label)." },
];

export function Compare({ model }: { model: Model }): JSX.Element {
    return <Tables model={model} parts={PARTS} />;
}
