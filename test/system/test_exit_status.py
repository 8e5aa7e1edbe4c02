#!/usr/bin/env python3
"""`run` ends as its program ended, and says in the trace how that was."""

import os
import signal
import subprocess

import support

# What allocations a way to end leaves (see test/programs/ends.c).
WITH_HANDLERS = (23, 0, 5, 500)
WITHOUT = (20, 0, 5, 200)


class Ends(support.TestCase):
    def check(self, way, status, counts):
        recording = self.record_like_bare(support.program("ends", way))
        self.assertEqual(recording.status, status)
        report = recording.report()
        self.assertEqual(report.counts(), counts)
        code, number = (status, None) if status >= 0 else (None, -status)
        self.assertEqual(report.program["exit_status"], code)
        self.assertEqual(report.program["exit_signal"], number)
        self.assertEqual(report.program["end"], "exited" if status >= 0 else "killed")
        self.assertTrue(report.capture["complete"])
        self.assertFalse(report.capture["truncated"])

    def test_return_from_main(self):
        self.check("return", 2, WITH_HANDLERS)

    def test_exit(self):
        self.check("exit", 3, WITH_HANDLERS)

    def test_exit_at_once(self):
        self.check("_exit", 4, WITHOUT)

    def test_quick_exit(self):
        self.check("quick_exit", 6, WITHOUT)

    def test_abort(self):
        self.check("abort", -signal.SIGABRT, WITHOUT)

    def test_segmentation_fault(self):
        self.check("segv", -signal.SIGSEGV, WITHOUT)

    def test_termination(self):
        self.check("term", -signal.SIGTERM, WITHOUT)

    def test_kill(self):
        self.check("kill", -signal.SIGKILL, WITHOUT)

    def test_another_thread_ends_the_process(self):
        recording = self.record_like_bare(support.program("ends", "thread"))
        self.assertEqual(recording.status, 5)
        self.assertEqual(recording.report().total("allocations", "at_exit"), 3)

    def test_statuses_of_a_shell(self):
        for status in (0, 1, 2, 77, 125, 126, 127, 255):
            with self.subTest(status):
                recording = self.record(["sh", "-c", f"exit {status}"])
                self.assertEqual(recording.status, status, recording)

    def test_a_shell_sees_the_signal(self):
        """The death is ours, too: a shell reports 128 + n and make stops."""
        file = self.fresh()
        command = support.recorder_command(file, support.program("ends", "term"), "--quiet")
        outcome = support.run(["sh", "-c", '"$@"; echo "status $?"', "sh", *command])
        self.assertIn(b"status 143\n", outcome.stdout)


class Streams(support.TestCase):
    def test_input_and_output_are_the_programs_own(self):
        text = os.urandom(300000)
        recording = self.record(["cat"], input=text)
        self.assertEqual(recording.status, 0)
        self.assertEqual(recording.stdout, text)
        self.assertEqual(recording.stderr, b"")

    def test_summary_goes_to_stderr_only(self):
        recording = self.record(support.program("peak"), quiet=False)
        self.assertEqual(recording.stdout, b"peak done\n")
        self.assertIn(str(recording.file).encode(), recording.stderr)
        self.assertNotIn(b"\x1b[", recording.stderr, "colours, but this is no terminal")

    def test_broken_pipe(self):
        """A program that dies of SIGPIPE does so under us: the signal is not ignored in it."""
        file = self.fresh()
        command = support.recorder_command(file, ["yes"], "--quiet")
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=support.clean_environment()
        ) as process:
            process.stdout.read(1000)
            process.stdout.close()
            self.assertEqual(process.wait(support.PATIENCE), -signal.SIGPIPE, process.stderr.read())

    def test_signal_dispositions_and_mask_are_inherited(self):
        code = "grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status"
        self.record_like_bare(["sh", "-c", code])

    def test_no_descriptors_are_added(self):
        self.record_like_bare(["sh", "-c", "ls /proc/$$/fd; ls /proc/self/fd | wc -l"])

    def test_limits_and_working_directory_are_inherited(self):
        self.record_like_bare(["sh", "-c", "pwd; ulimit -a; umask"], cwd=self.directory)


if __name__ == "__main__":
    support.main()
