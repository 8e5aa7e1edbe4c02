// Counted objects: how each ended, how its count went, and who holds what was never given back.
import type { Model } from "./model.ts";
import type { Table } from "./table.ts";

export const FATES = {
    over: "given up too often",
    early: "freed while held",
    held: "never let go",
    alive: "held at the end",
    gone: "let go",
} as const;
export type Fate = keyof typeof FATES;

// The worst that is true of it.
export function fateOf(t: Table, row: number): Fate {
    if (t.col("over_released").num(row) > 0) return "over";
    if (t.col("freed_early").bool(row)) return "early";
    if (t.col("leaked").bool(row)) return "held";
    return t.col("died_ns").known(row) ? "gone" : "alive";
}

export interface Act {
    row: number; // in the table of acts
    time: number;
    what: string;
    count: number; // after it; NaN: not known
}

export function actsOf(model: Model, table: string, list: string, row: number): Act[] {
    const { inner, from, to } = model.inner(table, list, row);
    return Array.from({ length: to - from }, (_, i) => ({
        row: from + i,
        time: inner.col("time_ns").num(from + i),
        what: inner.col("what").text(from + i) ?? "",
        count: inner.col("count").num(from + i),
    }));
}

const STRONG = new Set(["ref_new", "ref", "unref", "ref_changed", "freed"]);

// Strong references after each act; weak ones are counted apart and do not change it.
export function levels(acts: Act[]): number[] {
    let level = 0;
    return acts.map((act) => {
        if (STRONG.has(act.what) && !Number.isNaN(act.count)) level = act.count;
        return level;
    });
}
