// What is used wrongly: errors, the checks behind them, blocks over boundaries, annotations that cannot be.
import type { JSX } from "preact";
import type { Model } from "../data/model.ts";
import { Checks, Issues } from "./safety/issues.tsx";
import { Misuses } from "./safety/misuses.tsx";
import { Modules } from "./safety/modules.tsx";
import { Passports } from "./safety/passports.tsx";

export function Safety({ model }: { model: Model }): JSX.Element {
    return (
        <>
            <Issues model={model} />
            <Checks model={model} />
            <Passports model={model} />
            <Modules model={model} />
            <Misuses model={model} />
        </>
    );
}
