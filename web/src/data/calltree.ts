// The stacks of a report as a tree of calls with what they cost. A tree of half a million nodes is walked
// once for the sums; what is shown of it is made as it is looked at, for a screen has room for little.
import type { Model } from "./model.ts";

export type Label = "function" | "line" | "source"; // "source" merges as "line" does

export interface TreeOptions {
    label: Label; // what frames are merged by
    wrappers: boolean; // show allocator wrappers too
    fold: boolean; // a function that calls itself is one
}

// A call in some view of the tree.
export class Call {
    readonly key: number; // of the function or line: see CallTree.keyOf
    readonly frame: number; // one of its frames; -1: all of the program
    readonly parent: Call | null;
    readonly depth: number;
    readonly total: number;
    readonly self: number;
    private readonly expand: () => Call[];
    private made: Call[] | undefined;

    constructor(of: {
        key: number;
        frame: number;
        parent: Call | null;
        total: number;
        self: number;
        expand: (self: Call) => Call[];
    }) {
        this.key = of.key;
        this.frame = of.frame;
        this.parent = of.parent;
        this.depth = of.parent ? of.parent.depth + 1 : 0;
        this.total = of.total;
        this.self = of.self;
        this.expand = () => of.expand(this);
    }

    // Most first.
    get children(): Call[] {
        this.made ??= this.expand().sort((a, b) => b.total - a.total || a.key - b.key);
        return this.made;
    }
}

interface Group {
    frame: number;
    nodes: number[];
    weights: number[];
    total: number;
}

export interface FunctionCost {
    key: number;
    frame: number;
    self: number;
    total: number;
}

export class CallTree {
    readonly root: Call;
    private readonly model: Model;
    private readonly costs: ArrayLike<number>;
    private readonly options: TreeOptions;
    private readonly parent: ArrayLike<number>; // of each node: number + 1
    private readonly frame: ArrayLike<number>;
    private readonly keyOfFrame: Int32Array;
    private readonly self: Float64Array;
    private readonly total: Float64Array;
    private readonly firstChild: Int32Array;
    private readonly nextSibling: Int32Array;
    private readonly roots: number[] = [];
    private readonly bare: number; // cost of what has no stack

    // `costs` are by site index.
    constructor(model: Model, costs: ArrayLike<number>, options: TreeOptions) {
        const nodes = model.table("nodes");
        this.model = model;
        this.costs = costs;
        this.options = options;
        this.parent = nodes.col("parent").numbers;
        this.frame = nodes.col("frame").numbers;
        this.keyOfFrame = keysOf(model, options.label);
        this.self = new Float64Array(nodes.rows);
        this.firstChild = new Int32Array(nodes.rows).fill(-1);
        this.nextSibling = new Int32Array(nodes.rows).fill(-1);
        this.bare = this.spread(model, costs);
        this.total = this.sumUp();
        this.root = this.forward();
    }

    // The node that what a stack costs is put at; -1: it has none.
    private nodeFor(stack: number): number {
        let node = this.model.nodeOf(stack);
        const lifted = this.options.wrappers ? 0 : this.model.lifted(stack);
        for (let left = lifted; left > 0 && this.parent[node] > 0; left--) node = this.parent[node] - 1;
        return node;
    }

    // Puts the cost of each site at its node; returns that of sites without one.
    private spread(model: Model, costs: ArrayLike<number>): number {
        const stacks = model.table("sites").col("stack").numbers;
        let bare = 0;
        for (let i = 0; i < costs.length; i++) {
            if (!(costs[i] > 0)) continue;
            const node = this.nodeFor(stacks[i]);
            if (node < 0) bare += costs[i];
            else this.self[node] += costs[i];
        }
        return bare;
    }

    // A node comes after its parent.
    private sumUp(): Float64Array {
        const total = this.self.slice();
        for (let node = total.length - 1; node >= 0; node--) {
            const parent = this.parent[node] - 1;
            if (!(total[node] > 0)) continue;
            if (parent < 0) {
                this.roots.push(node);
                continue;
            }
            total[parent] += total[node];
            this.nextSibling[node] = this.firstChild[parent];
            this.firstChild[parent] = node;
        }
        return total;
    }

    keyOf(node: number): number {
        return this.keyOfFrame[this.frame[node]];
    }

    private add(groups: Map<number, Group>, at: number, node: number, weight: number): void {
        const key = this.keyOf(at);
        let group = groups.get(key);
        if (!group) {
            group = { frame: this.frame[at], nodes: [], weights: [], total: 0 };
            groups.set(key, group);
        }
        group.nodes.push(node);
        group.weights.push(weight);
        group.total += weight;
    }

    // The sites, of those that cost anything, that a call of the tree stands for; `inverted`: of the other one.
    sitesOf(call: Call, inverted: boolean): number[] {
        const chain: number[] = [];
        for (let at: Call | null = call; at && at.frame >= 0; at = at.parent) chain.unshift(at.key);
        const within = inverted ? (node: number) => this.endsIn(node, chain) : this.beginsWith(chain);
        const stacks = this.model.table("sites").col("stack").numbers;
        const found: number[] = [];
        for (let site = 0; site < this.costs.length; site++)
            if (this.costs[site] > 0 && within(this.nodeFor(stacks[site]))) found.push(site);
        return found;
    }

    // Are a node's outermost calls these? A node comes after its parent.
    private beginsWith(chain: number[]): (node: number) => boolean {
        const reached = new Int32Array(this.parent.length).fill(-1); // how many of them, to the node; -1: others
        for (let node = 0; node < reached.length; node++) {
            const parent = this.parent[node] - 1;
            const before = parent < 0 ? 0 : reached[parent];
            const again = this.options.fold && parent >= 0 && this.keyOf(parent) === this.keyOf(node);
            if (before === chain.length || (again && before > 0)) reached[node] = before;
            else if (before >= 0 && this.keyOf(node) === chain[before]) reached[node] = before + 1;
        }
        return (node) => chain.length === 0 || (node >= 0 && reached[node] === chain.length);
    }

    // Are a node's innermost calls these, the innermost first?
    private endsIn(node: number, chain: number[]): boolean {
        let at = node;
        for (const key of chain) {
            if (at < 0 || this.keyOf(at) !== key) return false;
            at = this.parent[at] - 1;
            while (this.options.fold && at >= 0 && this.keyOf(at) === key) at = this.parent[at] - 1;
        }
        return true;
    }

    // ---- from the outermost call inwards --------------------------------------------------------

    private forward(): Call {
        const groups = new Map<number, Group>();
        let total = this.bare;
        for (const node of this.roots) {
            this.add(groups, node, node, this.total[node]);
            total += this.total[node];
        }
        const expand = (self: Call) => this.inward(groups, self);
        return new Call({ key: -1, frame: -1, parent: null, total, self: this.bare, expand });
    }

    private inward(groups: Map<number, Group>, parent: Call | null): Call[] {
        return [...groups].map(([key, group]) => {
            const nodes = this.options.fold ? this.folded(group.nodes, key) : group.nodes;
            let self = 0;
            for (const node of nodes) self += this.self[node];
            const expand = (call: Call) => this.inward(this.groupsWithin(nodes, key), call);
            return new Call({ key, frame: group.frame, parent, total: group.total, self, expand });
        });
    }

    // With the nodes in which the function calls itself directly.
    private folded(nodes: number[], key: number): number[] {
        const all = [...nodes];
        for (let i = 0; i < all.length; i++)
            for (let c = this.firstChild[all[i]]; c >= 0; c = this.nextSibling[c])
                if (this.keyOf(c) === key) all.push(c);
        return all;
    }

    private groupsWithin(nodes: number[], key: number): Map<number, Group> {
        const groups = new Map<number, Group>();
        for (const node of nodes)
            for (let c = this.firstChild[node]; c >= 0; c = this.nextSibling[c])
                if (!this.options.fold || this.keyOf(c) !== key) this.add(groups, c, c, this.total[c]);
        return groups;
    }

    // ---- from the innermost call outwards -------------------------------------------------------

    // What allocates, and below it who calls that.
    inverted(): Call {
        const groups = new Map<number, Group>();
        for (let node = 0; node < this.self.length; node++)
            if (this.self[node] > 0) this.add(groups, node, node, this.self[node]);
        const expand = (self: Call) => this.outward(groups, self);
        const total = this.root.total;
        return new Call({ key: -1, frame: -1, parent: null, total, self: this.bare, expand });
    }

    private outward(groups: Map<number, Group>, parent: Call | null): Call[] {
        return [...groups].map(([key, group]) => {
            const outer = new Map<number, Group>();
            let self = 0;
            group.nodes.forEach((node, i) => {
                let at = this.parent[node] - 1;
                while (this.options.fold && at >= 0 && this.keyOf(at) === key) at = this.parent[at] - 1;
                if (at < 0) self += group.weights[i];
                else this.add(outer, at, at, group.weights[i]);
            });
            const expand = (call: Call) => this.outward(outer, call);
            return new Call({ key, frame: group.frame, parent, total: group.total, self, expand });
        });
    }

    // ---- around one function --------------------------------------------------------------------

    // Its calls that are not within another call of it: those cost what it costs.
    private outermost(key: number): number[] {
        const within = new Uint8Array(this.total.length);
        const found: number[] = [];
        for (let node = 0; node < this.total.length; node++) {
            if (!(this.total[node] > 0)) continue;
            const parent = this.parent[node] - 1;
            const inside = parent >= 0 && within[parent] === 1;
            const is = this.keyOf(node) === key;
            if (is && !inside) found.push(node);
            within[node] = is || inside ? 1 : 0;
        }
        return found;
    }

    // Who calls it, and what it calls; null where it costs nothing.
    sandwich(key: number): { callers: Call; callees: Call } | null {
        const groups = new Map<number, Group>();
        for (const node of this.outermost(key)) this.add(groups, node, node, this.total[node]);
        if (!groups.size) return null;
        return { callers: this.outward(groups, null)[0], callees: this.inward(groups, null)[0] };
    }

    // Each function with what it costs by itself and in all, calls of itself counted once; most first.
    functions(): FunctionCost[] {
        const all = new Map<number, FunctionCost>();
        const open = new Map<number, number>(); // how many calls of it are around the present one
        const count = (node: number) => {
            const key = this.keyOf(node);
            let cost = all.get(key);
            if (!cost) all.set(key, (cost = { key, frame: this.frame[node], self: 0, total: 0 }));
            cost.self += this.self[node];
            const depth = open.get(key) ?? 0;
            if (depth === 0) cost.total += this.total[node];
            open.set(key, depth + 1);
        };
        for (const root of this.roots) this.walk(root, count, (node) => {
            const key = this.keyOf(node);
            open.set(key, open.get(key)! - 1);
        });
        return [...all.values()].sort((a, b) => b.total - a.total);
    }

    // Stacks are deep: without recursion.
    private walk(root: number, enter: (node: number) => void, leave: (node: number) => void): void {
        let node = root;
        enter(node);
        for (;;) {
            if (this.firstChild[node] >= 0) {
                node = this.firstChild[node];
                enter(node);
                continue;
            }
            while (node !== root && this.nextSibling[node] < 0) {
                leave(node);
                node = this.parent[node] - 1;
            }
            leave(node);
            if (node === root) return;
            node = this.nextSibling[node];
            enter(node);
        }
    }
}

// The number of the function, or line, of each frame: frames with one number are merged.
export function keysOf(model: Model, label: Label): Int32Array {
    const frames = model.table("frames");
    const [name, file, line] = ["function", "file", "line"].map((c) => frames.col(c).numbers);
    const [module, address] = ["module", "address"].map((c) => frames.col(c).numbers);
    const numbers = new Map<string, number>();
    return Int32Array.from({ length: frames.rows }, (_, i) => {
        const what = name[i] ? `${name[i]} ${module[i]}` : `+${module[i]} ${address[i]}`;
        const key = label !== "function" && name[i] ? `${what} ${file[i]} ${line[i]}` : what;
        let number = numbers.get(key);
        if (number === undefined) numbers.set(key, (number = numbers.size));
        return number;
    });
}
