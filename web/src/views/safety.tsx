// What is used wrongly: findings, blocks over boundaries, annotations that cannot be.
import type { JSX } from "preact";
import type { Model } from "../data/model.ts";
import { type TablePart, Tables } from "../ui/tables.tsx";

const PARTS: TablePart[] = [
    { table: "findings", title: "Findings", empty: "No detector has found anything.", how: "" },
    { table: "passports", title: "Passports", empty: "No block was handed over a boundary.", how: "Annotate the program: memscope_passport_handover()." },
    { table: "misuses", title: "Misused annotations", empty: "No annotation said what cannot be.", how: "" },
];

export function Safety({ model }: { model: Model }): JSX.Element {
    return <Tables model={model} parts={PARTS} />;
}
