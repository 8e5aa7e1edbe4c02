// A table of any length: only the rows in sight exist. An ARIA grid, to be walked with the keys.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

export interface GridColumn {
    key: string;
    title: string;
    doc?: string | undefined;
    width: string; // a track of a CSS grid: "120px", "minmax(200px, 2fr)"
    right?: boolean; // numbers
    sortable?: boolean;
}

export interface GridProps {
    label: string;
    columns: GridColumn[];
    count: number;
    cell: (row: number, key: string) => ComponentChildren;
    onNeed?: (from: number, to: number) => void; // rows that are about to be shown
    onOpen?: (row: number) => void;
    onSpace?: (row: number) => void;
    sort?: { key: string; descending: boolean } | undefined;
    onSort?: (key: string) => void;
    selected?: number;
    version?: number; // another one: other rows, to be seen from the first on
    fit?: boolean; // as high as its rows, without scrolling of its own
}

const ROW = 30;
const MOST_PIXELS = 8e6; // browsers give up on higher boxes: beyond, a pixel is more than a row

export function Grid(props: GridProps): JSX.Element {
    const { columns, count } = props;
    const box = useRef<HTMLDivElement>(null);
    const [top, setTop] = useState(0);
    const [height, setHeight] = useState(600);
    const [cursor, setCursor] = useState(0);

    const full = count * ROW;
    const pixels = Math.min(full, MOST_PIXELS);
    const hidden = Math.max(pixels - height, 0);
    const firstExact = hidden > 0 ? (top / hidden) * Math.max(full - height, 0) : 0;
    const first = props.fit ? 0 : Math.max(0, Math.floor(firstExact / ROW) - 4);
    const shown = props.fit ? count : Math.ceil(height / ROW) + 8;
    const last = Math.min(count, first + shown);
    const shift = props.fit ? 0 : top - firstExact + first * ROW;

    useLayoutEffect(() => {
        const element = box.current!;
        const observer = new ResizeObserver(() => setHeight(element.clientHeight));
        observer.observe(element);
        return () => observer.disconnect();
    }, []);
    useEffect(() => {
        box.current!.scrollTop = 0;
        setTop(0);
        setCursor(0);
    }, [props.version]);
    useEffect(() => props.onNeed?.(first, last), [first, last, count, props.version]);

    const goTo = (row: number) => {
        const to = Math.max(0, Math.min(count - 1, row));
        setCursor(to);
        const element = box.current!;
        if (props.fit) return;
        const y = to * ROW;
        const scale = full > height ? hidden / (full - height) : 1;
        if (y < firstExact) element.scrollTop = y * scale;
        else if (y + 2 * ROW > firstExact + height) element.scrollTop = (y + 2 * ROW - height) * scale;
    };
    const onKey = (event: KeyboardEvent) => {
        const page = Math.max(1, Math.floor(height / ROW) - 2);
        const moves: Record<string, number> = {
            ArrowDown: cursor + 1, ArrowUp: cursor - 1, PageDown: cursor + page,
            PageUp: cursor - page, Home: 0, End: count - 1,
        };
        if (event.key in moves) {
            event.preventDefault();
            goTo(moves[event.key]);
        } else if (event.key === "Enter" && count) {
            event.preventDefault();
            props.onOpen?.(cursor);
        } else if (event.key === " " && props.onSpace && count) {
            event.preventDefault();
            props.onSpace(cursor);
        }
    };

    const least = columns.reduce((sum, column) => sum + Number.parseInt(/\d+/.exec(column.width)![0], 10), 0);
    const tracks = {
        gridTemplateColumns: columns.map((column) => column.width).join(" "),
        minWidth: `${least}px`,
    };
    const rows: JSX.Element[] = [];
    for (let row = first; row < last; row++) {
        const chosen = row === props.selected;
        rows.push(
            <div
                class={`row${chosen ? " chosen" : ""}${row === cursor ? " cursor" : ""}`}
                role="row"
                aria-rowindex={row + 2}
                aria-selected={chosen}
                key={row}
                style={tracks}
                onClick={() => {
                    setCursor(row);
                    props.onOpen?.(row);
                }}
            >
                {columns.map((column) => (
                    <div role="gridcell" tabIndex={-1} key={column.key} class={column.right ? "right" : ""}>
                        {props.cell(row, column.key)}
                    </div>
                ))}
            </div>,
        );
    }
    return (
        <div class={`grid${props.fit ? " fit" : ""}`} ref={box} role="grid" aria-label={props.label}
            aria-rowcount={count + 1} tabIndex={0} onKeyDown={onKey}
            onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
            <div class="row head" role="row" tabIndex={-1} aria-rowindex={1} style={tracks}>
                {columns.map((column) => (
                    <Head key={column.key} column={column} grid={props} />
                ))}
            </div>
            <div class="rows" role="rowgroup" style={props.fit ? {} : { height: `${pixels}px` }}>
                <div class="window" style={{ transform: `translateY(${shift}px)` }} role="presentation">
                    {rows}
                </div>
            </div>
        </div>
    );
}

function Head({ column, grid }: { column: GridColumn; grid: GridProps }): JSX.Element {
    const sorted = grid.sort?.key === column.key;
    const order = sorted ? (grid.sort!.descending ? "descending" : "ascending") : "none";
    return (
        <div role="columnheader" tabIndex={-1} aria-sort={order} class={column.right ? "right" : ""} title={column.doc ?? ""}>
            {column.sortable && grid.onSort ? (
                <button type="button" tabIndex={-1} onClick={() => grid.onSort!(column.key)}>
                    {column.title}
                    {sorted && <span aria-hidden="true">{grid.sort!.descending ? " ↓" : " ↑"}</span>}
                </button>
            ) : (
                column.title
            )}
        </div>
    );
}
