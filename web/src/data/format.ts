// Numbers as people read them: the same words as src/util/human.c.

const MARKS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const THIN = "\u202f";

export function bytes(value: number): string {
    if (Number.isNaN(value)) return "–";
    const sign = value < 0 ? "−" : "";
    let size = Math.abs(value);
    let mark = 0;
    while (size >= 1024 && mark < MARKS.length - 1) {
        size /= 1024;
        mark++;
    }
    return `${sign}${mark ? size.toFixed(1) : Math.round(size)} ${MARKS[mark]}`;
}

// "28.4 MiB" as ["28.4", "MiB"].
export function split(text: string): [string, string] {
    const at = text.lastIndexOf(" ");
    return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

export function count(value: number): string {
    if (Number.isNaN(value)) return "–";
    return Math.round(value)
        .toString()
        .replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
}

export function duration(ns: number): string {
    if (Number.isNaN(ns)) return "–";
    if (ns < 1e3) return `${Math.round(ns)} ns`;
    if (ns < 1e6) return `${short(ns / 1e3)} µs`;
    if (ns < 1e9) return `${short(ns / 1e6)} ms`;
    if (ns < 6e10) return `${short(ns / 1e9)} s`;
    const seconds = Math.round(ns / 1e9);
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
    const minutes = Math.round(seconds / 60);
    return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

function short(value: number): string {
    return value < 100 ? value.toFixed(value < 10 ? 2 : 1) : String(Math.round(value));
}

function pad(value: number): string {
    return String(value).padStart(2, "0");
}

export function share(part: number, whole: number): string {
    if (!(whole > 0) || Number.isNaN(part)) return "–";
    const percent = (100 * part) / whole;
    if (part > 0 && percent < 0.1) return "<0.1 %";
    if (part < whole && percent > 99.9) return ">99.9 %";
    return `${percent.toFixed(1)} %`;
}

export function address(value: number): string {
    return Number.isNaN(value) ? "–" : `0x${value.toString(16)}`;
}

export function plural(n: number, noun: string): string {
    return `${count(n)} ${noun}${Math.round(n) === 1 ? "" : "s"}`;
}

// "± 0.4 MiB" of an estimate; empty of what is exact.
export function within(error: number, as: (value: number) => string): string {
    return Number.isNaN(error) ? "" : ` ± ${as(error)}`;
}

// A value by the unit of its column; the exact digits stand in its title.
export function byUnit(value: number, unit: string | undefined): string {
    switch (unit) {
        case "bytes":
            return bytes(value);
        case "ns":
            return duration(value);
        case "address":
            return address(value);
        case "ratio":
            return Number.isNaN(value) ? "–" : String(Math.round(value * 100) / 100);
        case "id":
            return Number.isNaN(value) ? "–" : String(value);
        default:
            return count(value);
    }
}
