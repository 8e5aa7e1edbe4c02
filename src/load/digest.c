#include "load/digest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load/forget.h"
#include "load/play.h"
#include "load/thin.h"
#include "trace/writer.h"
#include "util/arena.h"

#define NAME "trace"

typedef struct digesting {
    const ms_digest_order *order;
    ms_play play;
    ms_trace_writer *writer;
    ms_error *error;
    bool forgotten, thinned; /* words, blocks, as before; what more has to go is not known before */
} digesting;

static ms_err input_error(const digesting *d, const char *what, uint64_t offset) {
    return ms_fail(d->error, MS_ERR_INPUT, "a digest: %s at byte %llu", what,
                   (unsigned long long)offset);
}

static ms_err output_error(const digesting *d) {
    int os_errno = ms_trace_writer_error(d->writer);
    ms_fail(d->error, MS_ERR_OUTPUT, "a digest cannot be written: %s", strerror(os_errno));
    if (d->error)
        d->error->os_errno = os_errno;
    return MS_ERR_OUTPUT;
}

/* ---- reading ---------------------------------------------------------------------------- */

/* A trace with damage is better left as it is. */
static ms_err replay(digesting *d) {
    ms_play *p = &d->play;
    p->last_chunk = d->order->last_chunk;
    while (ms_play_on(p)) {
    }
    bool whole = p->last_chunk == UINT64_MAX ? p->reader.ended_well
                                             : p->batches[0].payload.offset == p->last_chunk ||
                                                   p->batches[1].payload.offset == p->last_chunk;
    if (!whole || (p->last_chunk != UINT64_MAX && p->event_chunks < 2))
        return input_error(d, "nothing to do", p->reader.offset);
    p->checkpoint.last = p->last_chunk == UINT64_MAX;
    if (!p->checkpoint.last)
        ms_play_note_rest(p);
    return p->reader.damaged || p->reader.cut || p->damaged_streams
               ? input_error(d, "damage", p->reader.damage_at)
               : MS_ERR_OK;
}

/* ---- writing ---------------------------------------------------------------------------- */

/* The chunks of INFO that will not be copied with the rest. */
static bool copy_info(digesting *d) {
    ms_trace_chunk chunk;
    uint64_t size, at = sizeof(ms_trace_header), end = d->play.reader.offset;
    if (d->order->last_chunk < end)
        end = d->order->last_chunk;
    for (; at < end; at += size) {
        if (ms_trace_file_read(d->order->trace, &chunk, sizeof chunk, at) < sizeof chunk)
            break;
        size = sizeof chunk + chunk.stored_size;
        if (chunk.kind == MS_KIND_INFO &&
            !ms_trace_writer_copy(d->writer, d->order->trace, at, at + size))
            return false;
    }
    return true;
}

static bool copy_rest(digesting *d) {
    if (d->order->last_chunk == UINT64_MAX)
        return ms_trace_writer_finish(d->writer);
    return ms_trace_writer_copy(d->writer, d->order->trace, d->order->last_chunk, d->order->end);
}

/* A writer with a descriptor of its own, at the beginning of the file. */
static bool begin(digesting *d) {
    ms_trace_header header;
    int os_errno = 0, fd = dup(d->order->out);
    ms_trace_file_read(d->order->trace, &header, sizeof header, 0);
    if (fd >= 0 && ftruncate(fd, 0) == 0)
        d->writer = ms_trace_writer_begin(fd, &header, &os_errno);
    if (d->writer)
        return true;
    if (fd >= 0)
        close(fd);
    ms_fail(d->error, MS_ERR_OUTPUT, "a digest cannot be written: %s", strerror(os_errno));
    return false;
}

static bool fits(const digesting *d, uint64_t before) {
    uint64_t room = d->order->room;
    return room == 0 || ms_trace_writer_size(d->writer) - before <= room;
}

/* Where all the rest takes more room than there is, words still get a quarter of it, and so do blocks. */
static bool is_much(const digesting *d, uint64_t bytes) {
    return bytes > d->order->room / 4;
}

static bool forget_words(digesting *d) {
    bool enough = !d->forgotten;
    d->forgotten = true;
    return is_much(d, d->play.checkpoint.word_bytes) && ms_forget(&d->play.replay, enough);
}

static bool thin_blocks(digesting *d) {
    uint64_t rate =
        is_much(d, d->play.checkpoint.block_bytes) ? ms_thin_rate(&d->play.replay, !d->thinned) : 0;
    d->thinned = true;
    if (rate)
        ms_thin(&d->play.replay, rate);
    return rate;
}

/* What was live over time gets an eighth, at fewer moments. */
static bool take_fewer_moments(digesting *d) {
    ms_replay *r = &d->play.replay;
    return d->play.checkpoint.level_bytes > d->order->room / 8 &&
           ms_series_halve(&r->series, &r->sites);
}

/* With fewer and fewer moments, words, then live blocks, until it fits or that does not help any more. */
static ms_err write_checkpoint(digesting *d) {
    for (;;) {
        if (!begin(d))
            return MS_ERR_OUTPUT;
        bool copied = copy_info(d);
        uint64_t before = ms_trace_writer_size(d->writer);
        if (!copied || !ms_checkpoint_write(&d->play.checkpoint, d->writer))
            return output_error(d);
        if (fits(d, before) || !(take_fewer_moments(d) || forget_words(d) || thin_blocks(d)))
            return MS_ERR_OK;
        ms_trace_writer_close(d->writer);
        d->writer = NULL;
    }
}

static ms_err write_out(digesting *d) {
    ms_err result = write_checkpoint(d);
    if (!result && !copy_rest(d))
        result = output_error(d);
    ms_trace_writer_close(d->writer);
    return result;
}

/* ---- the door --------------------------------------------------------------------------- */

ms_err ms_digest(const ms_digest_order *order, ms_error *error) {
    struct stat status;
    digesting d = {.order = order, .error = error, .play = {.path = NAME, .fd = order->trace}};
    if (fstat(order->trace, &status) != 0)
        return input_error(&d, "no file", 0);
    d.play.size = (uint64_t)status.st_size;
    ms_trace_form form = ms_trace_file_form(order->trace, NAME, d.play.size, error);
    if (form != MS_FORM_TRACE)
        return form == 0 ? MS_ERR_INPUT : input_error(&d, "this is a ring", 0);
    ms_arena *arena = ms_arena_new();
    if (!arena)
        return ms_fail(error, MS_ERR_NOMEM, "a digest: no memory");
    ms_play_begin(&d.play, form, arena);
    ms_err result = replay(&d);
    if (!result)
        result = write_out(&d);
    ms_play_deinit(&d.play);
    ms_arena_free(arena);
    return result;
}
