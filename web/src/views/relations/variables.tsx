// Variables that had the same block: who got it from whom, and how each shared, lent and gave it away.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { bytes, count, duration, plural } from "../../data/format.ts";
import { allKin, foldKin, type Kin, measure } from "../../data/kin.ts";
import type { Model } from "../../data/model.ts";
import { linkOf, momentsOf, type Owners, ownersOf, type Said, storiesOf, type Story } from "../../data/owners.ts";
import type { Table } from "../../data/table.ts";
import { extra, select, selection, setExtra } from "../../state.ts";
import { Card, Entity, Name, NotRecorded, SiteLink } from "../../ui/bits.tsx";
import { CsvButton, WordsEvidence } from "../../ui/evidence.tsx";
import { Grid, type GridColumn } from "../../ui/grid.tsx";
import { KinTree, type KinText } from "../../ui/kin_tree.tsx";
import { Where } from "../../ui/stack.tsx";

export function Variables({ model }: { model: Model }): JSX.Element {
    const t = model.table("variables");
    const stories = useMemo(() => storiesOf(t, ownersOf(model)), [model, t]);
    if (!stories.length)
        return (
            <NotRecorded what={t.rows ? `Of ${plural(t.rows, "tracked variable")} none shares, lends or gives away a block.` : "No variable was tracked."}
                how="Annotate the program: MEMSCOPE_MOVE(from, to), MEMSCOPE_SHARE(from, to), MEMSCOPE_BORROW(variable), MEMSCOPE_RETURN(variable)." />
        );
    const at = Number(extra.value.var ?? -1);
    const chosen = stories.find((s) => s.groups.some((g) => g.rows.includes(at))) ?? stories[0];
    const choose = (row: number) => setExtra("var", String(row));
    return (
        <>
            <Heirs model={model} t={t} stories={stories} onChoose={choose} />
            <Stories model={model} t={t} stories={stories} chosen={chosen} onChoose={choose} />
            <OneStory key={chosen.key} model={model} t={t} story={chosen} />
        </>
    );
}

// ---- who has what from whom -------------------------------------------------------------------------

function Heirs(props: { model: Model; t: Table; stories: Story[]; onChoose: (row: number) => void }): JSX.Element | null {
    const { model, t, stories } = props;
    const { root, rows } = useMemo(() => foldHeirs(t, stories), [t, stories]);
    if (!rows.length) return null;
    const of = selection.value?.kind === "variables" ? rows.indexOf(selection.value.id) : -1;
    const choose = (kin: Kin) => {
        select("variables", rows[kin.rows[0]]);
        props.onChoose(rows[kin.rows[0]]);
    };
    return (
        <Card title="Who has its block from whom" aside={<WordsEvidence model={model} />}>
            <KinTree root={root} label="Variables by name, from those they have their block from" chosen={allKin(root).find((kin) => kin.rows.includes(of)) ?? null}
                onChoose={choose} describe={(kin) => describe(t, kin, rows)} />
        </Card>
    );
}

// Only variables that have a block from another, and those they have it from.
function foldHeirs(t: Table, stories: Story[]): { root: Kin; rows: number[] } {
    const linked = stories.flatMap((s) => s.groups).filter((g) => g.rows.length > 1);
    const rows = linked.flatMap((g) => g.rows).sort((a, b) => a - b);
    const place = new Map(rows.map((row, i) => [row, i]));
    const parents = rows.map((row) => place.get(linkOf(t, "came_from", row)) ?? -1);
    const root = foldKin(parents, (i) => `${t.col("name").text(rows[i])}\n${t.col("function").text(rows[i]) ?? ""}`);
    measure(root, rows.map((row) => t.col("size").num(row)), true); // a block is one, however many have it
    return { root, rows };
}

function describe(t: Table, kin: Kin, rows: number[]): KinText {
    const own = kin.rows.map((i) => rows[i]);
    const ways = [...new Set(own.map((row) => t.col("came_by").text(row)).filter(Boolean))];
    const [name, where] = [t.col("name").text(own[0]) ?? "variable", t.col("function").text(own[0])];
    return {
        name,
        count: own.length > 1 ? `×${count(own.length)}` : "",
        value: `${bytes(kin.total)}${where ? ` in ${where}` : ""}`,
        marks: [],
        ...(ways.length ? { edge: ways.join(", ") } : {}),
        title: `${name}: ${plural(own.length, "variable")} with blocks of ${kin.total} bytes${ways.length ? `, ${ways.join(" or ")} by the one to the left` : ""}`,
    };
}

// ---- stories ----------------------------------------------------------------------------------------

const COLUMNS: GridColumn[] = [
    { key: "who", title: "variables", width: "minmax(200px, 2fr)" },
    { key: "words", title: "what was said", width: "minmax(200px, 1.6fr)" },
    { key: "groups", title: "blocks", width: "88px", right: true, doc: "blocks of which the same was said" },
    { key: "bytes", title: "bytes", width: "104px", right: true, doc: "of these, each as large as it was at most in a variable's last moment" },
];

function Stories(props: { model: Model; t: Table; stories: Story[]; chosen: Story; onChoose: (row: number) => void }): JSX.Element {
    const { model, t, stories } = props;
    const rows = useMemo(() => stories.flatMap((s) => s.groups.flatMap((g) => g.rows)), [stories]);
    const cell = (row: number, key: string) => {
        const story = stories[row];
        switch (key) {
            case "who":
                return <Name text={story.groups[0].rows.map((r) => t.col("name").text(r) ?? "?").join(", ")} />;
            case "words":
                return <>{story.words.map((word) => <span key={word} class={`word ${word}`}>{word.replace("_", " ")}</span>)}</>;
            case "groups":
                return <>{count(story.groups.length)}</>;
            default:
                return <span title={String(story.bytes)}>{bytes(story.bytes)}</span>;
        }
    };
    return (
        <Card title="Blocks that were shared, lent or given away" aside={<>{count(stories.reduce((n, s) => n + s.groups.length, 0))} <WordsEvidence model={model} /> <CsvButton model={model} table="variables" rows={rows} /></>}>
            <Grid label="Blocks by their variables" columns={COLUMNS} count={stories.length} cell={cell} fit={stories.length <= 12}
                selected={stories.indexOf(props.chosen)} onOpen={(row) => props.onChoose(stories[row].groups[0].rows[0])} />
        </Card>
    );
}

function OneStory({ model, t, story }: { model: Model; t: Table; story: Story }): JSX.Element {
    const [nth, setNth] = useState(0);
    const n = story.groups.length;
    const step = (by: number) => setNth((nth + by + n) % n);
    return (
        <Card title="What became of one block"
            aside={n > 1 && (
                <span class="steps">
                    <button type="button" aria-label="The block before" onClick={() => step(-1)}>‹</button> {count(nth + 1)} of {count(n)} alike{" "}
                    <button type="button" aria-label="The next block" onClick={() => step(1)}>›</button>
                </span>
            )}>
            <Sequence model={model} t={t} group={story.groups[nth]} />
        </Card>
    );
}

// A row for each variable, a column for each moment.
function Sequence({ model, t, group }: { model: Model; t: Table; group: Owners }): JSX.Element {
    const { times, said } = useMemo(() => momentsOf(model, group.rows), [model, group]);
    const site = siteOf(model, group.rows[0]);
    const [at, setAt] = useState(-1); // the change whose stack is asked for
    return (
        <>
            {site >= 0 && <p class="found">A block of {bytes(group.bytes)}, allocated at <SiteLink model={model} index={site} /></p>}
            <div class="scroll" tabIndex={0} role="region" aria-label="What was said of the block, by variable and moment">
                <table class="sequence">
                    <thead>
                        <tr><th scope="col">variable</th>{times.map((time) => <th scope="col" key={time}>{duration(time)}</th>)}</tr>
                    </thead>
                    <tbody>
                        {group.rows.map((row, v) => (
                            <tr key={row}>
                                <th scope="row"><Who t={t} row={row} /></th>
                                {said[v].map((cell, m) => <td key={times[m]}>{cell.map((s) => <Word key={s.row} model={model} said={s} onChoose={setAt} />)}</td>)}
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
            {at >= 0 && <Where key={at} model={model} inner={model.table("variables.history")} row={at} open />}
            <p class="found">Words of one cell stand in their order; in which order two variables were spoken of within one moment is not recorded.</p>
        </>
    );
}

function siteOf(model: Model, row: number): number {
    const { inner, from, to } = model.inner("variables", "history", row);
    return from < to ? model.siteIndex(inner.col("site").num(from)) : -1;
}

function Who({ t, row }: { t: Table; row: number }): JSX.Element {
    const name = (r: number) => <Entity kind="variables" id={r}><Name text={t.col("name").text(r) ?? "?"} /></Entity>;
    const [from, to] = [linkOf(t, "came_from", row), linkOf(t, "given_to", row)];
    return (
        <>
            {name(row)} {t.col("function").known(row) && <small><Name text={`${t.col("function").text(row)}:${t.col("line").num(row)}`} /></small>}
            {from >= 0 && <small class="link-of">{t.col("came_by").text(row)} by {name(from)}</small>}
            {to >= 0 && <small class="link-of">given to {name(to)}</small>}
        </>
    );
}

function Word({ model, said, onChoose }: { model: Model; said: Said; onChoose: (row: number) => void }): JSX.Element {
    const changes = model.table("variables.history");
    const size = changes.col("size").num(said.row);
    const thread = changes.col("thread_id").num(said.row);
    const facts = [said.word.replace("_", " "), Number.isNaN(size) ? "" : `${size} bytes`, Number.isNaN(thread) ? "" : `thread ${thread}`];
    return <button type="button" class={`word ${said.word}`} title={facts.filter(Boolean).join(", ")} onClick={() => onChoose(said.row)}>{said.word.replace("_", " ")}</button>;
}
