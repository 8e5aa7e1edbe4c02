// Each number says what it rests on: of a sampled, a bounded and a killed recording, too.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { after, test } from "node:test";
import { closeBrowser, folder, memscope, open, program, record, until, untilReady } from "./support.mjs";

after(closeBrowser);

const sampled = record("sampled", program("annotated"), "--strategy", "lockfree", "--sample", "512");
const bounded = record("bounded", program("references"), "--aggregate");

async function show(report, hash, use) {
    await open(report.html, { hash }, async (page) => {
        await untilReady(page);
        await page.waitForTimeout(300);
        await use(page, report.json);
    });
}

const text = (page, selector) => page.locator(selector).first().innerText();
const errors = (value) => (value.match(/±/g) ?? []).length;

test("of samples every total shows its error, in every view that has one", async () => {
    assert.equal(sampled.json.summary.evidence, "estimated");
    assert.ok(sampled.json.summary.peak_bytes_error > 0);
    await show(sampled, "#v=overview", async (page) => {
        assert.equal(await text(page, ".scope .evidence"), "estimated");
        assert.equal(errors(await text(page, ".kpi[data-field=peak_bytes] .note")), 2);
        assert.equal(errors(await text(page, ".kpi[data-field=live_bytes] .note")), 2);
        const places = page.locator(".card:has(h2:text('Held the peak')) .ranked b");
        assert.equal(errors((await places.allInnerTexts()).join(" ")), await places.count());
        assert.ok(errors(await text(page, ".verdict")) >= 2);
        assert.match(await text(page, ".card:has(h2:text('Allocate to release at once'))"), /Not known of samples/);
    });
    await show(sampled, "#v=flame", async (page) => assert.match(await text(page, ".view .found"), /±.*estimated/));
    await show(sampled, "#v=leaks", async (page) => {
        assert.ok(errors(await text(page, ".view .verdict")) >= 1);
        assert.match(await text(page, ".rows-note"), /sampled.*estimates/);
    });
    await show(sampled, "#v=relations&part=tasks", async (page, json) => {
        assert.equal(await text(page, ".card .evidence"), "estimated");
        const live = json.tasks.filter((t) => t.bytes_allocated > 0);
        const shown = (await page.locator(".kin .value").allInnerTexts()).join("\n");
        assert.ok(errors(shown) >= Math.min(live.length, 1), shown);
    });
    for (const view of ["churn", "explore", "heap", "compare", "allocations"])
        await show(sampled, `#v=${view}`, async (page) => assert.match(await text(page, ".rows-note"), /sampled/, view));
});

test("of samples every row that is a sum over blocks shows its error", async () => {
    await show(sampled, "#v=compare&a=0", async (page) => {
        const rows = page.locator(".grid .row:not(.head)");
        await rows.first().waitFor();
        const all = await rows.allInnerTexts();
        assert.ok(all.every((row) => errors(row) === 2), all.join("\n")); // nothing is live at A
        assert.equal(errors(await text(page, ".view .verdict")), 2);
    });
    await show(sampled, "#v=explore", async (page) => {
        await page.locator(".pivot tbody tr").first().waitFor();
        for (const row of await page.locator(".pivot tbody tr").allInnerTexts()) assert.ok(errors(row) >= 2, row);
        assert.equal(errors(await text(page, ".toolbar")), 1);
    });
    await show(sampled, "#v=allocations", async (page) => {
        await until(page, () => {
            const stands = [...document.querySelectorAll(".grid .row:not(.head) > :last-child")];
            return stands.some((cell) => /^[\d.]+ ± [\d.]+$/.test(cell.textContent));
        });
        assert.equal(errors(await text(page, ".view .found")), 2);
    });
});

test("of a bounded trace what is gone is not said to be counted", async () => {
    assert.ok(bounded.json.capture.events_from_ns > 0);
    await show(bounded, "#v=overview", async (page) => {
        assert.match(await text(page, ".card:has(h2:text('How it was recorded'))"), /every event from/);
    });
    for (const view of ["churn", "explore", "compare", "allocations"])
        await show(bounded, `#v=${view}`, async (page) => assert.match(await text(page, ".rows-note"), /in the totals of sites only/, view));
});

test("of a killed program the page says how it ended", async () => {
    const file = (ending) => path.join(folder, `killed.${ending}`);
    const command = ["run", "--quiet", "--no-follow", "-o", file("memscope"), "--", "sh", "-c", "x=$(printf %1000d 1); kill -9 $$"];
    assert.throws(() => memscope(...command)); // it dies of what the program died of
    memscope("report", file("memscope"), "-o", file("html"));
    await show({ html: file("html") }, "#v=overview", async (page) => {
        assert.match(await text(page, ".card:has(h2:text('How it was recorded'))"), /killed by signal 9/);
    });
});

// "! " and a line, or several, that are indented.
function warnings(trace) {
    const text = memscope("report", trace).toString();
    const part = text.split("\n\n").find((p) => p.startsWith("! ")) ?? "";
    return part.split(/^! /m).slice(1).map((line) => line.replace(/\s+/g, " ").trim());
}

test("the page warns of what the text report warns of", async () => {
    const cut = path.join(folder, "cut.memscope");
    const whole = fs.readFileSync(path.join(folder, "bounded.memscope"));
    fs.writeFileSync(cut, whole.subarray(0, whole.length - 40));
    const html = path.join(folder, "cut.html");
    memscope("report", cut, "-o", html);
    for (const [trace, page] of [[path.join(folder, "bounded.memscope"), bounded.html], [cut, html]]) {
        const expected = warnings(trace);
        assert.ok(expected.length > 0);
        await show({ html: page }, "#v=overview", async (p) => {
            const shown = await p.locator("ul.warnings li").allInnerTexts();
            assert.deepEqual(shown.map((line) => line.replace(/\s+/g, " ").trim()), expected);
        });
    }
});

test("what is exact shows no error and no note", async () => {
    const whole = record("whole", program("threads", "2", "100"));
    assert.equal(whole.json.summary.evidence, "recorded");
    for (const view of ["overview", "flame", "leaks", "churn", "explore", "compare", "allocations"])
        await show(whole, `#v=${view}`, async (page) => {
            assert.equal(await text(page, ".scope .evidence"), "recorded");
            assert.equal(await page.locator(".rows-note").count(), 0, view);
            assert.equal(errors(await text(page, "main")), 0, view);
        });
});
