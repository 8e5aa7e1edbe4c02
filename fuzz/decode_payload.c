/* decode_payload.c - any bytes as a sealed chunk, and as the payload of an EVENTS chunk. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trace/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STREAMS = 16 };

static void read_streams(const uint8_t *payload, size_t size) {
    ms_stream streams[STREAMS];
    size_t count;
    ms_streams_open(payload, size, streams, STREAMS, &count);
    for (size_t i = 0; i < count && i < STREAMS; i++) {
        ms_event event;
        volatile uint8_t last = 0;
        while (ms_stream_next(&streams[i], &event))
            if (event.text.size)
                last = event.text.bytes[event.text.size - 1];
        (void)last;
    }
}

static void unpack(const uint8_t *data, size_t size) {
    ms_trace_chunk chunk;
    if (size < sizeof chunk)
        return;
    memcpy(&chunk, data, sizeof chunk);
    if (chunk.size > 1 << 20 || chunk.stored_size != size - sizeof chunk)
        return;
    uint8_t *out = malloc(chunk.size + 1u);
    if (out && ms_chunk_plausible(&chunk) && ms_chunk_unpack(&chunk, data + sizeof chunk, out))
        read_streams(out, chunk.size);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    read_streams(data, size);
    unpack(data, size);
    return 0;
}
