// The views, in the order of the rail and of the keys 1 ... 9, 0. A new one is a file beside this one and
// a line here.
import type { ComponentType } from "preact";
import type { Model } from "../data/model.ts";
import { Allocations } from "./allocations.tsx";
import { Churn } from "./churn.tsx";
import { Compare } from "./compare.tsx";
import { Explore } from "./explore.tsx";
import { Flame } from "./flame.tsx";
import { Heap } from "./heap.tsx";
import { Leaks } from "./leaks.tsx";
import { Overview } from "./overview.tsx";
import { Relations } from "./relations.tsx";
import { Safety } from "./safety.tsx";

export interface View {
    id: string; // in the address
    icon: string; // ui/bits.tsx
    title: string;
    question: string; // that it answers
    component: ComponentType<{ model: Model }>;
}

export const views: View[] = [
    { id: "overview", icon: "overview", title: "Overview", question: "What is wrong, what first?", component: Overview },
    { id: "flame", icon: "flame", title: "Flame & tree", question: "Which calls use the memory?", component: Flame },
    { id: "leaks", icon: "leaks", title: "Leaks & growth", question: "What stays, what grows?", component: Leaks },
    { id: "churn", icon: "churn", title: "Churn", question: "What is allocated only to be released?", component: Churn },
    { id: "explore", icon: "explore", title: "Explore", question: "Which variable, type, module, thread, task?", component: Explore },
    { id: "heap", icon: "heap", title: "Heap map", question: "Where does it lie?", component: Heap },
    { id: "relations", icon: "relations", title: "Relations", question: "Who owns, who keeps alive?", component: Relations },
    { id: "safety", icon: "safety", title: "Safety", question: "What is used wrongly?", component: Safety },
    { id: "compare", icon: "compare", title: "Compare", question: "What has changed?", component: Compare },
    { id: "allocations", icon: "allocations", title: "Allocations", question: "Every block", component: Allocations },
];
