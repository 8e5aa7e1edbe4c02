// A moment that goes through a span of time by itself, step by step or by hand.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { duration } from "../data/format.ts";
import type { Span } from "../data/rows.ts";

const STEPS = 200;
const PACE = 50; // ms from one step to the next, at the least: what is shown comes first

export interface Player {
    playing: boolean;
    toggle: () => void;
    step: (by: number) => void; // by so many steps; it stops
    go: (time: number) => void;
}

// `shown` is the moment that has been drawn, `time` the one that is wanted. `onTime` is told whether it stays.
export function usePlayer(span: Span, time: number, shown: number | null, onTime: (time: number, stays: boolean) => void): Player {
    const [playing, setPlaying] = useState(false);
    const timer = useRef(0); // of the next step; a step that is due must not come after a pause
    const step = (span[1] - span[0]) / STEPS;
    const within = (t: number) => Math.round(Math.min(Math.max(t, span[0]), span[1]));
    useEffect(() => {
        if (!playing || shown !== time) return;
        if (time >= span[1]) {
            setPlaying(false);
            onTime(time, true);
            return;
        }
        timer.current = setTimeout(() => onTime(within(time + step), false), PACE);
        return () => clearTimeout(timer.current);
    }, [playing, shown, time]);
    const stopAt = (t: number) => {
        clearTimeout(timer.current);
        setPlaying(false);
        onTime(within(t), true);
    };
    const toggle = () => {
        if (playing) stopAt(time);
        else if (time >= span[1]) onTime(span[0], false);
        setPlaying(!playing);
    };
    return { playing, toggle, step: (by) => stopAt(time + by * step), go: stopAt };
}

// Left and right step, space plays: for what has the focus and shows the moment.
export function playerKey(player: Player, event: KeyboardEvent): void {
    const by = { ArrowLeft: -4, ArrowRight: 4, ",": -1, ".": 1 }[event.key];
    if (by !== undefined) player.step(by);
    else if (event.key === " ") player.toggle();
    else return;
    event.preventDefault();
    event.stopPropagation();
}

export function PlayerBar(props: { player: Player; span: Span; time: number; named: [name: string, time: number][] }): JSX.Element {
    const { player, span, time } = props;
    return (
        <div class="player" role="group" aria-label="The moment that is shown">
            <button type="button" aria-label="A step back" onClick={() => player.step(-1)}>◂</button>
            <button type="button" class="play" aria-pressed={player.playing} onClick={player.toggle}>{player.playing ? "Pause" : "Play"}</button>
            <button type="button" aria-label="A step ahead" onClick={() => player.step(1)}>▸</button>
            <input type="range" min={span[0]} max={span[1]} step={(span[1] - span[0]) / 1000} value={time} aria-label="Moment"
                aria-valuetext={duration(time)} onInput={(event) => player.go(Number(event.currentTarget.value))} />
            <output>{duration(time)}</output>
            {props.named.map(([name, at]) => (
                <button type="button" class="link" key={name} onClick={() => player.go(at)}>{name}</button>
            ))}
        </div>
    );
}
