// The page starts here: reads what is in the document, and shows it as it comes.
import { render } from "preact";
import type { Model } from "./data/model.ts";
import type { Column } from "./data/table.ts";
import { allRead, ask, damage, model, rowsReady, startReading, unanswered } from "./data/client.ts";
import { followCosts, siteCosts } from "./data/costs.ts";
import { App } from "./shell/app.tsx";
import { followKeys } from "./shell/keys.ts";
import { followTheme } from "./shell/theme.ts";
import { followAddress, toHash } from "./state.ts";
import { answer, followTicks } from "./ticks.ts";

// For tests and for the curious: what the page knows, as plain data.
function state() {
    const m = model.value;
    return {
        hash: toHash(),
        ready: m !== null,
        rows: rowsReady.value,
        read: allRead.value,
        unanswered: unanswered(),
        damage: damage.value,
        whatIf: answer.value && { all: answer.value.all, without: answer.value.without, error: answer.value.error },
        costs: siteCosts.value && { ...siteCosts.value, values: Array.from(siteCosts.value.values) },
    };
}

function plain(m: Model, column: Column, row: number): unknown {
    const { kind } = column.schema;
    if (!column.known(row)) return null;
    if (kind === "text") return column.text(row);
    if (kind === "stack") return m.stack(column.num(row)).map((frame) => frame.function);
    return kind === "bool" ? column.bool(row) : column.num(row);
}

function table(key: string, limit = 100): Record<string, unknown>[] {
    const m = model.value;
    const t = m?.table(key);
    if (!m || !t) return [];
    return Array.from({ length: Math.min(t.rows, limit) }, (_, row) =>
        Object.fromEntries(
            t.all().map((c) => [c.schema.name, plain(m, c, row)]),
        ),
    );
}

Object.assign(window, { memscope: { state, table, ask } });
followTheme();
followAddress();
followKeys();
followCosts();
followTicks();
startReading();
render(<App />, document.getElementById("app")!);
