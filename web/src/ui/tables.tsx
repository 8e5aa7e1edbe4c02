// Some tables of the report one below the other, by their schema: each with its rows, or with what would
// have to be recorded for it.
import type { JSX } from "preact";
import { count } from "../data/format.ts";
import type { Model } from "../data/model.ts";
import { Card, NotRecorded } from "./bits.tsx";
import { Records } from "./records.tsx";

export interface TablePart {
    table: string;
    title: string;
    empty: string; // what was looked for
    how: string; // to have it next time
}

export function Tables({ model, parts }: { model: Model; parts: TablePart[] }): JSX.Element {
    return (
        <>
            {parts.map((part) => {
                const rows = model.table(part.table).rows;
                return (
                    <Card key={part.table} title={part.title} aside={rows ? count(rows) : ""}>
                        {rows ? <Records model={model} table={part.table} /> : <NotRecorded what={part.empty} how={part.how} />}
                    </Card>
                );
            })}
        </>
    );
}
