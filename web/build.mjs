// node build.mjs BUILD              builds BUILD/dashboard.html, the page without its data
// node build.mjs BUILD --run-tests  builds test/*.test.ts into BUILD/tests and runs them
// node build.mjs BUILD --check      checks types and style of the sources
//
// Packages are in BUILD/node_modules (see ./install). Without them the page is an empty file.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";

const source = path.dirname(fileURLToPath(import.meta.url));
const build = path.resolve(process.argv[2] ?? "../build/web");
const task = process.argv[3] ?? "--page";
const require = createRequire(path.join(build, "package.json"));

const options = () => ({
    absWorkingDir: source,
    nodePaths: [path.join(build, "node_modules")],
    bundle: true,
    write: false,
    jsx: "automatic",
    jsxImportSource: "preact",
    logLevel: "warning",
});

async function bundle(entry, more) {
    const { outputFiles } = await require("esbuild").build({
        ...options(),
        entryPoints: [entry],
        minify: true,
        target: ["es2022"],
        format: "iife",
        charset: "utf8",
        legalComments: "none",
        ...more,
    });
    return outputFiles[0].text.trim();
}

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

// A "</script" or "<!--" in a string of ours would end or hide the script.
const inScript = (text) => text.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");

// As src/boot.ts unpacks it: less than half of the bytes, and little to read before the first paint.
const packed = (text) => deflateSync(text, { level: 9 }).toString("base64");

async function page() {
    const style = await bundle("src/style/index.css");
    const boot = inScript(await bundle("src/boot.ts"));
    const worker = await bundle("src/worker.ts");
    const script = await bundle("src/main.tsx");
    const policy = [
        "default-src 'none'",
        `script-src ${hash(boot)} ${hash(script)}`,
        `style-src ${hash(style)}`,
        "worker-src blob:",
        "img-src data: blob:",
        "base-uri 'none'",
        "form-action 'none'",
    ].join("; ");
    const parts = { policy, style, boot, worker: packed(worker), page: packed(script) };
    return fs
        .readFileSync(path.join(source, "src/page.html"), "utf8")
        .replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
}

function missing() {
    return !fs.existsSync(path.join(build, "node_modules/.package-lock.json"));
}

async function tests() {
    const entries = fs
        .readdirSync(path.join(source, "test"))
        .filter((name) => name.endsWith(".test.ts") || name.endsWith(".test.tsx"))
        .map((name) => path.join("test", name));
    await require("esbuild").build({
        ...options(),
        entryPoints: entries,
        write: true,
        outdir: path.join(build, "tests"),
        outExtension: { ".js": ".mjs" },
        platform: "node",
        format: "esm",
        sourcemap: "inline",
    });
    const names = entries.map((entry) => path.basename(entry).replace(/tsx?$/, "mjs"));
    const files = names.map((name) => path.join(build, "tests", name));
    execFileSync(process.execPath, ["--test", ...files], { stdio: "inherit" });
}

// The compiler looks for packages beside the sources: there, in the build tree, are links to them.
function check() {
    for (const name of ["src", "tsconfig.json"]) {
        const link = path.join(build, name);
        fs.rmSync(link, { force: true });
        fs.symlinkSync(path.join(source, name), link);
    }
    const run = (name, folder, ...args) =>
        execFileSync(path.join(build, "node_modules/.bin", name), args, {
            cwd: folder,
            env: { ...process.env, MEMSCOPE_WEB_BUILD: build },
            stdio: "inherit",
        });
    run("tsc", build, "-p", build);
    run("eslint", source, "--max-warnings", "0", "src", "test");
}

if (task === "--run-tests") await tests();
else if (task === "--check") check();
else fs.writeFileSync(path.join(build, "dashboard.html"), missing() ? "" : await page());
