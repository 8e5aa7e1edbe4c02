// What stays and what grows.
import type { JSX } from "preact";
import type { Model } from "../data/model.ts";
import { type TablePart, Tables } from "../ui/tables.tsx";

const PARTS: TablePart[] = [
    { table: "sites", title: "Sites", empty: "Nothing was allocated.", how: "Record a program that allocates." },
];

export function Leaks({ model }: { model: Model }): JSX.Element {
    return <Tables model={model} parts={PARTS} />;
}
