// Who owns what, and who keeps it alive: tasks, counted objects, variables, scopes.
import type { JSX } from "preact";
import { count } from "../data/format.ts";
import type { Model } from "../data/model.ts";
import { extra, setExtra } from "../state.ts";
import { NotRecorded, Segments } from "../ui/bits.tsx";
import { Counted } from "./relations/counted.tsx";
import { Scopes } from "./relations/scopes.tsx";
import { Tasks } from "./relations/tasks.tsx";
import { Variables } from "./relations/variables.tsx";

const PARTS = [
    { id: "tasks", title: "Tasks", table: "tasks", view: Tasks },
    { id: "counted", title: "Counted objects", table: "smart_pointers", view: Counted },
    { id: "variables", title: "Variables", table: "variables", view: Variables },
    { id: "scopes", title: "Scopes", table: "scopes", view: Scopes },
    { id: "keepers", title: "What keeps what alive", table: "", view: Keepers },
];

export function Relations({ model }: { model: Model }): JSX.Element {
    const first = PARTS.find((part) => model.table(part.table).rows) ?? PARTS[0];
    const part = PARTS.find((p) => p.id === extra.value.part) ?? first;
    const Part = part.view;
    const title = (p: (typeof PARTS)[number]) => {
        const rows = model.table(p.table).rows;
        return rows ? `${p.title} ${count(rows)}` : p.title;
    };
    return (
        <>
            <Segments label="What is shown" value={part.id} options={PARTS.map((p) => [p.id, title(p)] as const)} onChange={(id) => setExtra("part", id)} />
            <Part key={part.id} model={model} />
        </>
    );
}

// What would take the contents of blocks, which nothing has recorded.
function Keepers(): JSX.Element {
    return (
        <>
            <NotRecorded what="Which block points to which was not recorded: so there are no dominators, no path from a root to a block, and no cycles to show."
                how="Of counted objects the holders are known (Counted objects), of sites the variable that keeps their blocks (Explore, and the inspector of a site)." />
        </>
    );
}
