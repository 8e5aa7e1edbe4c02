// What was done to an object or a block, oldest first: each with who did it, where, and its stack on demand.
import type { JSX } from "preact";
import type { Act } from "../data/counts.ts";
import { count, duration, plural } from "../data/format.ts";
import type { Model } from "../data/model.ts";
import type { Table } from "../data/table.ts";
import { Name } from "./bits.tsx";
import { WORDS } from "./count_chart.tsx";
import { Where } from "./stack.tsx";

export interface ActsProps {
    model: Model;
    inner: Table;
    acts: Act[];
    all: number; // listed or not
    chosen: number; // index, or -1
}

export function Acts({ model, inner, acts, all, chosen }: ActsProps): JSX.Element {
    const threads = model.table("threads");
    const nameOf = new Map(Array.from(threads.col("id").numbers, (id, row) => [id, threads.col("thread").text(row)]));
    return (
        <>
            <ol class="acts">
                {acts.map((act, i) => {
                    const thread = inner.col("thread_id").num(act.row);
                    const said = inner.col("name").text(act.row);
                    return (
                        <li key={act.row} class={`${act.what}${i === chosen ? " chosen" : ""}`}
                            ref={(element) => { if (i === chosen) element?.scrollIntoView({ block: "nearest" }); }}>
                            <span class="time">{duration(act.time)}</span>
                            <strong>{WORDS[act.what] ?? act.what}</strong>
                            <span class="count">{Number.isNaN(act.count) ? "" : count(act.count)}</span>
                            <span class="who">
                                {said && <><Name text={said} />, </>}
                                {Number.isNaN(thread) ? "thread not known" : <>thread {thread} <Name text={nameOf.get(thread) ?? ""} /></>}
                            </span>
                            <Where model={model} inner={inner} row={act.row} />
                        </li>
                    );
                })}
            </ol>
            {all > acts.length && <p class="found">These are the first {count(acts.length)} of {plural(all, "act")}: the others are counted, not listed.</p>}
        </>
    );
}
