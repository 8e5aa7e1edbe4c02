// What a number of the report rests on: whether it is exact, how far it may be off, and what was not there to
// be counted.
import { bytes, count, duration, within } from "./format.ts";
import { errorOf } from "./kin.ts";
import type { Model } from "./model.ts";

export function isEstimated(model: Model): boolean {
    return model.oneText("summary", "evidence") === "estimated";
}

// Are sums over the `listed` rows those of all blocks?
export function rowsAreAll(model: Model, listed: number): boolean {
    return rowsNotes(model, listed).length === 0;
}

// Why they are not; empty: they are.
export function rowsNotes(model: Model, listed: number): string[] {
    const c = (name: string) => model.one("capture", name);
    const stands = model.schema.blocks ?? listed;
    const notes: string[] = [];
    if (isEstimated(model)) notes.push("Births were sampled: each block that is listed stands for several, and sums are estimates");
    else if (stands > listed) notes.push(`${count(listed)} of ${count(stands)} blocks are listed, the others stand for them: sums are estimates`);
    if (c("events_from_ns") > 0) notes.push(`Blocks that were gone by ${duration(c("events_from_ns"))} are in the totals of sites only, not among those counted here`);
    if (c("thinned_from_ns") >= 0) notes.push(`From ${duration(c("thinned_from_ns"))} on only a sample of the live blocks was kept`);
    if (c("gaps") > 0) notes.push(`Recording was off for ${duration(c("gap_ns"))}: what happened then is concluded from what came later`);
    return notes;
}

// " ± 12.0 KiB" behind a sum over sites; empty: it is exact.
export function siteError(model: Model, column: string, sites: readonly number[], as: (value: number) => string): string {
    const table = model.table("sites");
    const name = `${column}_error`;
    return table.has(name) ? within(errorOf([...sites], table.col(name).numbers), as) : "";
}

// The same of all sites together, of which the summary knows better.
export function totalError(model: Model, column: string, as: (value: number) => string): string {
    return within(model.one("summary", `${column}_error`), as);
}

// "557 ± 169 blocks".
export function counted(value: number, error: number, noun: string): string {
    return `${count(value)}${within(error, count)} ${noun}${Math.round(value) === 1 ? "" : "s"}`;
}

// How it ended and what is missing, for who wants to know what the report can say: name and value.
export function limits(model: Model): [string, string][] {
    const c = (name: string) => model.one("capture", name);
    const facts: [string, string][] = [];
    const add = (name: string, value: string, when: boolean) => {
        if (when) facts.push([name, value]);
    };
    const signal = model.one("program", "exit_signal");
    const status = model.one("program", "exit_status");
    const how = Number.isNaN(signal) ? (Number.isNaN(status) ? "" : ` with status ${status}`) : ` by signal ${signal}`;
    add("ended", `${model.oneText("program", "end") ?? "not known"}${how}`, true);
    add("the trace ends early", `readable up to ${bytes(c("truncated_at"))}`, model.table("capture").rows > 0 && model.table("capture").col("truncated").bool(0));
    add("sampled", c("sample_bytes") > 0 ? `one allocation for ${bytes(c("sample_bytes"))}` : "at several rates", isEstimated(model) && !(c("sample_bytes") === 0));
    add("every event from", `${duration(c("events_from_ns"))} on; before, what they came to`, c("events_from_ns") > 0);
    add("live blocks thinned", `from ${duration(c("thinned_from_ns"))} on, one for ${bytes(c("thinned_rate"))}`, c("thinned_from_ns") >= 0);
    add("recording waited", `for ${duration(c("held_ns"))}, to keep the trace short`, c("held_ns") > 0);
    add("recording was off", `for ${duration(c("gap_ns"))}, ${count(c("gaps"))} times`, c("gaps") > 0);
    add("words of the program", `only from ${duration(c("notes_from_ns"))} on`, c("notes_from_ns") >= 0);
    return facts;
}
