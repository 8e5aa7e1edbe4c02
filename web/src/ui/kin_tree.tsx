// A folded tree (data/kin.ts) as boxes in columns, joined by lines as thick as what flows through them. The
// boxes are buttons; arrow keys walk among them.
import type { JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { type Kin, type Placed, placeKin } from "../data/kin.ts";
import { Bar, Name } from "./bits.tsx";

const WIDTH = 216;
const GAP = 56; // between columns
const HEIGHT = 58;
const PITCH = 68;
const FIRST = 120; // boxes

export interface KinText {
    name: string;
    count: string; // "×12"; empty: there is one
    value: string;
    marks: [kind: string, text: string][];
    edge?: string; // how it comes from its parent
    title: string;
}

export interface KinTreeProps {
    root: Kin; // measured
    label: string;
    describe: (kin: Kin) => KinText;
    chosen: Kin | null;
    onChoose: (kin: Kin) => void;
}

export function KinTree({ root, label, describe, chosen, onChoose }: KinTreeProps): JSX.Element {
    const [most, setMost] = useState(FIRST);
    const frame = useRef<HTMLDivElement>(null);
    const { boxes, columns, lines } = useMemo(() => placeKin(root, most), [root, most]);
    const ordered = useMemo(() => [...boxes].sort((a, b) => a.line - b.line || a.column - b.column), [boxes]);
    const entry = ordered.find((box) => box.kin === chosen && !box.rest) ?? ordered[0];
    const whole = root.total;
    const onKey = (event: KeyboardEvent) => {
        const at = Number((event.target as HTMLElement).dataset.box ?? -1);
        const next = at < 0 ? undefined : neighbour(ordered, ordered[at], event.key);
        if (next === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        frame.current!.querySelector<HTMLElement>(`[data-box="${ordered.indexOf(next)}"]`)!.focus();
    };
    return (
        <div class="kin-frame" ref={frame} role="group" aria-label={`${label}. Arrow keys walk from box to box, Enter chooses.`} onKeyDown={onKey}>
            <div style={{ width: `${columns * (WIDTH + GAP) - GAP}px`, height: `${lines * PITCH - (PITCH - HEIGHT)}px` }}>
                <Links boxes={boxes} whole={whole} columns={columns} lines={lines} />
                {ordered.map((box, i) => {
                    const place = { left: `${box.column * (WIDTH + GAP)}px`, top: `${box.line * PITCH}px` };
                    const shared = { type: "button" as const, key: i, "data-box": i, style: place, tabIndex: box === entry ? 0 : -1 };
                    if (box.rest) return <button {...shared} class="kin rest" onClick={() => setMost(2 * most)}>and {box.rest} more</button>;
                    return (
                        <button {...shared} class={`kin${box.kin === chosen ? " chosen" : ""}`} aria-pressed={box.kin === chosen} title={describe(box.kin).title} onClick={() => onChoose(box.kin)}>
                            <Box text={describe(box.kin)} share={box.kin.total} whole={whole} />
                        </button>
                    );
                })}
            </div>
        </div>
    );
}

function Box({ text, share, whole }: { text: KinText; share: number; whole: number }): JSX.Element {
    return (
        <>
            <span class="name"><Name text={text.name} />{text.count && <small> {text.count}</small>}</span>
            <span class="value">
                {text.edge && <em>{text.edge} </em>}
                {text.value}
                {text.marks.map(([kind, words]) => <span key={words} class={`mark ${kind}`}>{words}</span>)}
            </span>
            <Bar value={share} whole={whole} />
        </>
    );
}

function Links({ boxes, whole, columns, lines }: { boxes: Placed[]; whole: number; columns: number; lines: number }): JSX.Element {
    const of = new Map(boxes.filter((box) => !box.rest).map((box) => [box.kin, box]));
    const paths = boxes.flatMap((box, i) => {
        const parent = box.rest ? of.get(box.kin) : box.kin.parent && of.get(box.kin.parent);
        if (!parent) return [];
        const [x1, y1] = [parent.column * (WIDTH + GAP) + WIDTH, parent.line * PITCH + HEIGHT / 2];
        const [x2, y2] = [box.column * (WIDTH + GAP), box.line * PITCH + HEIGHT / 2];
        const thick = box.rest || !(whole > 0) ? 1 : 1 + 11 * Math.sqrt(box.kin.total / whole);
        const middle = (x1 + x2) / 2;
        return [<path key={i} d={`M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`} style={{ strokeWidth: `${thick.toFixed(1)}px` }} />];
    });
    return <svg width={columns * (WIDTH + GAP)} height={lines * PITCH} aria-hidden="true">{paths}</svg>;
}

// Where an arrow leads from a box; undefined: nowhere, or it is no arrow.
export function neighbour(boxes: Placed[], from: Placed, key: string): Placed | undefined {
    const nearest = (candidates: Placed[]) =>
        candidates.sort((a, b) => Math.abs(a.line - from.line) - Math.abs(b.line - from.line))[0] as Placed | undefined;
    switch (key) {
        case "ArrowLeft":
            return boxes.find((box) => !box.rest && box.kin === (from.rest ? from.kin : from.kin.parent));
        case "ArrowRight":
            return nearest(boxes.filter((box) => (box.rest ? box.kin : box.kin.parent) === from.kin && !from.rest));
        case "ArrowUp":
            return nearest(boxes.filter((box) => box.column === from.column && box.line < from.line));
        case "ArrowDown":
            return nearest(boxes.filter((box) => box.column === from.column && box.line > from.line));
        default:
            return undefined;
    }
}
