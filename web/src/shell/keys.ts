// Keys for everything. A view's own keys are handled where they are focused; these work everywhere else.
import { signal } from "@preact/signals";
import { model } from "../data/client.ts";
import { termFor } from "../data/query.ts";
import { addFilter, filters, selection, span, view } from "../state.ts";
import { clearTicks, tick, ticked } from "../ticks.ts";
import { views } from "../views/index.ts";
import { paletteOpen } from "./palette.tsx";
import { movedWindow } from "./strip.tsx";

export const helpOpen = signal(false);

export const KEYS: [key: string, what: string][] = [
    ["Ctrl K or /", "search functions, types, variables and commands"],
    ["1 … 9, 0", "the views"],
    ["← → + −", "move and size the window of time"],
    ["Esc", "close; then all of the time"],
    ["f, x", "filter to what is chosen; leave it out"],
    ["r", "remove all filters"],
    ["w, W", "tick what is chosen: what if not; take all ticks away"],
    ["[ ]", "the one before, the next"],
    ["click, Alt, Shift", "inspect; filter to it; leave it out"],
    ["?", "this list"],
];

function isTyping(event: KeyboardEvent): boolean {
    const target = event.target as HTMLElement;
    if (target instanceof HTMLInputElement && target.type === "checkbox") return false;
    return /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) || target.isContentEditable;
}

function filterToSelection(exclude: boolean): void {
    const chosen = selection.value;
    if (chosen?.kind !== "sites" || !model.value) return;
    const id = model.value.table("sites").col("id").num(chosen.id);
    addFilter((exclude ? "-" : "") + termFor("site", id));
}

function tickSelection(): void {
    const chosen = selection.value;
    if (chosen?.kind === "sites") tick([chosen.id], !ticked.value.has(chosen.id));
}

function step(by: number): void {
    const chosen = selection.value;
    const rows = chosen && model.value ? model.value.table(chosen.kind).rows : 0;
    if (chosen && chosen.id + by >= 0 && chosen.id + by < rows)
        selection.value = { kind: chosen.kind, id: chosen.id + by };
}

function escape(): void {
    if (helpOpen.value) helpOpen.value = false;
    else if (selection.value) selection.value = null;
    else span.value = null;
}

function moveWindow(key: string): void {
    const whole = model.value?.duration ?? 1;
    const moved = movedWindow(span.value ?? [0, whole], whole, key);
    if (moved !== undefined) span.value = moved;
}

function act(key: string): boolean {
    const digit = "1234567890".indexOf(key);
    if (digit >= 0 && key.length === 1 && views[digit]) view.value = views[digit].id;
    else if (key === "/") paletteOpen.value = true;
    else if (key === "?") helpOpen.value = !helpOpen.value;
    else if (key === "f" || key === "x") filterToSelection(key === "x");
    else if (key === "r") filters.value = [];
    else if (key === "w") tickSelection();
    else if (key === "W") clearTicks();
    else if (key === "[" || key === "]") step(key === "[" ? -1 : 1);
    else if (key === "Escape") escape();
    else if (["ArrowLeft", "ArrowRight", "+", "=", "-"].includes(key)) moveWindow(key);
    else return false;
    return true;
}

export function followKeys(): void {
    addEventListener("keydown", (event) => {
        if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            paletteOpen.value = !paletteOpen.value;
            return;
        }
        if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
        if (paletteOpen.value || isTyping(event)) return;
        if (act(event.key)) event.preventDefault();
    });
}
