// What the views look like, on three screens in two themes, against the pictures in screens/: smaller by some
// times, all views of a screen on one sheet. Fonts and drawing differ a little from machine to machine, so a view is
// compared by how light its parts are. To renew the pictures after a look at them:
//
//      MEMSCOPE_UPDATE_GOLDEN=1 ctest --test-dir build -R browser/screens
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { after, test } from "node:test";
import { closeBrowser, folder, open } from "./support.mjs";

after(closeBrowser);

const VIEWS = ["overview", "flame", "leaks", "churn", "explore", "heap", "relations", "safety", "compare", "allocations"];
// `most`: what the parts of a view may differ by, of 255 and on average. Text that is 2 % wider makes 0.3, and 2.3
// where it takes a line more on a phone; a view that is moved by 100 px makes 3 to 30.
const SCREENS = {
    phone: { width: 390, height: 844, smaller: 4, most: 4 },
    laptop: { width: 1280, height: 800, smaller: 6, most: 1.5 },
    wide: { width: 1920, height: 1080, smaller: 8, most: 1.5 },
};
const ACROSS = 5; // views in a row of a sheet
const CELL = 6; // px of a sheet that make one part
const UPDATE = process.env.MEMSCOPE_UPDATE_GOLDEN === "1";

const kept = new URL("screens/", import.meta.url).pathname;
const found = path.join(process.env.MEMSCOPE_BUILD, "test/browser/screens");
const page = path.join(folder, "fixture.html");
execFileSync(path.join(process.env.MEMSCOPE_BUILD, "test/browser/fixture"), [page]);
fs.mkdirSync(found, { recursive: true });

// Nothing is asked of the worker any more, for three frames one after the other.
const untilSettled = (p) => p.evaluate(() => new Promise((resolve) => {
    let quiet = 0;
    const look = () => {
        const { rows, unanswered } = window.memscope.state();
        quiet = rows && unanswered === 0 ? quiet + 1 : 0;
        if (quiet >= 3) resolve();
        else requestAnimationFrame(look);
    };
    look();
}));

async function show(p, view) {
    await p.evaluate((v) => {
        const { style } = document.documentElement;
        style.setProperty("--sans", "DejaVu Sans");
        style.setProperty("--mono", "DejaVu Sans Mono");
        location.hash = `#v=${v}`;
    }, view);
    await p.locator(`.view-${view}`).waitFor();
    await untilSettled(p);
}

// ---- pictures, which a browser knows how to read and to write -----------------------------------------

const asUrl = (png) => `data:image/png;base64,${png.toString("base64")}`;

async function withPainter(use) {
    const blank = path.join(folder, "blank.html");
    fs.writeFileSync(blank, "<!doctype html><title>painter</title>");
    let result;
    await open(blank, {}, async (p) => {
        result = await use(p);
    });
    return result;
}

const makeSheet = (painter, pictures, screen) => painter.evaluate(async ({ urls, across, width, height, smaller }) => {
    const [w, h] = [Math.round(width / smaller), Math.round(height / smaller)];
    const sheet = document.createElement("canvas");
    sheet.width = w * across;
    sheet.height = h * Math.ceil(urls.length / across);
    const c = sheet.getContext("2d");
    c.imageSmoothingQuality = "high";
    for (const [i, url] of urls.entries()) {
        const image = new Image();
        image.src = url;
        await image.decode();
        c.drawImage(image, (i % across) * w, Math.floor(i / across) * h, w, h);
    }
    return sheet.toDataURL("image/png").split(",")[1];
}, { urls: pictures.map(asUrl), across: ACROSS, ...screen });

// By how much each of `count` views differs between two sheets, of 255.
const differences = (painter, sheets, screen) => painter.evaluate(async ({ urls, across, cell, count, width, height, smaller }) => {
    const [w, h] = [Math.round(width / smaller), Math.round(height / smaller)];
    const [columns, rows] = [Math.ceil(w / cell), Math.ceil(h / cell)];
    const read = async (url) => {
        const image = new Image();
        image.src = url;
        await image.decode();
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [image.width, image.height];
        const c = canvas.getContext("2d");
        c.drawImage(image, 0, 0);
        return c.getImageData(0, 0, image.width, image.height);
    };
    const [a, b] = await Promise.all(urls.map(read));
    if (a.width !== b.width || a.height !== b.height) return null;
    const lightness = ({ data, width: stride }, x, y) => {
        let sum = 0;
        for (let dy = 0; dy < cell; dy++)
            for (let dx = 0; dx < cell; dx++) {
                const at = ((y + dy) * stride + x + dx) * 4;
                sum += 0.3 * (data[at] ?? 0) + 0.59 * (data[at + 1] ?? 0) + 0.11 * (data[at + 2] ?? 0);
            }
        return sum / cell ** 2;
    };
    return Array.from({ length: count }, (_, i) => {
        const [left, top] = [(i % across) * w, Math.floor(i / across) * h];
        let sum = 0;
        for (let row = 0; row < rows; row++)
            for (let column = 0; column < columns; column++) {
                const [x, y] = [left + Math.min(column * cell, w - cell), top + Math.min(row * cell, h - cell)];
                sum += Math.abs(lightness(a, x, y) - lightness(b, x, y));
            }
        return sum / (rows * columns);
    });
}, { urls: sheets.map(asUrl), across: ACROSS, cell: CELL, count: VIEWS.length, ...screen });

// ---- the tests ------------------------------------------------------------------------------------------

// Sheets of all screens in one theme, by name.
async function sheetsOf(colorScheme, screens = SCREENS, spoil = null) {
    const pictures = {};
    await open(page, { colorScheme, reducedMotion: "reduce" }, async (p) => {
        for (const [name, { width, height }] of Object.entries(screens)) {
            await p.setViewportSize({ width, height });
            pictures[name] = [];
            for (const view of VIEWS) {
                await show(p, view);
                if (spoil) await p.evaluate(spoil);
                pictures[name].push(await p.screenshot({ animations: "disabled", caret: "hide" }));
            }
        }
    });
    return withPainter(async (painter) => {
        const sheets = {};
        for (const [name, screen] of Object.entries(screens))
            sheets[name] = Buffer.from(await makeSheet(painter, pictures[name], screen), "base64");
        return sheets;
    });
}

for (const theme of ["light", "dark"])
    test(`in ${theme} colours every view looks as it did`, async () => {
        const sheets = await sheetsOf(theme);
        for (const [name, sheet] of Object.entries(sheets)) {
            const file = `${name}-${theme}.png`;
            fs.writeFileSync(path.join(found, file), sheet);
            if (UPDATE) fs.writeFileSync(path.join(kept, file), sheet);
            const before = fs.readFileSync(path.join(kept, file));
            const by = await withPainter((painter) => differences(painter, [before, sheet], SCREENS[name]));
            assert.ok(by, `${file} has another size`);
            if (process.env.MEMSCOPE_SHOW) console.log(file, by.map((d) => d.toFixed(2)).join(" "));
            const others = VIEWS.map((view, i) => `${view} by ${by[i].toFixed(1)}`).filter((_, i) => by[i] > SCREENS[name].most);
            assert.deepEqual(others, [], `${file} differs from test/browser/screens/${file}; now: ${path.join(found, file)}`);
        }
    });

test("a layout that is broken is told from the one that is kept", async () => {
    const { laptop } = SCREENS;
    const moved = await sheetsOf("light", { laptop }, () => {
        document.querySelector("#view").style.transform = "translate(120px, 60px)";
    });
    const before = fs.readFileSync(path.join(kept, "laptop-light.png"));
    const by = await withPainter((painter) => differences(painter, [before, moved.laptop], laptop));
    if (process.env.MEMSCOPE_SHOW) console.log("moved", by.map((d) => d.toFixed(2)).join(" "));
    assert.ok(by.every((difference) => difference > laptop.most), `${by}`);
});
