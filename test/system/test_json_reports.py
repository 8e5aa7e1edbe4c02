"""A report made of a JSON report says what the one made of its trace says; and what is no such report
is refused in a line."""

import os
import re
import resource
import subprocess

import support

SAME = ["json", "text", "collapsed"]


class FromJson(support.TestCase):
    def both(self, recording, *options):
        """Yields each format with what it is of the trace, and of the trace's JSON report."""
        report = self.fresh(".json")
        made = support.memscope("report", recording.file, "-o", report, *options)
        self.assertEqual(made.status, 0, made)
        names = re.compile(b"|".join(re.escape(os.fsencode(x)) for x in (recording.file, report)))
        for source in (recording.file, report):
            outcomes = {}
            for form in (*SAME, "svg"):
                outcome = support.memscope("report", source, "-f", form, *options)
                self.assertEqual((outcome.status, outcome.stderr), (0, b""), outcome.stderr)
                outcomes[form] = names.sub(b"SOURCE", outcome.stdout)
            yield outcomes

    def assert_same(self, recording, *options):
        trace, report = self.both(recording, *options)
        for form in SAME:
            self.assertEqual(trace[form], report[form], form)
        self.assertIn(b"lists no single blocks", report["svg"])
        self.assertNotIn(b"no single blocks", trace["svg"])
        for heading in ("Memory over time", "Lives of variables"):
            self.assertEqual(panel(trace["svg"], heading), panel(report["svg"], heading))

    def test_python(self):
        code = "import json, re\nkept = [json.loads('{\"a\": %d}' % i) for i in range(2000)]"
        recording = self.record_well([support.PYTHON, "-c", code])
        self.assert_same(recording)

    def test_redis(self):
        self.needs("redis-server", "redis-cli")
        port = support.free_port()
        command = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", ""]
        command += ["--appendonly", "no", "--dir", self.directory, "--loglevel", "warning"]
        file = self.fresh()
        server = subprocess.Popen(
            support.recorder_command(file, command, "--quiet"),
            env=support.clean_environment(),
            stdout=subprocess.DEVNULL,
        )
        cli = ["redis-cli", "-p", str(port)]
        support.wait_until(lambda: support.run([*cli, "ping"]).stdout == b"PONG\n", "redis answers")
        for i in range(50):
            support.run([*cli, "lpush", "list", f"value {i}"])
        support.run([*cli, "shutdown", "nosave"])
        self.assertEqual(server.wait(support.PATIENCE), 0)
        self.assert_same(support.Recording(support.Outcome(0, b"", b""), file))

    def test_words_of_every_kind(self):
        self.assert_same(self.record_well(support.program("annotated")))
        self.assert_same(self.record_well(support.program("references"), "--word-stacks"))

    def test_samples(self):
        options = ["--strategy", "lockfree", "--sample", "512"]
        self.assert_same(self.record_well(support.program("annotated"), *options))

    def test_a_trace_that_was_kept_short(self):
        self.assert_same(self.record_well(support.program("references"), "--aggregate"))

    def test_wrappers_are_lifted_or_not_as_asked(self):
        self.assert_same(self.record_well(support.program("annotated")), "--no-lift")

    def test_the_name_does_not_matter(self):
        recording = self.record_well(support.program("annotated"))
        file = self.fresh(".txt")
        support.memscope("report", recording.file, "-f", "json", "-o", file)
        outcome = support.memscope("report", file, "-f", "json")
        self.assertEqual(outcome.stdout, file.read_bytes())

    def test_a_report_is_not_written_over_itself(self):
        file = self.fresh(".json")
        recording = self.record_well(support.program("annotated"))
        support.memscope("report", recording.file, "-o", file)
        before = file.read_bytes()
        self.assert_one_line_error(support.memscope("report", file, "-o", file), 2, "itself")
        self.assertEqual(file.read_bytes(), before)


class NoReport(support.TestCase):
    def assert_refused(self, content, *words):
        file = self.fresh(".json")
        file.write_bytes(content)
        out = self.fresh(".html")
        outcome = support.memscope("report", file, "-o", out)
        self.assert_one_line_error(outcome, 3, str(file), *words)
        self.assertFalse(out.exists())

    def test_other_json(self):
        self.assert_refused(b"", "is cut", "byte 0")
        self.assert_refused(b'{"a": 1}', "schema")
        self.assert_refused(b"[]", "not an object")
        self.assert_refused(b'{"schema": 99}', "99", "reads 1")
        self.assert_refused(b"\x1b[31m", "is no JSON", "memscope report TRACE -o")

    def test_every_cut_of_a_report(self):
        recording = self.record_well(support.program("annotated"))
        whole = support.memscope("report", recording.file, "-f", "json").stdout
        for i in range(1, 20):
            size = len(whole) * i // 20
            self.assert_refused(whole[:size], "is cut", f"byte {size}")

    def test_memory_does_not_grow_with_nonsense(self):
        """16 MiB of what would become gigabytes of records, or of open lists."""
        head = b'{"schema": 1, "sites": ['
        for piece in (b"{},", b"[", b'{"stack": [{},{},{},{}]},'):
            file = self.fresh(".json")
            file.write_bytes(head + piece * ((16 << 20) // len(piece)))
            limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
            outcome = support.memscope("report", file, preexec_fn=limit)
            self.assert_one_line_error(outcome, 3, str(file))


def panel(picture, heading):
    """What a picture has between that heading and the next rule, whatever stands above it."""
    found = re.search(rb">" + heading.encode() + rb"</text>(.*?)<line class=\"rule\"", picture, re.S)
    return len(re.findall(rb"<", found.group(1)))


support.main()
