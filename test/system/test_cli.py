#!/usr/bin/python3
"""The shell around the verbs: help, man pages, wrong usage, unreadable input, unwritable output, and
the exit status of each."""

import os
import pty
import re
import shutil
import signal
import subprocess

import support
from support import MEMSCOPE, SOURCE, clean_environment, memscope, run


def verbs():
    return memscope("help", "--verbs").stdout.decode().split()


class Help(support.TestCase):
    def test_every_verb_explains_itself(self):
        self.assertIn("run", verbs())
        for verb in verbs():
            with self.subTest(verb):
                by_flag = memscope(verb, "--help")
                self.assertEqual(by_flag.status, 0, by_flag)
                self.assertEqual(by_flag.stderr, b"")
                text = by_flag.stdout.decode()
                self.assertTrue(text.startswith(f"Usage: memscope {verb}"), text)
                for part in ("Options:", "-h, --help", "Exit status:", "Examples:"):
                    self.assertIn(part, text)
                self.assertEqual(memscope("help", verb).stdout, by_flag.stdout)
                self.assertEqual(memscope(verb, "-h").stdout, by_flag.stdout)

    def test_help_fits_a_terminal(self):
        for verb in verbs():
            for line in memscope("help", verb).stdout.decode().splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_overview_lists_every_verb(self):
        overview = memscope("--help")
        self.assertEqual(overview.status, 0)
        for verb in verbs():
            self.assertRegex(overview.stdout.decode(), rf"(?m)^  {verb} ")

    def test_examples_use_flags_that_exist(self):
        for verb in verbs():
            options, _, examples = memscope("help", verb).stdout.decode().partition("Examples:")
            commands = re.findall(r"(?m)^  memscope (.*)$", examples)
            self.assertTrue(commands, verb)
            for command in commands:
                for word in command.partition("|")[0].split():
                    if word.startswith("-") and word != "--":
                        self.assertRegex(options, rf"  .*{word}[ ,\n]", command)

    def test_without_a_verb_help_goes_to_stderr(self):
        outcome = memscope()
        self.assertEqual((outcome.status, outcome.stdout), (2, b""))
        self.assertIn(b"Usage: memscope VERB", outcome.stderr)

    def test_version_is_the_one_of_the_source(self):
        outcome = memscope("--version")
        version = (SOURCE / "VERSION").read_text().strip()
        self.assertEqual(outcome.stdout.decode(), f"memscope {version}\n")

    def test_output_that_cannot_be_written_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([MEMSCOPE, "--help"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 4)
        self.assertIn(b"No space left", done.stderr)


class ManPages(support.TestCase):
    def pages(self):
        yield "memscope", memscope("help", "--man").stdout
        for verb in verbs():
            yield f"memscope-{verb}", memscope("help", "--man", verb).stdout

    def test_pages_have_every_section(self):
        for name, page in self.pages():
            with self.subTest(name):
                for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS",
                                "EXAMPLES", "SEE ALSO"):
                    self.assertIn(f".SH {section}\n".encode(), page)

    def test_pages_format_without_a_warning(self):
        self.needs("groff")
        for name, page in self.pages():
            with self.subTest(name):
                done = run(["groff", "-ww", "-man", "-Tutf8", "-P-c"], input=page)
                self.assertEqual((done.status, done.stderr), (0, b""))
                self.assertIn(name.upper(), done.stdout.decode())

    def test_man_shows_them(self):
        self.needs("man")
        page = self.directory / "page.1"
        for name, text in self.pages():
            page.write_bytes(text)
            done = run(["man", "--warnings", "-E", "UTF-8", "-l", str(page)],
                       env=clean_environment(MANWIDTH=80, MAN_KEEP_FORMATTING=""))
            self.assertEqual((done.status, done.stderr), (0, b""), name)

    def test_flags_variables_and_switches_are_documented(self):
        page = memscope("help", "--man", "run").stdout.decode().replace("\\-", "-")
        for text in ("--sample-interval MS", "MEMSCOPE_SAMPLE_INTERVAL", "MEMSCOPE_FAST_MODE",
                     "TRACE_TOOLS_DISABLED", "127"):
            self.assertIn(text, page)


class WrongUsage(support.TestCase):
    def test_unknown_option_names_the_nearest(self):
        for verb, flag, nearest in (
            ("run", "--quite", "--quiet"),
            ("report", "--foramt", "--format"),
            ("schema", "--jsno", "--json"),
            ("help", "--mna", "--man"),
        ):
            with self.subTest(verb):
                self.assert_one_line_error(memscope(verb, flag), 2, f"'{flag}'", f"'{nearest}'")

    def test_every_verb_refuses_what_it_does_not_know(self):
        for verb in verbs():
            self.assert_one_line_error(memscope(verb, "--zzzzzz"), 2, verb, "--help")

    def test_unknown_verb_names_the_nearest(self):
        self.assert_one_line_error(memscope("reprot"), 2, "'reprot'", "'report'")
        self.assert_one_line_error(memscope("zzzzzz"), 2, "--help")
        self.assert_one_line_error(memscope("--zzzzzz"), 2, "--help")

    def test_missing_and_surplus_operands(self):
        self.assert_one_line_error(memscope("report"), 2, "memscope report TRACE")
        self.assert_one_line_error(memscope("report", "a", "b"), 2, "'b'")
        self.assert_one_line_error(memscope("report", "--input", "a", "b"), 2, "'b'")
        self.assert_one_line_error(memscope("schema", "x"), 2, "'x'")
        self.assert_one_line_error(memscope("doctor", "x"), 2, "'x'")
        self.assert_one_line_error(memscope("help", "frobnicate"), 2, "'frobnicate'")

    def test_wrong_values(self):
        self.assert_one_line_error(memscope("report", "x", "--top", "ten"), 2, "--top", "'ten'")
        self.assert_one_line_error(memscope("report", "x", "-f", "docx"), 2, "json", "'docx'")
        self.assert_one_line_error(memscope("report", "x", "-o"), 2, "--output")
        self.assert_one_line_error(memscope("schema", "--json", "--md"), 2, "one")

    def test_ending_without_a_format(self):
        outcome = memscope("report", "x", "-o", self.directory / "r.docx")
        self.assert_one_line_error(outcome, 2, ".docx", "--format")

    def test_bad_variable_is_reported_and_ignored(self):
        outcome = run([MEMSCOPE, "doctor"], env=clean_environment(MEMSCOPE_COLOR="blue"))
        self.assertIn(b"MEMSCOPE_COLOR=blue", outcome.stderr)
        self.assertIn(b"shared memory", outcome.stdout)
        self.assertNotEqual(outcome.status, 2)

    def test_control_characters_do_not_reach_the_terminal(self):
        outcome = memscope("re\x1b]0;x\x07port\n")
        self.assertEqual(outcome.status, 2)
        self.assertIn(rb"\x1b]0;x\x07port\x0a", outcome.stderr)
        self.assertNotIn(b"\x1b", outcome.stderr)


class OtherNames(support.TestCase):
    def alias(self, name):
        path = self.directory / name
        path.symlink_to(MEMSCOPE)
        return str(path)

    def test_memscope_report_is_the_verb(self):
        report = self.alias("memscope-report")
        self.assertEqual(run([report, "--help"]).stdout, memscope("help", "report").stdout)
        missing = run([report, "--input", "/nonexistent", "--format", "json"])
        self.assert_one_line_error(missing, 3, "/nonexistent")
        self.assertEqual(run([report, "--version"]).status, 0)

    def test_names_without_a_verb_say_so(self):
        for verb in ("analyze", "benchmark"):
            if verb not in verbs():
                self.assert_one_line_error(run([self.alias(f"memscope-{verb}")]), 2, verb)


class UnreadableInput(support.TestCase):
    def refuses(self, path, *words):
        outcome = memscope("report", path)
        self.assert_one_line_error(outcome, 3, *words)
        self.assertEqual(outcome.stdout, b"")

    def test_file_that_is_not_there(self):
        self.refuses(self.directory / "none.memscope", "none.memscope", "No such file")

    def test_directory(self):
        self.refuses(self.directory, str(self.directory))

    def test_empty_file(self):
        path = self.directory / "empty.memscope"
        path.touch()
        self.refuses(path, "empty.memscope")

    def test_file_that_is_no_trace(self):
        self.refuses("/bin/sh", "/bin/sh")

    def test_device(self):
        self.refuses("/dev/null", "/dev/null")

    def test_file_without_permission(self):
        path = self.directory / "secret.memscope"
        path.write_bytes(b"MEMSCOPE")
        path.chmod(0)
        if os.access(path, os.R_OK):
            self.skipTest("root may read everything")
        self.refuses(path, "secret.memscope", "Permission denied")


class Reports(support.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = support.tempfile.mkdtemp(prefix="memscope-test-")
        cls.trace = support.pathlib.Path(cls.folder) / "perl.memscope"
        script = "my @list; push @list, 'x' x ($_ % 1000) for 1 .. 20000"
        done = run(support.recorder_command(cls.trace, ["perl", "-e", script], "--quiet"))
        assert done.status == 0, done

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    def test_format_follows_the_ending(self):
        starts = {"r.json": b"{", "r.collapsed": None, "r.folded": None, "r.txt": None, "r": None}
        for name, start in starts.items():
            out = self.directory / name
            outcome = memscope("report", self.trace, "-o", out)
            self.assertEqual((outcome.status, outcome.stdout, outcome.stderr), (0, b"", b""), name)
            self.assertGreater(out.stat().st_size, 100)
            if start:
                self.assertTrue(out.read_bytes().startswith(start))
        folded = (self.directory / "r.folded").read_bytes()
        self.assertEqual(folded, (self.directory / "r.collapsed").read_bytes())
        self.assertNotEqual(folded, (self.directory / "r.txt").read_bytes())

    def test_named_format_beats_the_ending(self):
        out = self.directory / "r.txt"
        memscope("report", self.trace, "-o", out, "-f", "json")
        self.assertEqual(out.read_bytes()[:1], b"{")

    def test_report_goes_to_stdout_and_nothing_else_does(self):
        outcome = memscope("report", self.trace)
        self.assertEqual((outcome.status, outcome.stderr), (0, b""))
        self.assertNotIn(b"\x1b", outcome.stdout)

    def test_colours_come_when_asked_for(self):
        self.assertIn(b"\x1b[", memscope("report", self.trace, "--color", "always").stdout)

    def on_a_terminal(self, **environment):
        """The report as a terminal gets it."""
        master, slave = pty.openpty()
        child = subprocess.Popen([MEMSCOPE, "report", str(self.trace)], stdout=slave,
                                 stderr=slave, env=clean_environment(TERM="xterm", **environment))
        os.close(slave)
        text = b""
        try:
            while part := os.read(master, 65536):
                text += part
        except OSError:  # how Linux says that the other end is closed
            pass
        os.close(master)
        self.assertEqual(child.wait(), 0)
        return text

    def test_terminal_gets_colours_unless_no_color(self):
        self.assertIn(b"\x1b[", self.on_a_terminal())
        self.assertNotIn(b"\x1b[3", self.on_a_terminal(NO_COLOR="1"))

    def test_full_disk(self):
        self.assert_one_line_error(memscope("report", self.trace, "-o", "/dev/full"), 4,
                                   "/dev/full", "No space left")

    def test_place_that_cannot_be_written(self):
        out = self.directory / "none" / "r.json"
        self.assert_one_line_error(memscope("report", self.trace, "-o", out), 4, str(out),
                                   "No such file")
        self.assert_one_line_error(memscope("report", self.trace, "-o", self.directory), 4,
                                   str(self.directory))

    def test_failed_report_leaves_the_old_one(self):
        out = self.directory / "r.json"
        out.write_text("old")
        self.assertEqual(memscope("report", "/dev/null", "-o", out).status, 3)
        self.assertEqual(os.listdir(self.directory), ["r.json"])
        self.assertEqual(out.read_text(), "old")

    def test_report_never_replaces_its_trace(self):
        before = self.trace.read_bytes()
        link = self.directory / "link.json"
        link.symlink_to(self.trace)
        for out in (self.trace, link):
            outcome = memscope("report", self.trace, "-f", "json", "-o", out)
            self.assert_one_line_error(outcome, 2, "the trace itself")
        variable = run([MEMSCOPE, "report", str(self.trace)],
                       env=clean_environment(MEMSCOPE_OUTPUT=str(self.trace)))
        self.assertEqual(variable.status, 0)
        self.assertEqual(self.trace.read_bytes(), before)

    def test_cut_trace_is_read_with_a_warning(self):
        whole = self.trace.read_bytes()
        cut = self.directory / "cut.memscope"
        cut.write_bytes(whole[: len(whole) * 2 // 3])
        outcome = memscope("report", cut)
        self.assertEqual(outcome.status, 0, outcome)
        self.assertEqual(outcome.stderr.count(b"\n"), 1, outcome)
        self.assertIn(b"cut.memscope", outcome.stderr)
        self.assertGreater(len(outcome.stdout), 100)

    def test_pipe_that_closes_early_is_no_failure(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.Popen([MEMSCOPE, "report", str(self.trace), "-f", "json"],
                                stdout=writer, stderr=subprocess.PIPE, restore_signals=True)
        os.close(writer)
        stderr = done.communicate()[1]
        self.assertEqual((done.returncode, stderr), (-signal.SIGPIPE, b""))

    def test_interrupt_shows_what_was_read(self):
        trace = self.directory / "large.memscope"
        script = "for (1 .. 3e6) { my $pair = [$_] }"
        run(support.recorder_command(trace, ["perl", "-e", script], "--quiet", "--no-stacks"))
        child = subprocess.Popen(
            [MEMSCOPE, "report", str(trace), "--progress", "always"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment())
        stderr = os.read(child.stderr.fileno(), 4096)
        self.assertIn(b"reading [", stderr)
        child.send_signal(signal.SIGINT)
        stdout, rest = child.communicate(timeout=support.PATIENCE)
        self.assertEqual(child.returncode, 130, stderr + rest)
        self.assertIn(b"interrupted", rest)
        self.assertGreater(len(stdout), 100)

    def test_progress_bar_is_erased(self):
        outcome = memscope("report", self.trace, "--progress", "always")
        self.assertIn(b"reading [", outcome.stderr)
        self.assertTrue(outcome.stderr.endswith(b"\r\x1b[K"), outcome.stderr[-80:])


class MakeHtml(support.TestCase):
    """`make html`, without the build before it."""

    def make(self, *words):
        return run(["make", "-C", str(SOURCE), f"BUILD={support.BUILD}", "-o", "all", "html", *words])

    def test_it_makes_the_page_of_a_trace_in_a_folder(self):
        folder = self.directory / "two words"
        folder.mkdir()
        trace = folder / "it.memscope"
        recorded = memscope("run", "--quiet", "-o", trace, "--", *support.program("temporary"))
        self.assertEqual(recorded.status, 0, recorded)
        self.assertEqual(self.make(f"DIR={folder}", "BASE=it").status, 0)
        self.assertIn(b"memscope", (folder / "it.html").read_bytes())
        other = self.directory / "other.html"
        outcome = self.make(f"DIR={folder}", "BASE=it", f"OUTPUT={other}")
        self.assertEqual(outcome.status, 0, outcome)
        self.assertIn(str(other), outcome.stdout.decode())
        self.assertTrue(other.exists())

    def test_it_says_what_it_needs(self):
        outcome = self.make()
        self.assertEqual(outcome.status, 2, outcome)
        self.assertIn(b"usage: make html DIR=folder BASE=name", outcome.stderr)
        outcome = self.make(f"DIR={self.directory}", "BASE=nothing")
        self.assertNotEqual(outcome.status, 0, outcome)
        self.assertIn(b"nothing.memscope", outcome.stderr)


class CommittedReferences(support.TestCase):
    def test_documents_are_what_the_program_prints(self):
        for flag, name in (("--md", "schema.md"), ("--trace", "trace-format.md")):
            printed = memscope("schema", flag).stdout.decode()
            committed = (SOURCE / "docs" / name).read_text()
            self.assertEqual(committed, printed,
                             f"docs/{name} is old: memscope schema {flag} > docs/{name}")

    def test_markdown_is_the_default(self):
        self.assertEqual(memscope("schema").stdout, memscope("schema", "--md").stdout)

    def test_json_schema_is_one(self):
        support.schema_validator()


class Doctor(support.TestCase):
    def test_healthy_machine(self):
        outcome = memscope("doctor")
        self.assertEqual((outcome.status, outcome.stderr), (0, b""), outcome)
        text = outcome.stdout.decode()
        for part in ("library", "glibc", "/dev/shm", "setuid", "clock", "Recording works here."):
            self.assertIn(part, text)

    def test_missing_library(self):
        bare = self.directory / "bin"
        bare.mkdir()
        shutil.copy(MEMSCOPE, bare)
        outcome = run([str(bare / "memscope"), "doctor"])
        self.assertEqual(outcome.status, 4, outcome)
        self.assertRegex(outcome.stdout.decode(), r"PROBLEM +library .*lib/libmemscope.so")

    def test_library_that_does_not_load(self):
        shutil.copytree(support.pathlib.Path(MEMSCOPE).parent, self.directory / "bin",
                        symlinks=True)
        (self.directory / "lib").mkdir()
        (self.directory / "lib/libmemscope.so").write_text("no library")
        outcome = run([str(self.directory / "bin/memscope"), "doctor"])
        self.assertEqual(outcome.status, 4, outcome)
        self.assertRegex(outcome.stdout.decode(), r"PROBLEM +library .*cannot be preloaded")

    def test_recording_switched_off_by_a_variable(self):
        outcome = run([MEMSCOPE, "doctor"], env=clean_environment(TRACE_TOOLS_DISABLED=1))
        self.assertEqual(outcome.status, 4, outcome)
        self.assertIn(b"TRACE_TOOLS_DISABLED", outcome.stdout)

    def test_misspelled_variable(self):
        outcome = run([MEMSCOPE, "doctor"], env=clean_environment(MEMSCOPE_OUTPTU="x"))
        self.assertIn(b"is MEMSCOPE_OUTPUT meant?", outcome.stdout)


if __name__ == "__main__":
    support.main()
