// Who is to blame: sites merged by the frame that attribution is lifted to, and ranked; as
// src/model/rank.c does it for the text report.
import { type Frame, frameName, framePlace, type Model } from "./model.ts";

export interface Blame extends Place {
    sites: number[]; // indexes
    cost: number;
}

interface Place {
    frame: Frame | null;
    name: string;
    place: string;
}

// The place to blame of each site, by number. Names are put together once for each frame.
class Places {
    readonly of: Int32Array;
    readonly all: Place[] = [];

    constructor(model: Model) {
        const frames = model.blamedFrames();
        const byKey = new Map<string, number>();
        const byFrame = new Map<number, number>();
        this.of = Int32Array.from(frames, (index) => {
            const known = byFrame.get(index);
            if (known !== undefined) return known;
            const frame = index < 0 ? null : model.frame(index);
            const name = frameName(frame);
            const key = `${name}\n${framePlace(frame, true)}\n${frame?.module ?? ""}`;
            const number = byKey.get(key) ?? this.all.push({ frame, name, place: framePlace(frame) }) - 1;
            byKey.set(key, number);
            byFrame.set(index, number);
            return number;
        });
    }
}

const places = new WeakMap<Model, Places>();

// The costs by site must be of `model`. Most first; those that cost nothing are left out.
export function rank(model: Model, costs: ArrayLike<number>): Blame[] {
    const { of, all } = places.get(model) ?? new Places(model);
    if (!places.has(model)) places.set(model, { of, all });
    const blames = new Map<number, Blame>();
    for (let i = 0; i < of.length; i++) {
        if (!(costs[i] > 0)) continue;
        let blame = blames.get(of[i]);
        if (!blame) blames.set(of[i], (blame = { ...all[of[i]], sites: [], cost: 0 }));
        blame.sites.push(i);
        blame.cost += costs[i];
    }
    return [...blames.values()].sort((a, b) => b.cost - a.cost);
}

export interface Kept {
    variable: string | null;
    type: string | null;
    unsure: boolean;
}

// What keeps the blocks of these sites, and what they are: where all of them say the same.
export function keptBy(model: Model, sites: readonly number[]): Kept {
    const table = model.table("sites");
    const alike = (name: string): string | null => {
        const column = table.col(name);
        const number = column.num(sites[0]);
        return sites.every((site) => column.num(site) === number) ? column.text(sites[0]) : null;
    };
    const confidence = table.col("variable_confidence");
    return {
        variable: alike("variable"),
        type: alike("type"),
        unsure: sites.some((site) => confidence.text(site) === "low"),
    };
}
