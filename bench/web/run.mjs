// node bench/web/run.mjs BUILD [ROUNDS] - how fast the HTML report is on a million blocks from a hundred
// thousand stacks. A measurement, no test: it prints the least and the median of ROUNDS (5) openings.
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";

const build = path.resolve(process.argv[2] ?? "build");
const rounds = Number(process.argv[3] ?? 5);
const { chromium } = createRequire(path.join(build, "web/package.json"))("playwright-core");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "memscope-bench-web-"));
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));

const memscope = (...args) => execFileSync(path.join(build, "bin/memscope"), args, { stdio: "ignore" });
const trace = path.join(folder, "wide.memscope");
const page = path.join(folder, "wide.html");
memscope("run", "--quiet", "-o", trace, "--", path.join(build, "bench/wide"));
const began = performance.now();
memscope("report", trace, "-o", page);
const wrote = performance.now() - began;

const results = new Map();
const note = (name, value) => results.set(name, [...(results.get(name) ?? []), value]);

// Runs in the page: the time of a question to the worker, for a window that moves.
async function brushes() {
    const all = { sites: null, numbers: [], ends: [] };
    const end = window.memscope.table("program", 1)[0].duration_ns;
    const times = [];
    for (let i = 0; i < 40; i++) {
        const start = performance.now();
        await window.memscope.ask("costs", all, [(end * i) / 80, (end * (i + 20)) / 80], i % 2 ? "live" : "grown");
        times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    return { median: times[20], p95: times[37] };
}

for (let round = 0; round < rounds; round++) {
    const browser = await chromium.launch({ executablePath: "/usr/bin/chromium",
        args: ["--no-sandbox", "--enable-precise-memory-info"] });
    const tab = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const start = performance.now();
    await tab.goto(pathToFileURL(page).href, { waitUntil: "commit" });
    const until = async (name, condition) => {
        while (!(await tab.evaluate(condition))) await new Promise((r) => setTimeout(r, 10));
        note(name, performance.now() - start);
    };
    await until("tables shown, ms", () => window.memscope?.state().ready ?? false);
    await until("blocks ready, ms", () => window.memscope.state().rows);
    const paint = await tab.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    note("first paint, ms", paint);
    const brush = await tab.evaluate(brushes);
    note("brush, median, ms", brush.median);
    note("brush, 95 %, ms", brush.p95);
    for (const [key, view] of [["2", "flame"], ["3", "leaks"], ["0", "allocations"]]) {
        const from = performance.now();
        await tab.keyboard.press(key);
        await tab.locator(`.view-${view} ${view === "flame" ? "canvas" : ".row:not(.head)"}`).first().waitFor();
        note(`${view} drawn, ms`, performance.now() - from);
    }
    note("heap of the page, MB", (await tab.evaluate(() => performance.memory.usedJSHeapSize)) / 1e6);
    await browser.close();
}

const shell = fs.statSync(path.join(build, "web/dashboard.html")).size / 1024;
console.log(`page ${(fs.statSync(page).size / 2 ** 20).toFixed(1)} MiB, written in ${wrote.toFixed(0)} ms; shell ${shell.toFixed(0)} KiB`);
for (const [name, values] of results) {
    values.sort((a, b) => a - b);
    console.log(`${name.padEnd(24)} ${values[0].toFixed(0).padStart(7)} ${values[values.length >> 1].toFixed(0).padStart(7)}`);
}
