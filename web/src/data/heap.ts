// Where blocks lie: maps of live bytes over time, and how full pages are at one moment.

export const PAGE = 4096;

export interface HeapMap {
    width: number; // columns: equal times
    rows: { from: number; to: number }[]; // addresses of each row, highest first
    used: Float32Array; // share of the row's addresses that is live, by column + row * width
}

export interface Block {
    address: ArrayLike<number>;
    size: ArrayLike<number>;
    born: ArrayLike<number>;
    died: ArrayLike<number>; // Infinity: it lives
    chosen: Uint8Array | null;
}

// The address space has large holes between its regions: only pages that are ever used make rows, at most
// `height` of them, each the same number of such pages.
export function heapMap(blocks: Block, span: [number, number], width: number, height: number): HeapMap {
    const pages = usedPages(blocks);
    const perRow = Math.max(1, Math.ceil(pages.length / height));
    const count = Math.ceil(pages.length / perRow);
    const place = new Map<number, number>(); // page -> row, the highest address on top
    pages.forEach((page, i) => place.set(page, count - 1 - Math.floor(i / perRow)));
    const steps = new Float64Array((width + 1) * count);
    const scale = width / Math.max(span[1] - span[0], 1);
    const column = (time: number) => Math.min(Math.max(Math.floor((time - span[0]) * scale), 0), width);
    eachPiece(blocks, (i, page, bytes) => {
        if (blocks.born[i] > span[1] || blocks.died[i] < span[0]) return;
        const row = place.get(page)! * (width + 1);
        steps[row + column(blocks.born[i])] += bytes;
        steps[row + (blocks.died[i] === Infinity ? width : column(blocks.died[i]))] -= bytes;
    });
    const used = new Float32Array(width * count);
    for (let row = 0; row < count; row++) {
        let live = 0;
        for (let x = 0; x < width; x++) {
            live += steps[row * (width + 1) + x];
            used[row * width + x] = Math.min(live / (perRow * PAGE), 1);
        }
    }
    const rows = Array.from({ length: count }, (_, row) => {
        const first = (count - 1 - row) * perRow;
        const last = Math.min(first + perRow, pages.length) - 1;
        return { from: pages[first] * PAGE, to: (pages[last] + 1) * PAGE };
    });
    return { width, rows, used };
}

const MOST_PIECES = 1 << 16; // a block of more pages is taken as if it had these

// Each page of each block, with the bytes of the block on it.
function eachPiece(blocks: Block, take: (i: number, page: number, bytes: number) => void): void {
    for (let i = 0; i < blocks.address.length; i++) {
        if ((blocks.chosen && !blocks.chosen[i]) || Number.isNaN(blocks.address[i])) continue;
        const end = blocks.address[i] + Math.max(blocks.size[i], 1);
        let at = blocks.address[i];
        for (let n = 0; at < end && n < MOST_PIECES; n++) {
            const page = Math.floor(at / PAGE);
            const next = Math.min(end, (page + 1) * PAGE);
            take(i, page, next - at);
            at = next;
        }
    }
}

function usedPages(blocks: Block): number[] {
    const pages = new Set<number>();
    eachPiece(blocks, (_, page) => pages.add(page));
    return [...pages].sort((a, b) => a - b);
}

export interface PageUse {
    pages: number; // with a live block
    bytes: number; // live
    tenths: number[]; // how many pages are how full: below 10 %, below 20 % ...
    sparse: { pages: number; blocks: number; bytes: number }; // less than a tenth full
}

// How full pages are at one moment: what is not, memory that the allocator cannot give back.
export function pageUse(blocks: Block, time: number): PageUse {
    const bytesOf = new Map<number, number>();
    const blocksOf = new Map<number, number>();
    let bytes = 0;
    eachPiece(blocks, (i, page, piece) => {
        if (blocks.born[i] > time || blocks.died[i] <= time) return;
        bytesOf.set(page, (bytesOf.get(page) ?? 0) + piece);
        blocksOf.set(page, (blocksOf.get(page) ?? 0) + 1);
        bytes += piece;
    });
    const tenths = new Array<number>(10).fill(0);
    const sparse = { pages: 0, blocks: 0, bytes: 0 };
    for (const [page, used] of bytesOf) {
        const tenth = Math.min(Math.floor((used / PAGE) * 10), 9);
        tenths[tenth]++;
        if (tenth > 0) continue;
        sparse.pages++;
        sparse.blocks += blocksOf.get(page)!;
        sparse.bytes += used;
    }
    return { pages: bytesOf.size, bytes, tenths, sparse };
}
