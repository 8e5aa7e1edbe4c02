// Which checks of memory safety this report holds: what each looked at, what it found, and what it would
// take to look at more.
import { bytes, count, duration, plural } from "./format.ts";
import type { Model } from "./model.ts";

export type Outcome = "found" | "ran" | "part" | "not";

export const OUTCOMES: Record<Outcome, string> = { found: "found", ran: "ran", part: "in part", not: "not done" };

export interface Check {
    name: string;
    outcome: Outcome;
    result: string; // what it looked at and found, or why it could not
    how: string; // to have it, or all of it; empty: nothing is missing
}

export function checksOf(model: Model): Check[] {
    return [releases(model), crossings(model), passports(model), counts(model), borrows(model), annotations(model), ...detectors(model)];
}

// What was not recorded of the run; empty: nothing is missing.
export function missing(model: Model): string[] {
    const c = (name: string) => model.one("capture", name);
    const reasons: string[] = [];
    const capture = model.table("capture");
    if (model.oneText("summary", "evidence") === "estimated") reasons.push("births were sampled");
    if (c("gaps") > 0) reasons.push(`recording was off for ${duration(c("gap_ns"))}`);
    if (capture.rows && !capture.col("complete").bool(0)) reasons.push("recording did not last from the first allocation to the end");
    if (capture.rows && capture.col("truncated").bool(0)) reasons.push("the trace ends early");
    for (const column of capture.all())
        if (column.schema.name.startsWith("dropped.") && column.num(0) > 0)
            reasons.push(`${count(column.num(0))} lost: ${column.schema.name.slice(8).replaceAll("_", " ")}`);
    return reasons;
}

// ---- releases ---------------------------------------------------------------------------------------

function releases(model: Model): Check {
    const s = (name: string) => model.one("summary", name);
    const reasons = missing(model);
    const unknown = s("unmatched_frees") + s("unsampled_frees") + s("gap_frees");
    const looked = `${plural(s("frees"), "release")} looked at`;
    const open = [s("unsampled_frees") ? `${count(s("unsampled_frees"))} of blocks that were perhaps not sampled` : "",
        s("gap_frees") ? `${count(s("gap_frees"))} of blocks that were perhaps born in a gap` : ""].filter(Boolean);
    const result = s("unmatched_frees")
        ? `${looked}: ${count(s("unmatched_frees"))} of what was not seen born: released twice, never allocated, or born before recording began`
        : unknown ? `${looked}: ${open.join(", ")} cannot be judged` : `${looked}, each of a block that was live`;
    return {
        name: "Releases of what is not live: twice, or never allocated",
        outcome: s("unmatched_frees") ? "found" : reasons.length ? "part" : "ran",
        result: reasons.length ? `${result} (${reasons.join("; ")})` : result,
        how: reasons.length ? "Record every allocation from the start to the end: memscope run --strategy core" : "",
    };
}

function crossings(model: Model): Check {
    const pairs = model.table("module_pairs");
    let [known, all, crossing, size] = [0, 0, 0, 0];
    for (let row = 0; row < pairs.rows; row++) {
        const blocks = pairs.col("blocks").num(row);
        all += blocks;
        if (pairs.col("freed_by").known(row) && pairs.col("allocated_by").known(row)) known += blocks;
        if (!pairs.col("crosses").bool(row)) continue;
        crossing += blocks;
        size += pairs.col("bytes").num(row);
    }
    const name = "Blocks that one module allocates and another releases";
    if (!known) return { name, outcome: "not", result: all ? "Who releases was not recorded" : "No release of a recorded block was seen", how: all ? "Record with stacks: without --no-stacks" : "" };
    const sampled = model.oneText("summary", "evidence") === "estimated";
    const part = known < all || sampled;
    const looked = `${plural(known, "release")}${known < all ? ` of ${count(all)}` : ""}${sampled ? " of sampled blocks" : ""} looked at`;
    return {
        name,
        outcome: crossing ? "found" : part ? "part" : "ran",
        result: crossing ? `${looked}: ${plural(crossing, "block")} of ${bytes(size)} crossed` : `${looked}, none crossed`,
        how: sampled ? "Record every allocation: memscope run --strategy core" : "",
    };
}

// ---- what the program says --------------------------------------------------------------------------

// Words before some moment, or beyond a limit, are not in the report.
function wordsMissing(model: Model, leftOut: string): string {
    const from = model.one("capture", "notes_from_ns");
    const beyond = leftOut ? model.one("capture", leftOut) : 0;
    return [Number.isNaN(from) ? "" : `only what was said from ${duration(from)} on`, beyond > 0 ? `${count(beyond)} beyond the limit are not listed` : ""]
        .filter(Boolean).join("; ");
}

function told(model: Model, check: { name: string; found: number; looked: string; what: string; leftOut: string }): Check {
    const less = wordsMissing(model, check.leftOut);
    return {
        name: check.name,
        outcome: check.found ? "found" : less ? "part" : "ran",
        result: `${check.looked}: ${check.found ? check.what : "nothing wrong"}${less ? ` (${less})` : ""}`,
        how: less ? "Keep all events: without --max-trace, --ring and --aggregate" : "",
    };
}

function rowsWith(model: Model, table: string, holds: (row: number) => boolean): number {
    let n = 0;
    for (let row = 0; row < model.table(table).rows; row++) n += Number(holds(row));
    return n;
}

function passports(model: Model): Check {
    const name = "Blocks that go over a boundary come back, or are freed by who has them";
    const t = model.table("passports");
    if (!t.rows) return { name, outcome: "not", result: "The program said of no block that it goes over a boundary", how: "Annotate it: memscope_passport_handover(), memscope_passport_reclaim()" };
    const is = (word: string) => rowsWith(model, "passports", (row) => t.col("status").text(row) === word);
    const [abroad, freed, lost] = [is("in_foreign_custody"), is("freed_by_foreign"), is("lost")];
    const what = [abroad && `${count(abroad)} still abroad at the end`, lost && `${count(lost)} lost from sight`].filter(Boolean);
    const looked = `${plural(t.rows, "passport")}${freed ? `, ${count(freed)} of them of blocks freed abroad` : ""}`;
    return told(model, { name, found: what.length, looked, what: what.join(", "), leftOut: "passports_left_out" });
}

function counts(model: Model): Check {
    const name = "Reference counts come to nothing, and not below it";
    const t = model.table("smart_pointers");
    if (!t.rows) return { name, outcome: "not", result: "No counted object was tracked", how: "Annotate the program: memscope_rc_*, MEMSCOPE_REF, memscope_ref_changed(); GObjects are followed without" };
    const held = rowsWith(model, "smart_pointers", (row) => t.col("leaked").bool(row));
    const over = rowsWith(model, "smart_pointers", (row) => t.col("over_released").num(row) > 0);
    const early = rowsWith(model, "smart_pointers", (row) => t.col("freed_early").bool(row));
    const what = [held && `${count(held)} never let go`, over && `${count(over)} given up too often`, early && `${count(early)} freed while held`].filter(Boolean);
    return told(model, { name, found: what.length, looked: plural(t.rows, "object"), what: what.join(", "), leftOut: "references_left_out" });
}

function borrows(model: Model): Check {
    const name = "Nothing is borrowed to be changed while it is borrowed";
    const t = model.table("variables.history");
    const is = (words: string[]) => rowsWith(model, "variables.history", (row) => words.includes(t.col("kind").text(row) ?? ""));
    const borrowed = is(["borrowed", "borrowed_mut"]);
    if (!borrowed) return { name, outcome: "not", result: "The program said of nothing that it is borrowed", how: "Annotate it: MEMSCOPE_BORROW(variable), MEMSCOPE_RETURN(variable)" };
    const misuses = model.table("misuses"); // which are counted whether they are listed in a life or not
    let conflicts = 0;
    for (let row = 0; row < misuses.rows; row++)
        if (/borrowed to be changed/.test(misuses.col("kind").text(row) ?? "")) conflicts += misuses.col("count").num(row);
    return told(model, { name, found: conflicts, looked: `${plural(borrowed, "borrow")} listed`, what: plural(conflicts, "conflict"), leftOut: "variables_left_out" });
}

function annotations(model: Model): Check {
    const name = "What the program says of its memory can be";
    const notes = model.one("capture", "notes");
    if (!notes) return { name, outcome: "not", result: "The program says nothing of its memory", how: "Annotate it: memscope.h" };
    const t = model.table("misuses");
    const wrong = t.rows ? t.col("count").sum() : 0;
    return told(model, { name, found: wrong, looked: plural(notes, "annotation"), what: plural(wrong, "misuse"), leftOut: "" });
}

// ---- what only detectors see ------------------------------------------------------------------------

// Kinds of findings that are errors of memory, by what finds them; those that this version cannot look for
// are here all the same, so that nobody takes silence for safety.
const KINDS: [name: string, kinds: string[], instead: string][] = [
    ["Writes and reads behind a block, or before it", ["overflow", "underflow"], "AddressSanitizer or Valgrind"],
    ["Use of blocks after their release", ["use_after_free"], "AddressSanitizer or Valgrind"],
    ["Releases by another function than belongs to the allocation", ["mismatched_free"], "AddressSanitizer or Valgrind"],
    ["Blocks that hold each other alive", ["cycle"], "LeakSanitizer, or memscope_weak where a cycle is known"],
];

export const ERROR_KINDS = new Set([...KINDS.flatMap(([, kinds]) => kinds), "double_free", "invalid_free", "refcount", "boundary"]);

function detectors(model: Model): Check[] {
    const t = model.table("findings");
    return KINDS.map(([name, kinds, instead]) => {
        const n = rowsWith(model, "findings", (row) => kinds.includes(t.col("kind").text(row) ?? ""));
        return n
            ? { name, outcome: "found", result: plural(n, "finding"), how: "" }
            : { name, outcome: "not", result: `memscope ${model.schema.version} reported none, and this recording cannot show that there are none`, how: `Look with ${instead}` };
    });
}
