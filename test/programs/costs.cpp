/* costs.cpp - the same allocation many times over, for test/system/test_costs.py, which counts the
 * instructions of COUNT and of twice as many.
 *
 * Usage: costs WORK DEPTH COUNT. WORK is one of the names in `works`; DEPTH is how many frames of
 * ours lie between main and the allocation. */
#include <memscope.h>

#include <pthread.h>

#include "victim.h"

enum { SIZE = 48, COUNT_MAX = 1 << 16, VARIED = 3 };

static void *blocks[COUNT_MAX];
static unsigned count;

static void keep() {
    for (unsigned i = 0; i < count; i++)
        blocks[i] = take(SIZE);
}

static void keep_and_free() {
    keep();
    for (unsigned i = 0; i < count; i++)
        free(blocks[i]);
}

static void pairs() {
    for (unsigned i = 0; i < count; i++)
        free(take(SIZE));
}

static void callocs() {
    for (unsigned i = 0; i < count; i++) {
        void *block = calloc(1, SIZE);
        KEEP(block);
        free(block);
    }
}

static void news() {
    for (unsigned i = 0; i < count; i++) {
        void *block = ::operator new(SIZE);
        KEEP(block);
        ::operator delete(block);
    }
}

/* In place: the sizes share a size class. */
static void reallocs() {
    void *block = take(SIZE);
    for (unsigned i = 0; i < count; i++) {
        block = realloc(block, SIZE + 1 + i % 2);
        KEEP(block);
    }
    free(block);
}

/* The innermost VARIED frames differ from call to call: 4 functions at each level. */
template <unsigned number>
__attribute__((noinline)) static void *vary(unsigned path, unsigned levels);

static void *vary_next(unsigned path, unsigned levels) {
    if (levels == 0)
        return take(SIZE);
    switch (path % 4) {
    case 0: return vary<0>(path / 4, levels - 1);
    case 1: return vary<1>(path / 4, levels - 1);
    case 2: return vary<2>(path / 4, levels - 1);
    default: return vary<3>(path / 4, levels - 1);
    }
}

template <unsigned number>
__attribute__((noinline)) static void *vary(unsigned path, unsigned levels) {
    void *block = vary_next(path, levels);
    KEEP(block);
    return block;
}

static void varied() {
    for (unsigned i = 0; i < count; i++)
        free(vary_next(i * 2654435761u >> 20, VARIED));
}

static void *run_pair(void *unused) {
    free(take(SIZE));
    return unused;
}

/* For a task, in scopes: blocks are attributed by what their thread is at, and cost the same. */
static void attributed_pairs() {
    MEMSCOPE_TASK("a task");
    MEMSCOPE_SCOPE("a scope");
    MEMSCOPE_SCOPE("another one");
    pairs();
}

/* Where there are stacks beside the thread's, it looks where it is before each event. */
static void pairs_beside_a_stack() {
    static char stack[4096];
    memscope_task_stack(MEMSCOPE_TASK_BEGIN("elsewhere"), stack, sizeof stack);
    pairs();
}

static void keep_and_track() {
    for (unsigned i = 0; i < count; i++) {
        void *block = take(SIZE);
        MEMSCOPE_TRACK(block);
        blocks[i] = block;
    }
}

static void scopes() {
    for (unsigned i = 0; i < count; i++) {
        MEMSCOPE_SCOPE("a scope");
        KEEP(i);
    }
}

static void switches() {
    for (unsigned i = 0; i < count; i++)
        memscope_task_switch(i % 2 + 1);
}

static void references() {
    for (unsigned i = 0; i < count; i++)
        MEMSCOPE_REF(blocks);
}

static void nothing() {
    for (unsigned i = 0; i < count; i++)
        KEEP(i);
}

/* One after the other. */
static void threads() {
    for (unsigned i = 0; i < count; i++) {
        pthread_t thread;
        EXPECT(pthread_create(&thread, NULL, run_pair, NULL) == 0);
        EXPECT(pthread_join(thread, NULL) == 0);
    }
}

struct work {
    const char *name;
    void (*run)();
};

static const work works[] = {
    {"keep", keep},
    {"keep_and_free", keep_and_free},
    {"pairs", pairs},
    {"attributed_pairs", attributed_pairs},
    {"pairs_beside_a_stack", pairs_beside_a_stack},
    {"callocs", callocs},
    {"news", news},
    {"reallocs", reallocs},
    {"varied", varied},
    {"threads", threads},
    {"keep_and_track", keep_and_track},
    {"scopes", scopes},
    {"switches", switches},
    {"references", references},
    {"nothing", nothing},
};

__attribute__((noinline)) static int descend(const work *work, unsigned depth) {
    int levels = depth > 1 ? descend(work, depth - 1) : (work->run(), 0);
    KEEP(levels);
    return levels + 1;
}

int main(int argc, char **argv) {
    EXPECT(argc == 4);
    count = (unsigned)atoi(argv[3]);
    EXPECT(count <= COUNT_MAX);
    for (const work &each : works)
        if (strcmp(each.name, argv[1]) == 0)
            return descend(&each, (unsigned)atoi(argv[2])) > 0 ? 0 : 1;
    return 2;
}
