// What a number rests on, in a word of the report: recorded, derived or estimated; and a table as CSV.
import type { JSX } from "preact";
import { save, tableCsv } from "../data/csv.ts";
import { duration } from "../data/format.ts";
import type { Model } from "../data/model.ts";

const MEANING: Record<string, string> = {
    recorded: "every event behind it was recorded",
    derived: "concluded from what was recorded",
    estimated: "from samples; the error stands beside it",
};

export function Evidence({ word }: { word: string | null }): JSX.Element | null {
    if (!word) return null;
    return <span class={`evidence ${word}`} title={MEANING[word] ?? ""}>{word}</span>;
}

// Of what is counted over blocks and calls.
export function SummaryEvidence({ model }: { model: Model }): JSX.Element | null {
    return <Evidence word={model.oneText("summary", "evidence")} />;
}

// Of what the program said: words are recorded, but of a bounded trace only the last of them are there.
export function WordsEvidence({ model }: { model: Model }): JSX.Element {
    const from = model.one("capture", "notes_from_ns");
    return <>{!Number.isNaN(from) && `only from ${duration(from)} on `}<Evidence word="recorded" /></>;
}

export function CsvButton({ model, table, rows }: { model: Model; table: string; rows?: ArrayLike<number> }): JSX.Element {
    const t = model.table(table);
    const all = rows ?? Array.from({ length: t.rows }, (_, row) => row);
    return (
        <button type="button" class="csv" disabled={!all.length} aria-label={`${table.replaceAll("_", " ")} as CSV`}
            onClick={() => save(`${table}.csv`, "text/csv", tableCsv(model, t, all))}>
            CSV
        </button>
    );
}
