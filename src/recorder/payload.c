#include "recorder/payload.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/varint.h"

static bool reserve(ms_payload *payload, size_t size) {
    if (payload->failed)
        return false;
    if (payload->capacity - payload->size >= size)
        return true;
    size_t capacity = 2 * payload->capacity + size + 256;
    uint8_t *bytes = realloc(payload->bytes, capacity);
    payload->failed = !bytes;
    if (!bytes)
        return false;
    payload->bytes = bytes;
    payload->capacity = capacity;
    return true;
}

void ms_payload_bytes(ms_payload *payload, const void *bytes, size_t size) {
    if (size == 0 || !reserve(payload, size))
        return;
    memcpy(payload->bytes + payload->size, bytes, size);
    payload->size += size;
}

void ms_payload_varint(ms_payload *payload, uint64_t value) {
    uint8_t bytes[MS_VARINT_MAX];
    ms_payload_bytes(payload, bytes, (size_t)(ms_varint_put(bytes, value) - bytes));
}

static void put_text(ms_payload *payload, const char *text) {
    ms_payload_varint(payload, strlen(text));
    ms_payload_bytes(payload, text, strlen(text));
}

void ms_payload_pair(ms_payload *payload, const char *key, const char *value) {
    put_text(payload, key);
    put_text(payload, value);
}

void ms_payload_pair_u64(ms_payload *payload, const char *key, uint64_t value) {
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, value);
    ms_payload_pair(payload, key, text);
}

void ms_payload_deinit(ms_payload *payload) {
    free(payload->bytes);
    *payload = (ms_payload){0};
}
