#!/usr/bin/env python3
"""Programs that record themselves: memscope_start() and memscope_stop()."""

import os
import unittest

import support
from test_control import Told

CORE, LOCKFREE, ASYNC, UNIFIED = range(4)
STRATEGIES = ("core", "lockfree", "async", "unified")
BLOCKS, SIZE = 1000, 32  # of each thread in each round, in restarts.c


class Restarts(support.TestCase):
    def restarts(self, *arguments, preload=True, **variables):
        """Runs `restarts` in a directory of its own, and gives that."""
        folder = self.fresh("")
        folder.mkdir()
        if preload:
            variables["LD_PRELOAD"] = support.LIBRARY
        outcome = support.run(
            support.program("restarts", folder, *arguments),
            env=support.clean_environment(**variables),
        )
        self.assertEqual((outcome.status, outcome.stderr), (0, b""), outcome)
        self.said = outcome.stdout.decode().splitlines()
        self.assertEqual(self.said.pop(), "restarts done")
        return folder

    def check_whole(self, report):
        """Ended by the program, with nothing lost, and with names for its stacks."""
        self.assertEqual(report.warning, "")
        self.assertEqual(report.program["end"], "detached")
        self.assertFalse(report.capture["truncated"])
        self.assertEqual(report.dropped(), 0)
        self.assertEqual(report.summary["unmatched_frees"], 0)
        self.assertEqual(report.capture["implied_frees"], 0)

    def check_round(self, report, threads):
        self.check_whole(report)
        self.assertEqual(report.total("allocations", "work", "take_part"), threads * BLOCKS)
        self.assertEqual(report.total("bytes_allocated", "work"), threads * BLOCKS * SIZE)
        live = report.total("live_blocks", "work")
        self.assertEqual(live, threads * BLOCKS / 2)
        libraries = {frame["module"] for site in report.sites for frame in site["stack"]}
        self.assertTrue(any("libc.so" in module for module in libraries), libraries)

    def test_each_start_makes_a_trace_of_its_own(self):
        rounds, threads = 4, 8
        folder = self.restarts(rounds, threads)
        self.assertEqual(self.said, [])
        traces = {path.name: support.Report(path) for path in folder.iterdir()}
        self.assertEqual(len(traces), 4 * rounds)
        for number in range(rounds):
            self.check_round(traces[f"{number}.memscope"], threads)
        for name, report in traces.items():
            self.check_whole(report)
            if name.startswith("busy"):
                self.assertGreaterEqual(report.total("allocations", "toil"), 900)
        self.assertEqual(len({report.program["pid"] for report in traces.values()}), 1)

    def test_a_trace_that_ended_is_packed_when_it_is_read(self):
        folder = self.restarts(1, 2)
        trace = folder / "0.memscope"
        ring = trace.stat().st_size
        before = support.Report(trace)
        self.assertLess(trace.stat().st_size, ring)
        after = support.Report(trace)
        self.check_round(after, 2)
        self.assertEqual(after.counts(), before.counts())

    def test_strategies(self):
        for number, name in enumerate(STRATEGIES):
            with self.subTest(name):
                folder = self.restarts(2, 2, number)
                report = support.Report(folder / "1.memscope")
                self.assertEqual(report.capture["strategy"], name)
                if number == LOCKFREE:
                    self.assertEqual(report.summary["evidence"], "estimated")
                else:
                    self.check_round(report, 2)

    def test_what_a_sampled_trace_does_not_record_it_counts(self):
        folder = self.restarts(3, 4, LOCKFREE, 4096)
        for number in range(3):
            report = support.Report(folder / f"{number}.memscope")
            self.assertEqual(report.capture["sample_bytes"], 4096)
            self.assertEqual(report.warning, "")
            self.assertEqual(report.dropped(), 0)
            # exact: the blocks of work() and of toil() are counted, whether they are recorded or not
            self.assertGreaterEqual(report.summary["allocations"], 4 * BLOCKS)
            estimate = report.total("bytes_allocated", "work")
            error = sum(site["bytes_allocated_error"] ** 2 for site in report.sites) ** 0.5
            self.assertLess(abs(estimate - 4 * BLOCKS * SIZE), 6 * error)

    def test_the_environment_is_the_default(self):
        folder = self.restarts(1, 1, MEMSCOPE_STRATEGY="async", MEMSCOPE_STACKS="0")
        report = support.Report(folder / "0.memscope")
        self.assertEqual(report.capture["strategy"], "async")
        self.assertEqual(report.summary["allocations"], report.total("allocations"))
        self.assertTrue(all(not site["stack"] for site in report.sites))

    def test_without_the_library(self):
        folder = self.restarts(1, 1, preload=False)
        self.assertEqual(len(self.said), 8)
        self.assertTrue(all(": -1 " in line for line in self.said), self.said)
        self.assertEqual(os.listdir(folder), [])

    def test_a_process_that_is_not_to_be_recorded(self):
        folder = self.restarts(1, 1, MEMSCOPE_ENABLE="0")
        self.assertIn("start 0: -1 Operation not permitted", self.said)
        self.assertEqual(os.listdir(folder), [])

    def test_under_memscope_run_it_is_switched_on_and_off(self):
        folder = self.fresh("")
        folder.mkdir()
        recording = self.record_well(support.program("restarts", folder, 2, 2), "--start", "off")
        said = recording.stdout.decode().splitlines()
        self.assertIn("start 0: 1", said[0])
        self.assertIn("stop 0: 1", said[1])
        self.assertEqual(os.listdir(folder), [])
        report = recording.report()
        self.assertEqual(report.total("allocations", "work"), 2 * 2 * BLOCKS)

    def test_a_trace_of_the_environment_comes_first(self):
        """Recorded from the start: it goes on, and memscope_stop() ends it."""
        trace = self.fresh()
        folder = self.restarts(2, 2, MEMSCOPE_OUTPUT=trace)
        self.assertTrue(self.said[0].startswith("start 0: 1"), self.said)
        self.assertEqual(len(self.said), 1, self.said)
        first = support.Report(trace)
        self.check_whole(first)
        self.assertEqual(first.total("allocations", "work"), 2 * BLOCKS)
        self.check_round(support.Report(folder / "1.memscope"), 2)

    def test_a_trace_that_nothing_was_recorded_into_gives_way(self):
        trace = self.fresh()
        folder = self.restarts(1, 2, MEMSCOPE_OUTPUT=trace, MEMSCOPE_START="off")
        self.assertEqual(self.said, [])
        self.check_round(support.Report(folder / "0.memscope"), 2)
        self.assertFalse(trace.exists())


class Outputs(support.TestCase):
    """What lies where a trace is to go. By `told`."""

    def tell(self, *lines, **variables):
        environment = support.clean_environment(LD_PRELOAD=support.LIBRARY, **variables)
        outcome = support.run(
            support.program("told"),
            env=environment,
            input="".join(line + "\n" for line in lines).encode(),
            cwd=self.directory,
        )
        self.assertEqual(outcome.status, 0, outcome)
        return [line for line in outcome.stdout.decode().splitlines() if line != "done"]

    def taken(self, path):
        return support.Report(path).total("allocations", "take_some")

    def test_an_old_trace_is_replaced(self):
        path = self.fresh()
        for count in (3, 4):
            said = self.tell(f"start {path}", f"take {count} 10", "stop")
            self.assertEqual(said, ["0", "0"])
            self.assertEqual(self.taken(path), count)

    def test_another_file_is_not(self):
        path = self.fresh()
        path.write_text("MEMSCOPE notes on a film, which are no trace of any kind that we know\n" * 9)
        path.write_text("notes\n" + path.read_text())
        self.assertEqual(self.tell(f"start {path}"), ["-1 File exists"])
        self.assertTrue(path.read_text().startswith("notes"))

    def test_nor_is_a_trace_that_another_process_is_writing(self):
        path = self.fresh()
        writer = Told()
        self.addCleanup(writer.process.kill)
        self.assertEqual(writer.say(f"start {path}"), ["0"])
        writer.say("take 5 10")
        self.assertEqual(self.tell(f"start {path}", "take 6 10"), ["-1 File exists"])
        writer.say("stop")
        self.assertEqual(self.taken(path), 5)
        self.assertEqual(self.tell(f"start {path}", "take 6 10"), ["0"])
        self.assertEqual(self.taken(path), 6)
        writer.end()

    def test_places_that_cannot_be_written_to(self):
        for place, reason in (("/nowhere/x", "No such file or directory"),
                              ("/proc/x", "No such file or directory")):
            self.assertEqual(self.tell(f"start {place}", "take 5 10"), [f"-1 {reason}"])

    def test_a_disk_that_is_full(self):
        with self.small_disk("32k") as folder:
            path = folder / "x.memscope"
            said = self.tell(f"start {path}", "take 5 10", f"start {self.fresh()}", "stop")
            self.assertEqual(said, ["-1 No space left on device", "0", "0"])
            self.assertFalse(path.exists())

    def test_a_default_name(self):
        self.assertEqual(self.tell("start -", "take 5 10", "stop"), ["0", "0"])
        (trace,) = self.directory.glob("memscope.told.*.memscope")
        self.assertEqual(self.taken(trace), 5)

    def test_a_second_start_changes_nothing(self):
        path, other = self.fresh(), self.fresh()
        said = self.tell(f"start {path}", "take 5 10", f"start {other}", "take 6 10", "pause",
                         f"start {path}", "take 7 10", "stop", "stop")
        self.assertEqual(said, ["0", "1", "1", "0", "-1 No such process"])
        self.assertEqual(self.taken(path), 18)
        self.assertFalse(other.exists())

    def test_a_deleted_trace_takes_no_room(self):
        """Once it has ended, nothing of it is mapped."""
        path = self.fresh()
        said = self.tell(f"start {path}", "take 5000 10", "stop", "mapped out")
        self.assertEqual(said, ["0", "0", "0"])

    def test_a_child_has_a_trace_beside(self):
        path = self.fresh()
        self.assertEqual(self.tell(f"start {path}", "take 5 10", "fork", "take 6 10", "stop"), ["0", "0"])
        (child,) = [trace for trace in path.parent.iterdir() if trace != path]
        self.assertEqual((self.taken(path), self.taken(child)), (5, 6))

    def test_a_child_of_a_program_that_has_stopped_records_nothing_until_it_starts(self):
        path, other = self.fresh(), self.fresh()
        said = self.tell(f"start {path}", "take 5 10", "stop", "fork", "take 6 10", f"start {other}",
                         "take 7 10")
        self.assertEqual(said, ["0", "0", "0"])
        self.assertEqual((self.taken(path), self.taken(other)), (5, 7))
        self.assertTrue(support.Report(other).program["pid"] != support.Report(path).program["pid"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
