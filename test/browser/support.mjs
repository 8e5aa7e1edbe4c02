// What the tests of the page share: recording a program, its reports, a browser that must not go online.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";

const BUILD = process.env.MEMSCOPE_BUILD;
const MEMSCOPE = process.env.MEMSCOPE;
const packages = createRequire(path.join(process.env.MEMSCOPE_WEB_BUILD, "package.json"));
const { chromium } = packages("playwright-core");

export const axeSource = () => fs.readFileSync(packages.resolve("axe-core/axe.min.js"), "utf8");

export const folder = fs.mkdtempSync(path.join(os.tmpdir(), "memscope-browser-"));
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));

export const example = (name) => [path.join(BUILD, "examples", name)];
export const program = (name, ...args) => [path.join(BUILD, "test/programs", name), ...args];

export function memscope(...args) {
    return execFileSync(MEMSCOPE, args, { stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 30 });
}

const traceOf = (name) => path.join(folder, `${name}.memscope`);

// The paths of a trace's reports, and the JSON one, read.
function reports(name) {
    const file = (ending) => path.join(folder, `${name}.${ending}`);
    memscope("report", traceOf(name), "-o", file("html"));
    memscope("report", traceOf(name), "-o", file("json"));
    return { html: file("html"), json: JSON.parse(fs.readFileSync(file("json"), "utf8")) };
}

// Records a command; returns its reports.
export function record(name, command, ...options) {
    memscope("run", "--quiet", ...options, "-o", traceOf(name), "--", ...command);
    return reports(name);
}

// Likewise of one that works until it is told to end: `end` waits for it.
export function recordInBackground(name, command, ...options) {
    const run = spawn(MEMSCOPE, ["run", "--quiet", ...options, "-o", traceOf(name), "--", ...command], { stdio: "ignore" });
    const ended = new Promise((resolve) => run.on("exit", resolve));
    return { end: async () => (await ended, reports(name)) };
}

// Asked from here: what Playwright waits with inside a page is forbidden by this page's policy.
export async function until(page, condition) {
    for (let round = 0; round < 400; round++) {
        if (await page.evaluate(condition)) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail(`the page never came to: ${condition}`);
}

// The scripts of a page are unpacked after it has been drawn; the rows of single blocks come last.
export const untilReady = (page) =>
    until(page, () => window.memscope?.state().rows || window.memscope?.state().damage.length > 0);

let browser;

export async function closeBrowser() {
    await browser?.close();
}

// A page with the report at `file`; `use` gets it. Nothing may be fetched, no script may complain, and
// no policy be violated.
export async function open(file, options, use) {
    browser ??= await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--enable-unsafe-swiftshader"] });
    const { hash = "", ...rest } = options;
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...rest });
    const page = await context.newPage();
    const faults = [];
    const fine = /^(file|data|blob):/;
    await context.route((url) => !fine.test(url.href), (route) => {
        faults.push(`fetched ${route.request().url()}`);
        return route.abort();
    });
    // Whoever looks at what WebGL has drawn makes the browser say that this is slow.
    const ofLooking = /GPU stall due to ReadPixels/;
    page.on("console", (message) => ofLooking.test(message.text()) || faults.push(`console ${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => faults.push(`error ${error.message}`));
    try {
        await page.goto(pathToFileURL(file).href + hash);
        await use(page);
    } finally {
        await context.close();
    }
    assert.deepEqual(faults, []);
}
