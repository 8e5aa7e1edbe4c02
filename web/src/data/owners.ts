// Which variables have had one block, by what the program said: given from one to another, shared, borrowed.
// Addresses alone say nothing here, for they are used again.
import type { Model } from "./model.ts";
import type { Table } from "./table.ts";

const WORDS = ["borrowed", "borrowed_mut", "conflict", "given", "handed_over", "reclaimed", "returned", "shared"];

export interface Owners {
    rows: number[]; // variables, in the order in which they were tracked
    words: string[]; // each once, in the order of the alphabet
    bytes: number; // of the block, as large as it was for any of them
}

// Groups of the same names and the same words: one loop makes thousands.
export interface Story {
    key: string;
    groups: Owners[];
    words: string[];
    bytes: number;
}

// Which words were said of each variable: a bit for each. There may be millions of changes, of few words.
function wordsOf(model: Model): Uint8Array {
    const t = model.table("variables");
    const kind = model.table("variables.history").col("kind");
    const bitOf = new Map<number, number>();
    const bit = (change: number) => {
        const number = kind.num(change);
        const known = bitOf.get(number) ?? 1 << (WORDS.indexOf(kind.text(change) ?? "") + 1);
        bitOf.set(number, known);
        return known >> 1; // 0: none of the words
    };
    return Uint8Array.from({ length: t.rows }, (_, row) => {
        const { from, to } = model.inner("variables", "history", row);
        let words = 0;
        for (let change = from; change < to; change++) words |= bit(change);
        return words;
    });
}

// The row of the variable with the number in `column`, or -1. Numbers are those of rows, from 1 on.
export function linkOf(t: Table, column: string, row: number): number {
    const id = t.col(column).num(row);
    return id >= 1 && id <= t.rows ? id - 1 : -1;
}

export function ownersOf(model: Model): Owners[] {
    const t = model.table("variables");
    const leader = Int32Array.from({ length: t.rows }, (_, row) => row);
    const find = (row: number): number => {
        while (leader[row] !== row) row = leader[row] = leader[leader[row]];
        return row;
    };
    for (let row = 0; row < t.rows; row++)
        for (const column of ["came_from", "given_to"]) {
            const other = linkOf(t, column, row);
            if (other >= 0) leader[Math.max(find(row), find(other))] = Math.min(find(row), find(other));
        }
    const words = wordsOf(model);
    const groups = new Map<number, number[]>();
    for (let row = 0; row < t.rows; row++) {
        const linked = t.col("came_from").known(row) || t.col("given_to").known(row);
        if (!linked && !words[row]) continue;
        const group = groups.get(find(row));
        if (group) group.push(row);
        else groups.set(find(row), [row]);
    }
    const size = t.col("size").numbers;
    return [...groups.values()].map((rows) => {
        const said = rows.reduce((all, row) => all | words[row], 0);
        return { rows, words: WORDS.filter((_, i) => said & (1 << i)), bytes: rows.reduce((most, row) => Math.max(most, size[row] || 0), 0) };
    });
}

export function storiesOf(t: Table, owners: Owners[]): Story[] {
    const place = ["name", "file", "line"].map((name) => t.col(name).numbers); // of equal texts the numbers are
    const stories = new Map<string, Story>();
    for (const group of owners) {
        const key = `${group.rows.map((row) => place.map((numbers) => numbers[row]).join(":")).join(" ")} ${group.words.join(" ")}`;
        const story = stories.get(key) ?? { key, groups: [], words: group.words, bytes: 0 };
        stories.set(key, story);
        story.groups.push(group);
        story.bytes += group.bytes;
    }
    const wrong = (s: Story) => Number(s.words.includes("conflict"));
    return [...stories.values()].sort((a, b) => wrong(b) - wrong(a) || b.bytes - a.bytes || a.groups[0].rows[0] - b.groups[0].rows[0]);
}

export interface Said {
    row: number; // in the table of changes
    word: string;
}

// What each variable of a group went through, by moments: at [variable][moment].
export function momentsOf(model: Model, rows: number[]): { times: number[]; said: Said[][][] } {
    const lists = rows.map((row) => model.inner("variables", "history", row));
    const times = new Set<number>();
    for (const { inner, from, to } of lists) for (let i = from; i < to; i++) times.add(inner.col("time_ns").num(i));
    const ordered = [...times].sort((a, b) => a - b);
    const place = new Map(ordered.map((time, i) => [time, i]));
    const said = lists.map(({ inner, from, to }) => {
        const cells: Said[][] = ordered.map(() => []);
        for (let i = from; i < to; i++)
            cells[place.get(inner.col("time_ns").num(i))!].push({ row: i, word: inner.col("kind").text(i) ?? "" });
        return cells;
    });
    return { times: ordered, said };
}
