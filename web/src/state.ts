// What the reader has chosen, all of it in the address: a link shows somebody else the same.
//
//      #v=flame&m=grown&t=1200000-9770000&f=thread:3+-module:libc&sel=site:17&q=...
import { batch, computed, effect, signal } from "@preact/signals";
import { model } from "./data/client.ts";
import { parseQuery, splitQuery } from "./data/query.ts";
import type { Span } from "./data/rows.ts";

export const METRICS = {
    peak: { label: "live at the peak", short: "At the peak", unit: "bytes" },
    end: { label: "live at the end", short: "At the end", unit: "bytes" },
    live: { label: "live at the end of the window", short: "Live at t", unit: "bytes" },
    grown: { label: "born in the window and alive at its end", short: "Grown", unit: "bytes" },
    churned: { label: "born and released within the window", short: "Churned", unit: "bytes" },
    allocated: { label: "allocated", short: "Allocated", unit: "bytes" },
    calls: { label: "allocations", short: "Allocations", unit: "count" },
    temporary: { label: "temporary allocations", short: "Temporary", unit: "count" },
} as const;
export type Metric = keyof typeof METRICS;

export interface Selection {
    kind: string; // "site", or the key of a table
    id: number; // index in it
}

export const view = signal("overview");
export const metric = signal<Metric>("peak");
export const span = signal<Span | null>(null); // ns; null: all
export const filters = signal<string[]>([]); // terms of data/query.ts
export const selection = signal<Selection | null>(null);
export const extra = signal<Record<string, string>>({}); // what single views keep: their own keys

export const query = computed(() => parseQuery(filters.value.join(" ")));

export const theSpan = computed<Span>(() => span.value ?? [0, model.value?.duration ?? 1]);

export function addFilter(term: string): void {
    if (!filters.value.includes(term)) filters.value = [...filters.value, term];
}

export function removeFilter(term: string): void {
    filters.value = filters.value.filter((other) => other !== term);
}

export function select(kind: string, id: number): void {
    selection.value = { kind, id };
}

export function setExtra(key: string, value: string): void {
    const others = Object.entries(extra.value).filter(([other]) => other !== key);
    extra.value = Object.fromEntries(value ? [...others, [key, value]] : others);
}

// ---- the address --------------------------------------------------------------------------------

const OWN = new Set(["v", "m", "t", "f", "sel"]);

export function toHash(): string {
    const parts = new URLSearchParams();
    parts.set("v", view.value);
    if (metric.value !== "peak") parts.set("m", metric.value);
    if (span.value) parts.set("t", span.value.map((t) => Math.round(t)).join("-"));
    if (filters.value.length) parts.set("f", filters.value.join(" "));
    if (selection.value) parts.set("sel", `${selection.value.kind}:${selection.value.id}`);
    for (const [key, value] of Object.entries(extra.value)) parts.set(key, value);
    return `#${parts}`;
}

function readSpan(text: string | null): Span | null {
    const [from, to] = (text ?? "").split("-").map(Number);
    return from >= 0 && to > from ? [from, to] : null;
}

function readSelection(text: string | null): Selection | null {
    const match = /^([\w.]+):(\d+)$/.exec(text ?? "");
    return match ? { kind: match[1], id: Number(match[2]) } : null;
}

export function fromHash(hash: string): void {
    const parts = new URLSearchParams(hash.replace(/^#/, ""));
    batch(() => {
        view.value = parts.get("v") ?? "overview";
        const m = parts.get("m") ?? "peak";
        metric.value = Object.hasOwn(METRICS, m) ? (m as Metric) : "peak";
        span.value = readSpan(parts.get("t"));
        filters.value = splitQuery(parts.get("f") ?? "");
        selection.value = readSelection(parts.get("sel"));
        extra.value = Object.fromEntries([...parts].filter(([key]) => !OWN.has(key)));
    });
}

// Another view is a step back in the history, anything else only changes the address.
export function followAddress(): void {
    fromHash(location.hash);
    let shown = view.value;
    effect(() => {
        const hash = toHash();
        if (hash === location.hash) return;
        if (view.value === shown) history.replaceState(null, "", hash);
        else history.pushState(null, "", hash);
        shown = view.value;
    });
    const read = () => {
        shown = new URLSearchParams(location.hash.slice(1)).get("v") ?? "overview";
        fromHash(location.hash);
    };
    addEventListener("popstate", read);
    addEventListener("hashchange", read);
}
