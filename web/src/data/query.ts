// The one filter language: the query box, the chips of the scope bar and `#...&f=` in the address.
//
//      size>=64k life<1ms type:Node thread:3 live -module:libc "main loop"
//
// Terms are joined by "and"; "-" before one negates it; a bare word is looked for in functions, files,
// variables and types.

export type Comparison = "<" | "<=" | ">" | ">=" | "=";

export interface NumberTerm {
    kind: "number";
    field: NumberField;
    comparison: Comparison;
    value: number;
    not: boolean;
}

export interface TextTerm {
    kind: "text";
    field: TextField;
    text: string;
    not: boolean;
}

export interface EndTerm {
    kind: "end";
    ends: string[];
    not: boolean;
}

export type Term = (NumberTerm | TextTerm | EndTerm) & { source: string };

export const NUMBER_FIELDS = [
    "size", "life", "born", "died", "address", "thread", "freedby", "task", "scope", "site",
] as const;
export type NumberField = (typeof NUMBER_FIELDS)[number];

export const TEXT_FIELDS = ["any", "function", "file", "module", "type", "variable"] as const;
export type TextField = (typeof TEXT_FIELDS)[number];

const ENDS: Record<string, string[]> = {
    live: ["live", "uncertain"],
    leaked: ["live", "uncertain"],
    dead: ["freed", "reallocated", "implied"],
    freed: ["freed"],
    reallocated: ["reallocated"],
    implied: ["implied"],
    uncertain: ["uncertain"],
    peak: ["peak"], // whatever became of them: those that were live at the peak
};

const TIMES = new Set<NumberField>(["life", "born", "died"]);
const TIME_UNITS: Record<string, number> = {
    ns: 1, us: 1e3, "µs": 1e3, ms: 1e6, s: 1e9, min: 6e10, h: 3.6e12,
};
const SIZE_UNITS: Record<string, number> = { "": 1, b: 1, k: 1024, m: 1 << 20, g: 1 << 30 };

// NaN: no number.
function readNumber(field: NumberField, text: string): number {
    if (/^0x[0-9a-f]+$/i.test(text)) return Number.parseInt(text, 16);
    const match = /^(\d+(?:\.\d+)?)([a-zµ]*)$/i.exec(text);
    if (!match) return Number.NaN;
    const unit = match[2].toLowerCase().replace(/^([kmg])i?b$/, "$1");
    const factor = TIMES.has(field) ? TIME_UNITS[unit || "ns"] : SIZE_UNITS[unit];
    return Number(match[1]) * (factor ?? Number.NaN);
}

function unquote(text: string): string {
    return text.replace(/^"(.*?)"?$/, "$1");
}

// One term, or what is wrong with it.
export function parseTerm(source: string): Term | { error: string } {
    const not = source.startsWith("-") && source.length > 1;
    const body = not ? source.slice(1) : source;
    const match = /^([a-z]+)(<=|>=|<|>|=|:)(.*)$/i.exec(body);
    const name = match?.[1].toLowerCase() ?? "";
    const rest = unquote(match?.[3] ?? "");
    if (match && (NUMBER_FIELDS as readonly string[]).includes(name)) {
        const field = name as NumberField;
        const value = readNumber(field, rest);
        if (Number.isNaN(value)) return { error: `"${rest}" is no value of ${field}` };
        const comparison = (match[2] === ":" ? "=" : match[2]) as Comparison;
        return { kind: "number", field, comparison, value, not, source };
    }
    if (match && match[2] === ":" && (TEXT_FIELDS as readonly string[]).includes(name))
        return rest
            ? { kind: "text", field: name as TextField, text: rest.toLowerCase(), not, source }
            : { error: `${name}: of what?` };
    if (match && match[2] === ":" && name === "end") {
        const ends = ENDS[rest];
        return ends ? { kind: "end", ends, not, source } : { error: `no block ends as "${rest}"` };
    }
    if (Object.hasOwn(ENDS, body)) return { kind: "end", ends: ENDS[body], not, source };
    return { kind: "text", field: "any", text: unquote(body).toLowerCase(), not, source };
}

// The terms of a query as they are written, cut at blanks outside of quotes.
export function splitQuery(query: string): string[] {
    return query.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
}

export interface Query {
    terms: Term[];
    errors: string[];
}

export function parseQuery(query: string): Query {
    const result: Query = { terms: [], errors: [] };
    for (const source of splitQuery(query)) {
        const term = parseTerm(source);
        if ("error" in term) result.errors.push(term.error);
        else result.terms.push(term);
    }
    return result;
}

// A term that asks for exactly this; quoted where it has to be.
export function termFor(field: string, value: string | number): string {
    const text = String(value);
    return /^[^\s"]+$/.test(text) ? `${field}:${text}` : `${field}:"${text.replaceAll('"', "")}"`;
}
