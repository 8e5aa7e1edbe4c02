// Names from the program stay text wherever they are shown; a damaged file says so.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { after, test } from "node:test";
import { closeBrowser, folder, open, program, record, untilReady } from "./support.mjs";

after(closeBrowser);

const VIEWS = ["overview", "flame", "leaks", "churn", "explore", "heap", "relations", "safety", "compare", "allocations"];
const executable = path.join(folder, "<img src=x onerror=window.owned=1>");
fs.copyFileSync(program("names")[0], executable);
fs.chmodSync(executable, 0o755);
const report = record("names", [executable, "5000", "</title><script>window.owned=1</script>"]);
const whole = fs.readFileSync(report.html, "utf8");

test("names that are markup do nothing in any view, nor without script", async () => {
    const parts = ["counted", "variables", "scopes"].map((part) => `relations&part=${part}`);
    for (const view of [...VIEWS, ...parts])
        await open(report.html, { hash: `#v=${view}&sel=variable_groups:0` }, async (page) => {
            await untilReady(page);
            await page.waitForTimeout(100);
            assert.equal(await page.evaluate(() => window.owned), undefined, view);
            assert.equal(await page.locator('img, script[src], [onmouseover], [onerror]').count(), 0, view);
        });
    await open(report.html, { javaScriptEnabled: false }, async (page) => {
        assert.equal(await page.locator("img, #static script").count(), 0);
        assert.match(await page.locator("h1").innerText(), /<img src=x/);
    });
});

async function complaint(name, text) {
    const file = path.join(folder, `${name}.html`);
    fs.writeFileSync(file, text);
    let said = "";
    await open(file, {}, async (page) => {
        const banner = page.locator(".banner");
        await banner.waitFor({ timeout: 20000 });
        said = await banner.innerText();
    });
    return said;
}

test("a file that is cut anywhere in its data says so and shows the rest", async () => {
    const data = whole.indexOf('data-t="schema"');
    for (const share of [0.02, 0.3, 0.6, 0.9, 0.99]) {
        const at = Math.floor(data + (whole.length - data) * share);
        assert.match(await complaint(`cut-${share}`, whole.slice(0, at)), /damaged/, `cut at ${at}`);
    }
});

test("a page whose script was changed says so, and shows what it says without", async () => {
    const at = whole.indexOf('<script type="m" id="page">') + 1000;
    const file = path.join(folder, "script.html");
    fs.writeFileSync(file, `${whole.slice(0, at)}${whole[at] === "A" ? "B" : "A"}${whole.slice(at + 1)}`);
    await open(file, {}, async (page) => {
        await page.locator("#app:text('cannot show more')").waitFor({ timeout: 20000 });
        assert.match(await page.locator("#static h1").innerText(), /<img src=x/);
    });
});

test("a chunk that was changed is left out, and the page says so", async () => {
    for (const table of ["texts", "nodes", "sites", "timeline", "allocations"]) {
        const at = whole.indexOf(">", whole.indexOf(`data-t="${table}"`)) + 40;
        const other = whole[at] === "A" ? "B" : "A";
        const changed = whole.slice(0, at) + other + whole.slice(at + 1);
        assert.match(await complaint(`changed-${table}`, changed), new RegExp(`${table}|shown`), table);
    }
});
