#!/usr/bin/env python3
"""Whatever a program does to its processes, threads, stacks, limits and environment: it behaves as
it does without us, and is recorded as far as that can be."""

import os
import pathlib
import resource
import shutil
import tempfile

import support

LIBRARIES = pathlib.Path("/usr/lib/x86_64-linux-gnu")


def with_limits(**limits):
    """A preexec function that lowers resource limits; a pair gives the soft and the hard one."""

    def lower():
        for name, value in limits.items():
            pair = value if isinstance(value, tuple) else (value, value)
            resource.setrlimit(getattr(resource, name), pair)

    return lower


def allocations(reports, size):
    """How many blocks of exactly this size there are in all reports."""
    sites = (site for report in reports for site in report.sites)
    return sum(s["allocations"] for s in sites if s["max_size"] == s["min_size"] == size)


class Safety(support.TestCase):
    def unharmed(self, name, *arguments, **settings):
        """As without us, and nothing is missing."""
        recording = self.record_like_bare(support.program(name, *arguments), **settings)
        for trace in recording.traces[:20]:
            self.assertEqual(support.Report(trace).dropped(), 0)
        return recording


class Processes(Safety):
    def children(self, way):
        recording = self.unharmed("forks", way)
        self.assertEqual(recording.report().program["exit_status"], 0)
        return recording

    def test_fork_under_load(self):
        for way in ("fork", "clone", "syscall"):
            with self.subTest(way):
                others = self.children(way).others
                self.assertEqual(len(others), 200)
                for trace in others[:15]:
                    report = support.Report(trace)
                    self.assertEqual(allocations([report], 100), 5)
                    self.assertTrue(report.program["forked"])

    def test_vfork_children_use_their_parents_memory(self):
        recording = self.children("vfork")
        self.assertEqual(allocations([recording.report()], 100), 200 * 5)
        self.assertEqual(recording.others, [])

    def test_spawn_under_load(self):
        self.children("spawn")

    def test_a_pid_namespace(self):
        self.needs("unshare", "sqlite3")
        command = ["unshare", "--pid", "--fork", "sqlite3", ":memory:", "select 6*7"]
        if support.run(command).status != 0:
            self.skipTest("no pid namespace may be made here")
        recording = self.record_like_bare(command)
        reports = {report.program["argv"][0]: report for report in recording.reports()}
        self.assertTrue(reports["sqlite3"].capture["complete"])

    def test_more_processes_than_descriptors(self):
        code = (
            "import os, signal\n"
            "pids = []\n"
            "for i in range(80):\n"
            "    pid = os.fork()\n"
            "    if pid == 0: signal.pause()\n"
            "    pids.append(pid)\n"
            "for pid in pids: os.kill(pid, 9); os.waitpid(pid, 0)\n"
            "print('all ended')"
        )
        command = [support.PYTHON, "-S", "-c", code]
        few = with_limits(RLIMIT_NOFILE=(40, 4096))
        recording = self.record_like_bare(command, preexec_fn=few)
        self.assertEqual(len(recording.others), 80)

    def test_a_worker_that_gives_up_its_rights(self):
        if os.geteuid() != 0:
            self.skipTest("only root has rights to give up")
        recording = self.unharmed("drops")
        self.assertEqual(len(recording.others), 3)
        self.assertEqual(allocations(recording.reports(), 81), 3 * 20)


class Threads(Safety):
    def test_a_thousand_at_once(self):
        report = self.unharmed("crowd", 1000).report()
        self.assertEqual(report.total("allocations", "attend"), 1000)
        self.assertEqual(report.summary["threads"], 1001)

    def test_more_than_the_ring_has_chunks(self):
        """Nobody waits for what only the waiting could give."""
        recording = self.record_like_bare(support.program("crowd", 4300))
        report = recording.report()
        self.assertGreaterEqual(report.total("allocations", "attend"), 3900)
        self.assertGreater(report.dropped(), 0)

    def test_the_smallest_stacks(self):
        report = self.unharmed("small_stacks").report()
        self.assertEqual(report.total("allocations", "on_user"), 1)
        self.assertEqual(allocations([report], 24), 2)

    def test_a_storm_of_signals(self):
        report = self.unharmed("storm").report()
        self.assertGreater(allocations([report], 77), 1000)
        inside = [site for site in report.sites if site["max_size"] == 77]
        self.assertTrue(all(site["stack"][-1]["function"] for site in inside))

    def test_stacks_of_every_origin(self):
        report = self.unharmed("stacks").report()
        self.assertEqual(report.total("allocations", "nested"), 7500)

    def test_libraries_that_replace_each_other(self):
        libraries = [support.PROGRAMS / f"lib_cycle_{letter}.so" for letter in "ab"]
        report = self.unharmed("cycles", *libraries).report()
        for number, library in enumerate(libraries, 1):
            made = [site for site in report.sites if site["max_size"] == 100 + number]
            self.assertEqual(sum(site["allocations"] for site in made), 500)
            for site in made:
                self.assertEqual(site["stack"][0]["module"], library.name)
                self.assertEqual(site["stack"][-4]["function"], "main")


class Endings(Safety):
    def test_crash_handlers_that_allocate(self):
        for way in ("deep", "wild", "guard", "jump"):
            for where in ((), ("thread",)):
                with self.subTest((way, *where)):
                    report = self.unharmed("overflow", way, *where).report()
                    self.assertEqual(report.program["exit_status"], 5)
                    self.assertEqual(report.total("allocations", "on_crash"), 10)

    def test_handlers_of_the_exit(self):
        report = self.unharmed("late").report()
        for function in ("at_exit", "on_exit_too", "destroy"):
            self.assertEqual(report.total("allocations", function), 1, function)


class Allocators(Safety):
    def test_new_that_fails(self):
        report = self.unharmed("new_fails").report()
        self.assertEqual(allocations([report], 10), 1)

    def test_a_program_with_half_an_allocator(self):
        self.record_like_bare(support.program("own_heap"))

    def test_allocators_from_a_library(self):
        names = ("jemalloc.so.2", "mimalloc.so.2", "tcmalloc.so.4", "tcmalloc_minimal.so.4")
        for name in names:
            path = LIBRARIES / f"lib{name}"
            if not path.exists():
                continue
            environment = support.clean_environment(LD_PRELOAD=path)
            with self.subTest(name):
                self.unharmed("containers", env=environment)
                self.unharmed("operators", env=environment)
                report = self.unharmed("peak", env=environment).report()
                self.assertGreaterEqual(report.summary["allocations"], 20405)
                report = self.unharmed("threads", env=environment).report()
                self.assertEqual(report.total("allocations", "work"), 16000)


class Limits(Safety):
    def test_address_space(self):
        for megabytes in (200, 3000):
            with self.subTest(megabytes):
                limits = with_limits(RLIMIT_AS=megabytes << 20)
                self.unharmed("temporary", preexec_fn=limits)
        self.unharmed("crowd", 300, preexec_fn=with_limits(RLIMIT_AS=3000 << 20))

    def test_file_size(self):
        for kilobytes in (0, 20, 1000, 100000):
            with self.subTest(kilobytes):
                limits = with_limits(RLIMIT_FSIZE=kilobytes << 10)
                command = support.program("temporary")
                bare = support.run(command, preexec_fn=limits)
                recording = self.record(command, preexec_fn=limits)
                self.assertEqual((recording.status, recording.stdout), (bare.status, bare.stdout))
                if kilobytes >= 1000:
                    self.assertEqual(recording.report().dropped(), 0)

    def test_descriptors(self):
        for count in (4, 5, 8):
            with self.subTest(count):
                command = ["sh", "-c", 'ulimit -n "$0"; exec "$@"', count]
                self.record_like_bare([*command, *support.program("peak")])

    def test_closed_standard_streams(self):
        command = support.program("peak")
        for closing in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
            with self.subTest(closing):
                shell = ["sh", "-c", f'"$@" {closing}', "sh"]
                bare = support.run([*shell, *command])
                recording = self.record([*shell, *command])
                self.assertEqual(recording.status, bare.status, recording)
                file = self.fresh()
                outside = support.run([*shell, *support.recorder_command(file, command)])
                self.assertEqual(outside.status, bare.status, outside)
                self.assertEqual(support.Report(file).summary["allocations"], 20405)

    def test_filtered_system_calls(self):
        for way in ("kill", "refuse"):
            with self.subTest(way):
                recording = self.record_like_bare(support.program("filtered", way))
                report = recording.report()
                seen = report.total("allocations", "work") + report.dropped() // 2
                self.assertGreaterEqual(seen, 800000)


class Environment(Safety):
    def test_arguments_and_environment_overwritten(self):
        recording = self.unharmed("titles")
        self.assertEqual([allocations([report], 61) for report in recording.reports()], [30, 30])

    def test_a_wrapper_script(self):
        script = self.directory / "wrapper"
        program = support.program("peak")[0]
        script.write_text(f'#!/bin/sh\nLD_PRELOAD="{support.LIBRARY}" exec "{program}"\n')
        script.chmod(0o755)
        file = self.fresh()
        environment = support.clean_environment(MEMSCOPE_OUTPUT=file)
        outcome = support.run([str(script)], env=environment)
        self.assertEqual((outcome.status, outcome.stdout), (0, b"peak done\n"))
        self.assertEqual(support.Report(file).summary["allocations"], 20405)

    def test_the_loader_as_the_program(self):
        self.needs("sqlite3")
        loader = "/lib64/ld-linux-x86-64.so.2"
        if not os.path.exists(loader):
            self.skipTest(f"no {loader}")
        command = [loader, shutil.which("sqlite3"), ":memory:", "select 1"]
        bare = support.run(command)
        recording = self.record(command)
        self.assertEqual((recording.status, recording.stdout), (bare.status, bare.stdout))
        self.assertGreater(recording.report().summary["allocations"], 100)

    def test_another_user(self):
        self.needs("setpriv")
        if os.geteuid() != 0:
            self.skipTest("only root can be somebody else")
        with tempfile.TemporaryDirectory(prefix="memscope-nobody-") as home:
            os.chown(home, 65534, 65534)
            file = pathlib.Path(home, "out.memscope")
            nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            command = support.recorder_command(file, support.program("peak"), "--quiet")
            reachable = [*nobody, "test", "-x", support.program("peak")[0]]
            if support.run(reachable).status != 0:
                self.skipTest("the build is in a place that is closed to others")
            outcome = support.run([*nobody, *command], cwd=home)
            self.assertEqual((outcome.status, outcome.stdout), (0, b"peak done\n"), outcome)
            self.assertEqual(support.Report(file).summary["allocations"], 20405)


class Valgrind(Safety):
    def under(self, tool, name):
        """valgrind takes malloc away from us; then there is nothing to record, and no harm."""
        self.needs("valgrind")
        command = ["valgrind", f"--tool={tool}", "-q", "--error-exitcode=9", *support.program(name)]
        bare = support.run(command)
        recording = self.record(command)
        self.assertEqual((recording.status, recording.stdout), (bare.status, bare.stdout))
        self.assertNotIn(b"Invalid", recording.stderr)

    def test_none(self):
        self.under("none", "calls")
        self.under("none", "coroutines")

    def test_memcheck(self):
        self.under("memcheck", "calls")
        self.under("memcheck", "exceptions")


if __name__ == "__main__":
    support.main()
