// The page around the views.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { damage, model } from "../data/client.ts";
import { view } from "../state.ts";
import { Icon } from "../ui/bits.tsx";
import { views } from "../views/index.ts";
import { Inspector } from "./inspector.tsx";
import { helpOpen, KEYS } from "./keys.ts";
import { Palette } from "./palette.tsx";
import { ScopeBar } from "./scope.tsx";
import { Strip } from "./strip.tsx";
import { WhatIfBar } from "./whatif.tsx";

function Rail({ current }: { current: string }): JSX.Element {
    return (
        <nav class="rail" aria-label="Views">
            {views.map((v, i) => (
                <a key={v.id} href={`#v=${v.id}`} aria-current={v.id === current ? "page" : undefined}
                    title={`${v.question} (${(i + 1) % 10})`}
                    onClick={(event) => { event.preventDefault(); view.value = v.id; }}>
                    <Icon name={v.icon} />
                    <span>{v.title}</span>
                </a>
            ))}
            <button type="button" onClick={() => { helpOpen.value = true; }}>
                <Icon name="help" />
                <span>Keys</span>
            </button>
        </nav>
    );
}

export function Banner(): JSX.Element | null {
    if (!damage.value.length) return null;
    return (
        <div class="banner" role="alert">
            <Icon name="high" />
            <div>
                <strong>This report is damaged.</strong> What is shown is what could be read of it:{" "}
                {damage.value.slice(0, 3).join("; ")}
                {damage.value.length > 3 && `; and ${damage.value.length - 3} more`}.
            </div>
        </div>
    );
}

function Help(): JSX.Element | null {
    const dialog = useRef<HTMLDialogElement>(null);
    useEffect(() => dialog.current?.showModal(), [helpOpen.value]);
    if (!helpOpen.value) return null;
    const close = () => { helpOpen.value = false; };
    return (
        <dialog ref={dialog} class="keys" aria-label="Keys" onClose={close} onClick={close}>
            <h2>Keys</h2>
            <dl>
                {KEYS.map(([key, what]) => (
                    <div key={key}>
                        <dt><kbd>{key}</kbd></dt>
                        <dd>{what}</dd>
                    </div>
                ))}
            </dl>
            <button type="button" onClick={close}>Close</button>
        </dialog>
    );
}

export function App(): JSX.Element {
    const m = model.value;
    const shown = views.find((v) => v.id === view.value) ?? views[0];
    useEffect(() => {
        if (m) document.getElementById("static")?.remove();
    }, [m]);
    if (!m) return <Banner />;
    const View = shown.component;
    return (
        <div class="shell">
            <a class="skip" href="#view" onClick={(event) => {
                event.preventDefault();
                document.getElementById("view")?.focus();
            }}>To the view</a>
            <ScopeBar model={m} />
            <Rail current={shown.id} />
            <div class="body">
                <Banner />
                <Strip model={m} />
                <WhatIfBar model={m} />
                <div class="columns">
                    <main id="view" tabIndex={-1} key={shown.id} class={`view view-${shown.id}`}>
                        <h1>{shown.title}<small>{shown.question}</small></h1>
                        <View model={m} />
                    </main>
                    <Inspector model={m} />
                </div>
            </div>
            <Palette model={m} />
            <Help />
        </div>
    );
}
