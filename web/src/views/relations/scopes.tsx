// Scopes in scopes: what was allocated in each, with all that was entered within.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { bytes, count, duration, plural, within } from "../../data/format.ts";
import { allKin, errorOf, foldKin, type Kin, measure } from "../../data/kin.ts";
import type { Model } from "../../data/model.ts";
import type { Table } from "../../data/table.ts";
import { select, selection } from "../../state.ts";
import { Card, NotRecorded } from "../../ui/bits.tsx";
import { CsvButton, SummaryEvidence } from "../../ui/evidence.tsx";
import { KinTree, type KinText } from "../../ui/kin_tree.tsx";
import { Records } from "../../ui/records.tsx";

export function Scopes({ model }: { model: Model }): JSX.Element {
    const t = model.table("scopes");
    const root = useMemo(() => {
        const rowOf = new Map(Array.from(t.col("id").numbers, (id, row) => [id, row]));
        const parents = Int32Array.from(t.col("parent").numbers, (id) => rowOf.get(id) ?? -1);
        const folded = foldKin(parents, (row) => t.col("scope").text(row) ?? "(no name)");
        measure(folded, t.col("bytes_allocated").numbers, true);
        return folded;
    }, [t]);
    if (!t.rows) return <NotRecorded what="No scope was entered." how="Annotate the program: MEMSCOPE_SCOPE(name)." />;
    const of = selection.value?.kind === "scopes" ? selection.value.id : -1;
    const chosen = allKin(root).find((kin) => kin.rows.includes(of)) ?? null;
    return (
        <>
            <Card title="Which scope is entered in which" aside={<SummaryEvidence model={model} />}>
                <KinTree root={root} label="Scopes by name, in the scopes they are entered in" chosen={chosen}
                    onChoose={(kin) => select("scopes", kin.rows[0])} describe={(kin) => describe(t, kin)} />
            </Card>
            <Card title="All scopes" aside={<>{count(t.rows)} <CsvButton model={model} table="scopes" /></>}>
                <Records model={model} table="scopes" />
            </Card>
        </>
    );
}

function describe(t: Table, kin: Kin): KinText {
    const sum = (name: string, rows: number[]) => rows.reduce((s, row) => s + t.col(name).num(row), 0);
    const entered = sum("entered", kin.rows);
    const open = sum("open", kin.rows);
    const live = sum("live_bytes", kin.outer);
    const error = within(errorOf(kin.outer, t.col("bytes_allocated_error").numbers), bytes);
    const marks: [string, string][] = [];
    if (open) marks.push(["never-ended", `${count(open)} not left`]);
    if (live) marks.push(["live", `${bytes(live)} live`]);
    return {
        name: kin.key,
        count: `entered ×${count(entered)}`,
        value: `${bytes(kin.total)}${error}`,
        marks,
        title: `${kin.key}: ${kin.total} bytes${error} allocated in it and within, ${bytes(kin.own)} of it in itself; entered ${plural(entered, "time")}, ${duration(sum("total_ns", kin.outer))} in all`,
    };
}
