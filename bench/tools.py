"""What programs are run under: memscope in its modes, and its peers as far as they are installed.

To add one: a line in TOOLS. A prefix goes before the program's command; {dir} is an empty directory
for traces, {memscope} and {library} are ours."""

import dataclasses
import os
import pathlib
import shutil

import measure

LIBRARIES = pathlib.Path("/usr/lib/x86_64-linux-gnu")
JEMALLOC = LIBRARIES / "libjemalloc.so.2"
TCMALLOC = LIBRARIES / "libtcmalloc.so.4"
BYTEHOUND = pathlib.Path(os.environ.get("BYTEHOUND", "/usr/lib/libbytehound.so"))
LIMIT = "prlimit --as=6442450944 "  # heaptrack_interpret 1.4 can take all memory there is


@dataclasses.dataclass(frozen=True)
class Tool:
    name: str
    about: str
    before: str = ""  # the prefix
    settings: str = ""  # NAME=value ... of the environment
    trace: str = ""  # pattern of the traces in {dir}
    needs: tuple = ()  # files, or programs on the PATH
    apart: bool = True  # it has processes of its own, and gives the program its own environment
    only: str = ""  # the one workload it can run

    def fill(self, text, directory):
        return text.format(dir=directory, memscope=measure.MEMSCOPE, library=measure.LIBRARY)

    def prefix(self, directory):
        return self.fill(self.before, directory).split()

    def environment(self, directory):
        words = self.fill(self.settings, directory).split()
        return dict(word.split("=", 1) for word in words)

    def traces(self, directory):
        return list(directory.glob(self.trace)) if self.trace else []

    def missing(self):
        """What it needs and is not there."""
        return [need for need in map(str, self.needs) if not shutil.which(need) and not os.path.exists(need)]


def ours(name, about, options):
    return Tool(name, about, f"{{memscope}} run {options} -o {{dir}}/t.memscope --", trace="*.memscope")


TOOLS = [
    Tool("bare", "the program alone", apart=False),
    ours("exact", "memscope: every event with its full stack", "--quiet"),
    ours("summary", "the same, with the summary at the end", ""),
    ours("stackless", "memscope without stacks: what the hooks and the log cost", "--quiet --no-stacks"),
    ours("sampled", "memscope, one sample per 512 KiB", "--quiet --strategy lockfree --sample 512K"),
    ours("compact", "memscope without addresses in the trace", "--quiet --compact"),
    ours("budget", "memscope, at most 3 % of CPU", "--quiet --strategy unified --budget 3"),
    ours("dormant", "memscope loaded but switched off", "--quiet --start off"),
    Tool("lone", "memscope's library alone, no recorder", "",
         "LD_PRELOAD={library} MEMSCOPE_OUTPUT={dir}/t.memscope", "*.memscope", apart=False),
    Tool("heaptrack", "every allocation with its stack", LIMIT + "heaptrack -o {dir}/ht",
         trace="ht*", needs=("heaptrack",)),
    Tool("heaptrack-raw", "the same, interpreted later", LIMIT + "heaptrack -r -o {dir}/ht",
         trace="ht*", needs=("heaptrack",)),
    Tool("massif", "valgrind's heap profiler", "valgrind -q --tool=massif --massif-out-file={dir}/m.%p",
         trace="m.*", needs=("valgrind",), apart=False),
    Tool("dhat", "valgrind's profiler of heap use", "valgrind -q --tool=dhat --dhat-out-file={dir}/d.%p",
         trace="d.*", needs=("valgrind",), apart=False),
    Tool("jemalloc", "jemalloc's profiler, one sample per 512 KiB; another allocator, too", "",
         f"LD_PRELOAD={JEMALLOC} MALLOC_CONF=prof:true,prof_final:true,prof_prefix:{{dir}}/je", "je*",
         (JEMALLOC,), apart=False),
    Tool("jemalloc-all", "the same, every allocation", "",
         f"LD_PRELOAD={JEMALLOC} "
         "MALLOC_CONF=prof:true,lg_prof_sample:0,prof_accum:true,prof_final:true,prof_prefix:{dir}/je",
         "je*", (JEMALLOC,), apart=False),
    Tool("tcmalloc", "gperftools' heap profiler, every allocation; another allocator, too", "",
         f"LD_PRELOAD={TCMALLOC} HEAPPROFILE={{dir}}/hp", "hp*", (TCMALLOC,), apart=False),
    Tool("bytehound", "every allocation with its stack (BYTEHOUND: its library)", "",
         f"LD_PRELOAD={BYTEHOUND} MEMORY_PROFILER_OUTPUT={{dir}}/b.dat", "b.dat", (BYTEHOUND,), apart=False),
    Tool("memray", "python only: every allocation with its Python and native stack",
         "memray run --native --quiet -o {dir}/m.bin", trace="m.bin", needs=("memray",), apart=False,
         only="python3"),
]
BY_NAME = {tool.name: tool for tool in TOOLS}
