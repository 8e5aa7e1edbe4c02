// The heap map: by thread, played, and in a room - or in words where the room cannot be drawn.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, open, program, record, until, untilReady } from "./support.mjs";

after(closeBrowser);

const { html, json } = record("threads", program("threads", "4", "200"));
const compact = record("compact", program("threads", "2", "50"), "--compact");

// Is anything of a canvas drawn in another colour than its corner? Of a WebGL canvas only right after it was drawn.
const isDrawn = (selector) => {
    const canvas = document.querySelector(selector);
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const c = copy.getContext("2d");
    c.drawImage(canvas, 0, 0);
    const { data } = c.getImageData(0, 0, copy.width, copy.height);
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    return seen.size > 2;
};

const moment = (page) => page.locator(".player output").innerText();

test("pages at the peak hold what held the peak", async () => {
    await open(html, { hash: "#v=heap" }, async (page) => {
        await untilReady(page);
        const use = await page.evaluate(() => window.memscope.ask("pageUse", { sites: null, numbers: [], ends: [] },
            window.memscope.table("summary")[0].peak_time_ns - 0.25));
        assert.equal(use.bytes, json.summary.peak_bytes);
        await page.locator(".cells canvas").waitFor();
        assert.ok(await page.evaluate(isDrawn, ".cells canvas"));
        await page.getByRole("button", { name: "list the blocks" }).click();
        await until(page, () => document.querySelector(".found b")?.textContent.includes("row"));
        assert.equal(Number.parseInt((await page.locator(".found b").innerText()).replace(/\D/g, ""), 10), json.summary.peak_blocks);
    });
});

test("each thread has a map of its own", async () => {
    await open(html, { hash: "#v=heap&map=threads" }, async (page) => {
        await untilReady(page);
        await page.locator(".thread-maps figure").first().waitFor();
        const allocating = json.threads.filter((thread) => thread.bytes_allocated > 0).length;
        assert.equal(await page.locator(".thread-maps figure").count(), allocating);
        assert.ok(await page.evaluate(isDrawn, ".thread-maps canvas"));
    });
});

test("the moment plays, pauses and steps, by buttons and by keys", async () => {
    await open(html, { hash: "#v=heap&at=1" }, async (page) => {
        await untilReady(page);
        const at = () => page.evaluate(() => Number(new URLSearchParams(location.hash.slice(1)).get("at")));
        const play = page.locator(".player .play");
        await page.locator(".cells canvas").waitFor();
        await play.click();
        await until(page, () => document.querySelector(".player .play").textContent === "Pause");
        const first = await moment(page);
        // Nothing is timed: it goes on until it has moved.
        for (let round = 0; (await moment(page)) === first; round++) assert.ok(round < 2000, "it does not move");
        await play.click();
        await until(page, () => document.querySelector(".player .play").textContent === "Play");
        const paused = await at();
        assert.ok(paused > 1);
        await page.getByRole("button", { name: "A step ahead" }).click();
        const stepped = await at();
        assert.ok(stepped > paused);
        await page.locator(".heap-map canvas").focus();
        await page.keyboard.press(",");
        assert.equal(await at(), paused);
        await page.keyboard.press(" ");
        await until(page, () => document.querySelector(".player .play").textContent === "Pause");
        // To its end it goes by itself, and stops there.
        await until(page, () => document.querySelector(".player .play").textContent === "Play");
        assert.equal(await at(), json.program.duration_ns);
        assert.match(await page.evaluate(() => location.hash), /v=heap/);
    });
});

test("the room is drawn, turned by keys, and given back", async () => {
    await open(html, { hash: "#v=heap&map=space" }, async (page) => {
        await untilReady(page);
        const room = page.locator("canvas.space");
        await room.waitFor();
        const yaw = () => room.getAttribute("data-yaw");
        const before = await yaw();
        await room.focus();
        await page.keyboard.press("ArrowLeft");
        assert.notEqual(await yaw(), before);
        await page.keyboard.press("Home");
        assert.equal(await yaw(), before);
        const distance = await room.getAttribute("data-distance");
        await page.keyboard.press("+");
        assert.ok(Number(await room.getAttribute("data-distance")) < Number(distance));
        assert.doesNotMatch(await page.evaluate(() => location.hash), /t=/); // the window of time stays
        const image = await room.screenshot();
        assert.ok(image.length > 4000, "an empty room");
        const lost = await room.evaluate((canvas) => {
            window.context = canvas.getContext("webgl2");
            return window.context.isContextLost();
        });
        assert.equal(lost, false);
        await page.keyboard.press("1");
        await page.locator(".view-overview").waitFor();
        await until(page, () => window.context.isContextLost());
    });
});

test("without WebGL2 the room says so", async () => {
    await open(html, {}, async (page) => {
        await page.evaluate(() => {
            const { getContext } = HTMLCanvasElement.prototype;
            HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
                return kind === "webgl2" ? null : getContext.call(this, kind, ...more);
            };
        });
        await untilReady(page);
        await page.evaluate(() => { location.hash = "#v=heap&map=space"; });
        await page.getByText("This browser has no WebGL2").waitFor();
        await page.locator(".cells canvas").waitFor();
    });
});

test("without addresses the map says how to record them", async () => {
    await open(compact.html, { hash: "#v=heap" }, async (page) => {
        await untilReady(page);
        await page.getByText("Addresses were left out of the trace.").waitFor();
    });
});
