// Areas by size: squarified, so that boxes are near squares and can be compared (Bruls, Huizing and van
// Wijk). Each box is a button.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface Box {
    index: number; // of the value
    x: number;
    y: number;
    width: number;
    height: number;
}

// Lays out values, largest first, in a box; those of no size are left out.
export function squarify(values: number[], width: number, height: number): Box[] {
    const sum = values.reduce((a, b) => a + b, 0);
    if (!(sum > 0) || !(width > 0) || !(height > 0)) return [];
    const areas = values.map((value) => (value / sum) * width * height);
    const boxes: Box[] = [];
    let free = { x: 0, y: 0, width, height };
    for (let at = 0; at < areas.length && areas[at] > 0; ) {
        const side = Math.min(free.width, free.height);
        const count = rowLength(areas, at, side);
        free = placeRow(boxes, areas, at, count, free);
        at += count;
    }
    return boxes;
}

// How many of the next areas make the row whose boxes are nearest to squares.
function rowLength(areas: number[], from: number, side: number): number {
    let sum = 0;
    let worst = Infinity;
    for (let i = from; i < areas.length; i++) {
        const next = sum + areas[i];
        const thickness = next / side;
        const ratio = Math.max(areas[from] / thickness ** 2, thickness ** 2 / areas[i]);
        if (!(ratio <= worst)) return i - from;
        worst = ratio;
        sum = next;
    }
    return areas.length - from;
}

function placeRow(boxes: Box[], areas: number[], from: number, count: number, free: Omit<Box, "index">) {
    const row = areas.slice(from, from + count);
    const sum = row.reduce((a, b) => a + b, 0);
    const upright = free.width >= free.height; // the row stands at the left
    const thickness = sum / (upright ? free.height : free.width);
    let at = upright ? free.y : free.x;
    row.forEach((area, i) => {
        const length = area / thickness;
        boxes.push(
            upright
                ? { index: from + i, x: free.x, y: at, width: thickness, height: length }
                : { index: from + i, x: at, y: free.y, width: length, height: thickness },
        );
        at += length;
    });
    return upright
        ? { ...free, x: free.x + thickness, width: Math.max(free.width - thickness, 0) }
        : { ...free, y: free.y + thickness, height: Math.max(free.height - thickness, 0) };
}

export interface Area {
    name: string;
    value: number;
    text: string; // the value, for people
    color: string; // a class
    onChoose: () => void;
}

// `areas` are to be in the order of their values, largest first.
export function Treemap({ areas, label }: { areas: Area[]; label: string }): JSX.Element {
    const frame = useRef<HTMLDivElement>(null);
    const [size, setSize] = useState({ width: 0, height: 0 });
    useEffect(() => {
        const element = frame.current!;
        const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
        observer.observe(element);
        return () => observer.disconnect();
    }, []);
    const boxes = squarify(areas.map((a) => a.value), size.width, size.height);
    return (
        <div class="treemap" ref={frame} role="group" aria-label={label}>
            {boxes.map(({ index, x, y, width, height }) => {
                const area = areas[index];
                const place = { left: `${x}px`, top: `${y}px`, width: `${Math.max(width - 2, 1)}px`, height: `${Math.max(height - 2, 1)}px` };
                return (
                    <button type="button" key={index} class={area.color} style={place} title={`${area.name}\n${area.text}`} onClick={area.onChoose}>
                        <bdi class={width > 60 && height > 22 ? "" : "hidden"}>{area.name}</bdi>{" "}
                        <small class={width > 60 && height > 40 ? "" : "hidden"}>{area.text}</small>
                    </button>
                );
            })}
        </div>
    );
}
