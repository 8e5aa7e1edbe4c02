/* payload.h - bytes of a trace chunk in the making. Errors stick. */
#ifndef MS_RECORDER_PAYLOAD_H
#define MS_RECORDER_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Start with all zeros. */
typedef struct ms_payload {
    uint8_t *bytes;
    size_t size, capacity;
    bool failed; /* without memory */
} ms_payload;

void ms_payload_bytes(ms_payload *payload, const void *bytes, size_t size);
void ms_payload_varint(ms_payload *payload, uint64_t value);

/* A pair of an INFO chunk. */
void ms_payload_pair(ms_payload *payload, const char *key, const char *value);
void ms_payload_pair_u64(ms_payload *payload, const char *key, uint64_t value);

/* The value of the first pair with `key` among `bytes`, cut to `size` and terminated; "" without one. */
void ms_payload_find(const uint8_t *bytes, size_t bytes_size, const char *key, char *value,
                     size_t size);

/* Frees the bytes; the payload is empty again. */
void ms_payload_deinit(ms_payload *payload);

#endif
