#!/usr/bin/env python3
"""Wrong input: one line that names the cause and the next step, the right exit status, and nothing
lost that could be kept."""

import os
import pathlib
import random
import shutil
import stat

import support


class WhatToRun(support.TestCase):
    def attempt(self, *command):
        return support.memscope("run", "--quiet", "-o", self.fresh(), "--", *command)

    def test_missing_program(self):
        self.assert_one_line_error(self.attempt("no-such-program"), 127, "no-such-program")
        self.assert_one_line_error(self.attempt("/no/such/path"), 127, "/no/such/path")

    def test_not_executable(self):
        text = self.directory / "text"
        text.write_text("just words\n")
        self.assert_one_line_error(self.attempt(text), 126, str(text))
        self.assert_one_line_error(self.attempt(self.directory), 126, str(self.directory))

    def test_no_trace_is_left_where_nothing_ran(self):
        file = self.fresh()
        support.memscope("run", "-o", file, "--", "no-such-program-here")
        self.assertEqual(os.listdir(file.parent), [])

    def test_nothing_to_run(self):
        self.assert_one_line_error(support.memscope("run"), 2)
        self.assert_one_line_error(support.memscope("run", "-o", self.fresh(), "--"), 2)

    def test_unknown_words_are_corrected(self):
        outcome = support.memscope("run", "--quite", "--", "true")
        self.assert_one_line_error(outcome, 2, "--quite", "--quiet")
        self.assert_one_line_error(support.memscope("reprot"), 2, "reprot", "report")
        outcome = support.memscope("run", "--strategy", "x", "true")
        self.assert_one_line_error(outcome, 2, "strategy")

    def compile_static(self):
        self.needs("gcc")
        path = self.directory / "static"
        source = support.PROGRAM_SOURCES / "temporary.c"
        built = support.run(["gcc", "-static", "-D_GNU_SOURCE", str(source), "-o", str(path)])
        self.assertEqual(built.status, 0, built)
        return path

    def test_static_binary(self):
        """A preload cannot see it. It runs all the same, and that is said."""
        path = self.compile_static()
        outcome = self.attempt(path)
        self.assertEqual((outcome.status, outcome.stdout), (0, b"temporary done\n"), outcome)
        self.assertRegex(outcome.stderr.decode(), r"\Amemscope: [^\n]*static[^\n]*\n\Z")

    def test_static_binary_behind_a_shell(self):
        """sh is seen, the static program it becomes is not; what sh did stays readable."""
        path = self.compile_static()
        recording = self.record(["sh", "-c", f"x=$(echo a); exec {path}"])
        self.assertEqual((recording.status, recording.stdout), (0, b"temporary done\n"))
        for trace in recording.traces:
            support.Report(trace)

    def test_setuid_binary(self):
        if os.geteuid() == 0:
            path = self.directory / "setuid"
            shutil.copy(support.PROGRAMS / "temporary", path)
            os.chmod(self.directory, 0o755)
            os.chown(path, 65534, 65534)
            os.chmod(path, 0o4755)
            command, output = [path], b"temporary done\n"
        else:
            command = ["/usr/bin/su", "--version"]
            self.assertTrue(os.stat(command[0]).st_mode & stat.S_ISUID)
            output = support.run(command).stdout
        outcome = self.attempt(*command)
        self.assertEqual((outcome.status, outcome.stdout), (0, output), outcome)
        self.assertRegex(outcome.stderr.decode(), r"\Amemscope: [^\n]*setuid[^\n]*\n\Z")

    def test_output_in_a_missing_directory(self):
        outcome = support.memscope(
            "run", "-o", "/nowhere/out.memscope", "--", *support.program("peak")
        )
        self.assert_one_line_error(outcome, 125, "/nowhere/out.memscope")
        self.assertEqual(outcome.stdout, b"", "the program ran, although nothing could be recorded")

    def test_bad_variables_never_keep_a_program_from_starting(self):
        for name, value in (
            ("MEMSCOPE_STRATEGY", "nonsense"),
            ("MEMSCOPE_SAMPLE_INTERVAL", "often"),
            ("MEMSCOPE_STACKS", "maybe"),
            ("MEMSCOPE_NO_SUCH_OPTION", "1"),
        ):
            with self.subTest(name):
                environment = support.clean_environment(**{name: value})
                recording = self.record_well(support.program("temporary"), env=environment)
                self.assertEqual(recording.stdout, b"temporary done\n")
                self.assertEqual(recording.report().summary["allocations"], 1300)


class WhatToRead(support.TestCase):
    def report(self, *arguments, **settings):
        return support.memscope("report", *arguments, **settings)

    def test_no_such_file(self):
        self.assert_one_line_error(self.report("/no/such/file"), 3, "/no/such/file", "No such file")

    def test_no_trace(self):
        folder = self.directory
        contents = {
            "text": b"just words\n" * 100,
            "empty": b"",
            "zeros": bytes(200000),
            "binary": pathlib.Path("/bin/true").read_bytes(),
            "noise": random.Random(1).randbytes(100000),
            "nearly": b"MEMSCOPE" + b"\xff" * 5000,
        }
        for name, content in contents.items():
            with self.subTest(name):
                (folder / name).write_bytes(content)
                self.assert_one_line_error(self.report(folder / name), 3, str(folder / name))
        self.assert_one_line_error(self.report(folder), 3, str(folder))
        self.assert_one_line_error(self.report("/dev/null"), 3, "/dev/null")

    def test_unreadable_file(self):
        file = self.directory / "secret"
        file.write_bytes(b"MEMSCOPE")
        file.chmod(0)
        if os.access(file, os.R_OK):
            self.skipTest("root reads everything")
        self.assert_one_line_error(self.report(file), 3, str(file), "ermission")

    def test_usage(self):
        self.assert_one_line_error(self.report(), 2)
        self.assert_one_line_error(self.report("a", "b"), 2, "b")
        file = self.record_well(support.program("peak")).file
        self.assert_one_line_error(self.report(file, "-f", "jsno"), 2, "jsno")

    def test_output_that_cannot_be_written(self):
        file = self.record_well(support.program("peak")).file
        self.assert_one_line_error(self.report(file, "-o", "/no/x.json"), 4, "/no/x.json")
        script = '"$0" report "$1" -f "$2" >/dev/full'
        for form in ("json", "text", "collapsed"):
            with self.subTest(form):
                outcome = support.run(["sh", "-c", script, support.MEMSCOPE, str(file), form])
                self.assert_one_line_error(outcome, 4, "No space")


class Damaged(support.TestCase):
    """A trace of some 60,000 events, cut and corrupted."""

    def setUp(self):
        super().setUp()
        self.file = self.record_well(support.program("exceptions")).file
        self.whole = support.Report(self.file)
        self.bytes = self.file.read_bytes()
        self.damaged = self.directory / "damaged.memscope"

    def read(self, content):
        """The report of damaged contents, or None when nothing of them could be read."""
        self.damaged.write_bytes(content)
        outcome = support.memscope("report", self.damaged, "-f", "json")
        self.assertIn(outcome.status, (0, 3), outcome)
        if outcome.status == 3:
            self.assert_one_line_error(outcome, 3, str(self.damaged))
            return None
        report = support.Report(self.damaged, outcome=outcome)
        self.assertLessEqual(report.capture["events"], self.whole.capture["events"])
        return report

    def test_cut_anywhere(self):
        size = len(self.bytes)
        lengths = {0, 1, 7, 8, 63, 64, 65, 100} | {size - cut for cut in (1, 15, 16, 17, 100)}
        lengths |= {size * part // 40 for part in range(40)}
        events = 0
        for length in sorted(lengths):
            with self.subTest(length):
                report = self.read(self.bytes[:length])
                if report is None:
                    self.assertEqual(events, 0, "a shorter piece could be read")
                    continue
                self.assertTrue(report.capture["truncated"])
                self.assertRegex(report.warning, r"\Amemscope: [^\n]+\n\Z")
                self.assertGreaterEqual(report.capture["events"], events)
                events = report.capture["events"]
        self.assertEqual(events, self.whole.capture["events"], "the last byte alone cost events")

    def test_corrupted_bytes(self):
        chance = random.Random(99)
        for attempt in range(40):
            at = chance.randrange(64, len(self.bytes))
            with self.subTest(at):
                content = bytearray(self.bytes)
                content[at] ^= 1 << chance.randrange(8)
                report = self.read(bytes(content))
                if report is not None:
                    self.assertNotEqual(report.warning, "", "damage went unnoticed")

    def test_a_corrupted_chunk_costs_only_itself(self):
        """Another chunk's events are still there."""
        content = bytearray(self.bytes)
        middle = len(content) // 2
        content[middle : middle + 8] = b"\xde\xad\xbe\xef\xde\xad\xbe\xef"
        report = self.read(bytes(content))
        self.assertIsNotNone(report)
        self.assertGreaterEqual(report.capture["dropped"]["damaged_chunks"], 1)
        self.assertGreater(report.capture["events"], 0)

    def test_garbage_behind_the_end(self):
        report = self.read(self.bytes + b"garbage" * 1000)
        self.assertIsNotNone(report)
        self.assertEqual(report.counts(), self.whole.counts())

    def test_the_original_is_never_changed(self):
        self.read(self.bytes[:-100])
        self.assertEqual(self.damaged.read_bytes(), self.bytes[:-100])
        self.assertEqual(self.file.read_bytes(), self.bytes)


if __name__ == "__main__":
    support.main()
