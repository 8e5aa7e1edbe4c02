// What if: sites that are ticked in any list, and the peak without them. In the address as `w=3_7-9`.
import { computed, effect, signal } from "@preact/signals";
import { ask, model, rowsReady } from "./data/client.ts";
import type { Model } from "./data/model.ts";
import { fromRanges, toRanges } from "./data/ranges.ts";
import type { WhatIf } from "./data/whatif.ts";
import { extra, setExtra } from "./state.ts";

// Indexes of the ticked sites.
export const ticked = computed(() => fromRanges(extra.value.w ?? "", model.value?.table("sites").rows ?? 0));

export function tick(sites: number[], on: boolean): void {
    const now = new Set(ticked.value);
    for (const site of sites)
        if (on) now.add(site);
        else now.delete(site);
    setExtra("w", toRanges(now));
}

// All of them, or none where all are ticked.
export function toggle(sites: number[]): void {
    tick(sites, !sites.every((site) => ticked.value.has(site)));
}

export function clearTicks(): void {
    setExtra("w", "");
}

export interface Answer extends WhatIf {
    sites: number;
    kept: Float64Array; // live bytes over the run: of all other sites
    gone: Float64Array; // and of those that are ticked
}

export const answer = signal<Answer | null>(null);
const MOMENTS = 160;
let latest = 0;

async function recompute(m: Model, sites: Set<number>): Promise<void> {
    const mine = ++latest;
    const left = new Uint8Array(m.table("sites").rows);
    for (const site of sites) left[site] = 1;
    const all = { sites: null, numbers: [], ends: [] };
    const [found, series] = await Promise.all([
        ask("whatIf", left),
        ask("series", all, Int32Array.from(left), 2, MOMENTS, [0, m.duration]),
    ]);
    if (mine !== latest) return;
    const level = (group: number) => Float64Array.from({ length: MOMENTS }, (_, i) => series.kept[group * MOMENTS + i] + series.gone[group * MOMENTS + i]);
    answer.value = { ...found, sites: sites.size, kept: level(0), gone: level(1) };
}

export function followTicks(): void {
    effect(() => {
        const m = model.value;
        const sites = ticked.value;
        if (m && rowsReady.value && sites.size) {
            recompute(m, sites).catch(() => undefined);
        } else {
            latest++;
            answer.value = null;
        }
    });
}
