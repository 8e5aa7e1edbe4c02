// Blocks in a room of time, address and size, to be turned with the mouse, with fingers or with keys.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { bytes, count, duration } from "../data/format.ts";
import type { Space } from "../data/space.ts";
import { theme } from "../shell/theme.ts";
import { type Look, type Rgb, Scene } from "../ui/scene.ts";

type Camera = Pick<Look, "yaw" | "pitch" | "distance">;

const START: Camera = { yaw: 0.45, pitch: 0.5, distance: 3.6 };
const TURN = 0.01; // radians to a pixel

function limited(camera: Camera): Camera {
    const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
    return { yaw: camera.yaw, pitch: clamp(camera.pitch, -0.2, 1.5), distance: clamp(camera.distance, 1.5, 9) };
}

// Where a key turns the camera to; null: it means something else.
export function turned(camera: Camera, key: string): Camera | null {
    switch (key) {
        case "ArrowLeft": return limited({ ...camera, yaw: camera.yaw - 0.1 });
        case "ArrowRight": return limited({ ...camera, yaw: camera.yaw + 0.1 });
        case "ArrowUp": return limited({ ...camera, pitch: camera.pitch + 0.1 });
        case "ArrowDown": return limited({ ...camera, pitch: camera.pitch - 0.1 });
        case "+": case "=": return limited({ ...camera, distance: camera.distance / 1.15 });
        case "-": return limited({ ...camera, distance: camera.distance * 1.15 });
        case "Home": return START;
        default: return null;
    }
}

// "#0072b2"
function rgb(hex: string): Rgb {
    const value = Number.parseInt(hex.trim().slice(1), 16) || 0;
    return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

function render(scene: Scene, canvas: HTMLCanvasElement, camera: Camera, moment: number): void {
    const ratio = devicePixelRatio || 1;
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (!width || !height) return;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const style = getComputedStyle(canvas);
    const color = (name: string) => rgb(style.getPropertyValue(name));
    scene.draw({ ...camera, moment, kept: color("--kept"), gone: color("--gone"), plane: color("--peak"), ground: color("--sunken") });
}

export interface SpaceProps {
    space: Space;
    moment: number; // from 0 to 1 of the window
    time: number; // ns
    onKey: (event: KeyboardEvent) => void; // what the camera has no use for
}

export function SpaceView({ space, moment, time, onKey }: SpaceProps): JSX.Element {
    const canvas = useRef<HTMLCanvasElement>(null);
    const scene = useRef<Scene | null>(null);
    const [camera, setCamera] = useState(START);
    const [failed, setFailed] = useState(false);
    const fingers = useRef(new Map<number, { x: number; y: number }>());

    useEffect(() => {
        const element = canvas.current!;
        const onLost = () => setFailed(true);
        try {
            scene.current = new Scene(element);
        } catch {
            setFailed(true);
        }
        element.addEventListener("webglcontextlost", onLost);
        return () => {
            element.removeEventListener("webglcontextlost", onLost);
            scene.current?.dispose();
            scene.current = null;
        };
    }, []);
    useEffect(() => scene.current?.load(space), [space]);
    void theme.value;
    const redraw = () => scene.current && canvas.current && render(scene.current, canvas.current, camera, moment);
    const latest = useRef(redraw);
    latest.current = redraw;
    useEffect(() => {
        redraw();
    });
    useEffect(() => {
        const observer = new ResizeObserver(() => latest.current());
        if (canvas.current) observer.observe(canvas.current);
        return () => observer.disconnect();
    }, []);

    const onMove = (event: PointerEvent) => {
        const before = fingers.current.get(event.pointerId);
        if (!before) return;
        const others = [...fingers.current].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
        const now = { x: event.clientX, y: event.clientY };
        fingers.current.set(event.pointerId, now);
        if (others.length) {
            const apart = (at: { x: number; y: number }) => Math.max(Math.hypot(at.x - others[0].x, at.y - others[0].y), 1);
            setCamera(limited({ ...camera, distance: (camera.distance * apart(before)) / apart(now) }));
        } else {
            setCamera(limited({ ...camera, yaw: camera.yaw + (now.x - before.x) * TURN, pitch: camera.pitch + (now.y - before.y) * TURN }));
        }
    };
    const lift = (event: PointerEvent) => fingers.current.delete(event.pointerId);
    const onKeyDown = (event: KeyboardEvent) => {
        const next = turned(camera, event.key);
        if (!next) return onKey(event);
        event.preventDefault();
        event.stopPropagation();
        setCamera(next);
    };
    if (failed)
        return <p class="nothing">This browser has no WebGL2, which the room is drawn with. The map and the list of blocks show the same.</p>;
    return (
        <>
            <canvas ref={canvas} class="space" role="img" tabIndex={0}
                aria-label={`${count(space.count)} blocks by time, address and size; what lives at ${duration(time)} is bright. Arrow keys turn, plus and minus zoom, Home looks as at first, space plays.`}
                onPointerDown={(event) => {
                    fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
                    canvas.current!.setPointerCapture(event.pointerId);
                }}
                onPointerMove={onMove} onPointerUp={lift} onPointerCancel={lift}
                onWheel={(event) => {
                    event.preventDefault();
                    setCamera(limited({ ...camera, distance: camera.distance * 1.001 ** event.deltaY }));
                }}
                onKeyDown={onKeyDown} data-yaw={camera.yaw.toFixed(2)} data-distance={camera.distance.toFixed(2)} />
            <p class="legend">
                <span>time goes to the right, addresses into the depth (unused ones are left out), size upwards on a logarithmic scale, to {bytes(space.most)}</span>
                <span><i class="key kept" /> lives at the end</span>
                <span><i class="key gone" /> goes</span>
                {space.count < space.of && <span>the {count(space.count)} largest of {count(space.of)} blocks</span>}
            </p>
        </>
    );
}
