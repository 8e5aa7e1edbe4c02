// Source is in the page when it is asked for, stays text, and is not in it otherwise.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { after, test } from "node:test";
import { closeBrowser, folder, memscope, open, untilReady } from "./support.mjs";

after(closeBrowser);

const EVIL = "</script><img src=x onerror=window.owned=1>";
const source = path.join(folder, "evil.c");
const program = path.join(folder, "evil");
const trace = path.join(folder, "evil.memscope");
fs.writeFileSync(source, `#include <stdlib.h>
char *kept;
int main(void) {
    /* ${EVIL} */
    kept = malloc(4321); // ${EVIL}
    return 0;
}
`);
execFileSync("cc", ["-g", "-O0", "-o", program, source]);
memscope("run", "--quiet", "-o", trace, "--", program);

function report(name, ...options) {
    const file = path.join(folder, `${name}.html`);
    memscope("report", trace, "-o", file, ...options);
    return file;
}

const siteOf4321 = () => window.memscope.table("sites").findIndex((site) => site.max_size === 4321);

async function openStack(page) {
    const site = await page.evaluate(siteOf4321);
    await page.evaluate((index) => { location.hash = `#v=flame&label=source&sel=sites:${index}`; }, site);
    await page.locator(".inspector").getByRole("button", { name: "Stack", exact: true }).click();
    await page.locator(".inspector .stack").waitFor();
}

test("a stack shows the lines it stands on, whatever they say", async () => {
    await open(report("embedded", "--embed-source"), {}, async (page) => {
        await untilReady(page);
        await openStack(page);
        const here = await page.locator(".inspector .source .here").first().innerText();
        assert.ok(here.includes(`kept = malloc(4321); // ${EVIL}`), here);
        assert.match(here, /^5/);
        const around = await page.locator(".inspector .source pre").first().innerText();
        assert.ok(around.includes("#include <stdlib.h>"), around);
        assert.equal(await page.evaluate(() => window.owned), undefined);
        assert.equal(await page.locator("img, script[src], [onerror]").count(), 0);
        await page.getByRole("button", { name: "Source", exact: true }).waitFor();
        const canvas = page.locator(".flame canvas");
        await canvas.focus();
        for (let i = 0; i < 12; i++) await page.keyboard.press("ArrowDown");
        assert.ok((await page.locator(".flame [role=status]").innerText()).startsWith("kept = malloc(4321);"));
    });
});

test("a file that was changed since is not shown, and the stack says so", async () => {
    const later = new Date(Date.now() + 60_000);
    fs.utimesSync(source, later, later);
    await open(report("changed", "--embed-source"), {}, async (page) => {
        await untilReady(page);
        await openStack(page);
        assert.match(await page.locator(".no-source").innerText(), /evil\.c \(changed since\)/);
        assert.equal(await page.locator(".source").count(), 0);
    });
});

test("nobody's source is in a page that was not asked to have it", async () => {
    await open(report("plain"), {}, async (page) => {
        await untilReady(page);
        await openStack(page);
        assert.equal(await page.locator(".source, .no-source").count(), 0);
        assert.deepEqual(await page.evaluate(() => window.memscope.table("source_lines")), []);
        assert.equal(await page.getByRole("button", { name: "Source", exact: true }).count(), 0);
    });
});
