#include "load/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "digests.h"
#include "talk.h"
#include "trace/decode.h"

/* ---- a program ----------------------------------------------------------------------------------
 * Threads hand blocks to and fro at few addresses, on one coarse clock, so that the order is often
 * impossible. A chunk ends for each thread somewhere else, as with a real recorder. */

enum { THREADS = 5, SLOTS = 600, STACKS = 40, CHUNKS = 24, CHUNK_EVENTS = 700 };

typedef struct program {
    builder out;
    uint64_t state; /* of chance */
    uint64_t now_us;
    uint64_t stacks;            /* defined so far */
    uint64_t sizes[SLOTS];      /* 0: nothing is live there */
    ms_event kept[THREADS][64]; /* for the next chunk */
    size_t kept_count[THREADS];
    uint32_t threads;
    uint64_t slots; /* in use; the more, the fewer collide, and the longer the heap grows */
    bool sampled;   /* rates, tasks and gaps change */
    bool annotated; /* it says things about its memory */
    uint64_t counted;
} program;

static uint64_t below(program *p, uint64_t limit) {
    return random_below(&p->state, limit);
}

/* Who speaks of what lies within blocks must not mean two. */
static uint64_t address_of(const program *p, uint64_t slot) {
    return 0x7f0000001000 + slot * (p->annotated ? 8192 : 32);
}

static void flush(program *p, uint32_t thread, size_t count) {
    ms_event *kept = p->kept[thread];
    for (size_t i = 0; i < count; i++)
        put_event(&p->out, &kept[i]);
    p->kept_count[thread] -= count;
    memmove(kept, kept + count, p->kept_count[thread] * sizeof *kept);
}

static void emit(program *p, ms_event event) {
    uint32_t thread = event.thread - 1;
    event.time_us = p->now_us;
    if (p->kept_count[thread] == 64)
        flush(p, thread, 40);
    p->kept[thread][p->kept_count[thread]++] = event;
}

static uint64_t some_stack(program *p, uint32_t thread) {
    if (p->stacks < STACKS && below(p, 10) == 0) {
        uint64_t id = MS_ROOT_COUNT + p->stacks++;
        uint64_t parent = below(p, 2) ? MS_ROOT_COMPLETE : id - 1;
        if (id == MS_ROOT_COUNT)
            parent = MS_ROOT_COMPLETE;
        emit(p, make_stack(1 + (uint32_t)below(p, p->threads), id, 0x1000 + id / 2, parent));
    }
    (void)thread;
    return p->stacks ? MS_ROOT_COUNT + below(p, p->stacks) : MS_ROOT_NONE;
}

static void move_block(program *p, uint32_t thread) {
    uint64_t slot = below(p, p->slots), address = address_of(p, slot), size = 1 + below(p, 5000);
    if (!p->sizes[slot]) {
        uint64_t stack = some_stack(p, thread);
        emit(p, make_alloc(thread, 0, address, size, stack));
        p->sizes[slot] = size;
        return;
    }
    uint64_t to = below(p, p->slots);
    p->sizes[slot] = 0;
    if (below(p, 4) || p->sizes[to]) {
        emit(p, make_free(thread, 0, address));
        return;
    }
    uint64_t stack = some_stack(p, thread);
    emit(p, make_realloc(thread, 0, address, address_of(p, to), size, stack));
    p->sizes[to] = size;
}

static void map_something(program *p, uint32_t thread) {
    ms_event event = {.kind = below(p, 2) ? MS_EVENT_MAP : MS_EVENT_UNMAP,
                      .thread = thread,
                      .tid = 1000 + thread,
                      .family = MS_FAMILY_MMAP,
                      .address = 0x10000 * (1 + below(p, 30)),
                      .size = 4096 * (1 + below(p, 20)),
                      .number = 3};
    emit(p, event);
}

static void emit_number(program *p, uint32_t thread, ms_event_kind kind, uint8_t family,
                        uint64_t number) {
    emit(p, (ms_event){.kind = kind,
                       .thread = thread,
                       .tid = 1000 + thread,
                       .family = family,
                       .number = number});
}

/* About a block, a variable somewhere else, or nothing that is known. */
static void say_something(program *p, uint32_t thread) {
    uint64_t address = address_of(p, below(p, p->slots)), other = address_of(p, below(p, p->slots));
    if (below(p, 6) == 0)
        address = 0x7ffc00000000 + 64 * below(p, 100);
    emit(p, below(p, 12) ? some_word(&p->state, thread, address, other)
                         : some_place(&p->state, thread));
}

/* How it is recorded. */
static void change_recording(program *p, uint32_t thread) {
    static const uint64_t rates[] = {0, 4096, 700, 1 << 20};
    uint8_t count = (uint8_t)below(p, MS_COUNT_COUNT);
    switch (below(p, 40)) {
    case 0: emit_number(p, thread, MS_EVENT_GAP, 0, p->now_us - below(p, 1000)); break;
    case 1: emit_number(p, thread, MS_EVENT_COUNT, count, p->counted += below(p, 1000)); break;
    case 2: /* a realloc of what was not sampled */
        emit(p,
             make_alloc(thread, 0, address_of(p, below(p, p->slots)), 99, some_stack(p, thread)));
        p->kept[thread - 1][p->kept_count[thread - 1] - 1].family = MS_FAMILY_RESIZED;
        break;
    default:
        if (below(p, 3))
            emit_number(p, thread, MS_EVENT_TASK, 0, below(p, 9));
        else
            emit_number(p, thread, MS_EVENT_RATE, 0, rates[below(p, 4)]);
    }
}

static void step(program *p) {
    uint32_t thread = 1 + (uint32_t)below(p, p->threads);
    if (p->sampled && below(p, 15) == 0)
        change_recording(p, thread);
    if (p->annotated && below(p, 3) == 0) {
        say_something(p, thread);
        return;
    }
    switch (below(p, 200)) {
    case 0: map_something(p, thread); break;
    case 1: emit(p, make_thread(thread, "worker")); break;
    case 2: emit(p, make_free(thread, 0, 0x42)); break; /* not seen born */
    case 3: emit(p, make_alloc(thread, 0, address_of(p, below(p, p->slots)), 77, 0)); break;
    case 4:
        emit(p, (ms_event){.kind = MS_EVENT_LOSS,
                           .thread = thread,
                           .tid = 1000 + thread,
                           .family = MS_LOSS_NO_SPACE,
                           .number = 3});
        break;
    case 5: /* in the module, or in one of two pages without one */
        emit(p, (ms_event){.kind = below(p, 2) ? MS_EVENT_FREER : MS_EVENT_FREER_STACK,
                           .thread = thread,
                           .tid = 1000 + thread,
                           .pc = 0x1010 + below(p, 3) * 0x1000,
                           .stack = some_stack(p, thread)});
        break;
    default: move_block(p, thread); break;
    }
    if (below(p, 20) == 0)
        p->now_us += 1000 * below(p, 3) + (below(p, 100) ? 0 : 3000000);
}

static void put_samples(program *p) {
    uint8_t payload[256], *at = payload;
    const uint64_t tids[] = {0, 1000 + 1 + below(p, p->threads)};
    for (size_t i = 0; i < 2; i++) {
        at = ms_varint_put(at, p->now_us);
        at = ms_varint_put(at, tids[i]);
        at = ms_varint_put(at, 6);
        for (size_t v = 0; v < 6; v++)
            at = ms_varint_put(at, below(p, 100000));
    }
    assert(ms_trace_writer_append(p->out.writer, MS_KIND_SAMPLES, payload, (size_t)(at - payload),
                                  p->now_us, p->now_us));
}

static void put_texts(program *p, const char *key, const char *value) {
    pairs_payload info = {.size = 0};
    put_pair(&info, key, value);
    put_info(&p->out, &info);
}

/* Writes the whole program; its path is in `out`. */
static program run_program(uint64_t seed, uint32_t threads, bool annotated) {
    static const uint64_t slots[] = {60, 3, SLOTS};
    program p = {.out = build_trace(),
                 .state = seed,
                 .threads = threads,
                 .slots = slots[seed % 3],
                 .sampled = seed % 2,
                 .annotated = annotated,
                 .now_us = 1000};
    const ms_text object = {(const uint8_t *)"\2\xab\xcd/usr/lib/libx.so", 19};
    put_texts(&p, MS_INFO_EXECUTABLE, "/usr/bin/prog");
    emit(&p, make_module(1, 0x1000, 0x100, MS_ROOT_COUNT, object));
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        for (int i = 0; i < CHUNK_EVENTS; i++)
            step(&p);
        for (uint32_t t = 0; t < threads; t++)
            flush(&p, t, chunk == CHUNKS - 1 ? p.kept_count[t] : below(&p, p.kept_count[t] + 1));
        end_chunk(&p.out);
        put_samples(&p);
    }
    put_texts(&p, MS_INFO_END, "exit 3");
    put_texts(&p, MS_INFO_COMPLETE, "1");
    end_trace(&p.out, true);
    return p;
}

/* ---- tests -------------------------------------------------------------------------------------- */

static void a_digest_at_any_chunk_changes_nothing(uint32_t threads, uint64_t seed, bool annotated) {
    uint64_t offsets[CHUNKS];
    program p = run_program(seed, threads, annotated);
    char *expected = report_of(p.out.path), out[64];
    drop_end(p.out.path);
    assert_int_equal(events_chunks(p.out.path, offsets, CHUNKS), CHUNKS);
    for (size_t i = 1; i < CHUNKS; i += annotated ? 3 : 1) {
        assert_int_equal(digest(p.out.path, offsets[i], out), MS_ERR_OK);
        put_end(out);
        assert_same_report(out, expected);
        unlink(out);
    }
    free(expected);
    unlink(p.out.path);
}

static void a_threads_digest_changes_nothing(void **state) {
    (void)state;
    a_digest_at_any_chunk_changes_nothing(1, 1, false);
    a_digest_at_any_chunk_changes_nothing(1, 10, false);
}

static void digests_of_threads_change_nothing(void **state) {
    (void)state;
    for (uint64_t seed = 2; seed < 14; seed++)
        a_digest_at_any_chunk_changes_nothing(THREADS, seed, false);
}

static void digests_keep_what_the_program_says(void **state) {
    (void)state;
    for (uint64_t seed = 20; seed < 26; seed++)
        a_digest_at_any_chunk_changes_nothing(seed % 2 ? 1 : THREADS, seed, true);
    a_digest_at_any_chunk_changes_nothing(THREADS, 168, true); /* words about blocks that move */
}

static void a_digest_of_a_digest_changes_nothing(void **state) {
    (void)state;
    program p = run_program(99, THREADS, true);
    char *expected = report_of(p.out.path), path[64], out[64];
    uint64_t offsets[CHUNKS];
    strcpy(path, p.out.path);
    drop_end(path);
    for (size_t left; (left = events_chunks(path, offsets, CHUNKS)) > 1;) {
        assert_int_equal(digest(path, offsets[left > 3 ? 2 : 1], out), MS_ERR_OK);
        unlink(path);
        strcpy(path, out);
    }
    put_end(path);
    assert_same_report(path, expected);
    assert_int_equal(digest(path, UINT64_MAX, out), MS_ERR_OK);
    assert_int_equal(events_chunks(out, offsets, CHUNKS), 0);
    assert_same_report(out, expected);
    free(expected);
    unlink(path);
    unlink(out);
}

static void what_was_appended_meanwhile_is_there(void **state) {
    (void)state;
    uint64_t offsets[CHUNKS];
    program p = run_program(7, THREADS, false);
    char *expected = report_of(p.out.path), out[64];
    drop_end(p.out.path);
    events_chunks(p.out.path, offsets, CHUNKS);
    temporary_path(out);
    int os_errno, trace = open(p.out.path, O_RDONLY), fd = open(out, O_RDWR);
    ms_error error;
    ms_digest_order order = {
        .trace = trace, .out = fd, .last_chunk = offsets[5], .end = offsets[9]};
    assert_int_equal(ms_digest(&order, &error), MS_ERR_OK);
    ms_trace_writer *writer = ms_trace_writer_resume(fd, &os_errno);
    assert_non_null(writer);
    assert_true(ms_trace_writer_copy(writer, trace, offsets[9], size_of(p.out.path)));
    assert_true(ms_trace_writer_finish(writer));
    ms_trace_writer_close(writer);
    assert_same_report(out, expected);
    close(trace);
    free(expected);
    unlink(out);
    unlink(p.out.path);
}

static void a_damaged_trace_is_not_digested(void **state) {
    (void)state;
    uint64_t offsets[CHUNKS];
    char out[64];
    size_t size;
    program p = run_program(3, THREADS, false);
    drop_end(p.out.path);
    events_chunks(p.out.path, offsets, CHUNKS);
    uint8_t *bytes = read_file(p.out.path, &size);
    bytes[offsets[3] + 100] ^= 1;
    write_file(p.out.path, bytes, size);
    free(bytes);
    assert_int_equal(digest(p.out.path, offsets[6], out), MS_ERR_INPUT);
    unlink(out);
    assert_int_equal(digest(p.out.path, offsets[0], out), MS_ERR_INPUT); /* nothing before it */
    unlink(out);
    assert_int_equal(digest(p.out.path, UINT64_MAX, out), MS_ERR_INPUT); /* it has no end */
    unlink(out);
    unlink(p.out.path);
}

static void load_anything(const char *path) {
    ms_error warning, error;
    ms_load_options options = {.no_symbols = true};
    ms_model *model = ms_load(path, &options, &warning, &error);
    assert_non_null(model);
    ms_model_free(model);
}

/* The chunks of a digest once more, with a table, by its code, cut by a byte. */
static void cut_table(const char *path, const uint8_t *bytes, size_t size, uint8_t code) {
    int os_errno;
    unlink(path);
    ms_trace_writer *writer = ms_trace_writer_open(path, &test_header, &os_errno);
    ms_trace_chunk chunk;
    uint8_t *payload = malloc(1 << 20);
    assert(writer && payload);
    for (size_t at = sizeof(ms_trace_header); at + sizeof chunk < size;
         at += sizeof chunk + chunk.stored_size) {
        memcpy(&chunk, bytes + at, sizeof chunk);
        assert(chunk.size < 1 << 20 && ms_chunk_unpack(&chunk, bytes + at + sizeof chunk, payload));
        bool cut = chunk.kind == MS_KIND_CHECKPOINT && payload[0] == code;
        assert(ms_trace_writer_append(writer, (ms_chunk_kind)chunk.kind, payload, chunk.size - cut,
                                      chunk.first_us, chunk.last_us));
    }
    assert(ms_trace_writer_finish(writer));
    free(payload);
    ms_trace_writer_close(writer);
}

static void a_damaged_checkpoint_is_told_of(void **state) {
    (void)state;
    uint64_t offsets[CHUNKS];
    char out[64];
    size_t size;
    program p = run_program(22, THREADS, true);
    drop_end(p.out.path);
    events_chunks(p.out.path, offsets, CHUNKS);
    assert_int_equal(digest(p.out.path, offsets[CHUNKS - 2], out), MS_ERR_OK);
    uint8_t *bytes = read_file(out, &size);
    for (uint8_t code = 34; code <= 52; code++) {
        ms_error warning, error;
        ms_load_options options = {.no_symbols = true};
        cut_table(out, bytes, size, code);
        ms_model *model = ms_load(out, &options, &warning, &error);
        assert_non_null(model);
        if (!strstr(warning.message, "a checkpoint is damaged at byte"))
            fail_msg("table %u: %s", code, warning.message);
        assert_in_range(warning.offset, sizeof(ms_trace_header), size);
        assert_true(model->capture.truncated);
        ms_model_free(model);
    }
    free(bytes);
    unlink(out);
    unlink(p.out.path);
}

/* The chunks of a digest with one payload byte changed and the checksum right again. */
static void rewrite(const char *path, const uint8_t *bytes, size_t size, uint64_t *chance) {
    int os_errno;
    unlink(path);
    ms_trace_writer *writer = ms_trace_writer_open(path, &test_header, &os_errno);
    ms_trace_chunk chunk;
    uint8_t *payload = malloc(1 << 20);
    assert(writer && payload);
    for (size_t at = sizeof(ms_trace_header); at + sizeof chunk < size;
         at += sizeof chunk + chunk.stored_size) {
        memcpy(&chunk, bytes + at, sizeof chunk);
        assert(chunk.size < 1 << 20);
        assert(ms_chunk_unpack(&chunk, bytes + at + sizeof chunk, payload));
        if (chunk.kind == MS_KIND_CHECKPOINT && random_below(chance, 6) == 0)
            payload[random_below(chance, chunk.size)] = (uint8_t)random_u64(chance);
        if (chunk.kind != MS_KIND_INDEX && random_below(chance, 40))
            assert(ms_trace_writer_append(writer, (ms_chunk_kind)chunk.kind, payload, chunk.size,
                                          chunk.first_us, chunk.last_us));
    }
    free(payload);
    ms_trace_writer_close(writer);
}

static void any_checkpoint_loads(void **state) {
    (void)state;
    uint64_t offsets[CHUNKS], chance = 5;
    char out[64];
    size_t size;
    program p = run_program(11, THREADS, true);
    drop_end(p.out.path);
    events_chunks(p.out.path, offsets, CHUNKS);
    assert_int_equal(digest(p.out.path, offsets[CHUNKS - 2], out), MS_ERR_OK);
    uint8_t *bytes = read_file(out, &size);
    for (int i = 0; i < 400; i++) {
        rewrite(out, bytes, size, &chance);
        load_anything(out);
    }
    for (size_t cut = sizeof(ms_trace_header); cut < size; cut += 1 + size / 150) {
        write_file(out, bytes, cut);
        load_anything(out);
    }
    free(bytes);
    unlink(out);
    unlink(p.out.path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_threads_digest_changes_nothing),
        cmocka_unit_test(digests_of_threads_change_nothing),
        cmocka_unit_test(digests_keep_what_the_program_says),
        cmocka_unit_test(a_digest_of_a_digest_changes_nothing),
        cmocka_unit_test(what_was_appended_meanwhile_is_there),
        cmocka_unit_test(a_damaged_trace_is_not_digested),
        cmocka_unit_test(a_damaged_checkpoint_is_told_of),
        cmocka_unit_test(any_checkpoint_loads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
