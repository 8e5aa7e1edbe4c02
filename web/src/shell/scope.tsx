// The bar that says what all views speak of: the metric, the window of time, the filters. Each is a chip
// that can be taken away.
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { duration } from "../data/format.ts";
import type { Model } from "../data/model.ts";
import { splitQuery } from "../data/query.ts";
import { addFilter, filters, METRICS, type Metric, metric, query, removeFilter, span } from "../state.ts";
import { Icon } from "../ui/bits.tsx";
import { SummaryEvidence } from "../ui/evidence.tsx";
import { paletteOpen } from "./palette.tsx";
import { theme, toggleTheme } from "./theme.ts";

function baseName(path: string | null): string {
    return path?.slice(path.lastIndexOf("/") + 1) ?? "program";
}

function Chip(props: { text: string; label: string; onRemove: () => void }): JSX.Element {
    return (
        <span class="chip">
            <bdi>{props.text}</bdi>
            <button type="button" aria-label={props.label} onClick={props.onRemove}>
                <Icon name="close" />
            </button>
        </span>
    );
}

function FilterBox(): JSX.Element {
    const input = useRef<HTMLInputElement>(null);
    const add = (event: Event) => {
        event.preventDefault();
        for (const term of splitQuery(input.current!.value)) addFilter(term);
        input.current!.value = "";
    };
    return (
        <form class="filter" onSubmit={add}>
            <input
                ref={input}
                id="filter"
                type="text"
                placeholder="filter: size>64k  thread:3  -module:libc"
                aria-label="Add a filter to all views"
                spellcheck={false}
                autocomplete="off"
            />
        </form>
    );
}

export function ScopeBar({ model }: { model: Model }): JSX.Element {
    const errors = query.value.errors;
    return (
        <header class="scope">
            <div class="run">
                <strong>
                    <bdi>{baseName(model.oneText("program", "executable"))}</bdi>
                </strong>
                <small>pid {model.one("program", "pid")}</small>
                <SummaryEvidence model={model} />
            </div>
            <label class="metric">
                <span class="hidden">What is counted</span>
                <select
                    value={metric.value}
                    onChange={(event) => {
                        metric.value = event.currentTarget.value as Metric;
                    }}
                >
                    {Object.entries(METRICS).map(([key, m]) => (
                        <option key={key} value={key}>
                            {m.label}
                        </option>
                    ))}
                </select>
            </label>
            <div class="chips">
                {span.value && (
                    <Chip
                        text={`${duration(span.value[0])} – ${duration(span.value[1])}`}
                        label="All of the time"
                        onRemove={() => {
                            span.value = null;
                        }}
                    />
                )}
                {filters.value.map((term) => (
                    <Chip key={term} text={term} label={`Remove the filter ${term}`} onRemove={() => removeFilter(term)} />
                ))}
                <FilterBox />
                {errors.length > 0 && <span class="complaint" role="alert">{errors.join("; ")}</span>}
            </div>
            <div class="tools">
                <button type="button" class="find" onClick={() => { paletteOpen.value = true; }}>
                    <Icon name="search" /> <span>Search</span> <kbd>Ctrl K</kbd>
                </button>
                <button type="button" class="plain" aria-label={`Switch to ${theme.value === "dark" ? "light" : "dark"} colours`} onClick={toggleTheme}>
                    <Icon name="sun" />
                </button>
            </div>
        </header>
    );
}
