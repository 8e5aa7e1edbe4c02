// The page says what the JSON report says, to the last digit, and needs nothing but itself.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, open, program, record, untilReady } from "./support.mjs";

after(closeBrowser);

const reports = {
    annotated: record("annotated", program("annotated")),
    threads: record("threads", program("threads", "4", "200")),
    sqlite: record("sqlite", ["sqlite3", ":memory:",
        "create table t(a); insert into t values (1), (2); select sum(length(randomblob(a * 999))) from t;"]),
    sampled: record("sampled", program("names", "20000"), "--sample", "4K"),
};

// A record of the JSON report as the page's tables have it: flat, lists by their length.
function flat(record, prefix = "") {
    const result = {};
    for (const [key, value] of Object.entries(record)) {
        const name = prefix + key;
        if (Array.isArray(value) && (name === "stack" || prefix === "stacks."))
            result[name] = value.map((frame) => frame.function);
        else if (Array.isArray(value)) result[name] = value.length;
        else if (value && typeof value === "object") Object.assign(result, flat(value, `${name}.`));
        else result[name] = value;
    }
    return result;
}

for (const [name, { html, json }] of Object.entries(reports)) {
    test(`${name}: every table of the page is that of the JSON report`, async () => {
        await open(html, {}, async (page) => {
            await untilReady(page);
            for (const [key, part] of Object.entries(json)) {
                if (key === "schema") continue;
                const expected = (Array.isArray(part) ? part : [part]).map((r) => flat(r));
                const shown = await page.evaluate((k) => window.memscope.table(k, Infinity), key);
                assert.deepEqual(shown, expected, key);
            }
        });
    });

    test(`${name}: blocks listed one by one add up to the totals`, async () => {
        await open(html, {}, async (page) => {
            await untilReady(page);
            const { summary } = json;
            const sum = await page.evaluate(async () => {
                const all = { sites: null, numbers: [], ends: [] };
                const [born, live] = await Promise.all([
                    window.memscope.ask("costs", all, [0, Infinity], "allocated"),
                    window.memscope.ask("costs", all, [0, Infinity], "live")]);
                const add = (values) => values.reduce((a, b) => a + b, 0);
                return { born: add(born.blocks), bytes: add(born.bytes), live: add(live.bytes), blocks: add(live.blocks) };
            });
            const near = (a, b) => assert.ok(Math.abs(a - b) <= 1 + b * 1e-9, `${a} is not ${b}`);
            if (summary.evidence === "recorded") {
                near(sum.born, summary.allocations + summary.reallocations);
                near(sum.bytes, summary.bytes_allocated);
            }
            near(sum.live, summary.live_bytes + summary.uncertain_bytes);
            near(sum.blocks, summary.live_blocks + summary.uncertain_blocks);
        });
    });
}

test("verdict and summary are there without script", async () => {
    const { html, json } = reports.sqlite;
    await open(html, { javaScriptEnabled: false }, async (page) => {
        const { summary } = json;
        for (const [field, value] of Object.entries(summary)) {
            if (value === null) continue;
            assert.equal(await page.locator(`td[data-field="${field}"]`).innerText(), String(value), field);
        }
        const verdict = await page.locator("#verdict").innerText();
        assert.ok(verdict.includes(`${(summary.peak_bytes / 2 ** 20).toFixed(1)} MiB`), verdict);
    });
});

test("the overview shows the numbers of the summary and the places that cost most", async () => {
    const { html, json } = reports.sqlite;
    await open(html, {}, async (page) => {
        await untilReady(page);
        for (const field of ["peak_bytes", "live_bytes", "allocations", "bytes_allocated", "temporary_allocations"]) {
            const exact = await page.locator(`.kpi[data-field="${field}"] .value`).getAttribute("title");
            assert.equal(exact, String(json.summary[field]), field);
        }
        const most = new Map();
        for (const site of json.sites) {
            const frame = site.stack.find((f) => !f.wrapper);
            const name = `${frame.function} ${frame.file}:${frame.line} ${frame.module} ${frame.function ? "" : frame.address}`;
            most.set(name, (most.get(name) ?? 0) + site.peak_bytes);
        }
        const shown = await page.locator(".card:has(h2:text('Held the peak')) .ranked b").first().getAttribute("title");
        assert.equal(shown, String(Math.max(...most.values())));
    });
});
