// Types over time: what the areas and the numbers below them say is what the JSON report says.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { after, test } from "node:test";
import { closeBrowser, folder, open, record, until, untilReady } from "./support.mjs";

after(closeBrowser);

// For a tenth of a second `struct kept` grows, while `struct gone` comes and goes.
const source = path.join(folder, "grows.c");
const built = path.join(folder, "grows");
fs.writeFileSync(source, `#include <stdlib.h>
#include <unistd.h>
struct kept { char tag; struct kept *next; };
struct gone { double x[7]; char tag; };
static struct kept *volatile first;
int main(void) {
    for (int round = 0; round < 50; round++) {
        struct gone *gone[40];
        for (int i = 0; i < 40; i++)
            gone[i] = malloc(sizeof *gone[i]);
        for (int i = 0; i < 40; i++) {
            struct kept *kept = malloc(sizeof *kept);
            kept->next = first;
            first = kept;
        }
        usleep(2000);
        for (int i = 0; i < 40 && round < 49; i++)
            free(gone[i]);
    }
    return 0;
}
`);
execFileSync("cc", ["-g", "-O0", "-o", built, source]);
const grows = record("grows", [built]);
const sampled = record("sampled", [built], "--sample", "200");

const VIEW = "#v=explore&tab=types";
const named = (json, name) => json.type_series.find((series) => series.name === name);
const number = (json, name) => json.types.findIndex((type) => type.name === name);

// What stands below the chart: name -> number.
const legend = (page) => page.evaluate(() => Object.fromEntries(
    [...document.querySelectorAll(".card .legend li")].filter((li) => li.querySelector("b"))
        .map((li) => [li.querySelector("bdi")?.textContent ?? "", li.querySelector("b").textContent])));

// The heights of an area at its points, as shares of the chart.
const heights = (page, area) => page.evaluate((i) => {
    const numbers = document.querySelectorAll(".over-time path")[i].getAttribute("d").match(/[\d.-]+ [\d.-]+/g).map((p) => Number(p.split(" ")[1]));
    const upper = numbers.slice(0, numbers.length / 2);
    return numbers.slice(numbers.length / 2).toReversed().map((low, i) => (low - upper[i]) / 220);
}, area);

// Chooses what is shown; the numbers change with the button.
async function show(page, what) {
    const button = page.getByRole("group", { name: "What is shown over time" }).getByRole("button", { name: what });
    await button.click();
    await button.and(page.locator("[aria-pressed=true]")).waitFor();
}

const kib = (bytes) => (bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} KiB`);

test("areas lie on each other, and are as high as what was live", async () => {
    await open(grows.html, { hash: VIEW }, async (page) => {
        await untilReady(page);
        await page.locator(".over-time").waitFor();
        const { type_series: all } = grows.json;
        const total = all[0].points.map((_, i) => all.reduce((sum, series) => sum + series.points[i].live_bytes, 0));
        const most = Math.max(...total);
        assert.equal(await page.locator(".over-time path").count(), all.length);
        for (const [i, series] of all.entries()) {
            const shown = await heights(page, i);
            assert.equal(shown.length, series.points.length);
            for (const [k, point] of series.points.entries())
                assert.ok(Math.abs(shown[k] - point.live_bytes / most) < 0.002, `${series.name} ${k}`);
        }
    });
});

test("the numbers are those of the peak, of bytes, instances and padding", async () => {
    await open(grows.html, { hash: VIEW }, async (page) => {
        await untilReady(page);
        await page.locator(".over-time").waitFor();
        const type = grows.json.types[number(grows.json, "struct kept")];
        assert.equal((await legend(page))["struct kept"], kib(type.peak_bytes));
        await show(page, "Instances");
        assert.equal((await legend(page))["struct kept"].replace(/\D/g, ""), String(type.peak_count));
        await show(page, "Padding");
        assert.equal((await legend(page))["struct kept"], kib(7 * type.peak_count));
    });
});

test("in a window of time they are those of its end, and the areas begin with it", async () => {
    const { points } = named(grows.json, "struct kept");
    const last = points.filter((p) => !p.peak).at(points.length >> 1);
    const from = Math.round(last.time_ns / 2);
    await open(grows.html, { hash: `${VIEW}&t=${from}-${last.time_ns}` }, async (page) => {
        await untilReady(page);
        await page.locator(".over-time").waitFor();
        const expected = points.filter((p) => p.time_ns <= last.time_ns).at(-1);
        assert.equal((await legend(page))["struct kept"], kib(expected.live_bytes));
        const x = await page.evaluate(() => Number(document.querySelector(".over-time path").getAttribute("d").match(/[\d.-]+/)[0]));
        assert.ok(Math.abs(x - ((points[0].time_ns - from) / (last.time_ns - from)) * 1000) < 0.1, x);
    });
});

test("a type that is chosen stands alone, until it is chosen again", async () => {
    await open(grows.html, { hash: VIEW }, async (page) => {
        await untilReady(page);
        const button = page.locator(".legend").getByRole("button", { name: "struct kept" });
        await button.click();
        await until(page, () => document.querySelectorAll(".over-time path").length === 1);
        assert.ok((await page.evaluate(() => location.hash)).includes(`sel=types%3A${number(grows.json, "struct kept")}`));
        assert.equal(await button.getAttribute("aria-pressed"), "true");
        assert.ok(Math.abs(Math.max(...(await heights(page, 0))) - 1) < 0.002);
        await button.press("Enter");
        const all = grows.json.type_series.length;
        await until(page, () => document.querySelectorAll(".over-time path").length > 1);
        assert.equal(await page.locator(".over-time path").count(), all);
    });
});

test("estimates say how far they may be off", async () => {
    const { json, html } = sampled;
    const peak = named(json, "struct kept").points.find((p) => p.peak);
    await open(html, { hash: `${VIEW}&sel=types:${number(json, "struct kept")}` }, async (page) => {
        await untilReady(page);
        await page.locator(".over-time .error").waitFor({ state: "attached" });
        assert.equal((await legend(page))["struct kept"], `${kib(peak.live_bytes)} ± ${kib(peak.live_bytes_error)}`);
    });
});

test("it is said that filters do not apply", async () => {
    await open(grows.html, { hash: `${VIEW}&f=live` }, async (page) => {
        await untilReady(page);
        await page.getByText("filters do not apply").waitFor();
    });
});

test("without types there is no chart, but what to do", async () => {
    const untyped = path.join(folder, "untyped");
    execFileSync("cc", ["-O0", "-o", untyped, source]);
    const { html, json } = record("untyped", [untyped]);
    assert.equal(json.types.length, 0);
    await open(html, { hash: VIEW }, async (page) => {
        await untilReady(page);
        await page.getByText("No types are known.").waitFor();
        assert.equal(await page.locator(".over-time").count(), 0);
    });
});
