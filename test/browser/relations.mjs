// Relations: tasks, counted objects, variables and scopes are drawn with the numbers of the JSON report.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { after, test } from "node:test";
import { closeBrowser, example, open, program, record, untilReady } from "./support.mjs";

after(closeBrowser);

const reports = {
    annotated: record("annotated", program("annotated")),
    crawl: record("crawl", example("async_tasks")),
    references: record("references", program("references")),
    many: record("many", program("short_tasks")),
};

const sum = (records, field) => records.reduce((s, r) => s + r[field], 0);

// "1 234" with thin spaces, "1.5 KiB" exactly from its title.
const number = (text) => Number(text.replace(/\u202f/g, "").match(/\d+/)[0]);

async function openPart(report, part, use) {
    await open(report.html, { hash: `#v=relations&part=${part}` }, async (page) => {
        await untilReady(page);
        await page.locator(".view-relations").waitFor();
        await use(page, report.json);
    });
}

// Name -> title of each box.
const boxes = (page) =>
    page.locator(".kin:not(.rest)").evaluateAll((all) => all.map((box) => [box.querySelector(".name bdi").textContent, box.title]));

for (const name of ["annotated", "crawl"])
    test(`${name}: tasks of one name from one place are one box, with their bytes`, async () => {
        await openPart(reports[name], "tasks", async (page, json) => {
            const shown = await boxes(page);
            const names = [...new Set(json.tasks.map((t) => t.task))];
            assert.deepEqual(shown.map(([n]) => n).sort(), names.sort());
            for (const [task, title] of shown) {
                const own = json.tasks.filter((t) => t.task === task);
                assert.ok(title.includes(`: ${own.length} task`), title);
                assert.ok(title.includes(`, ${sum(own, "bytes_allocated")} bytes allocated`), title);
            }
            const sums = await page.locator(".sums").innerText();
            assert.equal(number(sums), json.tasks.length);
            assert.equal(await page.locator(".sums b").last().getAttribute("title"), String(sum(json.tasks, "live_bytes")));
            const zombies = json.tasks.filter((t) => t.zombie).length;
            assert.ok(sums.includes(`${zombies} never ended`), sums);
        });
    });

test("more tasks than are listed are told by name", async () => {
    await openPart(reports.many, "tasks", async (page, json) => {
        assert.ok(json.capture.tasks_left_out > 0);
        assert.equal(number(await page.locator(".sums").innerText()), sum(json.task_groups, "tasks"));
        const grid = page.getByRole("grid", { name: "Tasks by name" });
        assert.equal(await grid.getAttribute("aria-rowcount"), String(json.task_groups.length + 1));
        const [row] = json.task_groups;
        const shown = await grid.getByRole("row").nth(1).innerText();
        assert.ok(shown.includes(row.task), shown);
        const titles = await grid.getByRole("row").nth(1).locator("span[title]").evaluateAll((all) => all.map((s) => s.title));
        for (const field of ["tasks", "zombies", "bytes_allocated", "p50_bytes", "p99_bytes", "max_bytes", "live_bytes"])
            assert.ok(titles.includes(String(row[field])), `${field}: ${titles}`);
    });
});

test("a box of tasks leaves its own in the table, and the table has their numbers", async () => {
    await openPart(reports.crawl, "tasks", async (page, json) => {
        const grid = page.getByRole("grid", { name: "Tasks" });
        assert.equal(await grid.getAttribute("aria-rowcount"), String(json.tasks.length + 1));
        const own = json.tasks.filter((t) => t.task === "crawl").sort((a, b) => a.first_ns - b.first_ns || a.id - b.id);
        await page.locator(".kin", { hasText: "crawl" }).click();
        assert.equal(await grid.getAttribute("aria-rowcount"), String(own.length + 1));
        const rows = await grid.locator(".row:not(.head)").evaluateAll((all) => all.map((row) => [...row.querySelectorAll("[role=gridcell] > span[title]")].map((s) => s.title)));
        rows.forEach((titles, i) => {
            for (const field of ["bytes_allocated", "peak_bytes", "live_bytes", "freed_by_others"])
                assert.ok(titles.includes(String(own[i][field])), `${field} ${own[i][field]} is not in ${titles}`);
        });
        assert.ok(await page.locator(".inspector").isVisible());
    });
});

test("an object that was not let go names who kept it, and its counts are those of the report", async () => {
    await openPart(reports.references, "counted", async (page, json) => {
        const grid = page.getByRole("grid", { name: "Counted objects" });
        assert.equal(await grid.getAttribute("aria-rowcount"), String(json.smart_pointers.length + 1));
        const leaked = json.smart_pointers.filter((p) => p.leaked && !p.over_released && !p.freed_early).length;
        assert.ok(leaked > 0);
        await page.getByRole("button", { name: `never let go ${leaked}` }).click();
        assert.equal(await grid.getAttribute("aria-rowcount"), String(leaked + 1));
        for (const kind of ["rc", "arc"]) {
            const row = json.smart_pointers.findIndex((p) => p.leaked && p.kind === kind);
            const pointer = json.smart_pointers[row];
            await page.evaluate((r) => { location.hash = `#v=relations&part=counted&sel=smart_pointers:${r}`; }, row);
            await page.locator(".verdict-of code", { hasText: `leaky_${kind}` }).waitFor();
            const text = await page.locator(".verdict-of").innerText();
            assert.match(text, new RegExp(`${pointer.refs} taken, ${pointer.unrefs} given up; ${pointer.held} reference never given back`));
            const holders = await page.locator(".holders tbody tr").evaluateAll((rows) => rows.map((r) => [...r.querySelectorAll("td")].map((td) => Number(td.textContent.replace("+", "")))));
            assert.deepEqual(holders, pointer.holders.map((h) => [h.refs, h.unrefs, h.balance]));
            const counts = await page.locator(".acts li .count").allInnerTexts();
            assert.deepEqual(counts.map(Number), pointer.history.map((act) => act.count));
            assert.equal(await page.locator(".count-chart circle").count(), pointer.history.length);
        }
    });
});

test("what is listed of a long history says that it is not all", async () => {
    await openPart(reports.annotated, "counted", async (page, json) => {
        const row = json.smart_pointers.findIndex((p) => p.acts > p.history.length);
        await page.evaluate((r) => { location.hash = `#v=relations&part=counted&sel=smart_pointers:${r}`; }, row);
        const note = page.locator("text=These are the first");
        await note.waitFor();
        const text = (await note.innerText()).replace(/\u202f/g, "");
        assert.ok(text.includes(` ${json.smart_pointers[row].acts} acts`), text);
    });
});

test("who has its block from whom, and every word that was said of it", async () => {
    await openPart(reports.annotated, "variables", async (page, json) => {
        const heirs = json.variables.filter((v) => v.came_from !== null);
        assert.equal(await page.locator(".kin em").count(), heirs.length);
        const shared = heirs.find((v) => v.came_by === "shared");
        const owner = json.variables.find((v) => v.id === shared.came_from);
        await page.locator(".kin", { hasText: shared.name }).click();
        const rows = page.locator(".sequence tbody tr");
        assert.equal(await rows.count(), 2);
        for (const [i, variable] of [owner, shared].entries()) {
            assert.match(await rows.nth(i).locator("th").innerText(), new RegExp(`^${variable.name}`));
            const words = await rows.nth(i).locator(".word").allInnerTexts();
            assert.deepEqual(words, variable.history.map((change) => change.kind.replace("_", " ")));
        }
    });
});

test("scopes stand in those they are entered in, each with all within", async () => {
    await openPart(reports.annotated, "scopes", async (page, json) => {
        const shown = new Map(await boxes(page));
        for (const name of ["outer", "loop", "inner"]) {
            const own = json.scopes.filter((s) => s.scope === name);
            assert.ok(shown.get(name).includes(`${sum(own, "bytes_allocated")} bytes allocated`), shown.get(name));
            assert.ok(shown.get(name).includes(`entered ${sum(own, "entered")} time`), shown.get(name));
        }
        const outermost = json.scopes.filter((s) => s.scope === "owned" && !json.scopes.some((o) => o.id === s.parent && o.scope === "owned"));
        assert.ok(shown.get("owned").includes(`${sum(outermost, "bytes_allocated")} bytes allocated`), shown.get("owned"));
    });
});

test("what was not recorded says so, and how to have it", async () => {
    const plain = record("plain", ["jq", "-n", "1"]);
    for (const part of ["tasks", "counted", "variables", "scopes", "keepers"])
        await openPart(plain, part, async (page) => {
            assert.ok(await page.locator(".view-relations .nothing .how").isVisible(), part);
            assert.equal(await page.locator(".view-relations [role=grid]").count(), 0, part);
        });
});

test("the table is there as CSV, with every row and digit", async () => {
    await openPart(reports.crawl, "tasks", async (page, json) => {
        const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "tasks as CSV" }).click()]);
        const [head, ...lines] = fs.readFileSync(await download.path(), "utf8").split("\n").map((line) => line.split(","));
        const column = (name) => lines.map((line) => Number(line[head.indexOf(name)])).sort((a, b) => a - b);
        for (const field of ["id", "bytes_allocated", "peak_bytes", "first_ns"])
            assert.deepEqual(column(field), json.tasks.map((t) => t[field]).sort((a, b) => a - b), field);
    });
});

test("arrow keys walk the boxes, Enter chooses, the address keeps it", async () => {
    await openPart(reports.crawl, "tasks", async (page) => {
        const focused = () => page.evaluate(() => document.activeElement.querySelector(".name bdi")?.textContent);
        await page.locator('.kin[tabindex="0"]').focus();
        assert.equal(await focused(), "crawl");
        await page.keyboard.press("ArrowRight");
        assert.equal(await focused(), "fetch");
        await page.keyboard.press("Enter");
        const hash = await page.evaluate(() => window.memscope.state().hash);
        assert.match(hash, /of=\d+/);
        assert.match(hash, /sel=tasks/);
        assert.doesNotMatch(hash, /[#&]t=/);
        await page.keyboard.press("ArrowLeft");
        assert.equal(await focused(), "crawl");
        await page.goto("about:blank");
        await page.goBack();
        await page.locator(".kin.chosen", { hasText: "fetch" }).waitFor();
    });
});

test("each step of a variable's life shows its stack, or why it has none", async () => {
    const lives = record("lives", program("lifecycles"), "--word-stacks");
    const { history } = lives.json.variables.find((v) => v.name === "taker");
    await openPart(lives, "variables", async (page) => {
        const row = page.locator(".sequence tbody tr", { has: page.locator("th", { hasText: /^taker/ }) });
        const words = row.locator(".word");
        assert.equal(await words.count(), history.length);
        const innermost = async (at) => {
            await words.nth(at).click();
            await page.waitForTimeout(100);
            return page.locator(".card .where .stack .name, .card .where .stack bdi").first().innerText();
        };
        for (const kind of ["tracked", "shared", "handed_over"]) {
            const at = history.findIndex((change) => change.kind === kind);
            assert.equal(await innermost(at), history[at].stack[0].function, kind);
        }
        const site = lives.json.sites[history[0].site - 1];
        assert.equal(await innermost(0), site.stack[0].function);
        await words.nth(history.findIndex((change) => change.kind === "freed")).click();
        assert.match(await page.locator(".card .found", { hasText: "No stack" }).innerText(), /--free-stacks/);
    });
});
