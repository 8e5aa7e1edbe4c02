#!/usr/bin/env python3
"""How many instructions recording adds to a call, counted by callgrind: more than test/golden/costs.json
says is a failure, fewer is said.

test/programs/costs.cpp makes the same call COUNT times, and in another run twice as many times. What
the second run takes more than the first, less what it takes more without us, is the cost of COUNT
calls. Only instructions of the traced process count, not the recorder's nor the kernel's.

  python3 test/system/test_costs.py                                        shows them
  MEMSCOPE_UPDATE_GOLDEN=1 ctest --test-dir build -R system/costs          after a change that is meant
"""

import dataclasses
import functools
import json
import os
import platform
import re
import shutil

import support

GOLDEN = support.SOURCE / "test/golden/costs.json"
UPDATE = "MEMSCOPE_UPDATE_GOLDEN"
COUNT = 8192


@dataclasses.dataclass(frozen=True)
class Cost:
    """What one round of `work` costs, less what one of `less` does."""

    name: str
    work: str  # as costs.cpp calls it
    depth: int = 20
    less: str = ""
    count: int = COUNT
    lone: bool = False  # only the preload and MEMSCOPE_OUTPUT, no recorder
    settings: tuple = ()
    tolerance: float = 0.03  # ticks fall as they like, and each makes an event

    def measure(self, case):
        cost = self.rise(case, self.work)
        return cost - (self.rise(case, self.less) if self.less else 0)

    def rise(self, case, work):
        def total(count, bare):
            return case.instructions(work, self.depth, count, bare, self.lone, self.settings)

        recorded, bare = (
            total(2 * self.count, bare) - total(self.count, bare) for bare in (False, True)
        )
        return (recorded - bare) / self.count


class Unloaded(Cost):
    """What an annotation costs where there is no memscope."""

    def rise(self, case, work):
        def total(count):
            return case.instructions(work, self.depth, count, True, False, ())

        return (total(2 * self.count) - total(self.count)) / self.count


class Once(Cost):
    """What happens once: the difference between `count` calls and none; with no calls, the start."""

    def measure(self, case):
        def added(count):
            arguments = (self.work, self.depth, count)
            recorded = case.instructions(*arguments, False, self.lone, self.settings)
            return recorded - case.instructions(*arguments, True, self.lone, self.settings)

        return added(self.count) - (added(0) if self.count else 0)


STACKLESS = (("MEMSCOPE_STACKS", "0"),)
NOTHING = (("MEMSCOPE_ENABLE", "0"),)
DORMANT = (("MEMSCOPE_START", "off"),)
FREE_STACKS = (("MEMSCOPE_FREE_STACKS", "1"),)
WORD_STACKS = (("MEMSCOPE_WORD_STACKS", "1"),)
SAMPLED = (("MEMSCOPE_STRATEGY", "lockfree"), ("MEMSCOPE_SAMPLE", "1G"))  # so rarely: none is taken

COSTS = [
    Cost("malloc, depth 5", "keep", depth=5),
    Cost("malloc, depth 20", "keep"),
    Cost("malloc, depth 60", "keep", depth=60),
    Cost("free", "keep_and_free", less="keep"),
    Cost("malloc and free, depth 20", "pairs"),
    Cost("malloc and free, depth 20, the last 3 frames vary", "varied"),
    Cost("malloc and free in a task and two scopes, depth 20", "attributed_pairs"),
    Cost("malloc and free beside a coroutine's stack, depth 20", "pairs_beside_a_stack"),
    Cost("calloc and free, depth 20", "callocs"),
    Cost("operator new and delete, depth 20", "news"),
    Cost("realloc in place, depth 20", "reallocs"),
    Cost("malloc and free, depth 20, no recorder", "pairs", lone=True),
    Cost("malloc and free, no stacks", "pairs", settings=STACKLESS),
    Cost("malloc and free, recording nothing", "pairs", settings=NOTHING),
    Cost("malloc and free, switched off", "pairs", settings=DORMANT),
    Cost("malloc and free, not sampled", "pairs", settings=SAMPLED),
    Cost("tracking a pointer", "keep_and_track", less="keep"),
    Cost("free, with its stack, depth 20", "keep_and_free", less="keep", settings=FREE_STACKS),
    Cost("tracking a pointer, with its stack, depth 20", "keep_and_track", less="keep", settings=WORD_STACKS),
    Cost("entering and leaving a scope", "scopes"),
    Cost("switching to a task", "switches"),
    Cost("a reference, depth 20", "references"),
    Unloaded("tracking a pointer, without memscope", "keep_and_track", less="keep"),
    Unloaded("entering and leaving a scope, without memscope", "scopes", less="nothing"),
    Unloaded("switching to a task, without memscope", "switches", less="nothing"),
    Cost("a thread that makes one malloc and free", "threads", count=256, tolerance=0.3),
    Once("the first malloc and free, depth 20", "pairs", count=1),
    Once("start and end of a process", "pairs", count=0),
    Once("start and end of a process, no recorder", "pairs", count=0, lone=True),
]


def compiler_of_library():
    """As the library itself says; more than one when another compiler's objects are linked in."""
    section = support.run(["readelf", "-p", ".comment", support.LIBRARY]).stdout.decode()
    return " + ".join(sorted(set(re.findall(r"\] +(.+)", section))))


def build_type():
    text = (support.BUILD / "CMakeCache.txt").read_text()
    return re.search(r"^CMAKE_BUILD_TYPE:\w+=(.*)", text, re.MULTILINE)[1]


def made_with():
    """What the counts depend on beside our own code."""
    compiler = compiler_of_library()
    gcc = re.fullmatch(r"GCC: \(.*\) (\d+)\.[\d.]+", compiler)
    return {
        "build": build_type(),
        "compiler": f"gcc {gcc[1]}" if gcc else compiler,
        "library": " ".join(platform.libc_ver()),
        "machine": platform.machine(),
    }


class Costs(support.TestCase):
    @functools.cache
    def instructions(self, work, depth, count, bare, lone, settings):
        """Of a whole run of costs.cpp."""
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        command += support.program("costs", work, depth, count)
        environment = support.clean_environment(**({} if bare else dict(settings)))
        if lone and not bare:
            environment |= {"LD_PRELOAD": support.LIBRARY, "MEMSCOPE_OUTPUT": str(self.fresh())}
        elif not bare:
            command = support.recorder_command(self.fresh(), command, "--quiet")
        outcome = support.run(command, env=environment)
        self.assertEqual(outcome.status, 0, outcome)
        return int(re.search(rb"Collected : (\d+)", outcome.stderr)[1])

    def count(self, cost):
        """Also cleans up: a ring without a recorder is large, and there are many runs."""
        found = round(cost.measure(self), 1)
        for folder in self.directory.iterdir():
            shutil.rmtree(folder)
        return found

    def count_again(self, cost, found, most):
        """A wait for the recorder, in one of the four runs, may look like a rise: it must come again."""
        for _ in range(2):
            if found > most:
                type(self).instructions.cache_clear()
                found = min(found, self.count(cost))
        return found

    def test_no_hook_takes_more_instructions_than_it_did(self):
        self.needs("valgrind", "readelf")
        if not os.path.exists(support.program("costs")[0]):
            self.skipTest("no C++ compiler: costs.cpp was not built")
        golden = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
        here, expected = made_with(), golden.get("instructions", {})
        if os.environ.get(UPDATE):
            counts = {cost.name: self.count(cost) for cost in COSTS}
            golden = {"made with": here, "instructions": counts}
            GOLDEN.write_text(json.dumps(golden, indent=2) + "\n")
            return
        if golden.get("made with") != here:
            self.skipTest(f"counted with {golden.get('made with')}; this is {here}")
        names = [cost.name for cost in COSTS]
        self.assertEqual(names, list(expected), f"other costs than listed; {UPDATE}=1 writes them")
        print("\n       found      expected")
        risen = []
        for cost in COSTS:
            known = expected[cost.name]
            slack = max(1, known * cost.tolerance)
            found = self.count_again(cost, self.count(cost), known + slack)
            word = "MORE" if found > known + slack else "fewer" if found < known - slack else ""
            print(f"{found:12,.1f}  {known:12,.1f}  {word:6}{cost.name}", flush=True)
            risen += [cost.name] if word == "MORE" else []
        self.assertFalse(risen, f"more instructions than before; if that is meant, {UPDATE}=1")


if __name__ == "__main__":
    support.main()
