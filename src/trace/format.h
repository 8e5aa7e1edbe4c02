/* format.h - the two forms of a trace, byte by byte. Little-endian, 64-bit.
 *
 * RING (shared memory of a recorded process, or the file of a lone preload):
 *
 *   0                 ms_ring_header              MS_RING_HEADER_SIZE bytes
 *   + n * 16 KiB      chunk n: ms_ring_chunk, then words
 *
 *   A chunk belongs to one thread at a time. An event is 1..MS_RING_EVENT_WORDS
 *   words; the writer stores the first word, which is never 0, last. So a reader
 *   takes words until it meets a 0, whatever moment the process died at. A 0 with
 *   words behind it (a sealed chunk written by a signal handler that never
 *   returned) is skipped. Only the recorder turns words back into 0.
 *
 *   first word:  bits 0..47 value | 48..55 family | 56..63 kind
 *
 *     TIME        [us since start]
 *     ALLOC       [address|family] [stack << 32 | size]           size < 2^32 - 1
 *                 [address|family] [stack << 32 | 0xffffffff] [size]
 *     FREE        [address|family]
 *     REALLOC     [address|family] [stack << 32 | 0] [old] [size]
 *     STACK       [stack] [pc] [parent]
 *     MODULE      [words in all] [bias] [start] [bytes] [first stack] [text length] text...
 *     THREAD      [words in all] [tid] [text length] text...
 *     THREAD_END  [tid]
 *     MAP         [address|family] [stack << 32 | prot and flags] [bytes]
 *     UNMAP       [address|family] [bytes]
 *     REMAP       [address] [stack << 32 | 0] [old] [bytes] [old bytes]
 *     LOSS        [count|cause]
 *     RATE        [bytes]
 *     TASK        [task]
 *     GAP         [us since start]
 *     FREER       [pc]
 *     FREER_STACK [pc] [stack]
 *     NOTE        [address|what] [stack << 32 | site] [old] [size] [number]
 *     SITE        [words in all] [site] [line] [kind] [text length] text...
 *
 *   COUNT is no event of the ring: the counts stand in the chunk header, each thread's latest
 *   chunk has its latest.
 *
 * TRACE (what the recorder writes):
 *
 *   ms_trace_header, then chunks: ms_trace_chunk + payload. Each chunk is
 *   checksummed and decodes by itself; kinds a reader does not know are skipped.
 *   An INDEX chunk and the trailer end a trace that ended well. */
#ifndef MS_TRACE_FORMAT_H
#define MS_TRACE_FORMAT_H

#include <stdint.h>

#define MS_TRACE_MAGIC "MEMSCOPE" /* 8 bytes, no terminator in the file */
#define MS_TRACE_VERSION 1

typedef enum ms_trace_form { MS_FORM_TRACE = 1, MS_FORM_RING = 2 } ms_trace_form;

enum {
#define MS_FAMILY(NAME, code, text, releases, doc) MS_FAMILY_##NAME = code,
#include "trace/families.def"
    MS_FAMILY_COUNT
};

enum {
#define MS_LOSS(NAME, code, text, doc) MS_LOSS_##NAME = code,
#include "trace/losses.def"
    MS_LOSS_COUNT
};

enum {
#define MS_NOTE(NAME, code, text, doc) MS_NOTE_##NAME = code,
#include "trace/notes.def"
    MS_NOTE_COUNT
};

enum {
#define MS_MISUSE(NAME, code, text, doc) MS_MISUSE_##NAME = code,
#include "trace/misuses.def"
    MS_MISUSE_COUNT
};

enum {
#define MS_PLACE(NAME, code, text, doc) MS_PLACE_##NAME = code,
#include "trace/places.def"
    MS_PLACE_COUNT
};

enum {
#define MS_COUNT(NAME, code, text, doc) MS_COUNT_##NAME = code,
#include "trace/counts.def"
    MS_COUNT_COUNT
};

enum {
#define MS_SAMPLE(name, unit, doc) MS_SAMPLE_##name,
#include "trace/samples.def"
    MS_SAMPLE_COUNT
};

/* How a stack ends outwards: the `parent` of its outermost frame. Real stack ids start behind. */
typedef enum ms_root {
    MS_ROOT_NONE = 0,      /* no stack at all */
    MS_ROOT_COMPLETE = 1,  /* the thread's first function */
    MS_ROOT_DEEP = 2,      /* cut: more frames than are kept */
    MS_ROOT_NO_CFI = 3,    /* broke off: no unwind rule for the outermost pc */
    MS_ROOT_BAD_FRAME = 4, /* broke off: the next frame would lie outside the stack */
    MS_ROOT_OFF = 5,       /* stacks are switched off */
    MS_ROOT_COUNT = 16
} ms_root;

/* ---- ring ------------------------------------------------------------------------------- */

#define MS_RING_HEADER_SIZE 65536u
#define MS_RING_CHUNK_SIZE 16384u
#define MS_RING_CHUNK_WORDS ((MS_RING_CHUNK_SIZE - sizeof(ms_ring_chunk)) / 8)
#define MS_RING_MAX_CHUNKS 4096u /* of a ring with a recorder; a lone ring only grows */
#define MS_RING_EVENT_WORDS 600u /* the longest event: a MODULE with a PATH_MAX path */
#define MS_RING_INFO_SIZE 24576u
#define MS_RING_PATH_SIZE 4096u

enum { MS_CHUNK_FREE = 0, MS_CHUNK_OWNED = 1, MS_CHUNK_SEALED = 2 };

/* In tick_us: the hooks record nothing. One word is both clock and switch, so that the hooks look
 * at one word. */
#define MS_TICK_OFF UINT64_MAX

/* Without a recorder a TIME event is written only when the clock has gone on by this: an event may have
 * happened that much later than its stamp says. */
#define MS_LONE_STEP_US 64u

/* In off_since_us: recording is on, and no gap is left to be told. */
#define MS_NOT_OFF UINT64_MAX

typedef struct ms_ring_header {
    char magic[8];
    uint16_t version;
    uint16_t form; /* MS_FORM_RING */
    uint32_t lone; /* 1: no recorder; chunks are never reused */
    uint64_t session[2];
    uint64_t start_realtime_ns;
    uint64_t start_monotonic_ns;
    uint32_t pid;
    uint32_t parent_pid;
    uint32_t forked;     /* 1: born by fork, so it has blocks that this trace did not see born */
    uint32_t max_chunks; /* growth limit with a recorder */

    /* Words that both sides touch while the program runs, by cache line. */
    _Alignas(64) uint64_t tick_us; /* recorder -> hooks: microseconds since start, or MS_TICK_OFF;
                                       without a recorder the hooks move it */
    uint64_t off_since_us; /* when it was switched off, until a GAP event says so; or MS_NOT_OFF */
    _Alignas(64) uint32_t chunks; /* chunks in the file */
    uint32_t stacks;              /* next stack id */
    uint32_t threads;             /* thread serials handed out, from 1 */
    uint32_t sealed;              /* chunks sealed since the start: the recorder's cue */
    uint32_t waiting;             /* threads that wait for a chunk: another cue */
    uint64_t ended_us; /* without a recorder: when the program ended its trace; 0: it has not */
    _Alignas(64) uint32_t
        free_chunks; /* of those in state MS_CHUNK_FREE, not yet promised to a thread */
    uint32_t
        beats; /* of the recorder, one each millisecond and one when chunks become free; a futex */
    _Alignas(64) uint64_t lost[16]; /* by cause, losses.def */
    _Alignas(64) uint32_t info_size;
    uint8_t info[MS_RING_INFO_SIZE];                       /* as the payload of an INFO chunk */
    _Alignas(64) uint32_t chunk_state[MS_RING_MAX_CHUNKS]; /* MS_CHUNK_*, with a recorder */

    /* The trace so far, which the process asks its recorder for. */
    _Alignas(64) uint32_t asked; /* process: counts its questions */
    uint32_t answered;           /* recorder: the latest of them that is answered below */
    uint32_t readers;            /* process: how many read the trace, which is to stay as it is */
    uint64_t trace_size;         /* of the file, in bytes; 0: there is none yet */
    char trace_path[MS_RING_PATH_SIZE];

    /* What the recorder has counted so far, by counts.def: of all blocks, recorded or not. */
    _Alignas(64) uint64_t totals_us; /* when; 0: not yet */
    uint64_t totals[MS_COUNT_COUNT];
} ms_ring_header;

_Static_assert(sizeof(ms_ring_header) <= MS_RING_HEADER_SIZE,
               "the ring header has outgrown its place");

typedef struct ms_ring_chunk {
    uint32_t thread;   /* serial, from 1; 0: never used */
    uint32_t tid;      /* the kernel's */
    uint64_t sequence; /* of this thread's chunks, from 0 */
    uint64_t start_us; /* clock when the chunk was taken: bounds a stalled tick */
    uint32_t drained;  /* recorder: words already written to the trace */
    uint32_t pad;
    uint64_t counts[MS_COUNT_COUNT]; /* of this thread so far, by counts.def */
} ms_ring_chunk;

_Static_assert(sizeof(ms_ring_chunk) == 64, "ring chunk header");

#define MS_WORD_VALUE_BITS 48
#define MS_WORD_VALUE_MASK ((UINT64_C(1) << MS_WORD_VALUE_BITS) - 1)
#define MS_SIZE_WIDE 0xffffffffu

static inline uint64_t ms_word(unsigned kind, unsigned family, uint64_t value) {
    return (uint64_t)kind << 56 | (uint64_t)family << MS_WORD_VALUE_BITS |
           (value & MS_WORD_VALUE_MASK);
}

/* ---- trace ------------------------------------------------------------------------------ */

typedef struct ms_trace_header {
    char magic[8];
    uint16_t version;
    uint16_t form; /* MS_FORM_TRACE */
    uint32_t pid;
    uint64_t session[2];
    uint64_t start_realtime_ns;
    uint8_t reserved[24];
} ms_trace_header;

_Static_assert(sizeof(ms_trace_header) == 64, "trace header");

#define MS_TRACE_CHUNK_MAGIC 0x4b43534du /* "MSCK" */
#define MS_TRACE_CHUNK_MAX (256u << 20)  /* no chunk's payload is larger, packed or not */
#define MS_TRACE_STREAMS_MAX 65536u      /* no EVENTS chunk has more streams */

typedef enum ms_chunk_kind {
    MS_KIND_INFO = 1,   /* pairs: varint length, key, varint length, value; repeatable keys */
    MS_KIND_EVENTS = 2, /* streams of columns: see pack.h */
    MS_KIND_SAMPLES =
        3, /* varint time_us, varint tid (0: the process), varint n, n varints (value + 1;
                            0: not given), repeated; values in the order of samples.def */
    MS_KIND_CHECKPOINT = 5, /* what the events before it came to, which are not in the trace: see
                               checkpoint.def; stands before the first EVENTS chunk */
    MS_KIND_INDEX = 4       /* varint n; n times varint offset delta, kind, first_us, last_us */
} ms_chunk_kind;

typedef enum ms_chunk_codec { MS_CODEC_RAW = 0, MS_CODEC_ZSTD = 1 } ms_chunk_codec;

typedef struct ms_trace_chunk {
    uint32_t magic;
    uint16_t kind;
    uint16_t codec;
    uint32_t size;        /* of the payload, unpacked */
    uint32_t stored_size; /* of the payload in the file, directly behind this header */
    uint64_t first_us;    /* the chunk's events lie in [first_us, last_us] */
    uint64_t last_us;
    uint64_t checksum; /* XXH64, seed 0, of the stored payload, xor that of the 32 bytes above */
} ms_trace_chunk;

_Static_assert(sizeof(ms_trace_chunk) == 40, "trace chunk header");

#define MS_TRACE_END_MAGIC "MSEND"

/* The last bytes of a trace that ended well. */
typedef struct ms_trace_trailer {
    uint64_t index_offset;
    char magic[8]; /* MS_TRACE_END_MAGIC, filled up with 0 */
} ms_trace_trailer;

/* Keys of INFO pairs. Values are text. */
#define MS_INFO_EXECUTABLE "executable"
#define MS_INFO_ARGUMENT "argument" /* once per argument */
#define MS_INFO_DIRECTORY "directory"
#define MS_INFO_OPTION "option" /* name=value, once per option that is not at its default */
#define MS_INFO_RING "ring"     /* where the ring lies, for recovery after the recorder's death */
#define MS_INFO_HOST "host"
#define MS_INFO_END "end"       /* how it ended: exit N, signal N, gone, exec, detached */
#define MS_INFO_LOST "lost"     /* name=count, once per cause that is not 0 */
#define MS_INFO_PARENT "parent" /* pid */
#define MS_INFO_FORKED "forked" /* 1 */
#define MS_INFO_PID_NAMESPACE "pid_namespace" /* in which the pid is what the header says */
#define MS_INFO_STRATEGY "strategy"
#define MS_INFO_HELD "held" /* milliseconds in which recording waited for a digest of the trace */
#define MS_INFO_COMPLETE "complete" /* 1: the recorder saw the end of the process */

#endif
