// The timeline across the top: live bytes, resident set, peak, named moments; dragging over it chooses the
// window of time that every view then speaks of.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { ask, rowsReady } from "../data/client.ts";
import { bytes, duration } from "../data/format.ts";
import type { Model } from "../data/model.ts";
import { totalError } from "../data/trust.ts";
import { filters, query, setExtra, span } from "../state.ts";
import { Canvas, type Pen } from "../ui/canvas.tsx";

const LEFT = 0;
const TOP = 14;
const BOTTOM = 18;
const BUCKETS = 400;

interface Moments {
    time: ArrayLike<number>;
    live: ArrayLike<number>;
    most: ArrayLike<number>;
    rss: ArrayLike<number>;
    count: number;
    top: number; // highest value
}

function momentsOf(model: Model): Moments {
    const table = model.table("timeline");
    const live = table.col("live_bytes").numbers;
    const most = table.col("max_live_bytes").numbers;
    let top = 1;
    for (let i = 0; i < table.rows; i++) top = Math.max(top, live[i] || 0, most[i] || 0);
    return {
        time: table.col("time_ns").numbers,
        live,
        most,
        rss: table.col("rss_bytes").numbers,
        count: table.rows,
        top,
    };
}

// Round numbers for an axis: 1, 2 or 5 times a power of ten.
export function tickStep(range: number, wanted: number): number {
    const rough = range / wanted;
    const power = 10 ** Math.floor(Math.log10(rough));
    return ([1, 2, 5].find((f) => f * power >= rough) ?? 10) * power;
}

export function Strip({ model }: { model: Model }): JSX.Element {
    const moments = momentsOf(model);
    const whole = model.duration;
    const drag = useSignal<[number, number] | null>(null);
    const hover = useSignal<number | null>(null);
    const filtered = useSignal<Float64Array | null>(null);

    const chosen = filters.value.join(" ");
    const ready = rowsReady.value;
    useEffect(() => {
        let current = true;
        filtered.value = null;
        if (chosen && ready) {
            const sites = new Int32Array(model.table("sites").rows);
            ask("series", model.rowFilter(query.value), sites, 1, BUCKETS, [0, whole]).then((s) => {
                if (current) filtered.value = s.kept.map((v, i) => v + s.gone[i]);
            }, () => undefined);
        }
        return () => {
            current = false;
        };
    }, [chosen, ready]);

    const width = { now: 1 };
    const toTime = (x: number) => Math.min(Math.max((x - LEFT) / (width.now - LEFT), 0), 1) * whole;
    const window = drag.value ?? span.value;
    const hovered = hover.value;
    const overlay = filtered.value;

    const draw = (pen: Pen) => {
        width.now = pen.width;
        drawStrip(pen, model, moments, { window, hovered, overlay });
    };
    const finish = () => {
        const range = drag.value;
        drag.value = null;
        if (!range) return;
        const [from, to] = [Math.min(...range), Math.max(...range)];
        span.value = to - from > whole / 500 ? [from, to] : null;
    };
    const onKey = (event: KeyboardEvent) => {
        const moved = movedWindow(span.value ?? [0, whole], whole, event.key);
        if (moved === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        span.value = moved;
    };
    const peak = model.one("summary", "peak_time_ns");
    const label =
        `Live bytes over ${duration(whole)}; the peak is at ${duration(peak)}. ` +
        "Drag, or use arrow keys, plus and minus, to choose a window of time; Escape for all of it.";
    return (
        <div class="strip">
            <Canvas
                label={label}
                draw={draw}
                onKey={onKey}
                onDown={(x, _, event) => {
                    (event.target as Element).setPointerCapture(event.pointerId);
                    drag.value = [toTime(x), toTime(x)];
                }}
                onMove={(x) => {
                    hover.value = toTime(x);
                    if (drag.value) drag.value = [drag.value[0], toTime(x)];
                }}
                onUp={finish}
                onLeave={() => {
                    hover.value = null;
                }}
                onDouble={() => {
                    span.value = null;
                    setExtra("at", "");
                }}
            />
        </div>
    );
}

// Where a key moves the window; undefined: nowhere.
export function movedWindow(now: [number, number], whole: number, key: string): [number, number] | null | undefined {
    const [from, to] = now;
    const length = to - from;
    const middle = (from + to) / 2;
    const clamp = (a: number, b: number): [number, number] => {
        const size = Math.min(b - a, whole);
        const start = Math.min(Math.max(a, 0), whole - size);
        return [start, start + size];
    };
    switch (key) {
        case "ArrowLeft":
            return clamp(from - length / 10, to - length / 10);
        case "ArrowRight":
            return clamp(from + length / 10, to + length / 10);
        case "+":
        case "=":
            return clamp(middle - length / 4, middle + length / 4);
        case "-":
            return length * 2 >= whole ? null : clamp(middle - length, middle + length);
        case "Escape":
            return null;
        default:
            return undefined;
    }
}

interface Marks {
    window: [number, number] | null;
    hovered: number | null;
    overlay: Float64Array | null;
}

function drawStrip(pen: Pen, model: Model, m: Moments, marks: Marks): void {
    const { c, width, height, color } = pen;
    const whole = model.duration;
    const x = (time: number) => LEFT + (time / whole) * (width - LEFT);
    const floor = height - BOTTOM;
    const y = (value: number) => floor - (value / m.top) * (floor - TOP);

    drawTimeAxis(pen, whole, x, floor);
    c.beginPath();
    c.moveTo(x(m.time[0] ?? 0), floor);
    for (let i = 0; i < m.count; i++) c.lineTo(x(m.time[i]), y(Math.max(m.live[i], m.most[i] || 0)));
    c.lineTo(x(m.time[m.count - 1] ?? whole), floor);
    c.fillStyle = color("--area");
    c.fill();
    c.strokeStyle = color("--accent");
    c.lineWidth = 1.5;
    c.stroke();
    drawResident(pen, m, x, floor);
    if (marks.overlay) drawOverlay(pen, marks.overlay, x, y, whole, floor);
    drawPeak(pen, model, x, y);
    drawSnapshots(pen, model, x, floor);
    if (marks.window) drawWindow(pen, x(marks.window[0]), x(marks.window[1]), floor);
    if (marks.hovered !== null) drawHover(pen, m, marks.hovered, x, floor);
}

function drawTimeAxis(pen: Pen, whole: number, x: (t: number) => number, floor: number): void {
    const { c, width, height, color } = pen;
    const step = tickStep(whole, Math.max(2, width / 110));
    c.strokeStyle = color("--line");
    c.fillStyle = color("--ink-3");
    c.lineWidth = 1;
    c.textBaseline = "alphabetic";
    c.font = c.font.replace("12px", "11px");
    for (let t = step; t < whole; t += step) {
        const px = Math.round(x(t)) + 0.5;
        c.beginPath();
        c.moveTo(px, TOP);
        c.lineTo(px, floor);
        c.stroke();
        c.textAlign = px > width - 40 ? "right" : "center";
        c.fillText(duration(t), px, height - 5);
    }
}

// The resident set has a scale of its own: it is no part of the heap, and often many times as large.
function drawResident(pen: Pen, m: Moments, x: (t: number) => number, floor: number): void {
    let most = 0;
    for (let i = 0; i < m.count; i++) if (m.rss[i] > most) most = m.rss[i];
    if (!most) return;
    const { c, color } = pen;
    c.beginPath();
    let drawing = false;
    for (let i = 0; i < m.count; i++) {
        if (Number.isNaN(m.rss[i])) continue;
        const y = floor - (m.rss[i] / most) * (floor - TOP);
        if (drawing) c.lineTo(x(m.time[i]), y);
        else c.moveTo(x(m.time[i]), y);
        drawing = true;
    }
    c.setLineDash([3, 3]);
    c.strokeStyle = color("--rss");
    c.lineWidth = 1.2;
    c.stroke();
    c.setLineDash([]);
}

function drawOverlay(pen: Pen, levels: Float64Array, x: (t: number) => number, y: (v: number) => number, whole: number, floor: number): void {
    const { c, color } = pen;
    c.beginPath();
    c.moveTo(x(0), floor);
    levels.forEach((level, i) => c.lineTo(x(((i + 1) / levels.length) * whole), y(level)));
    c.lineTo(x(whole), floor);
    c.fillStyle = color("--area-2");
    c.fill();
}

function drawPeak(pen: Pen, model: Model, x: (t: number) => number, y: (v: number) => number): void {
    const { c, width, color } = pen;
    const px = x(model.one("summary", "peak_time_ns"));
    const py = y(model.one("summary", "peak_bytes"));
    c.fillStyle = color("--peak");
    c.beginPath();
    c.arc(Math.min(Math.max(px, 4), width - 4), py, 3.5, 0, 7);
    c.fill();
    const right = px > width - 150;
    c.textAlign = right ? "right" : "left";
    c.textBaseline = "middle";
    const text = `peak ${bytes(model.one("summary", "peak_bytes"))}${totalError(model, "peak_bytes", bytes)}`;
    const at: [number, number] = [px + (right ? -9 : 9), Math.max(py, 8)];
    c.strokeStyle = color("--raised");
    c.lineWidth = 4;
    c.lineJoin = "round";
    c.strokeText(text, ...at);
    c.fillText(text, ...at);
}

function drawSnapshots(pen: Pen, model: Model, x: (t: number) => number, floor: number): void {
    const table = model.table("snapshots");
    const { c, color } = pen;
    c.fillStyle = color("--ink-2");
    for (let i = 0; i < Math.min(table.rows, 200); i++) {
        const px = x(table.col("time_ns").num(i));
        c.beginPath();
        c.moveTo(px, floor - 6);
        c.lineTo(px + 4, floor);
        c.lineTo(px - 4, floor);
        c.fill();
    }
}

function drawWindow(pen: Pen, a: number, b: number, floor: number): void {
    const { c, width, color } = pen;
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    c.fillStyle = color("--veil");
    c.fillRect(0, TOP - 4, from, floor - TOP + 4);
    c.fillRect(to, TOP - 4, width - to, floor - TOP + 4);
    c.strokeStyle = color("--accent");
    c.lineWidth = 1.5;
    c.strokeRect(from, TOP - 4, Math.max(to - from, 1), floor - TOP + 4);
}

function drawHover(pen: Pen, m: Moments, time: number, x: (t: number) => number, floor: number): void {
    const { c, width, color } = pen;
    let i = 0;
    while (i < m.count - 1 && m.time[i + 1] <= time) i++;
    const px = x(time);
    c.strokeStyle = color("--ink-3");
    c.lineWidth = 1;
    c.beginPath();
    c.moveTo(px, TOP - 4);
    c.lineTo(px, floor);
    c.stroke();
    const rss = Number.isNaN(m.rss[i]) ? "" : `  RSS ${bytes(m.rss[i])}`;
    const text = `${duration(time)}  ${bytes(m.live[i])}${rss}`;
    const wide = c.measureText(text).width + 12;
    const left = px + wide + 10 > width ? px - wide - 6 : px + 6;
    c.fillStyle = color("--raised");
    c.strokeStyle = color("--line-2");
    c.beginPath();
    c.roundRect(left, TOP, wide, 20, 4);
    c.fill();
    c.stroke();
    c.fillStyle = color("--ink");
    c.textAlign = "left";
    c.textBaseline = "middle";
    c.fillText(text, left + 6, TOP + 10.5);
}
