import assert from "node:assert/strict";
import { test } from "node:test";
import { type Call, CallTree, type TreeOptions } from "../src/data/calltree.ts";
import { Model } from "../src/data/model.ts";
import { Column, type Schema, Table } from "../src/data/table.ts";

// Sites by their stacks, outermost first, as "main a b"; each costs what it says. A word that begins with
// * is an allocator wrapper.
function modelOf(stacks: string[]): Model {
    const texts: string[] = [];
    const frames: string[] = [];
    const nodes: { parent: number; frame: number }[] = [];
    const innermost: number[] = [];
    const lifted: number[] = [];
    for (const stack of stacks) {
        let parent = 0;
        const words = stack.split(" ").filter(Boolean);
        for (const word of words) {
            if (!frames.includes(word)) frames.push(word);
            const frame = frames.indexOf(word);
            let at = nodes.findIndex((n) => n.parent === parent && n.frame === frame);
            if (at < 0) at = nodes.push({ parent, frame }) - 1;
            parent = at + 1;
        }
        innermost.push(parent);
        lifted.push(words.filter((w) => w.startsWith("*")).length);
    }
    frames.forEach((f) => texts.push(f));
    const table = (key: string, columns: Record<string, number[]>) => {
        const rows = Object.values(columns)[0].length;
        const made = Object.entries(columns).map(
            ([name, v]) => new Column({ name, kind: "number", doc: "" }, { numbers: Float64Array.from(v) }, texts),
        );
        return new Table(key, { doc: "", list: true, columns: [] }, rows, made);
    };
    const zero = frames.map(() => 0);
    const schema: Schema = { schema: 1, version: "", blocks: null, tables: {} };
    return new Model(schema, [
        table("frames", { function: frames.map((_, i) => i + 1), file: zero, line: zero, module: zero, address: zero }),
        table("nodes", { parent: nodes.map((n) => n.parent), frame: nodes.map((n) => n.frame) }),
        table("stacks", { node: innermost, lifted }),
        table("sites", { stack: stacks.map((_, i) => i + 1) }),
    ], texts);
}

const PLAIN: TreeOptions = { label: "function", wrappers: true, fold: false };

// "a:3(b:2 c:1)", by the names of the frames.
function shown(model: Model, call: Call): string {
    const name = call.frame < 0 ? "" : model.table("frames").col("function").text(call.frame);
    const inner = call.children.map((c) => shown(model, c)).join(" ");
    return `${name}:${call.total}${inner && `(${inner})`}`;
}

test("stacks that begin alike share their calls", () => {
    const model = modelOf(["main a x", "main b x", "main a y"]);
    const tree = new CallTree(model, [1, 4, 2], PLAIN);
    assert.equal(shown(model, tree.root), ":7(main:7(b:4(x:4) a:3(y:2 x:1)))");
});

test("inverted, what allocates comes first and its callers below", () => {
    const model = modelOf(["main a x", "main b x", "main a y"]);
    const tree = new CallTree(model, [1, 4, 2], PLAIN);
    assert.equal(shown(model, tree.inverted()), ":7(x:5(b:4(main:4) a:1(main:1)) y:2(a:2(main:2)))");
});

test("wrappers are lifted away, and sites without a stack count for the program", () => {
    const model = modelOf(["main a *xmalloc", "main b *xmalloc *retry", ""]);
    const tree = new CallTree(model, [1, 2, 8], { ...PLAIN, wrappers: false });
    assert.equal(shown(model, tree.root), ":11(main:3(b:2 a:1))");
    assert.equal(tree.root.self, 8);
});

test("a function that calls itself is counted once, and folded on request", () => {
    const model = modelOf(["main f f f x", "main f g f"]);
    const tree = new CallTree(model, [4, 1], PLAIN);
    assert.deepEqual(
        tree.functions().map((f) => [model.table("frames").col("function").text(f.frame), f.self, f.total]),
        [["main", 0, 5], ["f", 1, 5], ["x", 4, 4], ["g", 0, 1]],
    );
    const folded = new CallTree(model, [4, 1], { ...PLAIN, fold: true });
    assert.equal(shown(model, folded.root), ":5(main:5(f:5(x:4 g:1(f:1))))");
    assert.equal(shown(model, folded.inverted()), ":5(x:4(f:4(main:4)) f:1(g:1(f:1(main:1))))");
});

test("around a function are its callers and its callees, each call counted once", () => {
    const model = modelOf(["main a f x", "main b f f y", "main b z"]);
    const tree = new CallTree(model, [1, 2, 4], PLAIN);
    const key = tree.functions().find((f) => model.table("frames").col("function").text(f.frame) === "f")!.key;
    const { callers, callees } = tree.sandwich(key)!;
    assert.equal(shown(model, callers), "f:3(b:2(main:2) a:1(main:1))");
    assert.equal(shown(model, callees), "f:3(f:2(y:2) x:1)");
    assert.equal(tree.sandwich(999), null);
});

test("what costs nothing is not there", () => {
    const model = modelOf(["main a", "main b"]);
    assert.equal(shown(model, new CallTree(model, [0, 3], PLAIN).root), ":3(main:3(b:3))");
});

test("the sites of a call are those that make up its cost", () => {
    const stacks = ["main f f x *m", "main f g f", "main a f x", "main f x *m", "", "a f x"];
    const costs = [1, 2, 4, 8, 16, 32];
    const model = modelOf(stacks);
    for (const wrappers of [true, false])
        for (const fold of [true, false]) {
            const tree = new CallTree(model, costs, { label: "function", wrappers, fold });
            const check = (call: Call, inverted: boolean) => {
                const sum = tree.sitesOf(call, inverted).reduce((all, site) => all + costs[site], 0);
                assert.equal(sum, call.total, `${shown(model, call)} ${wrappers} ${fold} ${inverted}`);
                for (const child of call.children) check(child, inverted);
            };
            check(tree.root, false);
            check(tree.inverted(), true);
        }
});
