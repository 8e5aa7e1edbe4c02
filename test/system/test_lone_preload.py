#!/usr/bin/env python3
"""Without a recorder: LD_PRELOAD and MEMSCOPE_OUTPUT are all there is, and the ring is the file."""

import mmap
import os
import random
import re
import subprocess

import support
import test_crash


class Lone(support.TestCase):
    def lone(self, command, file, **settings):
        environment = support.clean_environment(
            LD_PRELOAD=support.LIBRARY, MEMSCOPE_OUTPUT=file, **settings.pop("variables", {})
        )
        return support.Recording(support.run(command, env=environment, **settings), file)

    def lone_like_bare(self, command, **settings):
        bare = support.run(command)
        recording = self.lone(command, self.fresh(), **settings)
        self.assertEqual(recording.status, bare.status, recording)
        self.assertEqual(recording.stdout, bare.stdout)
        self.assertEqual(recording.stderr, bare.stderr)
        return recording

    def test_same_counts_as_with_a_recorder(self):
        for name in ("calls", "peak", "leaks", "temporary", "early", "closes_files", "coroutines"):
            with self.subTest(name):
                command = support.program(name)
                report = self.lone_like_bare(command).report()
                (known, *_) = support.answers(support.PROGRAM_SOURCES / f"{name}.c")
                self.assertEqual({key: report.summary[key] for key in known}, known)
                self.assertEqual(report.dropped(), 0)

    def test_what_takes_a_recorder_says_so(self):
        for variable, value in (("MAX_TRACE", "1M"), ("RING", "5m"), ("AGGREGATE", "1")):
            with self.subTest(variable):
                variables = {f"MEMSCOPE_{variable}": value}
                file = self.lone(support.program("peak"), self.fresh(), variables=variables).file
                self.assertTrue(support.Report(file).capture["lone"])
                text = support.memscope("report", file).stdout.decode()
                self.assertIn("recorded without `memscope run`: max-trace", text)
                doctor = support.run(
                    [support.MEMSCOPE, "doctor"], env=support.clean_environment(**variables)
                )
                self.assertIn("take a recorder", " ".join(doctor.stdout.decode().split()))

    def test_threads(self):
        report = self.lone_like_bare(support.program("threads")).report()
        self.assertEqual(report.total("allocations", "work"), 16000)
        self.assertEqual(report.total("live_blocks", "work"), 0)
        self.assertEqual(report.summary["unmatched_frees"], 0)
        self.assertEqual(report.capture["implied_frees"], 0)
        self.assertEqual(report.thread("worker-3")["allocations"], 2000)

    def test_a_real_program_with_threads(self):
        code = "import threading\nfor _ in range(4):\n"
        code += "  t = threading.Thread(target=lambda: sum(len(str(i)) for i in range(2000)))\n"
        code += "  t.start(); t.join()\n"
        report = self.lone_like_bare([support.PYTHON, "-S", "-c", code]).report()
        self.assertEqual(report.summary["threads"], 5)
        self.assertEqual(report.summary["unmatched_frees"], 0)
        self.assertEqual(report.capture["implied_frees"], 0)

    def test_every_way_to_end(self):
        for way in ("exit", "_exit", "abort", "segv", "kill"):
            allocations = 23 if way == "exit" else 20
            with self.subTest(way):
                report = self.lone_like_bare(support.program("ends", way)).report()
                self.assertEqual(report.summary["allocations"], allocations)
                self.assertEqual(report.summary["frees"], 5)

    def test_a_real_program(self):
        self.needs("sqlite3")
        code = "create table t(a); insert into t values(1); select * from t"
        command = ["sqlite3", ":memory:", code]
        report = self.lone_like_bare(command).report()
        self.assertGreater(report.summary["allocations"], 100)
        self.assertEqual(report.program["argv"], command)

    def test_forked_children_have_files_of_their_own(self):
        recording = self.lone_like_bare(support.program("fork_allocates", 5))
        self.assertEqual(recording.report().counts(), (10, 0, 0, 1000))
        self.assertEqual(len(recording.others), 5)
        for trace in recording.others:
            report = support.Report(trace)
            self.assertRegex(trace.name, rf"^out\.{report.program['pid']}\.memscope$")
            self.assertEqual(report.counts(), (7, 0, 3, 7000))
            self.assertTrue(report.program["forked"])
            modules = {frame["module"] for site in report.sites for frame in site["stack"]}
            self.assertTrue(any("libc.so" in str(module) for module in modules), modules)

    def test_children_that_run_other_programs(self):
        command = support.program("starts_children", "spawn", *support.program("peak"))
        recording = self.lone_like_bare(command)
        reports = [report for report in recording.reports() if report.summary["allocations"]]
        found = {report.program["executable"]: report for report in reports}
        self.assertEqual(found[command[2]].summary["allocations"], 20405)
        self.assertEqual(found[command[0]].total("bytes_allocated", "main") >= 55, True)

    def test_images_of_one_process(self):
        recording = self.lone_like_bare(support.program("exec_chain"))
        counts = sorted(report.summary["allocations"] for report in recording.reports())
        self.assertEqual(counts, [1, 2, 3, 4])
        for trace in recording.others:
            self.assertIsNotNone(re.fullmatch(r"out\.\d+(\.\d+)?\.memscope", trace.name))

    def test_an_output_that_cannot_be_written_harms_nobody(self):
        bare = support.run(support.program("peak"))
        for output in ("/nowhere/at/all.memscope", "/dev/full", str(self.directory), ""):
            with self.subTest(output):
                recording = self.lone(support.program("peak"), output)
                self.assertEqual((recording.status, recording.stdout), (bare.status, bare.stdout))

    def test_without_an_output_nothing_is_written(self):
        environment = support.clean_environment(LD_PRELOAD=support.LIBRARY)
        outcome = support.run(support.program("peak"), env=environment, cwd=self.directory)
        self.assertEqual((outcome.status, outcome.stdout, outcome.stderr), (0, b"peak done\n", b""))
        self.assertEqual(os.listdir(self.directory), [])


class LoneKilled(test_crash.Endless):
    """endless.c without a recorder: `self.recorder` is the program itself."""

    def start_lone(self, file, count=2**63, threads=1):
        path = self.fresh(".progress")
        path.write_bytes(bytes(4096))
        with open(path, "r+b") as opened:
            self.shared = mmap.mmap(opened.fileno(), 4096)
        environment = support.clean_environment(LD_PRELOAD=support.LIBRARY, MEMSCOPE_OUTPUT=file)
        self.recorder = subprocess.Popen(
            support.program("endless", path, count, threads),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.addCleanup(self.end_everything)

    def test_at_random_moments(self):
        chance = random.Random(1066)
        for attempt in range(12):
            with self.subTest(attempt):
                file, threads = self.fresh(), 1 + attempt % 3
                self.start_lone(file, threads=threads)
                self.wait_for_progress(chance.randrange(1, 20000), threads)
                self.recorder.kill()
                self.finish()
                report = support.Report(file)
                self.assertEqual(report.dropped(), 0)
                for number in range(1, threads):
                    self.check_thread(report.thread(f"worker-{number}"), self.progress(number))
                self.check_thread(report.thread("endless"), self.progress(), others=threads - 1)

    def test_a_disk_that_fills_up(self):
        with self.small_disk("1m") as folder:
            file, count = folder / "out.memscope", 300000
            self.start_lone(file, count=count)
            outcome = self.finish()
            self.assertEqual((outcome.status, outcome.stdout), (0, b"endless came to its end\n"))
            report = support.Report(file)
            self.assertGreater(report.summary["allocations"], 1000)
            self.assertGreater(report.capture["dropped"]["no_space"], 0)
            self.assertFalse(report.capture["complete"])

    def test_a_running_program_can_be_looked_at(self):
        file = self.fresh()
        self.start_lone(file)
        self.wait_for_progress(5000)
        report = support.Report(file)
        self.assertGreaterEqual(report.summary["allocations"], 5000)
        self.assertTrue(support.is_running(self.recorder.pid))


if __name__ == "__main__":
    support.main()
