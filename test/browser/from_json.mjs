// A page made from a JSON report shows what the one made from the trace shows, but for single blocks: what is
// counted over those says why it has nothing.
import assert from "node:assert/strict";
import * as path from "node:path";
import { after, test } from "node:test";
import { closeBrowser, folder, memscope, open, program, record, until } from "./support.mjs";

after(closeBrowser);

const untilRead = (page) => until(page, () => window.memscope?.state().read || window.memscope?.state().damage.length > 0);

// The text of each view, and every table, of a report.
async function contents(html, views) {
    const found = {};
    for (const view of views)
        await open(html, { hash: `#v=${view}` }, async (page) => {
            await untilRead(page);
            await page.locator("main .view, main > *").first().waitFor();
            await page.waitForTimeout(300);
            assert.deepEqual((await page.evaluate(() => window.memscope.state())).damage, []);
            found[view] = await page.locator("main").innerText();
            found.tables ??= await page.evaluate((keys) => keys.map((key) => [key, window.memscope.table(key, 1e6)]), Object.keys(tables));
        });
    return found;
}

const parts = ["tasks", "references", "variables", "scopes"];
const tables = record("schema", program("threads", "1", "10")).json;

for (const [name, ...options] of [["annotated"], ["references", "--word-stacks"], ["annotated", "--strategy", "lockfree", "--sample", "512"]])
    test(`${name} ${options.join(" ")}: the same tables, numbers and words`, async () => {
        const { html } = record("trace", program(name), ...options);
        const again = path.join(folder, "again.html");
        memscope("report", path.join(folder, "trace.json"), "-o", again);
        const views = ["safety", ...parts.map((part) => `relations&part=${part}`)];
        const [ofTrace, ofJson] = [await contents(html, views), await contents(again, views)];
        for (const view of ["tables", ...views]) assert.deepEqual(ofJson[view], ofTrace[view], view);
    });

test("what is counted over single blocks says why it has nothing", async () => {
    const { json } = record("blocks", program("threads", "2", "100"));
    const html = path.join(folder, "blocks-again.html");
    memscope("report", path.join(folder, "blocks.json"), "-o", html);
    const found = await contents(html, ["overview", "flame", "leaks", "churn", "compare", "heap", "allocations"]);
    for (const view of ["leaks", "churn", "compare", "heap", "allocations"]) {
        assert.match(found[view], /lists no single blocks.*none that is made from JSON/, view);
        assert.match(found[view], /memscope report TRACE -o report.html/, view);
    }
    assert.match(found.overview, /Held the peak/);
    assert.ok(found.overview.replace(/\D/g, "").includes(String(json.summary.allocations)));
    assert.match(found.flame, /live at the peak/);
});
