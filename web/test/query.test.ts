import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQuery, splitQuery, termFor } from "../src/data/query.ts";

test("terms are cut at blanks outside of quotes", () => {
    assert.deepEqual(splitQuery('size>4k  function:"a b"  -live "x y'), ["size>4k", 'function:"a b"', "-live", '"x y']);
});

test("units are those of the field", () => {
    const values = (text: string) => parseQuery(text).terms.map((t) => t.kind === "number" && t.value);
    assert.deepEqual(values("size>64k size<=1.5MiB life<2ms born>1s address:0xff thread:3"),
        [65536, 1572864, 2e6, 1e9, 255, 3]);
});

test("what cannot be understood is an error, never ignored", () => {
    assert.equal(parseQuery("size>many").errors.length, 1);
    assert.equal(parseQuery("life<3k").errors.length, 1);
    assert.equal(parseQuery("end:eaten").errors.length, 1);
    assert.equal(parseQuery("function:").errors.length, 1);
});

test("a minus negates, a bare word is looked for everywhere", () => {
    const [a, b] = parseQuery("-live parse").terms;
    assert.ok(a.kind === "end" && a.not);
    assert.ok(b.kind === "text" && b.field === "any" && b.text === "parse" && !b.not);
});

test("a term for a name finds that name again", () => {
    for (const name of ["plain", "two words", "operator new[](unsigned long)", "a:b>c"]) {
        const [term] = parseQuery(termFor("function", name)).terms;
        assert.ok(term.kind === "text" && term.field === "function" && term.text === name);
    }
});
