// One chunk of the page becomes columns of numbers: the mirror of src/export/html_table.c, where the
// format is described.
import type { Kind, Numbers, Values } from "./table.ts";

const HEAD = 20;
const DELTA = 1;
const OPTIONAL = 2;
const RELATIVE = 4;
const EXACT = BigInt(Number.MAX_SAFE_INTEGER);

export class Damage extends Error {}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
    const native = (Uint8Array as unknown as { fromBase64?: (t: string) => Uint8Array<ArrayBuffer> })
        .fromBase64;
    if (native) return native(text);
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
}

// The bytes of a chunk: `size` of them, with the checksum that zlib's format has at its end, or Damage is thrown.
export async function inflate(base64: string, size: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(size);
    const stream = new DecompressionStream("deflate");
    const reader = stream.readable.getReader();
    const writer = stream.writable.getWriter();
    let at = 0;
    try {
        // What goes wrong with these shows when the other end is read.
        writer.write(fromBase64(base64)).catch(() => undefined);
        writer.close().catch(() => undefined);
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

// What no value of the column is above, on any step of the way. `bounds` are those of the columns before it.
function boundOf(head: Head, rows: number, bounds: bigint[]): bigint {
    const step = 1n << BigInt(8 * head.width);
    const most = head.base + (head.how & DELTA ? step * BigInt(rows) : step);
    return most * head.scale + (head.how & RELATIVE ? bounds[head.other] : 0n);
}

// Where small columns are decoded, again and again: memory of its own for each would be half of the work.
let room = new Int32Array(0);

function roomFor(rows: number): Int32Array {
    if (room.length < rows) room = new Int32Array(rows);
    return room.subarray(0, rows);
}

function readPlanes(values: Int32Array | Float64Array, bytes: Uint8Array, { width, planes }: Head): void {
    const rows = values.length;
    const [second, third] = [planes + rows, planes + 2 * rows];
    if (width === 1) for (let i = 0; i < rows; i++) values[i] = bytes[planes + i];
    else if (width === 2) for (let i = 0; i < rows; i++) values[i] = bytes[planes + i] | bytes[second + i] << 8;
    else if (width === 3)
        for (let i = 0; i < rows; i++) values[i] = bytes[planes + i] | bytes[second + i] << 8 | bytes[third + i] << 16;
    else {
        values.fill(0);
        for (let plane = planes + (width - 1) * rows; plane >= planes; plane -= rows)
            for (let i = 0; i < rows; i++) values[i] = values[i] * 256 + bytes[plane + i];
    }
}

function unzigzag(value: number): number {
    const half = Math.floor(value / 2); // `value % 2` is slow beyond 2^31
    return half * 2 === value ? half : -half - 1;
}

// The steps of html_table.h but the last one, in numbers; not known is below zero here.
function takeSteps(values: Int32Array | Float64Array, bytes: Uint8Array, head: Head): void {
    const rows = values.length;
    const scale = Number(head.scale);
    let base = Number(head.base);
    readPlanes(values, bytes, head);
    if (head.how & DELTA) {
        for (let i = 0; i < rows; i++) {
            base += unzigzag(values[i]);
            values[i] = base;
        }
        base = 0;
    }
    if (head.how & OPTIONAL) base--;
    if (base || scale !== 1) for (let i = 0; i < rows; i++) values[i] = (values[i] + base) * scale;
}

// What is below 2^31 on every step, into an array that is as small as holds it.
function decodeSmall(bytes: Uint8Array, rows: number, head: Head): Numbers {
    const values = roomFor(rows);
    takeSteps(values, bytes, head);
    let [least, most] = [0, 0];
    for (let i = 0; i < rows; i++) {
        const value = values[i];
        if (value > most) most = value;
        else if (value < least) least = value;
    }
    if (least === 0) return most < 256 ? new Uint8Array(values) : new Uint32Array(values);
    const floats = most < 1 << 24 ? new Float32Array(values) : new Float64Array(values);
    for (let i = 0; i < rows; i++) if (values[i] < 0) floats[i] = Number.NaN;
    return floats;
}

// What is below 2^53 on every step, and so exact.
function decodeLarge(bytes: Uint8Array, rows: number, head: Head, others: Values[]): Float64Array {
    const values = new Float64Array(rows);
    takeSteps(values, bytes, head);
    if (head.how & OPTIONAL) for (let i = 0; i < rows; i++) if (values[i] < 0) values[i] = Number.NaN;
    if (head.how & RELATIVE) {
        const { numbers } = others[head.other];
        const step = numbers.length === 1 ? 0 : 1;
        for (let i = 0; i < rows; i++) values[i] += numbers[i * step];
    }
    return values;
}

function exactAt({ numbers, exact }: Values, row: number): bigint {
    const i = numbers.length === 1 ? 0 : row;
    return exact?.[i] ?? BigInt(numbers[i]);
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
        if (head.how & RELATIVE) value += exactAt(others[head.other], i);
        exact[i] = value;
        numbers[i] = unknown ? Number.NaN : Number(value);
    }
    return { numbers, exact };
}

// Planes of bits as they are. (Little-endian, as any machine with a browser is.)
function decodeBits(bytes: Uint8Array, rows: number, { planes }: Head): Float64Array {
    const values = new Float64Array(rows);
    const raw = new Uint8Array(values.buffer);
    for (let plane = 0; plane < 8; plane++)
        for (let i = 0; i < rows; i++) raw[i * 8 + plane] = bytes[planes + plane * rows + i];
    return values;
}

function isPlain({ how, scale, base }: Head): boolean {
    return how === 0 && scale === 1n && base === 0n;
}

// From raw values to those of a kind.
function asKind(values: Values, kind: Kind): Values {
    if (kind === "signed") return { numbers: Float64Array.from(values.numbers, unzigzag) };
    if (kind !== "float") return values;
    const bits = values.exact ?? BigUint64Array.from(values.numbers, BigInt);
    return { numbers: new Float64Array(bits.buffer, bits.byteOffset, bits.length) };
}

function decode(bytes: Uint8Array, rows: number, head: Head, others: Values[], bound: bigint): Values {
    if (bound > EXACT) return decodeExact(bytes, rows, head, others);
    const small = bound < 1n << 31n && !(head.how & RELATIVE);
    return { numbers: small ? decodeSmall(bytes, rows, head) : decodeLarge(bytes, rows, head, others) };
}

// The columns of a chunk, of these kinds. One that is the same in all rows has that number once: see join().
export function decodeColumns(bytes: Uint8Array, rows: number, kinds: Kind[]): Values[] {
    const columns: Values[] = [];
    const bounds: bigint[] = [];
    readHeads(bytes, rows, kinds.length).forEach((head, i) => {
        const distinct = head.width || head.how & RELATIVE ? rows : Math.min(rows, 1);
        bounds.push(boundOf(head, distinct, bounds));
        if (kinds[i] === "float" && head.width === 8 && isPlain(head)) columns.push({ numbers: decodeBits(bytes, rows, head) });
        else columns.push(asKind(decode(bytes, distinct, head, columns, bounds[i]), kinds[i]));
    });
    return columns;
}

// Texts, each ended by a zero byte.
export function decodeTexts(bytes: Uint8Array, count: number): string[] {
    const texts = new TextDecoder().decode(bytes).split("\0");
    texts.pop();
    if (texts.length !== count) throw new Damage("has another number of texts");
    return texts;
}
