// A line of time with what holds for a while on it, and what happens at a moment. What it shows stands in
// words beside it.
import type { JSX } from "preact";

export interface Stretch {
    from: number; // 0 to 1
    to: number;
    kind: string; // a class
    title: string;
}

export interface Mark {
    at: number; // 0 to 1
    kind: string; // a class: each has a shape of its own
    title: string;
}

export function Lane({ stretches, marks }: { stretches: Stretch[]; marks: Mark[] }): JSX.Element {
    const percent = (value: number) => `${(100 * value).toFixed(2)}%`;
    return (
        <div class="lane" aria-hidden="true">
            {stretches.map((s, i) => (
                <span key={i} class={`stretch ${s.kind}`} title={s.title} style={{ left: percent(s.from), width: percent(Math.max(s.to - s.from, 0)) }} />
            ))}
            {marks.map((m, i) => <i key={i} class={`stamp ${m.kind}`} title={m.title} style={{ left: percent(m.at) }} />)}
        </div>
    );
}
