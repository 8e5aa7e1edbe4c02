// Whose hands a block with a passport was in, and from when to when, by its stamps.
import type { Act } from "./counts.ts";

export const STATUS: Record<string, string> = {
    in_foreign_custody: "abroad at the end",
    reclaimed: "back home",
    freed_by_owner: "freed at home",
    freed_by_foreign: "freed abroad",
    lost: "lost",
};

// When the block was released; NaN: that is not known, or it was not.
export function releasedAt(stamps: Act[]): number {
    const last = stamps[stamps.length - 1] as Act | undefined;
    return last?.what === "freed" || last?.what === "freed_abroad" ? last.time : Number.NaN;
}

export type Custody = "home" | "abroad" | "unseen";

export interface Spell {
    from: number; // index of the stamp it begins with
    to: number; // of the one it ends with; as many as there are: it lasts to the end, or is not listed
    custody: Custody;
}

// A spell after each stamp; `whole`: all stamps are listed, and nothing came after the last.
export function spellsOf(stamps: Act[], status: string, whole: boolean): Spell[] {
    const spells: Spell[] = [];
    for (let i = 0; i < stamps.length; i++) {
        const { what } = stamps[i];
        const last = i === stamps.length - 1;
        if (what === "freed" || what === "freed_abroad") continue;
        const unseen = last && (!whole || status === "lost");
        const custody: Custody = unseen ? "unseen" : what === "handover" ? "abroad" : "home";
        const before = spells[spells.length - 1] as Spell | undefined;
        if (before?.custody === custody && before.to === i) before.to = i + 1;
        else spells.push({ from: i, to: i + 1, custody });
    }
    return spells;
}
