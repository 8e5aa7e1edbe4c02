// The peak as it would be without the blocks of some sites: all births and deaths once more, in their
// order, as far as the report lists them.

export interface Blocks {
    size: ArrayLike<number>;
    weight: ArrayLike<number>; // blocks that each stands for
    born: ArrayLike<number>; // ns
    death: ArrayLike<number>; // the row before whose birth it died; beyond the last one: it lives
    site: ArrayLike<number>; // index
}

export interface Peak {
    bytes: number;
    time: number; // ns
    row: number; // whose birth made it; -1: there are none
}

export interface WhatIf {
    all: Peak; // of all blocks that are listed
    without: Peak;
    error: number; // standard error of the latter; NaN: every block is listed
}

// Before each birth those die whose death came before it. `left[site]` is 1 for the sites that are left out.
export function whatIf(blocks: Blocks, left: ArrayLike<number>): WhatIf {
    const { size, weight, born, death, site } = blocks;
    const n = size.length;
    const [dead, deadLeft] = [new Float64Array(n + 1), new Float64Array(n + 1)];
    const all = { bytes: 0, time: 0, row: -1 };
    const without = { bytes: 0, time: 0, row: -1 };
    let [level, levelLeft, sampled] = [0, 0, false];
    for (let i = 0; i < n; i++) {
        const value = size[i] * weight[i];
        const isLeft = left[site[i]] === 1;
        if (weight[i] !== 1) sampled = true;
        dead[death[i]] += value;
        if (isLeft) deadLeft[death[i]] += value;
        level += value - dead[i];
        levelLeft += (isLeft ? value : 0) - deadLeft[i];
        reach(all, level, i, born[i]);
        reach(without, level - levelLeft, i, born[i]);
    }
    return { all, without, error: sampled ? errorAt(blocks, left, without.row) : Number.NaN };
}

function reach(peak: Peak, bytes: number, row: number, time: number): void {
    if (bytes <= peak.bytes) return;
    peak.bytes = bytes;
    peak.time = time;
    peak.row = row;
}

// The variance of how many blocks a row stands for: each was kept by a draw of its own, and stands for one over
// the chance it had (Horvitz and Thompson).
export function varianceOf(weight: number): number {
    return weight * (weight - 1);
}

// NaN: what it belongs to is exact.
export function errorOfVariance(variance: number): number {
    return variance > 0 ? Math.sqrt(variance) : Number.NaN;
}

function errorAt({ size, weight, death, site }: Blocks, left: ArrayLike<number>, row: number): number {
    let variance = 0;
    for (let i = 0; i <= row; i++)
        if (weight[i] > 1 && left[site[i]] !== 1 && death[i] > row) variance += varianceOf(weight[i]) * size[i] ** 2;
    return Math.sqrt(variance);
}
