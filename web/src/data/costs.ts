// What each site costs by the chosen metric, in the chosen window, of the blocks that the filters mean:
// exact numbers of the report where nothing is chosen, else a count over its rows.
import { effect, signal } from "@preact/signals";
import { filters, type Metric, metric, query, span, theSpan } from "../state.ts";
import { allRead, ask, model, rowsReady } from "./client.ts";
import type { Model } from "./model.ts";
import type { RowFilter, RowMetric, Span } from "./rows.ts";

export interface SiteCosts {
    values: ArrayLike<number>; // by site index, in the unit of the metric
    metric: Metric;
    from: "totals" | "rows"; // totals are all there is; rows may be a sample
    total: number;
    missing?: string; // there are none: why
}

export const siteCosts = signal<SiteCosts | null>(null);

const TOTALS: Partial<Record<Metric, string>> = {
    peak: "peak_bytes",
    end: "live_bytes",
    live: "live_bytes",
    grown: "live_bytes",
    allocated: "bytes_allocated",
    calls: "allocations",
    temporary: "temporary",
};

export const BY_ROWS: Record<Metric, RowMetric> = {
    peak: "live",
    end: "live",
    live: "live",
    grown: "grown",
    churned: "churned",
    allocated: "allocated",
    calls: "allocated",
    temporary: "churned",
};

function sumUp(values: ArrayLike<number>): number {
    let sum = 0;
    for (let i = 0; i < values.length; i++) if (values[i] > 0) sum += values[i];
    return sum;
}

// The moment a metric speaks of, where it is not that of the window.
export function spanOf(m: Model, which: Metric, window: Span): Span {
    if (which === "peak") {
        return [0, m.peakMoment];
    }
    return which === "end" ? [0, Number.MAX_SAFE_INTEGER] : window;
}

export async function costsByRows(m: Model, which: Metric, filter: RowFilter, window: Span) {
    const costs = await ask("costs", filter, spanOf(m, which, window), BY_ROWS[which]);
    return which === "calls" || which === "temporary" ? costs.blocks : costs.bytes;
}

let latest = 0;

async function compute(m: Model, ready: boolean): Promise<void> {
    const mine = ++latest;
    const which = metric.value;
    const timeless = which === "peak" || which === "end" || which === "temporary";
    const whole = (span.value === null || timeless) && filters.value.length === 0;
    const column = TOTALS[which];
    const result: SiteCosts = { values: [], metric: which, from: "totals", total: 0 };
    if (whole && column) {
        result.values = m.table("sites").col(column).numbers;
    } else if (which === "temporary") {
        result.missing = "Which blocks are temporary is counted for whole runs only.";
    } else if (ready) {
        result.from = "rows";
        result.values = await costsByRows(m, which, m.rowFilter(query.value), theSpan.value);
    } else {
        result.missing = allRead.value ? "Single blocks are not in this report." : "Reading blocks …";
    }
    if (mine !== latest) return;
    result.total = sumUp(result.values);
    siteCosts.value = result;
}

export function followCosts(): void {
    effect(() => {
        const m = model.value;
        const ready = rowsReady.value;
        // What it depends on is read here: effects do not see reads behind an await.
        void [allRead.value, metric.value, span.value, filters.value, query.value, theSpan.value];
        if (m) compute(m, ready).catch(() => undefined);
    });
}
