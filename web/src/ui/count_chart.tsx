// The count of an object after each thing that was done to it: a stair, a point for each step.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Act, levels } from "../data/counts.ts";
import { duration } from "../data/format.ts";
import { spread } from "../data/lane.ts";

const HEIGHT = 132;
const [LEFT, RIGHT, TOP, FLOOR] = [28, 16, 12, HEIGHT - 22];

export const WORDS: Record<string, string> = {
    ref_new: "made", ref: "taken", unref: "given up", weak: "weak taken", unweak: "weak given up", ref_changed: "count told",
    freed: "block freed", handover: "handed over", reclaim: "taken back", freed_abroad: "freed abroad",
};

export interface CountChartProps {
    acts: Act[];
    lasts: boolean; // the last count still holds after the last act
    byTime: boolean;
    chosen: number; // index of an act, or -1
    onChoose: (act: number) => void;
}

export function CountChart({ acts, lasts, byTime, chosen, onChoose }: CountChartProps): JSX.Element {
    const frame = useRef<HTMLDivElement>(null);
    const [width, setWidth] = useState(600);
    useEffect(() => {
        const observer = new ResizeObserver(() => setWidth(frame.current?.clientWidth ?? 600));
        observer.observe(frame.current!);
        return () => observer.disconnect();
    }, []);
    const level = levels(acts);
    const most = Math.max(1, ...level);
    const n = acts.length;
    const span: [number, number] = [acts[0]?.time ?? 0, acts[n - 1]?.time ?? 1];
    const places = byTime ? spread(acts.map((a) => a.time), span, 14 / Math.max(width, 100)) : acts.map((_, i) => i / Math.max(lasts ? n : n - 1, 1));
    const x = (i: number) => LEFT + places[i] * (width - LEFT - RIGHT);
    const y = (value: number) => FLOOR - (value / most) * (FLOOR - TOP);
    let path = "";
    for (let i = 0; i < n; i++) path += i ? `H${x(i)}V${y(level[i])}` : `M${x(0)} ${y(0)}V${y(level[0])}`;
    if (lasts && n) path += `H${width - RIGHT}`;
    return (
        <div class="count-chart" ref={frame}>
            <svg width={width} height={HEIGHT} role="img" aria-label={`References after each of ${n} acts, ${most} at most; the same stands in the list below`}>
                <line x1={LEFT} x2={width - RIGHT} y1={FLOOR} y2={FLOOR} class="axis" />
                <text x={LEFT - 6} y={y(most) + 4} class="right">{most}</text>
                <text x={LEFT - 6} y={FLOOR + 4} class="right">0</text>
                <path d={n ? `${path}V${FLOOR}H${x(0)}Z` : ""} class="area" />
                <path d={path} class="stair" />
                {acts.map((act, i) => (
                    <g key={act.row} class={`act ${act.what}${i === chosen ? " chosen" : ""}`} onClick={() => onChoose(i)}>
                        <circle cx={x(i)} cy={y(level[i])} r={i === chosen ? 6 : 4} />
                        <title>{`${WORDS[act.what] ?? act.what} at ${duration(act.time)}: ${level[i]}`}</title>
                    </g>
                ))}
                <TimeLabels acts={acts} x={x} width={width} />
            </svg>
        </div>
    );
}

// Where the time changes, as far as there is room.
function TimeLabels({ acts, x, width }: { acts: Act[]; x: (i: number) => number; width: number }): JSX.Element {
    const labels: JSX.Element[] = [];
    let free = 0;
    acts.forEach((act, i) => {
        const at = x(i);
        if ((i && act.time === acts[i - 1].time) || at < free || at > width - 70) return;
        labels.push(<text key={act.row} x={at} y={HEIGHT - 6}>{duration(act.time)}</text>);
        free = at + 78;
    });
    return <>{labels}</>;
}

// The same without words: for a cell of a table.
export function CountSpark({ acts }: { acts: Act[] }): JSX.Element {
    const level = levels(acts);
    const most = Math.max(1, ...level);
    let path = "M0 22";
    level.forEach((value, i) => {
        path += `H${i}V${(22 - (20 * value) / most).toFixed(1)}`;
    });
    return (
        <svg class="spark" viewBox={`0 0 ${Math.max(level.length, 1)} 24`} preserveAspectRatio="none" aria-hidden="true">
            <path class="stair" d={level.length ? `${path}H${level.length}` : ""} />
        </svg>
    );
}
