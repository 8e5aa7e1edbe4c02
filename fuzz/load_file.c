/* load_file.c - any bytes as a trace file, of either form. */
#include "load_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    load_descriptor(memory_file(data, size));
    return 0;
}
