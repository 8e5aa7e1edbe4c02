import assert from "node:assert/strict";
import { test } from "node:test";
import { toCsv } from "../src/data/csv.ts";

test("names of a program stay names in a spreadsheet", () => {
    assert.equal(toCsv([["a,b", 'say "x"', "two\nlines"], [1, null, true]]), '"a,b","say ""x""","two\nlines"\n1,,true');
    assert.equal(toCsv([["=1+1", "-x", "plain", -5]]), "'=1+1,'-x,plain,-5");
});
