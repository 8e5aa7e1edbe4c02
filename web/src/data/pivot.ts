// What blocks are grouped by: something of their site, or something of their own.
import { bytes } from "./format.ts";
import { framePlace, frameName, type Model } from "./model.ts";
import { termFor } from "./query.ts";
import type { Grouping } from "./rows.ts";

export type Dimension = "place" | "module" | "type" | "variable" | "interface" | "thread" | "task" | "scope" | "size" | "end";

export const DIMENSIONS: Record<Dimension, string> = {
    place: "Place",
    module: "Module",
    type: "Type",
    variable: "Variable",
    interface: "Interface",
    thread: "Thread",
    task: "Task",
    scope: "Scope",
    size: "Size",
    end: "End",
};

export interface Groups {
    grouping: Grouping;
    name: (group: number) => string;
    term: (group: number) => string | null; // a filter to it
}

// Groups of sites by a text of theirs; those without one are a group of their own.
function bySite(model: Model, unknown: string, text: (site: number) => string | null, term: (name: string) => string | null): Groups {
    const names: (string | null)[] = [];
    const numbers = new Map<string | null, number>();
    const group = new Int32Array(model.table("sites").rows);
    for (let site = 0; site < group.length; site++) {
        const name = text(site);
        let number = numbers.get(name);
        if (number === undefined) {
            number = names.push(name) - 1;
            numbers.set(name, number);
        }
        group[site] = number;
    }
    return {
        grouping: { sites: group },
        name: (g) => names[g] ?? unknown,
        term: (g) => (names[g] === null ? null : term(names[g]!)),
    };
}

// Groups by a number of the blocks themselves, which is the id of a record with a name.
function byId(model: Model, column: string, table: string, nameColumn: string, field: string, none: string): Groups {
    const t = model.table(table);
    const names = new Map<number, string | null>();
    for (let row = 0; row < t.rows; row++) names.set(t.col("id").num(row), t.col(nameColumn).text(row));
    return {
        grouping: { column },
        name: (id) => (id < 0 ? none : `${names.get(id) ?? table.replace(/s$/, "")} (${id})`),
        term: (id) => (id < 0 ? null : termFor(field, id)),
    };
}

export function groupsBy(model: Model, dimension: Dimension): Groups {
    const sites = model.table("sites");
    const column = (name: string) => (site: number) => sites.col(name).text(site);
    const frame = (site: number) => (model.blamedFrames()[site] < 0 ? null : model.frame(model.blamedFrames()[site]));
    switch (dimension) {
        case "place":
            return bySite(model, "no stack", (site) => {
                const f = frame(site);
                return f && [frameName(f), framePlace(f)].filter(Boolean).join("  ");
            }, (name) => termFor("function", name.split("  ")[0]));
        case "module":
            return bySite(model, "no stack", (site) => frame(site)?.module ?? null, (name) => termFor("module", name));
        case "type":
            return bySite(model, "type not known", column("type"), (name) => termFor("type", name));
        case "variable":
            return bySite(model, "no name known", column("variable"), (name) => termFor("variable", name));
        case "interface":
            return bySite(model, "not known", column("family"), () => null);
        case "thread":
            return byId(model, "thread_id", "threads", "thread", "thread", "not known");
        case "task":
            return byId(model, "task_id", "tasks", "task", "task", "no task");
        case "scope":
            return byId(model, "scope_id", "scopes", "scope", "scope", "no scope");
        case "size":
            return {
                grouping: { column: "size", powers: true },
                name: (power) => (power < 0 ? "0 B" : `${bytes(2 ** power).replace(".0", "")} …`),
                term: (power) => (power < 0 ? "size=0" : `size>=${2 ** power}`),
            };
        case "end":
            return { grouping: { column: "end" }, name: (text) => model.text(text), term: (text) => `end:${model.text(text)}` };
    }
}
