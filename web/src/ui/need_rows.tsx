// For what is counted over single blocks: they come last, and some reports have none.
import type { ComponentChildren, JSX } from "preact";
import { allRead, rowsReady } from "../data/client.ts";
import type { Model } from "../data/model.ts";
import { NotRecorded } from "./bits.tsx";

export function NeedRows({ model, children }: { model: Model; children: () => ComponentChildren }): JSX.Element {
    if (rowsReady.value) return <>{children()}</>;
    if (model.schema.blocks === null)
        return <NotRecorded what="This report lists no single blocks, which this is counted over." how="Make it from the trace: memscope report TRACE -o report.html" />;
    if (!allRead.value) return <p class="nothing" role="status">Reading blocks …</p>;
    return <NotRecorded what="No single block was recorded." />;
}
