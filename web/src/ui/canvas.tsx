// A canvas that fits its box, is sharp on every screen, and is drawn anew when its box, the theme or
// what it shows changes.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { theme } from "../shell/theme.ts";

export interface Pen {
    c: CanvasRenderingContext2D;
    width: number;
    height: number;
    color(name: string): string; // of a custom property: "--ink"
}

type Mouse = (x: number, y: number, event: PointerEvent) => void;

export interface CanvasProps {
    draw: (pen: Pen) => void;
    label: string; // what it shows, for who cannot see it
    class?: string;
    onDown?: Mouse;
    onMove?: Mouse;
    onUp?: Mouse;
    onLeave?: () => void;
    onDouble?: () => void;
    onWheel?: (x: number, y: number, event: WheelEvent) => void;
    onKey?: (event: KeyboardEvent) => void;
}

export function Canvas(props: CanvasProps): JSX.Element {
    const ref = useRef<HTMLCanvasElement>(null);
    const latest = useRef(props);
    latest.current = props;

    const redraw = () => {
        const canvas = ref.current;
        if (!canvas) return;
        const { clientWidth: width, clientHeight: height } = canvas;
        const ratio = devicePixelRatio || 1;
        if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
        if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
        const c = canvas.getContext("2d");
        if (!c || !width || !height) return;
        const style = getComputedStyle(canvas);
        c.setTransform(ratio, 0, 0, ratio, 0, 0);
        c.clearRect(0, 0, width, height);
        const color = (name: string) => style.getPropertyValue(name).trim();
        c.font = `12px ${style.fontFamily}`;
        latest.current.draw({ c, width, height, color });
    };

    useEffect(() => {
        const observer = new ResizeObserver(redraw);
        observer.observe(ref.current!);
        return () => observer.disconnect();
    }, []);
    void theme.value;
    useEffect(redraw);

    const at = (mouse: Mouse | undefined) =>
        mouse &&
        ((event: PointerEvent) => {
            const box = ref.current!.getBoundingClientRect();
            mouse(event.clientX - box.left, event.clientY - box.top, event);
        });
    const wheel = (event: WheelEvent) => {
        const box = ref.current!.getBoundingClientRect();
        props.onWheel?.(event.clientX - box.left, event.clientY - box.top, event);
    };
    const focusable = props.onKey ? { tabIndex: 0, onKeyDown: props.onKey } : {};
    return (
        <canvas
            ref={ref}
            class={`canvas ${props.class ?? ""}`}
            role="img"
            aria-label={props.label}
            onPointerDown={at(props.onDown)}
            onPointerMove={at(props.onMove)}
            onPointerUp={at(props.onUp)}
            onPointerLeave={props.onLeave}
            onDblClick={props.onDouble}
            onWheel={props.onWheel && wheel}
            {...focusable}
        />
    );
}
