// For what is counted over single blocks: they come last, and some reports have none, or not all of them.
import type { ComponentChildren, JSX } from "preact";
import { allRead, rowsListed, rowsReady } from "../data/client.ts";
import type { Model } from "../data/model.ts";
import { rowsNotes } from "../data/trust.ts";
import { NotRecorded } from "./bits.tsx";

export function NeedRows({ model, children }: { model: Model; children: () => ComponentChildren }): JSX.Element {
    if (rowsReady.value) return <><RowsNote model={model} />{children()}</>;
    if (model.schema.blocks === null)
        return <NotRecorded what="This report lists no single blocks, which this is counted over: none that is made from JSON does." how="Make it from the trace: memscope report TRACE -o report.html" />;
    if (!allRead.value) return <p class="nothing" role="status">Reading blocks …</p>;
    return <><RowsNote model={model} /><NotRecorded what="No single block was recorded." /></>;
}

// What a sum over single blocks does not say.
export function RowsNote({ model }: { model: Model }): JSX.Element | null {
    const notes = rowsNotes(model, rowsListed.value);
    return notes.length ? <p class="rows-note" role="note">{notes.join(". ")}.</p> : null;
}
