// The first script of the page: unpacks the other two, while what stands in the page without them is drawn.

async function unpack(id: string): Promise<string> {
    const packed = atob(document.getElementById(id)!.textContent!);
    const bytes = Uint8Array.from(packed, (digit) => digit.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).text();
}

async function start(): Promise<void> {
    if (typeof DecompressionStream === "undefined") throw new Error("this browser cannot unpack it; any since 2023 can");
    const [page, worker] = await Promise.all([unpack("page"), unpack("worker")]);
    document.getElementById("worker")!.textContent = worker;
    // The policy of the page knows it by its hash. Not into the body, in which the rest of the file still arrives.
    const script = document.createElement("script");
    script.textContent = page;
    document.head.append(script);
}

start().catch((error: unknown) => {
    document.getElementById("app")!.textContent = `The page cannot show more than this: ${error}.`;
});
