// Ctrl-K: every view, command and name of the report by a few letters.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Model } from "../data/model.ts";
import { termFor } from "../data/query.ts";
import { addFilter, filters, METRICS, type Metric, metric, select, span, view } from "../state.ts";
import { Name } from "../ui/bits.tsx";
import { views } from "../views/index.ts";
import { toggleTheme } from "./theme.ts";

export const paletteOpen = signal(false);

interface Entry {
    text: string;
    what: string;
    run: () => void;
}

const SHOWN = 40;

function commands(): Entry[] {
    const go = views.map((v) => ({ text: v.title, what: "view", run: () => { view.value = v.id; } }));
    const count = (Object.keys(METRICS) as Metric[]).map((m) => ({
        text: `Count ${METRICS[m].label}`,
        what: "metric",
        run: () => { metric.value = m; },
    }));
    return [
        ...go,
        ...count,
        { text: "All of the time", what: "command", run: () => { span.value = null; } },
        { text: "Remove all filters", what: "command", run: () => { filters.value = []; } },
        { text: "Switch between light and dark", what: "command", run: toggleTheme },
        { text: "Print", what: "command", run: () => print() },
    ];
}

// Each name of a column once, with what choosing it does.
function names(model: Model, table: string, column: string, what: string, run: (name: string, row: number) => void): Entry[] {
    const t = model.table(table);
    if (!t.has(column)) return [];
    const seen = new Set<string>();
    const entries: Entry[] = [];
    for (let row = 0; row < t.rows; row++) {
        const text = t.col(column).text(row);
        if (!text || seen.has(text)) continue;
        seen.add(text);
        entries.push({ text, what, run: () => run(text, row) });
    }
    return entries;
}

function allEntries(model: Model): Entry[] {
    const filterBy = (field: string) => (name: string) => addFilter(termFor(field, name));
    const show = (table: string) => (_: string, row: number) => select(table, row);
    return [
        ...commands(),
        ...names(model, "variables", "name", "variable", show("variables")),
        ...names(model, "types", "name", "type", filterBy("type")),
        ...names(model, "threads", "thread", "thread", show("threads")),
        ...names(model, "tasks", "task", "task", show("tasks")),
        ...names(model, "modules", "module", "module", filterBy("module")),
        ...names(model, "frames", "function", "function", filterBy("function")),
        ...names(model, "frames", "file", "file", filterBy("file")),
    ];
}

// How well an entry fits: lower is better, -1 not at all.
export function score(text: string, wanted: string): number {
    const at = text.toLowerCase().indexOf(wanted);
    if (at < 0) return -1;
    return at === 0 ? text.length : 1000 + at + text.length;
}

function find(entries: Entry[], wanted: string): Entry[] {
    const text = wanted.trim().toLowerCase();
    if (!text) return entries.slice(0, SHOWN);
    return entries
        .map((entry) => ({ entry, score: score(entry.text, text) }))
        .filter((found) => found.score >= 0)
        .sort((a, b) => a.score - b.score)
        .slice(0, SHOWN)
        .map((found) => found.entry);
}

export function Palette({ model }: { model: Model }): JSX.Element | null {
    return paletteOpen.value ? <OpenPalette model={model} /> : null;
}

function OpenPalette({ model }: { model: Model }): JSX.Element {
    const [wanted, setWanted] = useState("");
    const [cursor, setCursor] = useState(0);
    const dialog = useRef<HTMLDialogElement>(null);
    const entries = useMemo(() => allEntries(model), [model]);
    const found = find(entries, wanted);
    useEffect(() => dialog.current!.showModal(), []);

    const close = () => {
        paletteOpen.value = false;
    };
    const run = (entry: Entry | undefined) => {
        close();
        entry?.run();
    };
    const onKey = (event: KeyboardEvent) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step) {
            event.preventDefault();
            setCursor(Math.min(Math.max(cursor + step, 0), found.length - 1));
        } else if (event.key === "Enter") {
            event.preventDefault();
            run(found[cursor]);
        }
    };
    return (
        <dialog ref={dialog} class="palette" aria-label="Search" onClose={close} onClick={(e) => e.target === dialog.current && close()}>
            <input
                type="text"
                role="combobox"
                aria-expanded="true"
                aria-controls="found"
                aria-activedescendant={`found-${cursor}`}
                aria-label="Search functions, types, variables and commands"
                placeholder="Functions, types, variables, commands"
                spellcheck={false}
                value={wanted}
                onInput={(event) => { setWanted(event.currentTarget.value); setCursor(0); }}
                onKeyDown={onKey}
            />
            <div id="found" role="listbox" aria-label="Found">
                {found.map((entry, i) => (
                    <div
                        key={`${entry.what} ${entry.text}`}
                        id={`found-${i}`}
                        role="option"
                        tabIndex={-1}
                        aria-selected={i === cursor}
                        ref={(element) => { if (i === cursor) element?.scrollIntoView({ block: "nearest" }); }}
                        onClick={() => run(entry)}
                    >
                        <Name text={entry.text} />
                        <small>{entry.what}</small>
                    </div>
                ))}
                {!found.length && <p>Nothing of that name in this report.</p>}
            </div>
        </dialog>
    );
}
