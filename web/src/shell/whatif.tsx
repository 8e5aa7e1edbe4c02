// The bar below the timeline while sites are ticked: the peak with and without them, and when.
import type { JSX } from "preact";
import { allRead, rowsReady } from "../data/client.ts";
import { bytes, count, duration, plural, share, within } from "../data/format.ts";
import type { Model } from "../data/model.ts";
import { type Answer, answer, clearTicks, ticked } from "../ticks.ts";
import { Bar, Sparkline } from "../ui/bits.tsx";

export function WhatIfBar({ model }: { model: Model }): JSX.Element | null {
    const sites = ticked.value.size;
    if (!sites) return null;
    const found = answer.value;
    return (
        <section class="what-if" aria-label="What if">
            {found ? <Peaks model={model} found={found} /> : <p role="status">{waitsFor(model, sites)}</p>}
            <button type="button" onClick={clearTicks}>Clear</button>
        </section>
    );
}

function waitsFor(model: Model, sites: number): string {
    if (model.schema.blocks === null || (allRead.value && !rowsReady.value))
        return "The peak without these sites cannot be told: this report lists no single blocks.";
    return `Adding up without ${plural(sites, "site")} …`;
}

function Peaks({ model, found }: { model: Model; found: Answer }): JSX.Element {
    const old = model.one("summary", "peak_bytes");
    const { bytes: now, time } = found.without;
    const less = old - now;
    const estimate = !isExact(model, found);
    return (
        <>
            <div class="peaks">
                <span>peak</span><Bar value={old} whole={old} /><b title={String(old)}>{bytes(old)}</b>
                <span>without</span><Bar value={now} whole={old} /><b title={String(now)}>{estimate && "about "}{bytes(now)}</b>
            </div>
            <p role="status">
                Without {plural(found.sites, "site")} the peak would be {estimate && "about "}<strong>{bytes(now)}{within(found.error, bytes)}</strong> at{" "}
                {duration(time)}, instead of <strong>{bytes(old)}{within(model.one("summary", "peak_bytes_error"), bytes)}</strong> at{" "}
                {duration(model.one("summary", "peak_time_ns"))}: {bytes(Math.max(less, 0))} less ({share(Math.max(less, 0), old)}).
                <small>{basis(model, found)}</small>
            </p>
            <Sparkline kept={found.kept} gone={found.gone} />
        </>
    );
}

// All blocks, one by one, lead to the peak that was recorded: then they are all there.
function isExact(model: Model, found: Answer): boolean {
    return Number.isNaN(found.error) && found.all.bytes === model.one("summary", "peak_bytes");
}

function basis(model: Model, found: Answer): string {
    const order = model.one("capture", "order_uncertainty_bytes");
    const threads = order > 0 ? ` As the peak itself, it may be off by ${bytes(order)}: the order of threads.` : "";
    if (isExact(model, found)) return `Recomputed from every block that was recorded.${threads}`;
    if (!Number.isNaN(found.error))
        return `An estimate: ${count(model.schema.blocks ?? 0)} blocks are listed as a sample, with this standard error.${threads}`;
    return `An estimate: the blocks that are listed reach ${bytes(found.all.bytes)} by themselves; what came before them is known as totals only.${threads}`;
}
