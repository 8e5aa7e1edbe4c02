// Records that come from one another - tasks from tasks, scopes in scopes, variables from variables - folded
// by name: a thousand tasks of one name from one task are one node. What comes from its own kind again,
// at whatever distance, is counted with it, so that no tree is deeper than there are names.

export interface Kin {
    key: string;
    rows: number[]; // in the order of the table; of the root none
    outer: number[]; // of these, those that do not come from one of them
    parent: Kin | null;
    children: Kin[];
    depth: number;
    own: number; // what measure() has found
    total: number; // with all that comes from it
}

function newKin(key: string, parent: Kin | null): Kin {
    return { key, rows: [], outer: [], parent, children: [], depth: parent ? parent.depth + 1 : 0, own: 0, total: 0 };
}

// `parents[row]` is the row that it comes from, or -1.
export function foldKin(parents: ArrayLike<number>, keyOf: (row: number) => string): Kin {
    const root = newKin("", null);
    const children = childrenOf(parents);
    const found = new Map<Kin, Map<string, Kin>>();
    const seen = new Uint8Array(parents.length);
    const childOf = (parent: Kin, key: string): Kin => {
        const known = found.get(parent) ?? new Map<string, Kin>();
        found.set(parent, known);
        let child = known.get(key);
        if (!child) {
            child = newKin(key, parent);
            known.set(key, child);
            parent.children.push(child);
        }
        return child;
    };
    const visit = (from: number) => {
        const waiting: [row: number, parent: Kin][] = [[from, root]];
        for (let next = waiting.pop(); next; next = waiting.pop()) {
            const [row, parent] = next;
            if (seen[row]) continue;
            seen[row] = 1;
            const key = keyOf(row);
            let kin: Kin | null = parent;
            while (kin && kin.key !== key) kin = kin.parent;
            const inside = kin !== null && kin !== root;
            const own = inside ? kin! : childOf(parent, key);
            own.rows.push(row);
            if (!inside) own.outer.push(row);
            for (const child of children[row] ?? []) waiting.push([child, own]);
        }
    };
    for (let row = 0; row < parents.length; row++) if (parents[row] < 0) visit(row);
    for (let row = 0; row < parents.length; row++) visit(row); // of a ring, which no program makes
    sortRows(root);
    return root;
}

function childrenOf(parents: ArrayLike<number>): (number[] | undefined)[] {
    const children: (number[] | undefined)[] = new Array<number[] | undefined>(parents.length);
    for (let row = 0; row < parents.length; row++)
        if (parents[row] >= 0 && parents[row] < parents.length) (children[parents[row]] ??= []).push(row);
    return children;
}

function sortRows(root: Kin): void {
    for (const kin of allKin(root)) {
        kin.rows.sort((a, b) => a - b);
        kin.outer.sort((a, b) => a - b);
    }
}

// Parents before children; without the root.
export function allKin(root: Kin): Kin[] {
    const all = [...root.children];
    for (let i = 0; i < all.length; i++) for (const child of all[i].children) all.push(child);
    return all;
}

// Sums a value up, and puts the largest first. Inclusive: the value of a row holds that of all that comes
// from it already.
export function measure(root: Kin, values: ArrayLike<number>, inclusive: boolean): void {
    const sum = (rows: number[]) => rows.reduce((s, row) => s + (values[row] || 0), 0);
    const within = (kin: Kin) => kin.children.reduce((s, child) => s + child.total, 0);
    for (const kin of allKin(root).reverse()) {
        if (inclusive) {
            kin.total = sum(kin.outer);
            kin.own = Math.max(kin.total - within(kin), 0);
        } else {
            kin.own = sum(kin.rows);
            kin.total = kin.own + within(kin);
        }
        kin.children.sort(bySize);
    }
    root.total = within(root);
    root.children.sort(bySize);
}

function bySize(a: Kin, b: Kin): number {
    return b.total - a.total || a.rows[0] - b.rows[0];
}

// The standard error of a sum of estimates that know nothing of each other; NaN: it is exact.
export function errorOf(rows: number[], errors: ArrayLike<number>): number {
    let squares = 0;
    let known = false;
    for (const row of rows) {
        if (Number.isNaN(errors[row])) continue;
        squares += errors[row] ** 2;
        known = true;
    }
    return known ? Math.sqrt(squares) : Number.NaN;
}

// ---- places -----------------------------------------------------------------------------------------

export interface Placed {
    kin: Kin; // of a box for the rest: the parent
    rest: number; // how many children have no box of their own; 0: it is a box for one
    column: number;
    line: number;
}

// Boxes of one height in columns: who has no children takes the next line, a parent stands at the middle of
// its children. The largest `most` get boxes. (Boxes do not overlap this way and the same data give the
// same picture, which is all there is to lay out; a packing or a simulated one would have to be undone.)
export function placeKin(root: Kin, most: number): { boxes: Placed[]; columns: number; lines: number } {
    const shown = largest(root, most);
    const boxes: Placed[] = [];
    let lines = 0;
    let columns = 0;
    const place = (kin: Kin, column: number): number => {
        const children = kin.children.filter((child) => shown.has(child));
        const rest = kin.children.length - children.length;
        const at = children.map((child) => place(child, column + 1));
        if (rest) at.push(add({ kin, rest, column: column + 1, line: lines++ }));
        const line = at.length ? (at[0] + at[at.length - 1]) / 2 : lines++;
        return kin === root ? line : add({ kin, rest: 0, column, line });
    };
    const add = (box: Placed): number => {
        boxes.push(box);
        columns = Math.max(columns, box.column + 1);
        return box.line;
    };
    place(root, -1);
    return { boxes, columns, lines };
}

const MOST_COLUMNS = 24;

// With all that they come from.
function largest(root: Kin, most: number): Set<Kin> {
    const order = allKin(root)
        .filter((kin) => kin.depth <= MOST_COLUMNS)
        .sort((a, b) => b.total - a.total || a.depth - b.depth || a.rows[0] - b.rows[0]);
    const shown = new Set<Kin>();
    for (const kin of order.slice(0, most))
        for (let k: Kin | null = kin; k && k !== root; k = k.parent) shown.add(k);
    return shown;
}
