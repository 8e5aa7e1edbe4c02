// Moments along a line, from 0 to 1. Times are known to a tick of the recorder, and much may be done in one:
// what would lie on the same spot is put side by side, in the order it was done in.
export function spread(times: ArrayLike<number>, span: readonly [number, number], least: number): number[] {
    const n = times.length;
    const gap = Math.min(least, n > 1 ? 1 / (n - 1) : 1);
    const length = span[1] - span[0];
    const places: number[] = [];
    for (let i = 0; i < n; i++) {
        const place = length > 0 ? Math.min(Math.max((times[i] - span[0]) / length, 0), 1) : 0;
        places.push(i ? Math.max(place, places[i - 1] + gap) : place);
    }
    for (let i = n - 1; i >= 0; i--) places[i] = Math.min(places[i], 1 - (n - 1 - i) * gap);
    return places;
}
