/* mappings.c - maps, grows, shrinks and unmaps pages, and moves the break.
 *
 * Answer: allocations 0, frees 0, peak_mapped_bytes 5242880. At most 4 MiB (grown from 1 MiB by
 * mremap) and a mapping of 1 MiB are there at one time; a file mapping of 8 KiB comes later. */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>

#include "victim.h"

enum { MIB = 1 << 20 };

static char *map(size_t size, int file) {
    int flags = file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_PRIVATE;
    char *pages = mmap(NULL, size, PROT_READ | (file < 0 ? PROT_WRITE : 0), flags, file, 0);
    EXPECT(pages != MAP_FAILED);
    return pages;
}

int main(void) {
    char *small = map(MIB, -1);
    char *large = map(MIB, -1);
    large[0] = 'l';
    large = mremap(large, MIB, 4 * (size_t)MIB, MREMAP_MAYMOVE);
    EXPECT(large != MAP_FAILED && large[0] == 'l');
    large[4 * (size_t)MIB - 1] = 'e';
    EXPECT(munmap(small, MIB) == 0);
    /* A hole in the middle, then the rest in one go: unmapping a hole is no error. */
    EXPECT(munmap(large + MIB, MIB) == 0);
    EXPECT(munmap(large, 4 * (size_t)MIB) == 0);

    int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    EXPECT(self >= 0);
    char *file = map(8192, self);
    EXPECT(memcmp(file, "\177ELF", 4) == 0);
    EXPECT(munmap(file, 8192) == 0);
    close(self);

    char *end = sbrk(0);
    EXPECT(sbrk(65536) == end);
    end[65535] = 'b';
    EXPECT(sbrk(-65536) == end + 65536);
    EXPECT(brk(end) == 0);

    EXPECT(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    EXPECT(munmap((void *)1, 4096) == -1);
    say("mappings done\n");
    return 0;
}
