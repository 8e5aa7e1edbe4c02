"""What the system tests share: running programs bare and recorded, and reading reports.

A report is never taken at its word: `Report` validates it against the schema the program prints and
checks that its parts add up."""

import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import jsonschema

SOURCE = pathlib.Path(os.environ.get("MEMSCOPE_SOURCE", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("MEMSCOPE_BUILD", SOURCE / "build"))
MEMSCOPE = os.environ.get("MEMSCOPE", str(BUILD / "bin/memscope"))
LIBRARY = os.environ.get("MEMSCOPE_LIBRARY", str(BUILD / "lib/libmemscope.so"))
PROGRAMS = pathlib.Path(os.environ.get("MEMSCOPE_PROGRAMS", BUILD / "test/programs"))
ORACLE = pathlib.Path(os.environ.get("MEMSCOPE_ORACLE", BUILD / "test/oracle"))
sys.path.insert(0, str(SOURCE / "test/oracle"))
PROGRAM_SOURCES = SOURCE / "test/programs"

PATIENCE = 60  # seconds until something counts as hung
PYTHON = "/usr/bin/python3"


def clean_environment(**extra):
    """This environment without what would steer memscope, the loader or an allocator."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MEMSCOPE", "TRACE_TOOLS", "LD_", "MALLOC_", "GLIBC_", "PYTHON"))
    }
    kept["LC_ALL"] = "C.UTF-8"
    kept["XDG_CACHE_HOME"] = str(BUILD / "test/cache")
    kept.update({name: str(value) for name, value in extra.items()})
    return kept


def program(name, *arguments):
    """The command line of a program from test/programs."""
    return [str(PROGRAMS / name), *map(str, arguments)]


class Outcome:
    """How a run ended and what it wrote."""

    def __init__(self, status, stdout, stderr):
        self.status, self.stdout, self.stderr = status, stdout, stderr

    def __repr__(self):
        return f"status {self.status}\n--- stdout\n{self.stdout!r}\n--- stderr\n{self.stderr!r}"


def run(command, **options):
    """Runs a command to its end. `status` is negative when a signal ended it."""
    options.setdefault("env", clean_environment())
    options.setdefault("stdin", None if "input" in options else subprocess.DEVNULL)
    if "input" in options:
        options.pop("stdin")
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, **options)
    return Outcome(done.returncode, done.stdout, done.stderr)


def memscope(*arguments, **options):
    return run([MEMSCOPE, *map(str, arguments)], **options)


def recorder_command(file, command, *options):
    return [MEMSCOPE, "run", *options, "-o", str(file), "--", *map(str, command)]


@functools.cache
def schema_validator():
    schema = json.loads(memscope("schema", "--json").stdout)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def shortened(report):
    """Long lists by their two ends: validating a million frames would take minutes."""
    return {
        key: part[:150] + part[-50:] if isinstance(part, list) and len(part) > 200 else part
        for key, part in report.items()
    }


class Report:
    """A JSON report, validated. Its parts are attributes: report.summary["allocations"]."""

    def __init__(self, path, *options, outcome=None):
        """`outcome`: of a `memscope report` that was already run."""
        outcome = outcome or memscope("report", path, "-f", "json", *options)
        if outcome.status != 0:
            raise AssertionError(f"report of {path} failed: {outcome}")
        self.warning = outcome.stderr.decode()
        self.data = json.loads(outcome.stdout)
        self.path = pathlib.Path(path)
        schema_validator().validate(shortened(self.data))
        self.check_sums()

    def __getattr__(self, name):
        try:
            return self.data[name]
        except KeyError:
            raise AttributeError(name) from None

    def check_sums(self):
        summary = self.summary
        for key in ("allocations", "reallocations", "frees", "bytes_allocated"):
            total = sum(thread[key] for thread in self.threads)
            assert total == summary[key], f"{self.path}: threads have {key} {total}"
        if summary["evidence"] == "estimated":
            return  # what sites have is weighed, and need not add up to what was counted
        for key in (
            "allocations",
            "reallocations",
            "bytes_allocated",
            "peak_bytes",
            "peak_blocks",
            "live_bytes",
            "live_blocks",
        ):
            total = sum(site[key] for site in self.sites)
            assert total == summary[key], f"{self.path}: {key} of sites {total}, not {summary[key]}"
        total = sum(site["temporary"] for site in self.sites)
        assert total == summary["temporary_allocations"], f"{self.path}: temporary {total}"
        assert summary["live_bytes"] <= summary["peak_bytes"] <= summary["bytes_allocated"]
        strangers = summary["unmatched_frees"] + summary["inherited_frees"]
        whole = self.capture["implied_frees"] == self.capture["gaps"] == self.dropped() == 0
        if strangers == 0 and whole:
            live = summary["allocations"] - summary["frees"]
            assert live == summary["live_blocks"], f"{self.path}: {live} blocks should be live"

    def dropped(self):
        return sum(self.capture["dropped"].values())

    def sites_in(self, *functions):
        """Sites with all of these functions on their stack."""

        def passes(site, name):
            return any(name in (frame["function"] or "") for frame in site["stack"] or [])

        return [site for site in self.sites if all(passes(site, name) for name in functions)]

    def total(self, key, *functions):
        return sum(site[key] for site in self.sites_in(*functions))

    def counts(self):
        """What the counting oracle counts."""
        keys = ("allocations", "reallocations", "frees", "bytes_allocated")
        return tuple(self.summary[key] for key in keys)

    def thread(self, name):
        found = [thread for thread in self.threads if thread["thread"] == name]
        assert len(found) == 1, f"{self.path}: threads named {name}: {len(found)}"
        return found[0]


class Recording(Outcome):
    """A run under `memscope run`: its outcome, `file` and the traces of the other processes."""

    def __init__(self, outcome, file):
        super().__init__(outcome.status, outcome.stdout, outcome.stderr)
        self.file = pathlib.Path(file)

    @property
    def others(self):
        """Traces of other processes and earlier images, by name."""
        pattern = f"{self.file.stem}.*{self.file.suffix}"
        return sorted(self.file.parent.glob(pattern))

    @property
    def traces(self):
        return ([self.file] if self.file.exists() else []) + self.others

    def report(self, *options):
        return Report(self.file, *options)

    def reports(self):
        return [Report(trace) for trace in self.traces]


class TestCase(unittest.TestCase):
    """A test with a directory of its own, self.directory, that goes when the test has passed."""

    maxDiff = 4000

    def setUp(self):
        if not os.access(MEMSCOPE, os.X_OK):
            self.fail(f"no memscope at {MEMSCOPE}; build first, or set MEMSCOPE")
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="memscope-test-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.names = 0

    def needs(self, *programs):
        """Skips the test when a program it runs is not installed."""
        for name in programs:
            if shutil.which(name) is None:
                self.skipTest(f"{name} is not installed")

    def fresh(self, ending=".memscope"):
        """A path in a directory of its own, so that the traces beside it are this run's."""
        self.names += 1
        folder = self.directory / f"run{self.names}"
        folder.mkdir()
        return folder / f"out{ending}"

    def record(self, command, *options, quiet=True, **settings):
        """Runs a command under `memscope run`."""
        file = self.fresh()
        flags = ["--quiet"] if quiet else []
        return Recording(run(recorder_command(file, command, *flags, *options), **settings), file)

    def record_well(self, command, *options, status=0, **settings):
        """As record, and the program must end with `status`."""
        recording = self.record(command, *options, **settings)
        self.assertEqual(recording.status, status, recording)
        return recording

    def record_like_bare(self, command, *options, **settings):
        """As record; output and status must be those of a run without us."""
        bare = run(list(map(str, command)), **settings)
        recording = self.record(command, *options, **settings)
        self.assertEqual(recording.status, bare.status, recording)
        self.assertEqual(recording.stdout, bare.stdout)
        self.assertEqual(recording.stderr, bare.stderr)
        return recording

    @contextlib.contextmanager
    def small_disk(self, size):
        """A directory with room for so much, such as "1m"; skips the test where none can be made."""
        folder = self.directory / "small"
        folder.mkdir(exist_ok=True)
        options = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        mounted = run(options)
        if mounted.status != 0:
            self.skipTest(f"no file system may be mounted here: {mounted.stderr.decode().strip()}")
        try:
            yield folder
        finally:
            run(["umount", "--lazy", str(folder)])

    def assert_one_line_error(self, outcome, status, *words):
        """An error is one line, names its cause, and gives the right status."""
        self.assertEqual(outcome.status, status, outcome)
        text = outcome.stderr.decode()
        self.assertEqual(text.count("\n"), 1, text)
        self.assertTrue(text.startswith("memscope"), text)
        for word in words:
            self.assertIn(word, text)


def wait_until(condition, what, patience=PATIENCE):
    """Polls; a test that waits for something never guesses how long that takes."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited {patience} s for {what}")


def is_running(pid):
    """Neither gone nor a zombie."""
    try:
        status = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


def children_of(pid):
    try:
        return list(map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return []


def free_port():
    """A port on the loopback interface that nobody listens on."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(source):
    """The known answers in a program's head comment: a list of dicts, the first process first.

    "Answer: allocations 7, frees 3. Child: allocations 2." gives two."""
    comment = re.sub(r"\n \*", "\n", source.read_text().partition("*/")[0])
    if "Answer:" not in comment:
        return []
    texts = re.findall(r"(?:Answer|Child|Grandchild): ([^.(]*)", comment)
    return [
        {name: int(number) for name, number in re.findall(r"([a-z_]+)\s+(\d+)", text)}
        for text in texts
    ]


def main():
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    unittest.main(verbosity=2)
