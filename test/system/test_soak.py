#!/usr/bin/env python3
"""A long run at full rate leaves nothing behind: not in the recorder's memory, not in /dev/shm; and
what a killed recorder leaves is found, by a report and by the doctor."""

import os
import pathlib
import re
import signal
import time

import support
import test_crash

SECONDS = float(os.environ.get("MEMSCOPE_SOAK_SECONDS", "8"))
TRACE_HEADER_SIZE = 64


def resident(pid):
    """KiB of private memory."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+)", text)[1])


def ring_directory_of(recorder):
    """Where a recorder has its rings: a directory that it holds open."""
    for link in pathlib.Path(f"/proc/{recorder.pid}/fd").iterdir():
        target = os.readlink(link)
        if "/memscope-" in target and os.path.isdir(target):
            return pathlib.Path(target)
    return None


def names_its_ring(file):
    """What only a ring has when its recorder dies can be found once the trace has its first chunk."""
    return file.exists() and file.stat().st_size > TRACE_HEADER_SIZE


class Soak(test_crash.Endless):
    def test_full_rate(self):
        file = self.fresh()
        recorder = self.start(file, threads=4)
        self.wait_for_progress(100000, threads=4)
        time.sleep(SECONDS / 4)
        directory, early = ring_directory_of(recorder), resident(recorder.pid)
        self.assertTrue(directory.exists())
        time.sleep(SECONDS)
        late = resident(recorder.pid)
        os.kill(support.children_of(recorder.pid)[0], signal.SIGTERM)
        self.finish()
        self.assertLess(late, early + 24 * 1024)
        self.assertFalse(directory.exists())

    def test_what_a_killed_recorder_leaves(self):
        file = self.fresh()
        recorder = self.start(file, count=3000000)
        self.wait_for_progress(150000)
        support.wait_until(lambda: names_its_ring(file), "the trace to say where its ring is")
        directory = ring_directory_of(recorder)
        recorder.kill()
        self.finish()
        self.assertTrue(directory.exists())
        self.addCleanup(self.remove, directory)
        report = support.Report(file)
        self.assertGreater(report.summary["allocations"], 150000 - 64 * 1024)
        said = support.memscope("doctor").stdout.decode()
        self.assertRegex(said, rf"limit +leftovers .*rm -r .*{directory}")
        self.remove(directory)
        self.assertNotIn(str(directory), support.memscope("doctor").stdout.decode())

    def remove(self, directory):
        for path in directory.glob("*"):
            path.unlink()
        if directory.exists():
            directory.rmdir()


if __name__ == "__main__":
    support.main()
