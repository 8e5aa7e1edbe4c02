// Colours of things that are told apart by more than four words: modules by hue, shares by a scale.
import type { Model } from "../data/model.ts";

// Hues of Okabe and Ito's colours, the most distinct first; the last is for all other modules.
const HUES: [hue: number, saturation: number][] = [
    [202, 70], [41, 85], [163, 55], [327, 45], [24, 80], [56, 70], [205, 25],
];

export interface ModuleColor {
    (frame: number, key: number, dark: boolean): string;
    legend: [name: string, className: string][];
}

// Functions of one module differ a little in lightness, so that boxes side by side are seen apart.
function shade([hue, saturation]: [number, number], key: number, dark: boolean): string {
    const variation = ((key * 2654435761) >>> 0) % 9;
    return dark
        ? `hsl(${hue} ${Math.round(saturation * 0.62)}% ${25 + variation}%)`
        : `hsl(${hue} ${saturation}% ${76 + variation}%)`;
}

const GREY: [number, number] = [210, 6];

// By what the modules have allocated: the largest get the colours.
export function moduleColors(model: Model): ModuleColor {
    const table = model.table("modules");
    const name = table.col("module");
    const cost = table.col("bytes_allocated").numbers;
    const order = Array.from({ length: table.rows }, (_, i) => i).sort((a, b) => cost[b] - cost[a]);
    const place = new Map<number, number>(); // number of the name -> place
    for (const row of order.slice(0, HUES.length)) place.set(name.num(row), place.size);
    const module = model.table("frames").col("module").numbers;
    const color = ((frame, key, dark) => {
        const at = frame < 0 ? undefined : place.get(module[frame]);
        return shade(at === undefined ? GREY : HUES[at], key, dark);
    }) as ModuleColor;
    color.legend = order.slice(0, HUES.length).map((row, i) => [name.text(row) ?? "?", `hue-${i}`]);
    if (order.length > HUES.length) color.legend.push(["others", "hue-other"]);
    return color;
}

// From all released (blue) to all kept (orange).
export function stayColor(share: number, dark: boolean): string {
    const part = Math.min(Math.max(share, 0), 1);
    const hue = part > 0.005 ? 24 : 205;
    const strength = part > 0.005 ? 30 + 60 * part : 25;
    return dark ? `hsl(${hue} ${strength}% ${26 + 8 * part}%)` : `hsl(${hue} ${strength}% ${86 - 16 * part}%)`;
}
