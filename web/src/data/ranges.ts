// Sets of numbers as short texts, for the address.

// Numbers in rising order: "3_7-9" is 3, 7, 8, 9.
export function toRanges(numbers: Iterable<number>): string {
    const parts: [number, number][] = [];
    for (const n of [...numbers].sort((a, b) => a - b)) {
        const last = parts.at(-1);
        if (last && last[1] + 1 === n) last[1] = n;
        else parts.push([n, n]);
    }
    return parts.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join("_");
}

// Those below `end`; anything else in the text is left out.
export function fromRanges(text: string, end: number): Set<number> {
    const numbers = new Set<number>();
    for (const part of text.split("_")) {
        const match = /^(\d+)(?:-(\d+))?$/.exec(part);
        if (!match) continue;
        const last = Math.min(Number(match[2] ?? match[1]), end - 1);
        for (let n = Number(match[1]); n <= last; n++) numbers.add(n);
    }
    return numbers;
}
