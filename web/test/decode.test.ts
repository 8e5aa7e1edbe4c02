import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { Damage, decodeColumns, decodeTexts, inflate } from "../src/data/decode.ts";

interface Head {
    how?: number;
    other?: number;
    scale?: bigint;
    base?: bigint;
    planes: number[][];
}

function chunk(heads: Head[]): Uint8Array {
    const bytes: number[] = [];
    const number = (value: bigint, size: number) => {
        for (let i = 0; i < size; i++) bytes.push(Number((value >> BigInt(8 * i)) & 255n));
    };
    for (const head of heads) {
        bytes.push(head.how ?? 0, head.planes.length);
        number(BigInt(head.other ?? 0), 2);
        number(head.scale ?? 1n, 8);
        number(head.base ?? 0n, 8);
    }
    for (const head of heads) bytes.push(...head.planes.flat());
    return Uint8Array.from(bytes);
}

test("planes, base and scale make the values", () => {
    const bytes = chunk([{ base: 5n, scale: 1000n, planes: [[0, 1, 255], [0, 0, 1]] }]);
    const [column] = decodeColumns(bytes, 3, ["number"]);
    assert.deepEqual(Array.from(column.numbers), [5000, 6000, 516000]);
});

test("steps go up and down, zero is not known, relative columns add", () => {
    const bytes = chunk([
        { how: 1, base: 10n, planes: [[0, 4, 1]] },
        { how: 6, other: 0, scale: 2n, planes: [[0, 1, 3]] },
    ]);
    const [a, b] = decodeColumns(bytes, 3, ["number", "number"]);
    assert.deepEqual(Array.from(a.numbers), [10, 12, 11]);
    assert.deepEqual(Array.from(b.numbers), [Number.NaN, 12, 15]);
});

test("numbers beyond 2^53 keep all their digits", () => {
    const bytes = chunk([{ base: (1n << 64n) - 2n, planes: [[0, 1]] }]);
    const [column] = decodeColumns(bytes, 2, ["number"]);
    assert.deepEqual(Array.from(column.exact!), [(1n << 64n) - 2n, (1n << 64n) - 1n]);
});

test("floats are their bits", () => {
    const bits = new DataView(new ArrayBuffer(8));
    bits.setFloat64(0, 1.25);
    const [column] = decodeColumns(chunk([{ base: bits.getBigUint64(0), planes: [] }]), 3, ["float"]);
    assert.deepEqual(Array.from(column.numbers), [1.25]); // once for all rows
});

test("floats that differ are planes of their bits", () => {
    const wanted = [1.25, -0, Math.PI, 1e300, 5e-324];
    const bits = new Uint8Array(Float64Array.from(wanted).buffer);
    const planes = Array.from({ length: 8 }, (_, plane) => wanted.map((_value, i) => bits[i * 8 + plane]));
    const [column, next] = decodeColumns(chunk([{ planes }, { planes: [[1, 2, 3, 4, 5]] }]), 5, ["float", "number"]);
    assert.deepEqual(Array.from(column.numbers), wanted);
    assert.deepEqual(Array.from(next.numbers), [1, 2, 3, 4, 5]);
});

test("columns that cannot be are damage", () => {
    assert.throws(() => decodeColumns(new Uint8Array(3), 1, ["number"]), Damage);
    assert.throws(() => decodeColumns(chunk([{ planes: [[1, 2]] }]), 3, ["number"]), Damage);
    assert.throws(() => decodeColumns(chunk([{ how: 4, other: 7, planes: [] }]), 3, ["number"]), Damage);
    const wide = chunk([{ planes: [] }]);
    wide[1] = 200;
    assert.throws(() => decodeColumns(wide, 1 << 20, ["number"]), Damage);
    assert.throws(() => decodeTexts(new TextEncoder().encode("a\0b\0"), 3), Damage);
});

test("a chunk is unpacked only if it is whole", async () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);
    const packed = deflateSync(bytes, { level: 0 }); // the bytes as they are, and the checksum
    const base64 = packed.toString("base64");
    assert.deepEqual(await inflate(base64, 5000), bytes);
    await assert.rejects(inflate(base64, 4999), Damage);
    await assert.rejects(inflate(base64, 5001), Damage);
    await assert.rejects(inflate(base64.slice(0, base64.length / 2), 5000), Damage);
    await assert.rejects(inflate("?!", 5000), Damage);
    packed[2000] ^= 1;
    await assert.rejects(inflate(packed.toString("base64"), 5000), Damage);
});

test("flipped bits and cut bytes are damage or numbers, never a hang", async () => {
    const good = chunk([{ how: 1, planes: [[1, 2, 3, 4]] }, { how: 6, planes: [[0, 1, 2, 3]] }]);
    let state = 7;
    for (let round = 0; round < 5000; round++) {
        const bytes = good.slice(0, round % 3 ? good.length : round % good.length);
        state = (state * 1103515245 + 12345) & 0x7fffffff;
        if (bytes.length) bytes[state % bytes.length] ^= 1 << (state >> 8 & 7);
        try {
            assert.equal(decodeColumns(bytes, 4, ["number", "number"]).length, 2);
        } catch (error) {
            assert.ok(error instanceof Damage);
        }
    }
});
