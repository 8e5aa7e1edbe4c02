// The page can be read and used by everybody: no serious fault found by axe, in either theme; all of it by
// keyboard.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { axeSource, closeBrowser, open, program, record, until, untilReady } from "./support.mjs";

after(closeBrowser);

const VIEWS = ["overview", "flame", "leaks", "churn", "explore", "heap", "relations", "safety", "compare", "allocations"];
const { html } = record("annotated", program("annotated", "misuse"));

async function faultsOf(page) {
    await page.evaluate(axeSource());
    const { violations } = await page.evaluate(() => window.axe.run());
    return violations
        .filter((v) => v.impact === "serious" || v.impact === "critical")
        .map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", ")}`);
}

// Each view as it opens with a site chosen, and what it shows on demand.
const STATES = [
    ...VIEWS.map((view) => [view, "&sel=sites:0&f=live"]),
    ["relations", "&part=tasks&sel=tasks:1&of=1"],
    ["relations", "&part=counted&sel=smart_pointers:0"],
    ["relations", "&part=variables&sel=variables:22"],
    ["relations", "&part=scopes"],
    ["relations", "&part=keepers"],
    ["safety", "&sel=passports:0&pair=0"],
    ["explore", "&tab=cards"],
    ["explore", "&tab=types"],
];

for (const colorScheme of ["light", "dark"])
    test(`no serious fault in ${colorScheme} colours`, async () => {
        await open(html, { colorScheme, bypassCSP: true, reducedMotion: "reduce" }, async (page) => {
            await untilReady(page);
            for (const [view, state] of STATES) {
                await page.evaluate((hash) => { location.hash = hash; }, `#v=${view}${state}`);
                await page.locator(`.view-${view}`).waitFor();
                await page.waitForTimeout(150);
                assert.deepEqual(await faultsOf(page), [], view + state);
            }
        });
    });

test("everything that is done with the mouse is done by keys", async () => {
    await open(html, { reducedMotion: "reduce" }, async (page) => {
        const state = () => page.evaluate(() => window.memscope.state().hash);
        const comes = async (wanted, is = true) => {
            for (let round = 0; round < 400 && wanted.test(await state()) !== is; round++) await page.waitForTimeout(25);
            assert.equal(wanted.test(await state()), is, `${wanted} ${await state()}`);
        };
        await untilReady(page);
        for (const [i, view] of VIEWS.entries()) {
            await page.keyboard.press(String((i + 1) % 10));
            await comes(new RegExp(`v=${view}`));
        }
        await page.keyboard.press("+");
        await comes(/t=\d+-\d+/);
        const before = await state();
        await page.keyboard.press("ArrowRight");
        await comes(new RegExp(`^${before.replace(/[^\w=-]/g, ".")}$`), false);
        await page.keyboard.press("Escape");
        await comes(/t=/, false);

        await page.keyboard.press("Control+k");
        await until(page, () => document.activeElement?.tagName === "INPUT");
        await page.keyboard.type("churn");
        await until(page, () => document.activeElement?.value === "churn");
        await page.waitForTimeout(100); // until what is found is that
        await page.keyboard.press("Enter");
        await comes(/v=churn/);

        await page.keyboard.press("0");
        const grid = page.getByRole("grid", { name: "Blocks" });
        await grid.waitFor();
        await page.waitForTimeout(200);
        await grid.focus();
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("Enter");
        await until(page, () => /sel=sites/.test(window.memscope.state().hash));
        await page.keyboard.press("f");
        await comes(/f=site/);
        await page.keyboard.press("r");
        await comes(/f=/, false);
        await page.keyboard.press("Escape");
        await comes(/sel=/, false);
    });
});

test("back and a shared link show what was there", async () => {
    await open(html, { hash: "#v=explore&m=end&f=live&sel=threads:0" }, async (page) => {
        await untilReady(page);
        assert.equal(await page.evaluate(() => window.memscope.state().hash), "#v=explore&m=end&f=live&sel=threads%3A0");
        assert.ok(await page.locator(".inspector").isVisible());
        await page.keyboard.press("1");
        await page.locator(".view-overview").waitFor();
        await page.goBack();
        await page.locator(".view-explore").waitFor();
    });
});
