// A stack, innermost frame first; with the source of its lines where that is in the report.
import type { JSX } from "preact";
import { type Frame, frameName, framePlace, type Model } from "../data/model.ts";
import { termFor } from "../data/query.ts";
import { type Source, sourceOf } from "../data/source.ts";
import type { Table } from "../data/table.ts";
import { addFilter } from "../state.ts";
import { Name } from "./bits.tsx";

export function Stack({ model, frames }: { model: Model; frames: Frame[] }): JSX.Element {
    if (!frames.length) return <p class="nothing">No stack was taken.</p>;
    const source = sourceOf(model);
    const blamed = frames.find((frame) => !frame.wrapper);
    return (
        <>
            <ol class="stack">
                {frames.map((frame, i) => (
                    <li key={i} class={frame.wrapper ? "wrapper" : ""} title={framePlace(frame, true)}>
                        <button type="button" class="link" onClick={() => addFilter(termFor("function", frameName(frame)))}>
                            <Name text={frameName(frame)} />
                        </button>
                        <small>
                            <Name text={framePlace(frame) || (frame.module ?? "")} />
                            {frame.inlined && " inlined"}
                            {frame.wrapper && " wrapper"}
                            {frame.broken && ` broken: ${frame.broken}`}
                        </small>
                        <Snippet model={model} frame={frame} open={frame === blamed} />
                    </li>
                ))}
            </ol>
            <Absent source={source} frames={frames} />
        </>
    );
}

// The line itself, and on demand those around it.
export function Snippet({ model, frame, open }: { model: Model; frame: Frame; open: boolean }): JSX.Element | null {
    const lines = sourceOf(model).around(frame);
    const here = lines.find((line) => line.here);
    if (!here) return null;
    return (
        <details class="source" open={open}>
            <summary><code><bdi>{here.text.trim() || "(an empty line)"}</bdi></code></summary>
            <pre tabIndex={0} aria-label={`Source around line ${here.number}`}>
                {lines.map((line) => (
                    <span key={line.number} class={line.here ? "here" : ""}>
                        <i>{line.number}</i>
                        <bdi>{line.text}</bdi>
                        {"\n"}
                    </span>
                ))}
            </pre>
        </details>
    );
}

// Which files are not here, and why.
function Absent({ source, frames }: { source: Source; frames: Frame[] }): JSX.Element | null {
    const files = new Map<string, string>();
    for (const frame of frames) {
        const why = source.absence(frame);
        if (why) files.set(frame.file!, why);
    }
    if (!files.size) return null;
    return (
        <p class="no-source">
            Source that is not here:{" "}
            {[...files].map(([file, why], i) => (
                <span key={file} title={file}>{i > 0 && ", "}<Name text={file.slice(file.lastIndexOf("/") + 1)} /> ({why})</span>
            ))}
        </p>
    );
}

// Inlined from memscope.h, or in a library that drops what it was given: as src/load/build_holders.c has it.
function isGlue(frame: Frame): boolean {
    return /^(memscope_|g_object_|g_set_object|g_clear_|glib_auto)/.test(frame.function ?? "") || /^lib(glib|gobject)-2\.0\.so/.test(frame.module ?? "");
}

// Where the thing in a row of an inner list was done: the function of the program that called for it, and the
// stack on demand. Where a site says it, that one's.
export function Where({ model, inner, row, open }: { model: Model; inner: Table; row: number; open?: boolean }): JSX.Element | null {
    const column = inner.all().find((c) => c.schema.kind === "stack" && c.known(row));
    const site = !column && inner.has("site") ? model.siteIndex(inner.col("site").num(row)) : -1;
    if (!column && site < 0) return open ? <p class="found">No stack was taken there: --word-stacks and --free-stacks do.</p> : null;
    const frames = model.stack(column ? column.num(row) : model.table("sites").col("stack").num(site));
    const speaker = frames.find((frame) => !frame.wrapper && !isGlue(frame)) ?? frames[0];
    return (
        <details class="where" open={open}>
            <summary>{speaker ? <><Name text={frameName(speaker)} /> <small><Name text={framePlace(speaker)} /></small></> : "its stack"}</summary>
            <Stack model={model} frames={frames} />
        </details>
    );
}
