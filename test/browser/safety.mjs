// Safety: passports, modules, misuses and checks say what the JSON report says, and what nobody has looked at.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, example, open, program, record, until, untilReady } from "./support.mjs";

after(closeBrowser);

const reports = {
    ffi: record("ffi", example("ffi_demo")),
    plugin: record("plugin", program("plugin")),
    misuse: record("misuse", program("annotated", "misuse")),
};

async function openSafety(report, use, hash = "") {
    await open(report.html, { hash: `#v=safety${hash}` }, async (page) => {
        await untilReady(page);
        await page.locator(".view-safety").waitFor();
        await use(page, report.json);
    });
}

const plain = (text) => text.replace(/[\u202f\u00a0]/g, "");

const STATUS = {
    in_foreign_custody: "abroad at the end", reclaimed: "back home", freed_by_owner: "freed at home",
    freed_by_foreign: "freed abroad", lost: "lost",
};

test("each passport has a lane, and each end as many as the report", async () => {
    await openSafety(reports.ffi, async (page, json) => {
        const grid = page.getByRole("grid", { name: "Passports" });
        assert.ok(json.passports.length > 10);
        assert.equal(await grid.getAttribute("aria-rowcount"), String(json.passports.length + 1));
        for (const status of new Set(json.passports.map((p) => p.status))) {
            const own = json.passports.filter((p) => p.status === status);
            await page.getByRole("button", { name: `${STATUS[status]} ${own.length}`, exact: true }).click();
            assert.equal(await grid.getAttribute("aria-rowcount"), String(own.length + 1), status);
            const stamps = await grid.locator(".row:not(.head)").first().locator(".stamp").count();
            assert.equal(stamps, own.sort((a, b) => a.issued_ns - b.issued_ns || a.id - b.id)[0].stamps.length, status);
        }
    });
});

test("a window of time leaves the passports that were there in it", async () => {
    const times = reports.ffi.json.passports.map((p) => p.issued_ns).sort((a, b) => a - b);
    const [before, after] = [[0, times[0] - 1], [times.at(-1) + 1, times.at(-1) + 2]]; // all may be in one tick
    const released = (p) => (/^freed/.test(p.stamps.at(-1).what) ? p.stamps.at(-1).time_ns : Infinity);
    const inside = (p, [from, to]) => p.issued_ns <= to && released(p) >= from;
    for (const [from, to] of [before, [times[0], times.at(-1)], after])
        await openSafety(reports.ffi, async (page, json) => {
            const left = json.passports.filter((p) => inside(p, [from, to])).length;
            const grid = page.getByRole("grid", { name: "Passports" });
            assert.equal(await grid.getAttribute("aria-rowcount"), String(left + 1), `${from} to ${to}`);
        }, `&t=${from}-${to}`);
    const left = reports.ffi.json.passports.filter((p) => inside(p, after)).length;
    assert.ok(left > 0 && left < times.length, "some are released, and some are not");
});

test("a passport shows each stamp with its word and its stack", async () => {
    const row = reports.ffi.json.passports.findIndex((p) => p.stamps.length > 2);
    await openSafety(reports.ffi, async (page, json) => {
        const { stamps } = json.passports[row];
        const words = { handover: "handed over", reclaim: "taken back", freed_abroad: "freed abroad", freed: "block freed" };
        assert.deepEqual(await page.locator(".stamps .acts strong").allInnerTexts(), stamps.map((s) => words[s.what]));
        const where = page.locator(".stamps .acts .where");
        assert.equal(await where.count(), stamps.filter((s) => s.stack).length);
        await where.first().locator("summary").click();
        const frames = await where.first().locator(".stack li > button bdi").allInnerTexts();
        assert.deepEqual(frames, stamps[0].stack.map((f) => f.function ?? `${f.module}+0x${f.address.toString(16)}`));
    }, `&sel=passports:${row}`);
});

test("the matrix of modules counts what the report counts, and leads to the sites", async () => {
    await openSafety(reports.plugin, async (page, json) => {
        const cells = page.locator(".heat.modules button");
        assert.equal(await cells.count(), json.module_pairs.length);
        for (const pair of json.module_pairs) {
            const cell = page.getByRole("button", { name: `${pair.allocated_by} allocates, ${pair.freed_by} releases: ` });
            assert.equal(Number(plain(await cell.innerText())), pair.blocks);
            assert.equal(/crosses/.test(await cell.getAttribute("class")), pair.crosses);
        }
        await page.getByRole("button", { name: "lib_plugin.so allocates, plugin releases" }).click();
        const pair = json.module_pairs.find((p) => p.allocated_by === "lib_plugin.so" && p.freed_by === "plugin");
        assert.equal(pair.blocks, 500);
        const listed = await page.locator(".pair tbody td:nth-child(2)").allInnerTexts();
        assert.equal(listed.reduce((s, n) => s + Number(plain(n)), 0), pair.sites.reduce((s, site) => s + site.blocks, 0));
        assert.match(await page.locator(".pair tbody th").first().innerText(), /^plugin_make/);
        await page.getByRole("button", { name: "its blocks" }).first().click();
        await page.locator(".view-allocations").waitFor();
        await until(page, () => /f=function%3Aplugin_make/.test(window.memscope.state().hash));
    });
});

test("misuses are counted, placed and explained", async () => {
    await openSafety(reports.misuse, async (page, json) => {
        const grid = page.getByRole("grid", { name: "Misused annotations" });
        const rows = await grid.locator(".row:not(.head)").evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
        assert.equal(rows.length, json.misuses.length);
        json.misuses.forEach((misuse, i) => {
            const [kind, name, where, times, , why] = rows[i];
            assert.equal(kind, misuse.kind);
            assert.equal(name, misuse.name ?? "–");
            assert.equal(Number(times), misuse.count);
            if (misuse.file) assert.ok(where.endsWith(`annotated.c:${misuse.line}`), where);
            assert.ok(why.length > 20, kind);
        });
    });
});

// Check -> outcome.
const outcomes = async (page) =>
    Object.fromEntries(await page.locator(".checks tbody tr").evaluateAll((rows) => rows.map((row) => [row.children[0].textContent.split(":")[0], row.querySelector(".mark").textContent])));

test("checks say what they looked at, and what nobody did", async () => {
    await openSafety(reports.misuse, async (page, json) => {
        const shown = await outcomes(page);
        assert.equal(shown["What the program says of its memory can be"], "found");
        assert.equal(shown["Releases of what is not live"], "in part"); // it pauses recording
        assert.equal(shown["Reference counts come to nothing, and not below it"], "ran");
        assert.equal(shown["Use of blocks after their release"], "not done");
        const text = plain(await page.locator(".checks").innerText());
        assert.match(text, /recording was off for/);
        assert.ok(text.includes(`${json.summary.frees} releases looked at`), text);
        assert.ok(text.includes(`${json.misuses.reduce((s, m) => s + m.count, 0)} misuses`), text);
    });
});

test("a check of a whole recording has run", async () => {
    await openSafety(reports.plugin, async (page) => {
        const shown = await outcomes(page);
        assert.equal(shown["Releases of what is not live"], "ran");
        assert.equal(shown["Blocks that one module allocates and another releases"], "found");
        assert.equal(shown["Blocks that go over a boundary come back, or are freed by who has them"], "not done");
    });
});

test("with samples a check that could not see all says so", async () => {
    const sampled = record("sampled", program("names", "20000"), "--sample", "4K");
    await openSafety(sampled, async (page) => {
        const shown = await outcomes(page);
        assert.equal(shown["Releases of what is not live"], "in part");
        assert.match(await page.locator(".checks").innerText(), /births were sampled/);
        assert.match(await page.locator(".checks").innerText(), /--strategy core/);
    });
});
