// What kind of thing stays: by how its live bytes went over the run. The words are defined here and shown
// with the list; none of them says that it is a mistake.

export type Kind = "grows" | "steps" | "kept" | "bounded" | "released";

export const KINDS: Record<Kind, { word: string; means: string }> = {
    grows: { word: "grows", means: "rises along a line (R² at least 0.8), with new maxima in half of the run or more" },
    steps: { word: "grows in steps", means: "a tenth more in the second half than in the first, and at its end near the maximum" },
    kept: { word: "kept", means: "most of it is born early and stays until the end" },
    bounded: { word: "bounded", means: "live at the end, yet no more than there was before" },
    released: { word: "released", means: "next to nothing of it is live at the end" },
};

export interface Facts {
    slope: number; // bytes per second
    fit: number;
    rising: number; // share of moments that are a new maximum
    levels: number[]; // live bytes over time
}

export function kindOf({ slope, fit, rising, levels }: Facts): Kind {
    const last = levels.at(-1) ?? 0;
    const most = Math.max(...levels, 0);
    if (!(last > most * 0.02)) return "released";
    if (slope > 0 && fit >= 0.8 && rising >= 0.5) return "grows";
    const half = Math.max(...levels.slice(0, levels.length / 2), 0);
    if (half > 0 && most > 1.1 * half && last >= 0.75 * most) return "steps";
    const early = levels[Math.floor(levels.length / 4)] ?? 0;
    return early >= last * 0.75 ? "kept" : "bounded";
}
