// Which variables have had one block, by what the program said: given from one to another, shared, borrowed.
// Addresses alone say nothing here, for they are used again.
import type { Model } from "./model.ts";
import type { Table } from "./table.ts";

const WORDS = new Set(["shared", "borrowed", "borrowed_mut", "returned", "conflict", "handed_over", "reclaimed", "given"]);

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

function wordsOf(model: Model, row: number): Set<string> {
    const { inner, from, to } = model.inner("variables", "history", row);
    const words = new Set<string>();
    for (let i = from; i < to; i++) {
        const word = inner.col("kind").text(i) ?? "";
        if (WORDS.has(word)) words.add(word);
    }
    return words;
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
    const groups = new Map<number, number[]>();
    for (let row = 0; row < t.rows; row++) {
        const group = groups.get(find(row));
        if (group) group.push(row);
        else groups.set(find(row), [row]);
    }
    const owners: Owners[] = [];
    for (const rows of groups.values()) {
        const words = new Set(rows.flatMap((row) => [...wordsOf(model, row)]));
        if (rows.length > 1 || words.size)
            owners.push({ rows, words: [...words].sort(), bytes: Math.max(...rows.map((row) => t.col("size").num(row) || 0)) });
    }
    return owners;
}

export function storiesOf(t: Table, owners: Owners[]): Story[] {
    const stories = new Map<string, Story>();
    for (const group of owners) {
        const places = group.rows.map((row) => `${t.col("name").text(row)} ${t.col("file").text(row)}:${t.col("line").num(row)}`);
        const key = [...places, ...group.words].join("\n");
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
