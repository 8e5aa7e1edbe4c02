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

static bool take_text(const uint8_t **at, const uint8_t *end, const char **text, size_t *size) {
    uint64_t length;
    if (!ms_varint_get(at, end, &length) || length > (uint64_t)(end - *at))
        return false;
    *text = (const char *)*at;
    *size = (size_t)length;
    *at += length;
    return true;
}

void ms_payload_find(const uint8_t *bytes, size_t bytes_size, const char *key, char *value,
                     size_t size) {
    const uint8_t *end = bytes + bytes_size;
    const char *name, *text;
    size_t name_size, text_size;
    *value = 0;
    while (take_text(&bytes, end, &name, &name_size) && take_text(&bytes, end, &text, &text_size)) {
        if (name_size != strlen(key) || memcmp(name, key, name_size) != 0)
            continue;
        if (text_size >= size)
            text_size = size - 1;
        memcpy(value, text, text_size);
        value[text_size] = 0;
        return;
    }
}

void ms_payload_deinit(ms_payload *payload) {
    free(payload->bytes);
    *payload = (ms_payload){0};
}
