// What annotations said that cannot be: counted, where, and what it means.
import type { JSX } from "preact";
import { count, duration } from "../../data/format.ts";
import type { Model } from "../../data/model.ts";
import type { Table } from "../../data/table.ts";
import { select, selection } from "../../state.ts";
import { Card, Name, NotRecorded } from "../../ui/bits.tsx";
import { CsvButton, WordsEvidence } from "../../ui/evidence.tsx";
import { Grid, type GridColumn } from "../../ui/grid.tsx";

// By words of src/trace/misuses.def; one that is not here explains itself.
const MEANING: [word: RegExp, why: string][] = [
    [/null pointer/, "Nothing is tracked then: the pointer was not set yet, or its allocation failed."],
    [/untracked that was not/, "It was never tracked, has another address by now, or died with its block."],
    [/task was ended/, "Its end was said twice, or its number is not that of a task: what runs afterwards counts for the wrong one."],
    [/scopes were left/, "A return or a jump left out the end of an inner one: blocks may count for the wrong scope."],
    [/no block was recorded/, "The pointer leads into a block, to memory of another kind, or to a block born before recording."],
    [/borrowed to be changed/, "Two hold it at once and one may change it: what the other reads is not certain."],
    [/on the stack was still tracked/, "Its function returned without untracking it: MEMSCOPE_OWNED ends it where it goes out of scope."],
    [/reference count/, "It was given up once too often, or used after its end: the next owner has a dangling pointer."],
];

const COLUMNS: GridColumn[] = [
    { key: "kind", title: "what is wrong", width: "minmax(220px, 1.5fr)" },
    { key: "name", title: "of whom", width: "minmax(90px, 0.6fr)" },
    { key: "file", title: "where", width: "minmax(140px, 1fr)" },
    { key: "count", title: "times", width: "72px", right: true },
    { key: "first_ns", title: "first at", width: "88px", right: true },
    { key: "why", title: "what it means", width: "minmax(240px, 2fr)" },
];

export function Misuses({ model }: { model: Model }): JSX.Element {
    const t = model.table("misuses");
    const notes = model.one("capture", "notes");
    return (
        <Card title="Annotations that cannot be" aside={t.rows > 0 && <>{count(t.col("count").sum())} <WordsEvidence model={model} /> <CsvButton model={model} table="misuses" /></>}>
            {t.rows > 0 ? (
                <Grid label="Misused annotations" columns={COLUMNS} count={t.rows} fit={t.rows <= 20} cell={(row, key) => <Cell t={t} row={row} column={key} />}
                    selected={selection.value?.kind === "misuses" ? selection.value.id : -1} onOpen={(row) => select("misuses", row)} />
            ) : (
                <NotRecorded what={notes ? `None of ${count(notes)} annotations said what cannot be.` : "The program says nothing of its memory, so nothing that cannot be."} how={notes ? "" : "Annotate it: memscope.h."} />
            )}
        </Card>
    );
}

function Cell({ t, row, column }: { t: Table; row: number; column: string }): JSX.Element {
    const text = (name: string) => t.col(name).text(row);
    switch (column) {
        case "why": {
            const why = MEANING.find(([word]) => word.test(text("kind") ?? ""))?.[1] ?? "";
            return <span title={why}>{why}</span>;
        }
        case "file": {
            const file = text("file");
            const place = file ? `${text("function") ?? ""} ${file.slice(file.lastIndexOf("/") + 1)}:${t.col("line").num(row)}`.trim() : "";
            return place ? <span title={file ?? ""}><Name text={place} /></span> : <span class="unknown">–</span>;
        }
        case "count":
            return <>{count(t.col("count").num(row))}</>;
        case "first_ns":
            return <>{duration(t.col("first_ns").num(row))}</>;
        default:
            return text(column) ? <span title={text(column)!}><Name text={text(column)!} /></span> : <span class="unknown">–</span>;
    }
}
