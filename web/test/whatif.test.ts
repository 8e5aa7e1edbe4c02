import assert from "node:assert/strict";
import { test } from "node:test";
import { type Blocks, type Peak, whatIf } from "../src/data/whatif.ts";

interface Block { size: number; site: number; birth: number; death: number; weight?: number } // order of events; Infinity: it lives

function blocksOf(list: Block[]): Blocks {
    const sorted = [...list].sort((a, b) => a.birth - b.birth);
    return {
        size: sorted.map((b) => b.size),
        weight: sorted.map((b) => b.weight ?? 1),
        born: sorted.map((b) => b.birth * 10),
        death: sorted.map((block) => sorted.filter((other) => other.birth < block.death).length),
        site: sorted.map((b) => b.site),
    };
}

// By trying every moment.
function peakOf(list: Block[], left: number[]): Peak {
    let most = { bytes: 0, time: 0, row: -1 };
    for (const [row, { birth }] of [...list].sort((a, b) => a.birth - b.birth).entries()) {
        const live = list.filter((b) => !left[b.site] && b.birth <= birth && b.death > birth);
        const bytes = live.reduce((sum, b) => sum + b.size, 0);
        if (bytes > most.bytes) most = { bytes, time: birth * 10, row };
    }
    return most;
}

test("the peak without some sites is that of all other blocks", () => {
    let seed = 5;
    const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
    for (let round = 0; round < 40; round++) {
        const list: Block[] = Array.from({ length: 60 }, (_, i) => {
            const birth = i * 3;
            const death = random(4) ? birth + 1 + random(80) : Infinity;
            return { size: random(1000), site: random(4), birth, death };
        });
        // Two events have two times.
        for (const block of list) if (block.death % 3 === 0) block.death += 1;
        const left = [0, 1, 2, 3].map(() => random(2));
        const found = whatIf(blocksOf(list), left);
        assert.deepEqual(found.all, peakOf(list, [0, 0, 0, 0]));
        assert.deepEqual(found.without, peakOf(list, left));
        assert.ok(Number.isNaN(found.error));
    }
});

test("a block whose death came with its birth holds nothing", () => {
    const blocks = { size: [100, 7], weight: [1, 1], born: [0, 10], death: [0, 2], site: [0, 0] };
    assert.deepEqual(whatIf(blocks, [0]).all, { bytes: 7, time: 10, row: 1 });
});

test("a sample says how far off it may be: by what stands for others and is live at the new peak", () => {
    const list: Block[] = [
        { size: 10, site: 0, birth: 0, death: Infinity, weight: 5 },
        { size: 90, site: 1, birth: 1, death: Infinity, weight: 5 },
        { size: 80, site: 0, birth: 2, death: 3, weight: 1 },
        { size: 1, site: 0, birth: 4, death: Infinity, weight: 9 },
    ];
    const { without, error } = whatIf(blocksOf(list), [0, 1]);
    assert.deepEqual(without, { bytes: 130, time: 20, row: 2 });
    assert.equal(error, Math.sqrt(5 * 4 * 100));
});

test("without anything there is no peak", () => {
    const blocks = blocksOf([{ size: 10, site: 0, birth: 0, death: Infinity }]);
    assert.deepEqual(whatIf(blocks, [1]).without, { bytes: 0, time: 0, row: -1 });
});
