// A tree of calls as rows of boxes, as wide as they cost: only what is wider than a hair is looked at.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Call } from "../data/calltree.ts";
import { theme } from "../shell/theme.ts";
import { Canvas, type Pen } from "./canvas.tsx";

export const ROW = 21;
const THIN = 0.6; // px: narrower boxes are not drawn
const LABELLED = 34;

export interface Box {
    call: Call;
    x: number; // from 0 to 1, of the width
    width: number;
    row: number;
}

// The boxes under `root` that are at least `least` of its width wide; callers of a zoomed call come first,
// at full width.
export function layout(root: Call, least: number): Box[] {
    const boxes: Box[] = [];
    const above: Call[] = [];
    for (let call: Call | null = root; call; call = call.parent) above.unshift(call);
    above.forEach((call, row) => boxes.push({ call, x: 0, width: 1, row }));
    const visit = (call: Call, x: number, width: number, row: number) => {
        if (width < least) return;
        let at = x;
        for (const child of call.children) {
            const wide = call.total > 0 ? (width * child.total) / call.total : 0;
            if (wide < least) break; // the others are narrower still
            boxes.push({ call: child, x: at, width: wide, row });
            visit(child, at, wide, row + 1);
            at += wide;
        }
    };
    visit(root, 0, 1, above.length);
    return boxes;
}

export interface FlameProps {
    root: Call;
    label: string;
    name: (call: Call) => string;
    describe: (call: Call) => string; // for the tip, and to be read out
    color: (call: Call, dark: boolean) => string;
    found?: ((call: Call) => boolean) | undefined; // what is searched for; undefined: nothing is
    upward?: boolean; // the root is at the bottom
    chosen: Call | null;
    onChoose: (call: Call | null) => void;
}

export function FlameGraph(props: FlameProps): JSX.Element {
    const [zoom, setZoom] = useState<Call>(props.root);
    const [hover, setHover] = useState<Box | null>(null);
    const [mouse, setMouse] = useState({ x: 0, y: 0 });
    const [width, setWidth] = useState(1000);
    const frame = useRef<HTMLDivElement>(null);
    useEffect(() => setZoom(props.root), [props.root]);
    useEffect(() => {
        const observer = new ResizeObserver(() => setWidth(frame.current?.clientWidth ?? 1000));
        observer.observe(frame.current!);
        return () => observer.disconnect();
    }, []);

    const boxes = useMemo(() => layout(zoom, THIN / width), [zoom, width]);
    const rows = boxes.reduce((most, box) => Math.max(most, box.row + 1), 1);
    const top = (row: number) => (props.upward ? rows - 1 - row : row) * ROW;
    const at = (x: number, y: number) => {
        const row = props.upward ? rows - 1 - Math.floor(y / ROW) : Math.floor(y / ROW);
        return boxes.find((b) => b.row === row && x >= b.x * width && x < (b.x + b.width) * width) ?? null;
    };
    const choose = (box: Box | null) => {
        if (!box) return;
        props.onChoose(box.call);
        setZoom(box.call);
    };
    const onKey = (event: KeyboardEvent) => {
        const next = step(props.chosen ?? zoom, event.key);
        if (next === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        if (event.key === "Enter") setZoom(next);
        else if (event.key === "Escape") setZoom(props.root);
        else if (!boxes.some((box) => box.call === next)) setZoom(next);
        props.onChoose(next);
    };
    const draw = (pen: Pen) => {
        for (const box of boxes) drawBox(pen, box, top(box.row), props, zoom);
        if (hover) outline(pen, hover, top(hover.row), "--ink", 1);
        const chosen = props.chosen && boxes.find((box) => box.call === props.chosen);
        if (chosen) outline(pen, chosen, top(chosen.row), "--ink", 2);
    };
    return (
        <div class="flame" ref={frame}>
            <div style={{ height: `${rows * ROW + 2}px` }}>
                <Canvas
                    label={`${props.label}. Arrow keys walk, Enter zooms, Escape shows all.`}
                    draw={draw}
                    onKey={onKey}
                    onMove={(x, y) => {
                        setHover(at(x, y));
                        setMouse({ x, y });
                    }}
                    onLeave={() => setHover(null)}
                    onDown={(x, y) => choose(at(x, y))}
                    onDouble={() => setZoom(props.root)}
                />
            </div>
            {hover && (
                <div class="tip" style={{ left: `${Math.min(mouse.x + 12, width - 330)}px`, top: `${mouse.y + 18}px` }}>
                    <code><bdi>{props.name(hover.call)}</bdi></code>
                    <p>{props.describe(hover.call)}</p>
                </div>
            )}
            <p class="hidden" role="status">
                {props.chosen ? `${props.name(props.chosen)}, ${props.describe(props.chosen)}` : ""}
            </p>
        </div>
    );
}

// Where a key leads from a call; undefined: nowhere.
export function step(call: Call, key: string): Call | undefined {
    const siblings = call.parent?.children ?? [call];
    const place = siblings.indexOf(call);
    switch (key) {
        case "ArrowDown":
            return call.children[0];
        case "ArrowUp":
            return call.parent ?? undefined;
        case "ArrowRight":
            return siblings[place + 1];
        case "ArrowLeft":
            return siblings[place - 1];
        case "Enter":
            return call;
        case "Escape": {
            let root = call;
            while (root.parent) root = root.parent;
            return root;
        }
        default:
            return undefined;
    }
}

function drawBox(pen: Pen, box: Box, y: number, props: FlameProps, zoom: Call): void {
    const { c, width, color } = pen;
    const x = box.x * width;
    const wide = Math.max(box.width * width - 1, 0.6);
    const above = box.call.depth < zoom.depth;
    const searched = props.found !== undefined;
    const hit = searched && props.found!(box.call);
    c.globalAlpha = (searched && !hit) || above ? 0.35 : 1;
    c.fillStyle = hit ? color("--found") : props.color(box.call, theme.value === "dark");
    c.fillRect(x, y, wide, ROW - 1);
    c.globalAlpha = searched && !hit ? 0.6 : 1;
    if (wide > LABELLED) {
        c.fillStyle = color("--flame-ink");
        c.textBaseline = "middle";
        c.textAlign = "left";
        c.fillText(fit(c, props.name(box.call), wide - 10), x + 5, y + ROW / 2);
    }
    c.globalAlpha = 1;
}

function outline(pen: Pen, box: Box, y: number, name: string, line: number): void {
    const { c, width, color } = pen;
    c.strokeStyle = color(name);
    c.lineWidth = line;
    c.strokeRect(box.x * width + line / 2, y + line / 2, Math.max(box.width * width - 1 - line, 1), ROW - 1 - line);
}

// As much of a text as fits, by an estimate of its width that a measure then corrects.
function fit(c: CanvasRenderingContext2D, text: string, width: number): string {
    const about = Math.floor(width / 5);
    let cut = text.length > about ? text.slice(0, about) : text;
    if (c.measureText(cut).width <= width && cut === text) return text;
    while (cut.length > 1 && c.measureText(`${cut}…`).width > width) cut = cut.slice(0, -Math.ceil(cut.length / 12));
    return cut.length > 1 ? `${cut}…` : "";
}
