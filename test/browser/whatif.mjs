// The peak without some sites: that of a program whose peaks are known, and never a number that only looks exact.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { after, test } from "node:test";
import { closeBrowser, folder, open, program, record, until, untilReady } from "./support.mjs";

after(closeBrowser);

// Peaks: 1000000 in early(); without it 600000 and 300000 in late() and last(); all within a tick or so.
const source = path.join(folder, "peaks.c");
const built = path.join(folder, "peaks");
fs.writeFileSync(source, `#include <stdlib.h>
__attribute__((noinline)) static void *early(void) { return malloc(1000000); }
__attribute__((noinline)) static void *late(void) { return malloc(600000); }
__attribute__((noinline)) static void *last(void *p) { return realloc(p, 300000); }
int main(void) {
    void *volatile a = early();
    free(a);
    void *volatile b = late(), *volatile c = malloc(100);
    c = last(c);
    free(b);
    free(c);
    return 0;
}
`);
execFileSync("cc", ["-g", "-O0", "-o", built, source]);
const peaks = record("peaks", [built]);

const nothing = async () => {
    const sites = window.memscope.table("sites", Infinity).length;
    return window.memscope.ask("whatIf", new Uint8Array(sites));
};

const heldThePeak = async () => {
    const all = { sites: null, numbers: [], ends: [] };
    const moment = window.memscope.table("summary")[0].peak_time_ns - 0.25;
    const { bytes } = await window.memscope.ask("costs", all, [0, moment], "live");
    return Array.from(bytes);
};

test("of every recorded run the blocks lead to its peak, byte by byte", async () => {
    const reports = [peaks, record("annotated", program("annotated")), record("threads", program("threads", "4", "200")),
        record("sqlite", ["sqlite3", ":memory:", "select sum(length(randomblob(9999)));"])];
    for (const { html, json } of reports)
        await open(html, {}, async (page) => {
            await untilReady(page);
            const { all, without, error } = await page.evaluate(nothing);
            assert.equal(all.bytes, json.summary.peak_bytes);
            assert.equal(all.time, json.summary.peak_time_ns);
            assert.deepEqual(without, all);
            assert.ok(Number.isNaN(error));
            assert.deepEqual(await page.evaluate(heldThePeak), json.sites.map((site) => site.peak_bytes));
        });
});

test("ticked sites are left out of the peak, in any list and by keys", async () => {
    await open(peaks.html, {}, async (page) => {
        await untilReady(page);
        const bar = page.locator(".what-if");
        assert.equal(await bar.count(), 0);
        const box = page.locator(".card:has(h2:text('Held the peak'))").getByRole("checkbox", { name: "What if not: early" });
        await box.check();
        await until(page, () => window.memscope.state().whatIf !== null);
        assert.equal((await page.evaluate(() => window.memscope.state().whatIf)).without.bytes, 900000);
        const text = await bar.innerText();
        assert.match(text, /Without 1 site the peak would be 878\.9 KiB .* instead of 976\.6 KiB/);
        assert.match(text, /97\.7 KiB less \(10\.0 %\)/);
        assert.match(text, /Recomputed from every block/);
        assert.doesNotMatch(text, /about|estimate/);

        await page.keyboard.press("W");
        assert.equal(await bar.count(), 0);

        const late = await page.evaluate(() => window.memscope.table("sites").findIndex((site) => site.max_size === 600000));
        await page.evaluate((site) => { location.hash = `#v=leaks&sel=sites:${site}`; }, late);
        await page.locator(".inspector").waitFor();
        await page.keyboard.press("w");
        await until(page, () => window.memscope.state().whatIf !== null);
        const { without, all } = await page.evaluate(() => window.memscope.state().whatIf);
        assert.deepEqual(without, all); // the peak was another one
    });
});

test("a link shows the same, and a call of the flame graph stands for its sites", async () => {
    await open(peaks.html, { hash: "#v=flame&w=0-99999" }, async (page) => {
        await untilReady(page);
        await until(page, () => window.memscope.state().whatIf?.without.bytes === 0);
        const canvas = page.locator(".flame canvas");
        await canvas.focus();
        await page.keyboard.press("ArrowDown");
        const box = page.locator(".chosen-call").getByRole("checkbox");
        assert.equal(await box.isChecked(), true);
        await box.uncheck();
        await until(page, () => window.memscope.state().whatIf === null || window.memscope.state().whatIf.without.bytes > 0);
    });
});

test("of a sample it is an estimate with its error", async () => {
    const { html, json } = record("sampled", ["sqlite3", ":memory:",
        "create table t(a); insert into t values (randomblob(30000)), (randomblob(20000)); select sum(length(hex(a))) from t;"], "--sample", "1K");
    await open(html, { hash: `#w=${json.sites.length - 1}` }, async (page) => {
        await untilReady(page);
        const { all, error } = await page.evaluate(nothing);
        const near = (a, b) => assert.ok(Math.abs(a - b) <= b * 0.01 + 1, `${a} is not ${b}`);
        near(all.bytes, json.summary.peak_bytes);
        near(error, json.summary.peak_bytes_error);
        await until(page, () => window.memscope.state().whatIf !== null);
        assert.match(await page.locator(".what-if").innerText(), /about .* ± .*An estimate: .* sample/s);
    });
});
