#!/usr/bin/env python3
"""Traces that are kept short, --max-trace, --ring and --aggregate: their reports have the same numbers
as those of whole traces, whatever is killed meanwhile, and there is always a whole trace."""

import contextlib
import os
import pathlib
import signal
import struct
import threading
import time

import support
import test_counts
import test_crash

KIND_EVENTS, KIND_CHECKPOINT = 2, 5


def kinds_of(path):
    """The kinds of a trace's chunks."""
    data, at, kinds = path.read_bytes(), 64, []
    while data[at : at + 4] == b"MSCK":
        kind, _, _, stored = struct.unpack_from("=HHII", data, at + 4)
        kinds.append(kind)
        at += 40 + stored
    return kinds


def digests_of(recorder):
    found = []
    for pid in support.children_of(recorder.pid):
        with contextlib.suppress(OSError):
            if pathlib.Path(f"/proc/{pid}/comm").read_text() == "memscope-digest\n":
                found.append(pid)
    return found


class Exact(test_counts.OracleCase):
    """Programs of Debian, compared with the oracles."""

    def check(self, *command, limit, **settings):
        for options in (
            ["--aggregate"],
            ["--max-trace", limit],
            ["--ring", "20ms"],
            ["--max-trace", limit, "--ring", "10ms", "--aggregate"],
        ):
            with self.subTest(options=options):
                report = self.compare(*command, options=options, **settings)
                self.assertTrue(report.capture["complete"])
                self.assertEqual(report.warning, "")
                if "--aggregate" in options:
                    self.assertNotIn(KIND_EVENTS, kinds_of(report.path))
                    self.assertIsNotNone(report.capture["events_from_ns"])

    def test_sqlite3(self):
        self.needs("sqlite3")
        files = [("script.sql", test_counts.SQL)]
        self.check("sqlite3", "file.db", ".read script.sql", files=files, limit="64K")

    def test_python3(self):
        command = [support.PYTHON, "-S", "-c", test_counts.PYTHON_CODE]
        self.check(*command, limit="1M", PYTHONHASHSEED="0", PYTHONMALLOC="malloc")

    def test_lua(self):
        self.needs("lua5.4")
        self.check("lua5.4", "-e", test_counts.LUA_CODE, limit="64K")


class Thinned(test_counts.OracleCase):
    """Live blocks that are too many for the trace."""

    def test_live_blocks_become_a_sample_and_totals_stay_exact(self):
        variables = {"PYTHONHASHSEED": "0", "PYTHONMALLOC": "malloc"}
        settings = support.clean_environment(**variables)
        command = ["setarch", "-R", support.PYTHON, "-S", "-c", test_counts.PYTHON_CODE]
        whole = self.record_well(command, "--max-trace", "9M", env=settings).report()
        report = self.record_well(command, "--max-trace", "7K", env=settings).report()
        self.assertEqual(report.counts(), whole.counts())
        self.assertEqual(report.summary["unmatched_frees"], 0)
        self.assertEqual(report.summary["evidence"], "estimated")
        for key in ("peak_bytes", "live_bytes"):
            off = abs(report.summary[key] - whole.summary[key])
            self.assertLessEqual(off, 5 * (report.summary[f"{key}_error"] or 0), key)
        text = " ".join(support.memscope("report", report.path).stdout.decode().split())
        self.assertIn("live blocks were too many for the trace", text)
        self.assertIsNone(whole.capture["thinned_from_ns"])


class Long(test_crash.Endless):
    """Programs that go on for longer than a trace is kept."""

    def check_end(self, file, count, threads=1):
        report = support.Report(file)
        self.assertEqual(report.warning, "")
        self.assertEqual(report.dropped(), 0)
        self.assertTrue(report.capture["complete"])
        for number in range(1, threads):
            self.check_thread(report.thread(f"worker-{number}"), count)
        self.check_thread(report.thread("endless"), count, others=threads - 1)
        if threads == 1:
            self.assertEqual(report.summary["unmatched_frees"], 0)
            self.assertEqual(report.summary["live_blocks"], test_crash.WINDOW)
        return report

    def watch_size(self, file):
        """Keeps the most bytes the trace had in self.most, until the recorder ends."""
        self.most = 0

        def watch():
            while self.recorder.poll() is None:
                with contextlib.suppress(FileNotFoundError):
                    self.most = max(self.most, file.stat().st_size)
                time.sleep(0.002)

        watcher = threading.Thread(target=watch)
        watcher.start()
        self.addCleanup(watcher.join)
        return watcher

    def run_bounded(self, options, count, threads):
        file = self.fresh()
        self.start(file, count=count, threads=threads, options=options)
        watcher = self.watch_size(file)
        outcome = self.finish()
        watcher.join()
        self.assertEqual((outcome.status, outcome.stderr), (0, b""), outcome)
        self.assertEqual(list(file.parent.iterdir()), [file])
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        return self.check_end(file, count, threads)


class Bounded(Long):
    def test_a_trace_stays_below_its_limit(self):
        for threads in (1, 3):
            with self.subTest(threads=threads):
                report = self.run_bounded(["--max-trace", "4M"], 2000000 // threads, threads)
                self.assertLess(self.most, 4 << 20)
                self.assertGreater(self.most, 2 << 20)
                self.assertGreater(report.capture["events_from_ns"], 0)

    def test_a_ring_keeps_the_last_events(self):
        file = self.fresh()
        self.start(file, threads=2, options=["--ring", "300ms"])
        support.wait_until(
            lambda: file.exists() and KIND_CHECKPOINT in kinds_of(file), "a digest", 2 * support.PATIENCE
        )
        os.kill(self.program_pid(), signal.SIGKILL)
        self.finish()
        report = support.Report(file)
        self.assertEqual(report.warning, "")
        self.check_thread(report.thread("worker-1"), self.progress(1))
        self.check_thread(report.thread("endless"), self.progress(), others=1)
        since = report.program["duration_ns"] - report.capture["events_from_ns"]
        self.assertGreater(since, 250000000)
        self.assertIn(KIND_EVENTS, kinds_of(file))

    def test_an_aggregate_has_no_events(self):
        report = self.run_bounded(["--aggregate"], 500000, 3)
        self.assertFalse(report.capture["lone"])
        text = " ".join(support.memscope("report", report.path).stdout.decode().split())
        self.assertIn("of those before it has what they came to", text)
        self.assertNotIn(KIND_EVENTS, kinds_of(report.path))
        self.assertLess(report.path.stat().st_size, 64 << 10)

    def test_every_process_is_kept_short(self):
        recording = self.record_well(
            ["sh", "-c", "lua5.4 -e 'for i=1,300000 do local t={i} end'; " * 2 + ":"],
            *("--max-trace", "100K"),
        )
        traces = recording.traces
        self.assertGreater(len(traces), 2)
        for trace in traces:
            self.assertLess(trace.stat().st_size, 100 << 10)
        long = [report for report in recording.reports() if report.summary["allocations"] > 300000]
        self.assertEqual(len(long), 2)


class Killed(Long):
    OPTIONS = ["--max-trace", "1M"]

    def wait_for_digest(self):
        return support.wait_until(lambda: digests_of(self.recorder), "a digest")[0]

    def check_prefix(self, file):
        """What is in the trace is the first n allocations, down to the last byte."""
        report = support.Report(file)
        count = report.threads[0]["allocations"]
        self.assertEqual(report.threads[0]["bytes_allocated"], test_crash.bytes_of(count))
        self.assertEqual(report.summary["unmatched_frees"], 0)
        return count

    def test_the_recorder_in_the_middle(self):
        for attempt in range(5):
            with self.subTest(attempt):
                file = self.fresh()
                self.start(file, options=self.OPTIONS)
                self.wait_for_progress(50000 * (attempt + 1))
                digest = self.wait_for_digest()
                program = self.program_pid()
                self.remove_ring_of(program)
                seen = self.progress()
                self.recorder.kill()
                self.recorder.wait()
                support.wait_until(lambda: not support.is_running(digest), "the digest to end")
                os.kill(program, signal.SIGKILL)
                self.assertGreaterEqual(self.check_prefix(file), seen)
                self.assertEqual(list(file.parent.glob("*.digest")), [])
                self.end_everything()

    def test_digests_in_the_middle(self):
        file = self.fresh()
        self.start(file, count=600000, options=self.OPTIONS)
        killed = 0
        while self.recorder.poll() is None and killed < 3:
            for digest in digests_of(self.recorder):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(digest, signal.SIGKILL)
                    killed += 1
        outcome = self.finish()
        self.assertEqual(outcome.status, 0, outcome)
        self.assertGreater(killed, 0)
        self.assertIn(b"digest", outcome.stderr)
        self.check_end(file, 600000)

    def test_interrupted_alone(self):
        file = self.fresh()
        self.start(file, options=self.OPTIONS)
        self.wait_for_progress(300000)
        program = self.program_pid()
        seen = self.progress()
        self.recorder.terminate()
        self.assertEqual(self.recorder.wait(support.PATIENCE), -signal.SIGTERM)
        os.kill(program, signal.SIGKILL)
        self.assertGreaterEqual(self.check_prefix(file), seen)
        self.assertIn(KIND_CHECKPOINT, kinds_of(file))


if __name__ == "__main__":
    support.main()
