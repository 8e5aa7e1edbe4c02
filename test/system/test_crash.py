#!/usr/bin/env python3
"""Sudden ends: of the program, of the recorder, of the disk. What was recorded stays, what runs on
runs on, and nothing is inconsistent.

The program is test/programs/endless.c, which says in a shared file how far it came; so there is
always a number to compare with."""

import contextlib
import ctypes
import itertools
import mmap
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import time

import support

WINDOW = 1000  # as in endless.c
PERIOD = 65536
SIZES = [1 + (k * k * 2654435761 >> 20) % 1000 for k in range(PERIOD)]
SUMS = list(itertools.accumulate(SIZES, initial=0))


def bytes_of(count):
    """What the first `count` allocations of endless.c ask for."""
    return count // PERIOD * SUMS[-1] + SUMS[count % PERIOD]


@contextlib.contextmanager
def held_up(thread):
    """Stops one thread of a child, not its process."""
    PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT, WALL = 17, 0x4206, 0x4207, 0x40000000
    ptrace = ctypes.CDLL(None, use_errno=True).ptrace
    ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]

    def ask(what):
        if ptrace(what, thread, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")

    ask(PTRACE_SEIZE)
    ask(PTRACE_INTERRUPT)
    os.waitpid(thread, WALL)
    try:
        yield
    finally:
        ask(PTRACE_DETACH)


class Endless(support.TestCase):
    """Starts endless.c in the background and reads its progress."""

    def start(self, file, count=2**63, threads=1, options=(), **settings):
        path = self.fresh(".progress")
        path.write_bytes(bytes(4096))
        with open(path, "r+b") as opened:
            self.shared = mmap.mmap(opened.fileno(), 4096)
        command = support.program("endless", path, count, threads)
        self.recorder = subprocess.Popen(
            support.recorder_command(file, command, "--quiet", *options),
            env=support.clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **settings,
        )
        self.addCleanup(self.end_everything)
        return self.recorder

    def end_everything(self):
        for pid in support.children_of(self.recorder.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.recorder.kill()
        self.recorder.wait()
        self.recorder.stdout.close()
        self.recorder.stderr.close()
        self.shared.close()

    def progress(self, thread=0):
        return struct.unpack_from("=Q", self.shared, 8 * thread)[0]

    def wait_for_progress(self, count, threads=1):
        support.wait_until(
            lambda: min(map(self.progress, range(threads))) >= count, f"{count} allocations"
        )

    def program_pid(self):
        return support.wait_until(
            lambda: support.children_of(self.recorder.pid), "the program to start"
        )[0]

    def remove_ring_of(self, pid):
        """A killed recorder cannot remove its rings: that is left to us."""
        environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        (ring,) = [word.partition(b"=")[2]
            for word in environment
            if word.startswith(b"MEMSCOPE_RING_DIRECTORY=")]
        self.addCleanup(shutil.rmtree, ring.decode(), ignore_errors=True)

    def finish(self):
        """The recorder's outcome, after the program's last word."""
        stdout, stderr = self.recorder.communicate(timeout=support.PATIENCE)
        return support.Outcome(self.recorder.returncode, stdout, stderr)

    def check_thread(self, record, progress, others=0):
        """A thread's allocations are exactly the first n of endless.c, n no less than its progress.
        `others`: how many more the thread made elsewhere (starting threads)."""
        count = record["allocations"] - others
        self.assertIn(count, (progress, progress + 1))
        self.assertIn(record["frees"], (max(0, count - WINDOW), max(0, count + 1 - WINDOW)))
        if others == 0:
            self.assertEqual(record["bytes_allocated"], bytes_of(count))


class Killed(Endless):
    def check_kill(self, chance, threads):
        file = self.fresh()
        recorder = self.start(file, threads=threads)
        self.wait_for_progress(chance.randrange(1, 30000), threads)
        os.kill(self.program_pid(), signal.SIGKILL)
        outcome = self.finish()
        self.assertEqual(outcome.status, -signal.SIGKILL, outcome)
        report = support.Report(file)
        self.assertEqual(report.program["exit_signal"], signal.SIGKILL)
        self.assertEqual(report.dropped(), 0)
        self.assertFalse(report.capture["truncated"])
        self.assertEqual(report.summary["unmatched_frees"], 0)
        for number in range(1, threads):
            self.check_thread(report.thread(f"worker-{number}"), self.progress(number))
        main = report.thread("endless")
        self.check_thread(main, self.progress(), others=threads - 1)
        self.assertEqual(recorder.returncode, -signal.SIGKILL)

    def test_at_random_moments(self):
        chance = random.Random(20240229)
        for attempt in range(40):
            with self.subTest(attempt):
                self.check_kill(chance, threads=1)

    def test_at_random_moments_with_threads(self):
        chance = random.Random(4711)
        for attempt in range(10):
            with self.subTest(attempt):
                self.check_kill(chance, threads=3)

    def test_interrupted_with_its_group(self):
        """Ctrl-C: the program and the recorder get it both."""
        file = self.fresh()
        recorder = self.start(file, start_new_session=True)
        self.wait_for_progress(5000)
        os.killpg(recorder.pid, signal.SIGINT)
        self.assertEqual(self.finish().status, -signal.SIGINT)
        report = support.Report(file)
        self.assertEqual(report.program["exit_signal"], signal.SIGINT)
        self.check_thread(report.threads[0], self.progress())


class Recorder(Endless):
    COUNT = 400000

    def check_complete(self, file, count):
        report = support.Report(file)
        self.assertEqual(report.dropped(), 0)
        self.assertEqual(report.summary["allocations"], count)
        self.assertEqual(report.summary["bytes_allocated"], bytes_of(count))
        self.assertEqual(report.program["exit_status"], 0)

    def check_program_finished(self, outcome):
        self.assertEqual(outcome.stdout, b"endless came to its end\n", outcome)

    def test_killed(self):
        file = self.fresh()
        recorder = self.start(file, count=2000000)
        self.wait_for_progress(20000)
        support.wait_until(lambda: file.exists() and file.stat().st_size > 256, "the trace")
        self.remove_ring_of(self.program_pid())
        seen = self.progress()
        recorder.kill()
        outcome = self.finish()
        self.check_program_finished(outcome)
        self.assertEqual(self.progress(), 2000000)
        report = support.Report(file)
        self.assertGreaterEqual(report.summary["allocations"], seen)
        self.assertFalse(report.capture["complete"])
        self.assertIsNone(report.program["exit_status"])
        if report.dropped() == 0:
            self.assertEqual(report.summary["allocations"], 2000000)
            self.assertEqual(report.summary["bytes_allocated"], bytes_of(2000000))

    def test_stopped_for_a_while(self):
        file = self.fresh()
        recorder = self.start(file, count=self.COUNT)
        self.wait_for_progress(1000)
        os.kill(recorder.pid, signal.SIGSTOP)
        self.wait_for_progress(self.COUNT)
        os.kill(recorder.pid, signal.SIGCONT)
        outcome = self.finish()
        self.assertEqual(outcome.status, 0, outcome)
        self.check_program_finished(outcome)
        self.check_complete(file, self.COUNT)

    def test_stopped_until_the_ring_is_full(self):
        """The program waits a second at most, then goes on; what is lost is counted."""
        file, count = self.fresh(), 2900000
        recorder = self.start(file, count=count, threads=2)
        self.wait_for_progress(1000)
        os.kill(recorder.pid, signal.SIGSTOP)
        self.wait_for_progress(count, threads=2)
        os.kill(recorder.pid, signal.SIGCONT)
        outcome = self.finish()
        self.assertEqual(outcome.status, 0, outcome)
        self.check_program_finished(outcome)
        report = support.Report(file)
        recorded = report.summary["allocations"] + report.summary["frees"]
        lost = report.capture["dropped"]["recorder_gone"]
        self.assertGreaterEqual(recorded + lost, 2 * (2 * count - WINDOW))
        self.assertEqual(report.program["exit_status"], 0)

    def test_held_up_for_longer_than_anybody_waits_for_the_dead(self):
        """As on a slow disk: its main thread stands still, but it lives, and nothing is lost."""
        file, count = self.fresh(), 2900000
        recorder = self.start(file, count=count, threads=2)
        self.wait_for_progress(1000)
        with held_up(recorder.pid):
            time.sleep(3)
            held_at = self.progress(), self.progress(1)
        self.assertLess(min(held_at), count)  # or nobody has waited
        outcome = self.finish()
        self.assertEqual(outcome.status, 0, outcome)
        report = support.Report(file)
        self.assertEqual(report.dropped(), 0)
        self.check_thread(report.thread("worker-1"), count)
        self.check_thread(report.thread("endless"), count, others=1)

    def test_interrupted_alone(self):
        file = self.fresh()
        recorder = self.start(file, count=self.COUNT)
        self.wait_for_progress(1000)
        os.kill(recorder.pid, signal.SIGINT)
        outcome = self.finish()
        self.assertEqual(outcome.status, 0, outcome)
        self.check_program_finished(outcome)
        self.check_complete(file, self.COUNT)


class NoSpace(Endless):
    def test_a_disk_that_fills_up(self):
        with self.small_disk("1m") as folder:
            file, count = folder / "out.memscope", 600000
            self.start(file, count=count)
            outcome = self.finish()
            self.assertEqual(outcome.status, 0, outcome)
            self.check_program_finished(outcome)
            self.assertIn(b"space", outcome.stderr)
            self.assertIn(str(file).encode(), outcome.stderr)
            report = support.Report(file)
            self.assertGreater(report.summary["allocations"], 1000)
            self.assertLess(report.summary["allocations"], count)
            self.assertTrue(report.capture["truncated"] or report.capture["dropped"]["no_space"])
            self.assertFalse(report.capture["complete"])

    def test_a_disk_that_is_full(self):
        with self.small_disk("64k") as folder:
            with contextlib.suppress(OSError), open(folder / "filler", "wb", 0) as filler:
                while True:
                    filler.write(bytes(4096))
            command = support.program("peak")
            file = folder / "out.memscope"
            outcome = support.run(support.recorder_command(file, command, "--quiet"))
            self.assertIn(b"memscope: ", outcome.stderr)
            self.assertIn(b"out.memscope", outcome.stderr)
            self.assertEqual((outcome.status, outcome.stdout), (0, b"peak done\n"), outcome)

    check_program_finished = Recorder.check_program_finished


if __name__ == "__main__":
    support.main()
