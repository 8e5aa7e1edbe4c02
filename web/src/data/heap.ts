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
    thread: ArrayLike<number>; // id; NaN: not known
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
    eachPiece(blocks, span, (i, page, bytes) => {
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

const ALWAYS: [number, number] = [0, Infinity];

// Each page of each block that lives within `span`, with the bytes of the block on it.
function eachPiece(blocks: Block, span: [number, number], take: (i: number, page: number, bytes: number) => void): void {
    for (let i = 0; i < blocks.address.length; i++) {
        if ((blocks.chosen && !blocks.chosen[i]) || Number.isNaN(blocks.address[i])) continue;
        if (blocks.born[i] > span[1] || blocks.died[i] <= span[0]) continue;
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

const pagesOf = new WeakMap<Block, Float64Array>();

// That are ever used, the lowest first.
export function usedPages(blocks: Block): Float64Array {
    let sorted = pagesOf.get(blocks);
    if (!sorted) {
        const pages = new Set<number>();
        eachPiece(blocks, ALWAYS, (_, page) => pages.add(page));
        sorted = Float64Array.from(pages).sort();
        pagesOf.set(blocks, sorted);
    }
    return sorted;
}

export interface PageUse {
    pages: number; // with a live block
    bytes: number; // live
    tenths: number[]; // how many pages are how full: below 10 %, below 20 % ...
    sparse: { pages: number; blocks: number; bytes: number }; // less than a tenth full
    cells: Cells;
}

// The pages that are ever used, in the order of their addresses: some of them to a cell.
export interface Cells {
    pages: number; // to a cell; the last may have fewer
    from: Float64Array; // address of each cell's first page
    used: Float32Array; // share of its bytes that is live
    blocks: Uint32Array; // that lie on it, counted on each of its pages
}

const MOST_CELLS = 4096;

// How full pages are at one moment: what is not, memory that the allocator cannot give back.
export function pageUse(blocks: Block, time: number): PageUse {
    const bytesOf = new Map<number, number>();
    const blocksOf = new Map<number, number>();
    let bytes = 0;
    eachPiece(blocks, [time, time], (_, page, piece) => {
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
    return { pages: bytesOf.size, bytes, tenths, sparse, cells: cellsOf(usedPages(blocks), bytesOf, blocksOf) };
}

function cellsOf(all: Float64Array, bytesOf: Map<number, number>, blocksOf: Map<number, number>): Cells {
    const pages = Math.max(1, Math.ceil(all.length / MOST_CELLS));
    const count = Math.ceil(all.length / pages);
    const cells = { pages, from: new Float64Array(count), used: new Float32Array(count), blocks: new Uint32Array(count) };
    for (let cell = 0; cell < count; cell++) {
        const end = Math.min((cell + 1) * pages, all.length);
        let bytes = 0;
        for (let i = cell * pages; i < end; i++) {
            bytes += bytesOf.get(all[i]) ?? 0;
            cells.blocks[cell] += blocksOf.get(all[i]) ?? 0;
        }
        cells.from[cell] = all[cell * pages] * PAGE;
        cells.used[cell] = Math.min(bytes / ((end - cell * pages) * PAGE), 1);
    }
    return cells;
}

// ---- by thread ----------------------------------------------------------------------------------

export interface ThreadMap {
    thread: number; // id; NaN: not known
    blocks: number;
    bytes: number; // requested, of all of them
    map: HeapMap;
}

// A map of what each thread allocated: of the `most` threads that allocated most.
export function threadMaps(blocks: Block, span: [number, number], width: number, height: number, most: number) {
    const totals = new Map<number, { thread: number; blocks: number; bytes: number }>();
    for (let i = 0; i < blocks.address.length; i++) {
        if ((blocks.chosen && !blocks.chosen[i]) || Number.isNaN(blocks.address[i])) continue;
        if (blocks.born[i] > span[1] || blocks.died[i] <= span[0]) continue;
        const thread = blocks.thread[i];
        const total = totals.get(thread) ?? { thread, blocks: 0, bytes: 0 };
        total.blocks++;
        total.bytes += blocks.size[i];
        totals.set(thread, total);
    }
    const order = [...totals.values()].sort((a, b) => b.bytes - a.bytes || a.thread - b.thread);
    const shown = order.slice(0, most);
    const each = Math.max(Math.floor(height / Math.max(shown.length, 1)), 6);
    const threads: ThreadMap[] = shown.map((total) => {
        const chosen = new Uint8Array(blocks.address.length);
        for (let i = 0; i < chosen.length; i++)
            chosen[i] = Object.is(blocks.thread[i], total.thread) && (!blocks.chosen || blocks.chosen[i]) ? 1 : 0;
        return { ...total, map: heapMap({ ...blocks, chosen }, span, width, each) };
    });
    return { threads, others: order.length - shown.length };
}
