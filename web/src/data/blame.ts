// Who is to blame: sites merged by the frame that attribution is lifted to, and ranked; as
// src/model/rank.c does it for the text report.
import { type Frame, frameName, framePlace, type Model } from "./model.ts";

export interface Blame {
    frame: Frame | null;
    name: string;
    place: string;
    sites: number[]; // indexes
    cost: number;
}

// The costs by site must be of `model`. Most first; those that cost nothing are left out.
export function rank(model: Model, costs: ArrayLike<number>): Blame[] {
    const frames = model.blamedFrames();
    const groups = new Map<string, Blame>();
    for (let i = 0; i < frames.length; i++) {
        if (!(costs[i] > 0)) continue;
        const frame = frames[i] < 0 ? null : model.frame(frames[i]);
        const name = frameName(frame);
        const key = `${name}\n${framePlace(frame, true)}\n${frame?.module ?? ""}`;
        let group = groups.get(key);
        if (!group) {
            group = { frame, name, place: framePlace(frame), sites: [], cost: 0 };
            groups.set(key, group);
        }
        group.sites.push(i);
        group.cost += costs[i];
    }
    return [...groups.values()].sort((a, b) => b.cost - a.cost);
}
