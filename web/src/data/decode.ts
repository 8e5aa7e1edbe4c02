// One chunk of the page becomes columns of numbers: the mirror of src/export/html_table.c, where the
// format is described.
import type { Kind, Values } from "./table.ts";

const HEAD = 20;
const DELTA = 1;
const OPTIONAL = 2;
const RELATIVE = 4;
const EXACT = BigInt(Number.MAX_SAFE_INTEGER);

export class Damage extends Error {}

let crcTable: Uint32Array | undefined;

function makeCrcTable(): Uint32Array {
    const table = new Uint32Array(256);
    for (let n = 0; n < 256; n++) {
        let c = n;
        for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
        table[n] = c >>> 0;
    }
    return table;
}

export function crc32(bytes: Uint8Array): number {
    crcTable ??= makeCrcTable();
    let c = 0xffffffff;
    for (let i = 0; i < bytes.length; i++) c = crcTable[(c ^ bytes[i]) & 255] ^ (c >>> 8);
    return (c ^ 0xffffffff) >>> 0;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
    const native = (Uint8Array as unknown as { fromBase64?: (t: string) => Uint8Array<ArrayBuffer> })
        .fromBase64;
    if (native) return native(text);
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
}

// The bytes of a chunk: `size` of them, with that checksum, or Damage is thrown.
export async function inflate(base64: string, size: number, crc: number): Promise<Uint8Array> {
    let stream: ReadableStream<Uint8Array>;
    try {
        const packed = new Blob([fromBase64(base64)]).stream();
        stream = packed.pipeThrough(new DecompressionStream("deflate"));
    } catch {
        throw new Damage("is no base64");
    }
    const bytes = new Uint8Array(size);
    let at = 0;
    const reader = stream.getReader();
    try {
        for (;;) {
            const { done, value } = await reader.read();
            if (done) break;
            if (at + value.length > size) throw new Damage("is longer than it says");
            bytes.set(value, at);
            at += value.length;
        }
    } catch (error) {
        reader.cancel().catch(() => undefined);
        throw error instanceof Damage ? error : new Damage("cannot be unpacked");
    }
    if (at !== size) throw new Damage("is shorter than it says");
    if (crc32(bytes) !== crc) throw new Damage("has another checksum");
    return bytes;
}

interface Head {
    how: number;
    width: number;
    other: number;
    scale: bigint;
    base: bigint;
    planes: number; // offset
}

function readHeads(bytes: Uint8Array, rows: number, columns: number): Head[] {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (columns * HEAD > bytes.length) throw new Damage("has too few columns");
    const heads: Head[] = [];
    let planes = columns * HEAD;
    for (let i = 0; i < columns; i++) {
        const at = i * HEAD;
        const head = {
            how: view.getUint8(at),
            width: view.getUint8(at + 1),
            other: view.getUint16(at + 2, true),
            scale: view.getBigUint64(at + 4, true),
            base: view.getBigUint64(at + 12, true),
            planes,
        };
        if (head.width > 8 || (head.how & RELATIVE && head.other >= i))
            throw new Damage("has a column that cannot be");
        heads.push(head);
        planes += head.width * rows;
    }
    if (planes !== bytes.length) throw new Damage("has columns of another length");
    return heads;
}

// The steps of html_table.h in floating point, which is exact below 2^53.
function decodeFast(bytes: Uint8Array, rows: number, head: Head, others: Values[]): Float64Array {
    const values = new Float64Array(rows);
    for (let plane = head.width - 1; plane >= 0; plane--) {
        const from = head.planes + plane * rows;
        for (let i = 0; i < rows; i++) values[i] = values[i] * 256 + bytes[from + i];
    }
    const base = Number(head.base);
    if (head.how & DELTA) {
        let value = base;
        for (let i = 0; i < rows; i++) {
            const zigzag = values[i];
            value += zigzag % 2 ? -(zigzag + 1) / 2 : zigzag / 2;
            values[i] = value;
        }
    } else if (base) {
        for (let i = 0; i < rows; i++) values[i] += base;
    }
    const scale = Number(head.scale);
    const other = head.how & RELATIVE ? others[head.other].numbers : null;
    if (head.how & OPTIONAL) {
        for (let i = 0; i < rows; i++)
            values[i] = values[i] === 0 ? Number.NaN : (values[i] - 1) * scale + (other?.[i] ?? 0);
    } else if (scale !== 1 || other) {
        for (let i = 0; i < rows; i++) values[i] = values[i] * scale + (other?.[i] ?? 0);
    }
    return values;
}

// The same for numbers of any size.
function decodeExact(bytes: Uint8Array, rows: number, head: Head, others: Values[]): Values {
    const exact = new BigUint64Array(rows);
    const numbers = new Float64Array(rows);
    let previous = head.base;
    for (let i = 0; i < rows; i++) {
        let value = 0n;
        for (let plane = head.width - 1; plane >= 0; plane--)
            value = (value << 8n) | BigInt(bytes[head.planes + plane * rows + i]);
        if (head.how & DELTA) previous += value & 1n ? -((value + 1n) >> 1n) : value >> 1n;
        value = head.how & DELTA ? previous : head.base + value;
        const unknown = head.how & OPTIONAL && value === 0n;
        if (head.how & OPTIONAL) value -= 1n;
        value *= head.scale;
        if (head.how & RELATIVE)
            value += others[head.other].exact?.[i] ?? BigInt(others[head.other].numbers[i]);
        exact[i] = value;
        numbers[i] = unknown ? Number.NaN : Number(value);
    }
    return { numbers, exact };
}

// Is every value of the column sure to be below 2^53, on every step of the way?
function fits(head: Head, rows: number, others: Values[]): boolean {
    if (head.how & RELATIVE && others[head.other].exact) return false;
    const step = 1n << BigInt(8 * head.width);
    const most = head.base + (head.how & DELTA ? step * BigInt(rows) : step);
    return most * head.scale <= EXACT;
}

function asFloats(values: Values): Values {
    const bits = values.exact ?? BigUint64Array.from(values.numbers, BigInt);
    return { numbers: new Float64Array(bits.buffer, bits.byteOffset, bits.length) };
}

function asSigned(values: Values): Values {
    return { numbers: values.numbers.map((v) => (v % 2 ? -(v + 1) / 2 : v / 2)) };
}

// The columns of a chunk, of these kinds.
export function decodeColumns(bytes: Uint8Array, rows: number, kinds: Kind[]): Values[] {
    const heads = readHeads(bytes, rows, kinds.length);
    const raw: Values[] = [];
    for (const head of heads)
        raw.push(
            fits(head, rows, raw)
                ? { numbers: decodeFast(bytes, rows, head, raw) }
                : decodeExact(bytes, rows, head, raw),
        );
    return raw.map((values, i) => {
        if (kinds[i] === "float") return asFloats(values);
        if (kinds[i] === "signed") return asSigned(values);
        return values;
    });
}

// Texts, each ended by a zero byte.
export function decodeTexts(bytes: Uint8Array, count: number): string[] {
    const texts = new TextDecoder().decode(bytes).split("\0");
    texts.pop();
    if (texts.length !== count) throw new Damage("has another number of texts");
    return texts;
}
