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

// Runs before the page's own script: when its worker had what, and when that was seen. Asking the page again and
// again would slow down what is measured.
function watch() {
    const times = (window.times = {});
    window.Worker = class extends window.Worker {
        constructor(...args) {
            super(...args);
            this.addEventListener("message", ({ data }) => {
                times[data.type] ??= performance.now();
                times.last = performance.now();
                const drawn = () => (times.drawn = performance.now());
                requestAnimationFrame(() => requestAnimationFrame(drawn));
            });
        }
    };
}

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
    const session = await browser.newBrowserCDPSession();
    const tab = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await tab.addInitScript(watch);
    await tab.goto(pathToFileURL(page).href, { waitUntil: "commit" });
    const isDrawn = () => window.times?.rows && performance.now() - window.times.last > 1000;
    while (!(await tab.evaluate(isDrawn))) await new Promise((r) => setTimeout(r, 200));
    const times = await tab.evaluate(() => window.times);
    note("first paint, ms", await tab.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime));
    note("tables ready, ms", times.tables);
    note("blocks ready, ms", times.rows);
    note("all drawn, ms", times.drawn);
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    note("CPU time of that, ms", 1000 * Math.max(...processInfo.filter((p) => p.type === "renderer").map((p) => p.cpuTime)));
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
