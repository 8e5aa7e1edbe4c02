// How full addresses are, as colours.
import type { Cells, HeapMap } from "../data/heap.ts";
import type { Pen } from "../ui/canvas.tsx";

function levelOf(used: number): number {
    return used > 0 ? Math.min(1 + Math.floor(used * 9), 9) : 0;
}

const levels = (pen: Pen) => Array.from({ length: 9 }, (_, i) => pen.color(`--heat-${i + 1}`));

// `cursor` is from 0 to 1 of the width.
export function drawMap(pen: Pen, map: HeapMap, cursor: number): void {
    const { c, width, height, color } = pen;
    const colors = levels(pen);
    const [w, h] = [width / map.width, height / map.rows.length];
    for (let row = 0; row < map.rows.length; row++) {
        // Neighbours that are as full are drawn as one.
        for (let x = 0, from = 0; x <= map.width; x++) {
            const level = x < map.width ? levelOf(map.used[row * map.width + x]) : -1;
            const before = levelOf(map.used[row * map.width + from]);
            if (x < map.width && level === before) continue;
            if (before > 0) {
                c.fillStyle = colors[before - 1];
                const [top, bottom] = [Math.round(row * h), Math.round((row + 1) * h)];
                c.fillRect(from * w, top, (x - from) * w + 0.5, Math.max(bottom - top, 1));
            }
            from = x;
        }
    }
    if (cursor < 0 || cursor > 1) return;
    c.fillStyle = color("--peak");
    c.fillRect(cursor * width - 0.75, 0, 1.5, height);
}

// Cells in rows, as large as fit, the lowest address first.
export interface Lattice {
    columns: number;
    side: number; // px
}

export function latticeFor(cells: number, width: number, height: number): Lattice {
    let side = Math.max(Math.floor(Math.sqrt((width * height) / Math.max(cells, 1))), 2);
    while (side > 2 && Math.ceil(cells / Math.floor(width / side)) * side > height) side--;
    side = Math.min(side, 18);
    return { columns: Math.max(Math.floor(width / side), 1), side };
}

export function drawCells(pen: Pen, cells: Cells): void {
    const { c, width, height, color } = pen;
    const colors = levels(pen);
    const { columns, side } = latticeFor(cells.from.length, width, height);
    const gap = side > 4 ? 1 : 0;
    for (let i = 0; i < cells.from.length; i++) {
        const [x, y] = [(i % columns) * side, Math.floor(i / columns) * side];
        const level = levelOf(cells.used[i]);
        c.fillStyle = level ? colors[level - 1] : color("--line");
        if (level) c.fillRect(x, y, side - gap, side - gap);
        else c.fillRect(x + side / 2 - 0.5, y + side / 2 - 0.5, 1, 1); // a hole
    }
}
