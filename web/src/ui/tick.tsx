// A box beside whatever has sites: ticked, the page says what the peak would be without them.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { tick, ticked } from "../ticks.ts";

export function Tick({ sites, name, focusable = true }: { sites: number[]; name: string; focusable?: boolean }): JSX.Element {
    const on = sites.filter((site) => ticked.value.has(site)).length;
    const box = useRef<HTMLInputElement>(null);
    useEffect(() => {
        box.current!.indeterminate = on > 0 && on < sites.length;
    });
    return (
        <input ref={box} class="tick" type="checkbox" checked={on > 0 && on === sites.length} tabIndex={focusable ? 0 : -1}
            aria-label={`What if not: ${name}`} title="What would the peak be without it?"
            onClick={(event) => event.stopPropagation()}
            onChange={(event) => tick(sites, event.currentTarget.checked)} />
    );
}
