// Lines of source around those that frames stand on: there with `report --embed-source`.
import type { Frame, Model } from "./model.ts";

export interface Line {
    number: number;
    text: string;
    here: boolean; // the frame stands on it
}

const AROUND = 5; // as src/export/html_source.c has it

export class Source {
    private readonly state = new Map<string, string>();
    private readonly lines = new Map<string, Map<number, string>>();

    constructor(model: Model) {
        const files = model.table("sources");
        const lines = model.table("source_lines");
        for (let i = 0; i < files.rows; i++) {
            const path = files.col("file").text(i) ?? "";
            this.state.set(path, files.col("state").text(i) ?? "");
            this.lines.set(path, new Map());
        }
        for (let i = 0; i < lines.rows; i++) {
            const path = files.col("file").text(lines.col("source").num(i)) ?? "";
            this.lines.get(path)?.set(lines.col("line").num(i), lines.col("text").text(i) ?? "");
        }
    }

    // Was source asked for?
    get embedded(): boolean {
        return this.state.size > 0;
    }

    // What a frame's line says, without what it is indented by; null: it is not here.
    text(frame: Frame): string | null {
        return this.lines.get(frame.file ?? "")?.get(frame.line)?.trim() ?? null;
    }

    // The lines around that of a frame; none where it is not here. What all are indented by is left out.
    around(frame: Frame): Line[] {
        const file = this.lines.get(frame.file ?? "");
        if (!file?.has(frame.line)) return [];
        const found: Line[] = [];
        for (let number = frame.line - AROUND; number <= frame.line + AROUND; number++) {
            const text = file.get(number);
            if (text !== undefined) found.push({ number, text, here: number === frame.line });
        }
        const indents = found.filter((line) => line.text).map((line) => line.text.search(/\S|$/));
        const common = Math.min(...indents);
        return found.map((line) => ({ ...line, text: line.text.slice(common) }));
    }

    // Why the source of a frame is not here; null: it is, or nobody asked for it.
    absence(frame: Frame): string | null {
        const state = frame.file ? this.state.get(frame.file) : undefined;
        return state === undefined || state === "shown" ? null : state;
    }
}

const sources = new WeakMap<Model, Source>();

export function sourceOf(model: Model): Source {
    let source = sources.get(model);
    if (!source) sources.set(model, (source = new Source(model)));
    return source;
}
