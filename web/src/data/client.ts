// The page's side of the data: finds the chunks in the document as it arrives, sends them to the worker,
// and asks it questions.
import { signal } from "@preact/signals";
import type { FromWorker, Questions, ToWorker, WireTable } from "../worker.ts";
import { Model } from "./model.ts";
import { Column, type Schema, Table } from "./table.ts";

// What there is so far. `model` comes with the tables, `rowsReady` when single blocks can be asked for.
export const model = signal<Model | null>(null);
export const rowsReady = signal(false);
export const rowsListed = signal(0); // how many there are
export const allRead = signal(false); // to the end: what is not there by now does not come
export const damage = signal<string[]>([]);

let worker: Worker | undefined;
let schema: Schema | undefined;
const waiting = new Map<number, { resolve: (v: never) => void; reject: (e: Error) => void }>();
let lastQuestion = 0;

export function ask<Q extends keyof Questions>(
    question: Q,
    ...args: Parameters<Questions[Q]>
): Promise<ReturnType<Questions[Q]>> {
    const id = ++lastQuestion;
    return new Promise((resolve, reject) => {
        waiting.set(id, { resolve: resolve as (v: never) => void, reject });
        send({ type: "ask", id, question, args });
    });
}

// How many questions are without an answer.
export function unanswered(): number {
    return waiting.size;
}

function send(message: ToWorker): void {
    worker?.postMessage(message);
}

function complain(what: string): void {
    damage.value = [...damage.value, what];
}

function toTable(wire: WireTable, texts: string[]): Table {
    const table = schema!.tables[wire.key];
    const columns = table.columns.map((column, i) => new Column(column, wire.columns[i], texts));
    return new Table(wire.key, table, wire.rows, columns);
}

function receive(message: FromWorker): void {
    switch (message.type) {
        case "tables":
            try {
                const tables = message.tables.map((wire) => toTable(wire, message.texts));
                model.value = new Model(schema!, tables, message.texts);
            } catch (error) {
                complain(`the tables cannot be shown: ${error}`);
            }
            break;
        case "rows":
            if (message.damage.length) damage.value = [...damage.value, ...message.damage];
            rowsListed.value = message.rows;
            rowsReady.value = schema!.blocks !== null && message.rows > 0;
            allRead.value = true;
            break;
        case "trouble":
            complain(message.what);
            break;
        case "answer":
            waiting.get(message.id)?.resolve(message.answer as never);
            waiting.delete(message.id);
            break;
        case "failure":
            waiting.get(message.id)?.reject(new Error(message.message));
            waiting.delete(message.id);
            break;
    }
}

function startWorker(): Worker {
    const source = document.getElementById("worker")!.textContent!;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const started = new Worker(url);
    started.onmessage = (event: MessageEvent<FromWorker>) => receive(event.data);
    started.onerror = (event) => complain(`the worker failed: ${event.message}`);
    return started;
}

// ---- the document -------------------------------------------------------------------------------

let tablesSent = false;
let endSeen = false;

function takeSchema(text: string): void {
    try {
        schema = JSON.parse(text) as Schema;
        send({ type: "schema", schema });
    } catch {
        complain("its schema cannot be read");
    }
}

// Texts of chunks are large: once sent, their elements go.
function take(element: HTMLScriptElement): void {
    const { t: table, n, z } = element.dataset;
    const text = element.textContent ?? "";
    if (table === undefined) return;
    element.remove();
    if (table === "schema") {
        takeSchema(text);
        return;
    }
    if (!schema) return;
    if (table === "end" || table === "allocations") sendTables();
    if (table === "end") {
        endSeen = true;
        send({ type: "end", rows: Number(n) });
    } else {
        const chunk = { table, rows: Number(n), size: Number(z), base64: text };
        send({ type: "chunk", chunk });
    }
}

function sendTables(): void {
    if (!tablesSent) send({ type: "tables" });
    tablesSent = true;
}

// An element is complete when something follows it, or when the document is.
function takeComplete(all: boolean): void {
    const elements = document.querySelectorAll<HTMLScriptElement>('script[type="m"][data-t]');
    elements.forEach((element) => {
        if (all || element.nextElementSibling) take(element);
    });
}

export function startReading(): void {
    worker = startWorker();
    const observer = new MutationObserver(() => takeComplete(false));
    observer.observe(document.body, { childList: true });
    const finish = () => {
        observer.disconnect();
        takeComplete(true);
        if (!schema) {
            if (!damage.value.length) complain("the file ends before its data");
        } else if (!endSeen) {
            sendTables();
            send({ type: "end", rows: null });
        }
    };
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", finish);
    else finish();
}
