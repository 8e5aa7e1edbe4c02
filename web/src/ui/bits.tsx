// Small things that every view is made of.
import type { ComponentChildren, JSX } from "preact";
import type { Kept } from "../data/blame.ts";
import { type Frame, framePlace, frameName, type Model } from "../data/model.ts";
import { termFor } from "../data/query.ts";
import { addFilter, select } from "../state.ts";

// ---- icons: 20 x 20, drawn with a pen of 1.6 ------------------------------------------------------

const PATHS: Record<string, string> = {
    overview: "M3 10l7-6 7 6M5 9v8h10V9M9 17v-5h2v5",
    flame: "M3 16h14M3 12h10M3 8h7M3 4h4",
    leaks: "M10 3c3 4 5 6.5 5 9a5 5 0 01-10 0c0-2.500 2-5 5-9z",
    churn: "M4 8a6.500 6.500 0 0111.500-2M16 3v3.500h-3.500M16 12a6.500 6.500 0 01-11.500 2M4 17v-3.500h3.500",
    explore: "M3 3h8v8H3zM13 3h4v5h-4zM13 10h4v7h-4zM3 13h8v4H3z",
    heap: "M3 4h14M3 8h5M10 8h7M3 12h9M14 12h3M3 16h3M8 16h9",
    relations: "M5 5.500a2 2 0 100-.1M15 5.500a2 2 0 100-.1M10 16.500a2 2 0 100-.1M6.500 7l2.500 6M13.500 7L11 13M7 5h6",
    safety: "M10 2.500l6.500 2.500v4.500c0 4-2.800 6.700-6.500 8-3.700-1.300-6.500-4-6.500-8V5zM7 10l2.200 2.200L13.200 8",
    compare: "M7 3v14M13 3v14M3 7h4M13 13h4M3 13h4M13 7h4",
    allocations: "M3 4h14v12H3zM3 8h14M3 12h14M8 8v8",
    search: "M9 3.500a5.500 5.500 0 100 11 5.500 5.500 0 000-11zM13 13l4 4",
    close: "M5 5l10 10M15 5L5 15",
    sun: "M10 6.500a3.500 3.500 0 100 7 3.500 3.500 0 000-7zM10 1.500v2M10 16.500v2M1.500 10h2M16.500 10h2M4 4l1.400 1.400M14.600 14.600L16 16M4 16l1.400-1.400M14.600 5.400L16 4",
    help: "M7.500 7.500a2.500 2.500 0 113.600 2.200c-.8.400-1.100.9-1.100 1.800M10 14.500v.1M10 2.500a7.500 7.500 0 100 15 7.500 7.500 0 000-15z",
    high: "M10 2.500l8 14.500H2zM10 8v4M10 14.300v.1",
    medium: "M10 2.500a7.500 7.500 0 100 15 7.500 7.500 0 000-15zM10 6.500v4.500M10 13.500v.1",
    low: "M10 2.500a7.500 7.500 0 100 15 7.500 7.500 0 000-15zM10 9v5M10 6.300v.1",
    info: "M10 2.500a7.500 7.500 0 100 15 7.500 7.500 0 000-15zM10 9v5M10 6.300v.1",
};

export function Icon({ name }: { name: string }): JSX.Element {
    return (
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d={PATHS[name] ?? PATHS.info} />
        </svg>
    );
}

// ---- frames -------------------------------------------------------------------------------------

// A name from the program: it stands by itself, so that what it holds cannot reorder the text around it.
export function Name({ text }: { text: string }): JSX.Element {
    return <bdi>{text}</bdi>;
}

export function FrameLabel({ frame }: { frame: Frame | null }): JSX.Element {
    const place = framePlace(frame);
    return (
        <span class="frame" title={[frameName(frame), framePlace(frame, true), frame?.module].filter(Boolean).join("\n")}>
            <code>
                <Name text={frameName(frame)} />
            </code>
            {place && (
                <small>
                    <Name text={place} />
                </small>
            )}
        </span>
    );
}

// "kept in session->token: char", as far as that is known.
export function KeptIn({ kept }: { kept: Kept }): JSX.Element | null {
    const { variable, type, unsure } = kept;
    if (!variable && !type) return null;
    return (
        <small class="kept-in">
            {variable ? `kept in ` : `of type `}
            {variable && <code><Name text={variable} /></code>}
            {variable && type && ": "}
            {type && <code><Name text={type} /></code>}
            {variable && unsure && " (unsure)"}
        </small>
    );
}

// Click: inspect. Alt: filter to it. Shift: leave it out.
export function act(event: MouseEvent | KeyboardEvent, kind: string, id: number, term?: string): void {
    event.preventDefault();
    event.stopPropagation();
    if (term && event.altKey) addFilter(term);
    else if (term && event.shiftKey) addFilter(`-${term}`);
    else select(kind, id);
}

// A record of some table, as a link to the inspector.
export function Entity(props: {
    kind: string;
    id: number;
    term?: string;
    children: ComponentChildren;
}): JSX.Element {
    const { kind, id, term } = props;
    return (
        <a href={`#sel=${kind}:${id}`} class="entity" onClick={(e) => act(e, kind, id, term)}>
            {props.children}
        </a>
    );
}

export function SiteLink({ model, index }: { model: Model; index: number }): JSX.Element {
    const number = model.blamedFrames()[index];
    const frame = number < 0 ? null : model.frame(number);
    const id = model.table("sites").col("id").num(index);
    return (
        <Entity kind="sites" id={index} term={termFor("site", id)}>
            <FrameLabel frame={frame} />
        </Entity>
    );
}

// ---- states -------------------------------------------------------------------------------------

// Instead of zeros: what was looked for, and how to have it next time.
export function NotRecorded(props: { what: string; how?: ComponentChildren }): JSX.Element {
    return (
        <div class="nothing">
            <p>{props.what}</p>
            {props.how && <p class="how">{props.how}</p>}
        </div>
    );
}

export function Card(props: {
    title?: ComponentChildren;
    aside?: ComponentChildren;
    class?: string;
    children: ComponentChildren;
}): JSX.Element {
    return (
        <section class={`card ${props.class ?? ""}`}>
            {props.title && (
                <header>
                    <h2>{props.title}</h2>
                    {props.aside && <div class="aside">{props.aside}</div>}
                </header>
            )}
            {props.children}
        </section>
    );
}

export function Segments<T extends string>(props: {
    label: string;
    value: T;
    options: readonly (readonly [value: T, text: string])[];
    onChange: (value: T) => void;
}): JSX.Element {
    return (
        <div class="segments" role="group" aria-label={props.label}>
            {props.options.map(([value, text]) => (
                <button
                    type="button"
                    key={value}
                    aria-pressed={value === props.value}
                    onClick={() => props.onChange(value)}
                >
                    {text}
                </button>
            ))}
        </div>
    );
}

// ---- small pictures -----------------------------------------------------------------------------

export function Bar({ value, whole }: { value: number; whole: number }): JSX.Element {
    const width = whole > 0 ? Math.min(100, (100 * value) / whole) : 0;
    return (
        <span class="bar" aria-hidden="true">
            <span style={{ width: `${width}%` }} />
        </span>
    );
}

// Two areas, one on the other: what stays until the end, and what goes.
export function Sparkline(props: { kept: ArrayLike<number>; gone?: ArrayLike<number> }): JSX.Element {
    const { kept, gone } = props;
    const n = kept.length;
    let most = 0;
    for (let i = 0; i < n; i++) most = Math.max(most, kept[i] + (gone?.[i] ?? 0));
    const y = (value: number) => (24 - (most > 0 ? (value / most) * 22 : 0)).toFixed(1);
    const area = (top: (i: number) => number, low: (i: number) => number) => {
        let path = "";
        for (let i = 0; i < n; i++) path += `${i ? "L" : "M"}${i} ${y(top(i))}`;
        for (let i = n - 1; i >= 0; i--) path += `L${i} ${y(low(i))}`;
        return n ? `${path}Z` : "";
    };
    return (
        <svg class="spark" viewBox={`0 0 ${Math.max(n - 1, 1)} 24`} preserveAspectRatio="none" aria-hidden="true">
            <path class="kept" d={area((i) => kept[i], () => 0)} />
            {gone && <path class="gone" d={area((i) => kept[i] + gone[i], (i) => kept[i])} />}
        </svg>
    );
}
