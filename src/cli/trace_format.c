#include "cli/trace_format.h"

#include <stddef.h>
#include <stdint.h>

#include "load/checkpoint.h"
#include "trace/event.h"
#include "trace/format.h"

/* ---- structs, member by member ----------------------------------------------------------- */

typedef struct member {
    size_t offset;
    size_t size;
    const char *name;
    const char *doc;
} member;

#define MEMBER(type, name, doc)                                                                    \
    { offsetof(type, name), sizeof(((type *)0)->name), #name, doc }
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const member trace_header[] = {
    MEMBER(ms_trace_header, magic, "\"MEMSCOPE\""),
    MEMBER(ms_trace_header, version, "1"),
    MEMBER(ms_trace_header, form, "1: this form"),
    MEMBER(ms_trace_header, pid, "of the recorded process"),
    MEMBER(ms_trace_header, session, "random: names this recording"),
    MEMBER(ms_trace_header, start_realtime_ns, "start, nanoseconds since 1970"),
    MEMBER(ms_trace_header, reserved, "0"),
};

static const member trace_chunk[] = {
    MEMBER(ms_trace_chunk, magic, "\"MSCK\""),
    MEMBER(ms_trace_chunk, kind, "what the payload is"),
    MEMBER(ms_trace_chunk, codec, "how it is stored: 0 as it is, 1 one zstd frame"),
    MEMBER(ms_trace_chunk, size, "bytes of the payload, unpacked"),
    MEMBER(ms_trace_chunk, stored_size,
           "bytes of the payload in the file, right behind this header"),
    MEMBER(ms_trace_chunk, first_us, "no event in the chunk is earlier"),
    MEMBER(ms_trace_chunk, last_us, "and none is later"),
    MEMBER(ms_trace_chunk, checksum,
           "XXH64 (seed 0) of the stored payload, xor XXH64 of this header's bytes before it"),
};

static const member trace_trailer[] = {
    MEMBER(ms_trace_trailer, index_offset, "where the INDEX chunk begins"),
    MEMBER(ms_trace_trailer, magic, "\"MSEND\", filled with 0"),
};

static const member ring_header[] = {
    MEMBER(ms_ring_header, magic, "\"MEMSCOPE\""),
    MEMBER(ms_ring_header, version, "1"),
    MEMBER(ms_ring_header, form, "2: this form"),
    MEMBER(ms_ring_header, lone, "1: there is no recorder, chunks are never reused"),
    MEMBER(ms_ring_header, session, "as in a trace"),
    MEMBER(ms_ring_header, start_realtime_ns, "start, nanoseconds since 1970"),
    MEMBER(ms_ring_header, start_monotonic_ns, "the same moment on CLOCK_MONOTONIC"),
    MEMBER(ms_ring_header, pid, "of the recorded process"),
    MEMBER(ms_ring_header, parent_pid, "of its parent"),
    MEMBER(ms_ring_header, forked, "1: born by fork, with blocks this trace did not see born"),
    MEMBER(ms_ring_header, max_chunks, "how far the ring may grow, with a recorder"),
    MEMBER(ms_ring_header, tick_us,
           "microseconds since the start, moved by the recorder and by threads; all ones: record "
           "nothing"),
    MEMBER(ms_ring_header, off_since_us,
           "when recording was switched off, until a GAP says so; else all ones"),
    MEMBER(ms_ring_header, chunks, "chunks in the file"),
    MEMBER(ms_ring_header, stacks, "the next stack id"),
    MEMBER(ms_ring_header, threads, "thread serials handed out, from 1"),
    MEMBER(ms_ring_header, sealed, "chunks sealed since the start"),
    MEMBER(ms_ring_header, waiting, "threads that wait for a chunk"),
    MEMBER(ms_ring_header, ended_us,
           "without a recorder: when the program ended its trace; 0: it has not"),
    MEMBER(ms_ring_header, free_chunks, "free chunks not yet promised to a thread"),
    MEMBER(ms_ring_header, beats, "of the recorder, one each millisecond"),
    MEMBER(ms_ring_header, lost, "events lost, by cause"),
    MEMBER(ms_ring_header, info_size, "bytes used of the next member"),
    MEMBER(ms_ring_header, info, "as the payload of an INFO chunk"),
    MEMBER(ms_ring_header, chunk_state, "of each chunk: 0 free, 1 owned by a thread, 2 sealed"),
    MEMBER(ms_ring_header, asked, "how often the process asked the recorder for its trace so far"),
    MEMBER(ms_ring_header, answered, "the latest of these that the recorder has answered"),
    MEMBER(ms_ring_header, readers, "how many read the trace, which is to stay as it is"),
    MEMBER(ms_ring_header, trace_size, "the answer: bytes of the trace; 0: there is none yet"),
    MEMBER(ms_ring_header, trace_path, "and where it lies, ended by a 0"),
    MEMBER(ms_ring_header, totals_us, "when the recorder counted the next member; 0: not yet"),
    MEMBER(ms_ring_header, totals, "of all blocks, recorded or not, by counts.def"),
};

static const member ring_chunk[] = {
    MEMBER(ms_ring_chunk, thread, "serial of the thread, from 1; 0: never used"),
    MEMBER(ms_ring_chunk, tid, "the kernel's thread id"),
    MEMBER(ms_ring_chunk, sequence, "counts this thread's chunks, from 0"),
    MEMBER(ms_ring_chunk, start_us, "when the chunk was taken"),
    MEMBER(ms_ring_chunk, drained, "words that are in the trace already"),
    MEMBER(ms_ring_chunk, pad, "0"),
    MEMBER(ms_ring_chunk, counts, "what this thread did that no event tells of, by counts.def"),
};

static void print_members(ms_sink *out, const member *members, size_t count) {
    ms_sink_text(out, "\n| offset | bytes | member | |\n|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++)
        ms_sink_printf(out, "| %zu | %zu | `%s` | %s |\n", members[i].offset, members[i].size,
                       members[i].name, members[i].doc);
}

/* ---- codes ------------------------------------------------------------------------------- */

typedef struct code {
    int value;
    const char *name;
    const char *doc;
} code;

static const code families[] = {
#define MS_FAMILY(NAME, code, text, releases, doc) {code, text, doc "; released by " releases},
#include "trace/families.def"
};

static const code losses[] = {
#define MS_LOSS(NAME, code, text, doc) {code, text, doc},
#include "trace/losses.def"
};

static const code counts[] = {
#define MS_COUNT(NAME, code, text, doc) {code, text, doc},
#include "trace/counts.def"
};

static const code notes[] = {
#define MS_NOTE(NAME, code, text, doc) {code, text, doc},
#include "trace/notes.def"
};

static const code misuses[] = {
#define MS_MISUSE(NAME, code, text, doc) {code, #NAME, text ": " doc},
#include "trace/misuses.def"
};

static const code places[] = {
#define MS_PLACE(NAME, code, text, doc) {code, text, doc},
#include "trace/places.def"
};

static const code changes[] = {
#define MS_CHANGE(NAME, code, text, doc) {code, text, doc},
#include "load/changes.def"
};

static const code samples[] = {
#define MS_SAMPLE(name, unit, doc) {MS_SAMPLE_##name, #name, doc},
#include "trace/samples.def"
};

static const code kinds[] = {
    {MS_KIND_INFO, "INFO",
     "pairs: varint length, key, varint length, value; keys may repeat, a later chunk adds"},
    {MS_KIND_EVENTS, "EVENTS", "streams of columns, below"},
    {MS_KIND_SAMPLES, "SAMPLES",
     "repeated: varint time_us, varint tid (0: the process), varint n, n varints (value + 1; 0: "
     "the kernel did not say)"},
    {MS_KIND_INDEX, "INDEX",
     "varint n, then n times: varint offset minus the previous offset, varint kind, varint "
     "first_us, varint last_us"},
    {MS_KIND_CHECKPOINT, "CHECKPOINT",
     "a table of what the events before came to, which are not in the trace: below"},
};

static const code roots[] = {
    {MS_ROOT_NONE, "NONE", "there is no stack"},
    {MS_ROOT_COMPLETE, "COMPLETE", "the frame is the thread's first function"},
    {MS_ROOT_DEEP, "DEEP", "cut: there are more frames than are kept"},
    {MS_ROOT_NO_CFI, "NO_CFI", "broke off: no unwind rule for the frame"},
    {MS_ROOT_BAD_FRAME, "BAD_FRAME", "broke off: the next frame would lie outside the stack"},
    {MS_ROOT_OFF, "OFF", "stacks are switched off"},
};

static void print_codes(ms_sink *out, const char *heading, const code *codes, size_t count) {
    ms_sink_printf(out, "\n| %s | name | |\n|---|---|---|\n", heading);
    for (size_t i = 0; i < count; i++)
        ms_sink_printf(out, "| %d | %s | %s |\n", codes[i].value, codes[i].name, codes[i].doc);
}

static const struct {
    const char *key;
    const char *doc;
} info_keys[] = {
    {MS_INFO_EXECUTABLE, "path of the program"},
    {MS_INFO_ARGUMENT, "once per argument, in order, the program's name first"},
    {MS_INFO_DIRECTORY, "working directory at the start"},
    {MS_INFO_OPTION, "name=value, once per option that is not at its default"},
    {MS_INFO_RING, "where the ring lies, for recovery after the recorder's death"},
    {MS_INFO_HOST, "machine name"},
    {MS_INFO_END, "how it ended: exit N, signal N, gone, exec, detached"},
    {MS_INFO_LOST, "name=count, once per cause of loss that is not 0"},
    {MS_INFO_PARENT, "pid of the parent"},
    {MS_INFO_FORKED, "1: born by fork"},
    {MS_INFO_STRATEGY, "core"},
    {MS_INFO_HELD, "milliseconds for which recording waited, to keep the trace short"},
    {MS_INFO_COMPLETE, "1: the recorder saw the end of the process"},
};

static void print_info_keys(ms_sink *out) {
    ms_sink_text(out, "\n| key | value |\n|---|---|\n");
    for (size_t i = 0; i < COUNT(info_keys); i++)
        ms_sink_printf(out, "| %s | %s |\n", info_keys[i].key, info_keys[i].doc);
}

/* ---- columns and events ------------------------------------------------------------------ */

static const struct {
    const char *name;
    const char *codec;
    const char *doc;
} columns[] = {
#define MS_COLUMN(name, type, codec, doc) {#name, #codec, doc},
#include "trace/events.def"
};

static const struct {
    int code;
    unsigned columns; /* bits */
    const char *name;
    const char *doc;
} events[] = {
#define MS_EVENT(NAME, code, columns, doc) {code, columns, #NAME, doc},
#include "trace/events.def"
};

static void print_columns(ms_sink *out) {
    ms_sink_text(out, "\n| column | name | codec | |\n|---|---|---|---|\n");
    for (size_t i = 0; i < COUNT(columns); i++)
        ms_sink_printf(out, "| %zu | `%s` | %s | %s |\n", i, columns[i].name, columns[i].codec,
                       columns[i].doc);
}

static void print_events(ms_sink *out) {
    ms_sink_text(out, "\n| code | event | columns | |\n|---|---|---|---|\n");
    for (size_t i = 0; i < COUNT(events); i++) {
        ms_sink_printf(out, "| %d | %s |", events[i].code, events[i].name);
        for (size_t c = 0; c < COUNT(columns); c++)
            if (events[i].columns & 1u << c)
                ms_sink_printf(out, " `%s`", columns[c].name);
        ms_sink_printf(out, " | %s |\n", events[i].doc);
    }
}

/* ---- the document ------------------------------------------------------------------------ */

static void print_trace_form(ms_sink *out) {
    ms_sink_text(out, "\n## The trace: what the recorder writes\n\nThe header:\n");
    print_members(out, trace_header, COUNT(trace_header));
    ms_sink_text(
        out,
        "\nThen chunks, one behind the other. Each has this header, carries its checksum, and\n"
        "decodes by itself:\n");
    print_members(out, trace_chunk, COUNT(trace_chunk));
    ms_sink_printf(
        out,
        "\nNo payload is larger than %u MiB, packed or not. A reader skips kinds it does not\n"
        "know, and after damage goes on at the next header whose checksum holds.\n",
        MS_TRACE_CHUNK_MAX >> 20);
    print_codes(out, "kind", kinds, COUNT(kinds));
    ms_sink_text(
        out,
        "\nA trace that ended well has an INDEX chunk of all chunks before it, and as its last\n"
        "bytes the trailer:\n");
    print_members(out, trace_trailer, COUNT(trace_trailer));
    ms_sink_text(out, "\n### INFO\n\nKeys and values are text.\n");
    print_info_keys(out);
}

static void print_events_payload(ms_sink *out) {
    ms_sink_text(
        out,
        "\n### EVENTS\n\n"
        "One stream per thread; everything is a varint up to the columns:\n\n"
        "```\n"
        "columns   how many a stream has\n"
        "streams   how many\n"
        "stream:   thread serial | tid | events | bytes of its kinds | bytes of each column\n"
        "          kinds, one byte per event | column 0 | column 1 | ...\n"
        "```\n\n"
        "A column holds a value for each event that has it, in the order of the events. A reader\n"
        "skips columns behind those it knows, and takes missing ones for empty. It stops reading\n"
        "a stream at a code it does not know, because it cannot know that event's columns.\n\n"
        "A stream begins with a TIME, and with the RATE and the TASK that its thread has from an\n"
        "earlier chunk, where they are not 0.\n\n"
        "varint: 7 bits a byte, least significant first, the top bit set on all but the last\n"
        "byte (LEB128). zigzag(v) = (v << 1) ^ (v >> 63).\n\n"
        "| codec | a value is stored as |\n|---|---|\n"
        "| PLAIN | varint |\n"
        "| DELTA | varint of zigzag of the difference to the column's previous value in this "
        "stream and chunk; the first to 0 |\n"
        "| ADDR | like DELTA, but the previous value is that of any ADDR column |\n"
        "| BYTE | one byte |\n"
        "| SPLIT | like ADDR, of a sixteenth of the difference; a column is: varint how many "
        "values, the "
        "lowest byte of each, the byte above of each, the rest of each as a varint |\n"
        "| TEXT | varint length, then that many bytes |\n");
    print_columns(out);
    print_events(out);
}

static void print_table(ms_sink *out, const ms_kept_table *table) {
    static const char *const codecs[] = {
        [MS_KEPT_PLAIN] = "PLAIN", [MS_KEPT_DELTA] = "DELTA",   [MS_KEPT_FLAG] = "FLAG",
        [MS_KEPT_TEXT] = "TEXT",   [MS_KEPT_REAL] = "REAL",     [MS_KEPT_TIME] = "TIME",
        [MS_KEPT_PLACE] = "PLACE", [MS_KEPT_TASK] = "TASK",     [MS_KEPT_SCOPE] = "SCOPE",
        [MS_KEPT_SITE] = "SITE",   [MS_KEPT_THREAD] = "THREAD",
    };
    ms_sink_printf(out, "\n%u, `%s`: %s\n\n| column | name | codec | |\n|---|---|---|---|\n",
                   table->code, table->name, table->doc);
    for (size_t i = 0; i < table->cell_count; i++)
        ms_sink_printf(out, "| %zu | `%s` | %s |%s%s |\n", i, table->cells[i].name,
                       codecs[table->cells[i].codec], *table->cells[i].doc ? " " : "",
                       table->cells[i].doc);
}

static void print_checkpoint(ms_sink *out) {
    ms_sink_printf(
        out,
        "\n### CHECKPOINT\n\n"
        "What came before the first EVENTS chunk of a trace that was kept short: the state of a\n"
        "reader that had replayed it. Each chunk is a part, of %u rows at most, of one table:\n\n"
        "```\n"
        "table | rows | columns | bytes of each column | column 0 | column 1 | ...\n"
        "```\n\n"
        "Everything is a varint up to the columns. Codecs are those of EVENTS, each column and\n"
        "chunk on its own; FLAG is 0 or 1, REAL the bits of a finite double as PLAIN. TIME (in\n"
        "microseconds), PLACE, TASK, SCOPE, THREAD and SITE are DELTA, and say what the number\n"
        "means. A reader skips tables and columns it does not know, and takes missing columns for\n"
        "0. Tables stand in this order; what is live now, in all, by site, thread, task, scope,\n"
        "tag and variable, is the sum of the blocks.\n",
        MS_KEPT_ROWS);
    for (size_t i = 0; i < ms_checkpoint_table_count; i++)
        print_table(out, &ms_checkpoint_tables[i]);
    ms_sink_text(out, "\nWhat happens to variables:\n");
    print_codes(out, "change", changes, COUNT(changes));
}

static void print_code_lists(ms_sink *out) {
    ms_sink_text(out, "\n### Families\n");
    print_codes(out, "`family`", families, COUNT(families));
    ms_sink_text(
        out,
        "\n### Stacks\n\n"
        "A stack is a tree of STACK events: `parent` is the id of the calling frame, which is\n"
        "defined before it, or says how the stack ends. Ids are those of one trace.\n");
    print_codes(out, "`parent`", roots, COUNT(roots));
    ms_sink_printf(out, "\nReal ids start at %d.\n", MS_ROOT_COUNT);
    ms_sink_text(out, "\n### Losses\n");
    print_codes(out, "cause", losses, COUNT(losses));
    ms_sink_text(out, "\n### Notes\n");
    print_codes(out, "`family`", notes, COUNT(notes));
    ms_sink_text(out, "\n### Misuses\n\n"
                      "What a report lists as `misuses`, with the text before the colon as its "
                      "kind. NULL_TRACKED\n"
                      "and OUT_OF_SCOPE the process says itself. The others are not said of traces "
                      "with gaps, or\n"
                      "whose beginning was left out: what is missing may make them right.\n");
    print_codes(out, "`number`", misuses, COUNT(misuses));
    ms_sink_text(out, "\n### Sites\n");
    print_codes(out, "`number`", places, COUNT(places));
    ms_sink_text(out, "\n### Counts\n");
    print_codes(out, "`family`", counts, COUNT(counts));
    ms_sink_text(
        out,
        "\n### Samples\n\nThe values of a SAMPLES record, in this order. Of a thread, those that\n"
        "exist per thread.\n");
    print_codes(out, "position", samples, COUNT(samples));
}

static void print_ring_form(ms_sink *out) {
    ms_sink_text(
        out,
        "\n## The ring: what the program writes\n\n"
        "Shared memory between program and recorder, or the file of a library that was preloaded\n"
        "without a recorder. The header:\n");
    print_members(out, ring_header, COUNT(ring_header));
    ms_sink_printf(out,
                   "\nAt %u, and then every %u bytes, a chunk: this header, then 64-bit words.\n",
                   MS_RING_HEADER_SIZE, MS_RING_CHUNK_SIZE);
    print_members(out, ring_chunk, COUNT(ring_chunk));
    ms_sink_printf(
        out,
        "\nA chunk belongs to one thread at a time. An event is 1 to %u words; its first word is\n"
        "never 0 and is stored last. So a reader takes words until it meets a 0, at whatever\n"
        "moment the process died. A 0 with words behind it (left by a signal handler that never\n"
        "returned) is skipped. Only the recorder turns words back into 0.\n\n"
        "The first word: bits 0 to 47 a value, 48 to 55 the family or cause, 56 to 63 the "
        "code.\n\n",
        MS_RING_EVENT_WORDS);
    ms_sink_text(
        out,
        "```\n"
        "TIME        [us since start]\n"
        "ALLOC       [address|family] [stack << 32 | size]           size < 2^32 - 1\n"
        "            [address|family] [stack << 32 | 0xffffffff] [size]\n"
        "FREE        [address|family]\n"
        "REALLOC     [address|family] [stack << 32 | 0] [old] [size]\n"
        "STACK       [stack] [pc] [parent]\n"
        "MODULE      [words in all] [bias] [start] [bytes] [first stack] [text length] text...\n"
        "THREAD      [words in all] [tid] [text length] text...\n"
        "THREAD_END  [tid]\n"
        "MAP         [address|family] [stack << 32 | prot and flags] [bytes]\n"
        "UNMAP       [address|family] [bytes]\n"
        "REMAP       [address] [stack << 32 | 0] [old] [bytes] [old bytes]\n"
        "LOSS        [count|cause]\n"
        "RATE        [bytes]\n"
        "TASK        [task]\n"
        "GAP         [us since start]\n"
        "```\n\n"
        "A thread's chunk begins with its RATE and its TASK where they are not 0. COUNT is no "
        "event\n"
        "of the ring: the counts stand in the chunk header, and each thread's latest chunk has "
        "its\n"
        "latest.\n");
}

static void print_order(ms_sink *out) {
    ms_sink_text(
        out,
        "\n## Order\n\n"
        "Within a stream, and from chunk to chunk of one thread, events are in the order in which\n"
        "they happened. A birth is recorded after the allocator returned, a death before it was\n"
        "called, a reallocation after it succeeded. The clock is a tick that all threads read and\n"
        "that only goes up; a TIME event is recorded when it has moved.\n\n"
        "So of two events at one address, the one with the smaller time was first. Between events\n"
        "of different threads at one time a reader estimates: a thread's events are spread evenly\n"
        "until its next TIME. Where that is wrong blocks show it, since at one address births and\n"
        "deaths alternate: a birth on a live address waits for the death that is still to come "
        "from\n"
        "another thread, an early death for its birth. As many blocks are live as were born less\n"
        "those that died, whatever the order. The peak is exact for one thread; with more it may\n"
        "be off by what the threads may have added while their order is not known, at each moment\n"
        "between two TIME events of each: the report states it as `order_uncertainty_bytes`.\n");
}

void ms_trace_format_write(ms_sink *out) {
    ms_sink_printf(
        out,
        "# The memscope trace, version %d\n\n"
        "Printed by `memscope schema --trace`; do not edit.\n\n"
        "A trace has two forms, told apart by `form` in its header: the trace that `memscope "
        "run`\nwrites, and the ring that a program writes on its own. Both are little-endian. "
        "Versions only\nadd: codes, columns and keys are never changed or reused, and an old "
        "trace stays readable.\n",
        MS_TRACE_VERSION);
    print_trace_form(out);
    print_events_payload(out);
    print_checkpoint(out);
    print_code_lists(out);
    print_ring_form(out);
    print_order(out);
}
