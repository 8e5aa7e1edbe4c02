// Pages of real programs: every view of them shows something, and what it shows is what the report says.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { after, test } from "node:test";
import { closeBrowser, example, folder, open, program, record, recordInBackground, until, untilReady } from "./support.mjs";

after(closeBrowser);

// A server, asked by a client and told to end.
async function redis() {
    const socket = path.join(folder, "redis.sock");
    const server = recordInBackground("redis",
        ["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--daemonize", "no"], "--sample-interval", "10");
    const ask = (...words) => execFileSync("redis-cli", ["-s", socket, ...words], { stdio: "pipe" });
    while (!fs.existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 20));
    ask("debug", "populate", "2000", "key", "100");
    ask("lpush", "list", ...Array.from({ length: 500 }, (_, i) => `item ${i}`));
    try {
        ask("shutdown", "nosave");
    } catch {
        // it hangs up on who says that
    }
    return server.end();
}

const python = () => record("python", ["env", "PYTHONMALLOC=malloc", "/usr/bin/python3", "-I", "-S", "-c",
    "words = [str(i) * 3 for i in range(3000)]; kept = {w: [w] for w in words if '7' in w}; print(len(kept))"]);

const programs = {
    redis: await redis(),
    python: python(),
    annotated: record("heavy_workload", example("heavy_workload")),
};

const VIEWS = ["overview", "flame", "leaks", "churn", "explore", "heap", "relations", "safety", "compare", "allocations"];

for (const [name, { html, json }] of Object.entries(programs)) {
    for (const view of VIEWS)
        test(`${name}: ${view} shows something and nothing that is no number`, async () => {
            await open(html, { hash: `#v=${view}` }, async (page) => {
                await untilReady(page);
                const main = page.locator("main").last();
                await until(page, () => document.querySelector("main:last-of-type").innerText.length > 40);
                const text = await main.innerText();
                assert.doesNotMatch(text, /\b(NaN|undefined|Infinity|null|\[object)\b/, text);
                const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
                assert.ok(wide <= 0, `${wide} pixels too wide`);
            });
        });

    test(`${name}: the numbers of the first screen are those of the report`, async () => {
        await open(html, {}, async (page) => {
            await untilReady(page);
            for (const field of ["peak_bytes", "live_bytes", "allocations", "bytes_allocated"]) {
                const exact = await page.locator(`.kpi[data-field="${field}"] .value`).getAttribute("title");
                assert.equal(exact, String(json.summary[field]), field);
            }
        });
    });

    test(`${name}: costs of calls add up to the totals, whichever is asked for`, async () => {
        await open(html, {}, async (page) => {
            await untilReady(page);
            const all = { sites: null, numbers: [], ends: [] };
            const sum = (kind) => page.evaluate(async ([what, filter]) => {
                const costs = await window.memscope.ask("costs", filter, [0, Infinity], what);
                return costs.bytes.reduce((a, b) => a + b, 0);
            }, [kind, all]);
            const near = (a, b) => assert.ok(Math.abs(a - b) <= 1 + b * 1e-6, `${a} is not ${b}`);
            near(await sum("allocated"), json.summary.bytes_allocated);
            near(await sum("live"), json.summary.live_bytes);
        });
    });
}

test("a leak that somebody wrote is named on the first screen: where, in what, of which type, how much", async () => {
    const { html, json } = record("leak", program("leaky_server", "1000"));
    const leaked = 200 * 2 * 240;
    const sites = json.sites.filter((s) => s.variable === "header->value");
    assert.equal(sites.reduce((sum, s) => sum + s.live_bytes, 0), leaked);
    assert.ok(sites.every((s) => s.stack[0].function === "parse_header" && s.type === "char"));
    await open(html, {}, async (page) => {
        const verdict = page.locator("p.verdict");
        await verdict.waitFor();
        const box = await verdict.boundingBox();
        assert.ok(box.y + box.height < 800, "below the first screen");
        const said = (await verdict.innerText()).replace(/\s+/g, " ");
        const live = said.slice(said.indexOf("live at the end"));
        assert.match(live, /93\.8 KiB of that come \(\d+\.\d %\) from parse_header .*leaky_server\.c:\d+, kept in header->value: char\./);
        const first = page.locator(".card:has(h2:text('Live at the end')) .ranked li").first();
        assert.equal(await first.locator("b").getAttribute("title"), String(leaked));
        assert.match(await first.innerText(), /kept in\s+header->value:\s+char/);
    });
});
