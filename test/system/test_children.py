#!/usr/bin/env python3
"""Children are followed, one trace each, under the names that the manual promises.

FILE is the last image of the first process (what env, sh -c or time exec into); earlier images and
other processes have .PID or .PID.N before the ending; a process without events leaves no file."""

import re

import support


class Children(support.TestCase):
    def assert_names(self, recording):
        """Every other trace is named by the pid it holds."""
        for trace in recording.others:
            match = re.fullmatch(r"out\.(\d+)(?:\.(\d+))?\.memscope", trace.name)
            self.assertIsNotNone(match, trace.name)
            self.assertEqual(support.Report(trace).program["pid"], int(match.group(1)))

    def by_program(self, recording, name):
        """Reports of the traces whose executable is `name`."""
        return [
            report
            for report in recording.reports()
            if report.program["executable"].rpartition("/")[2] == name
        ]

    def allocations_of(self, recording, name):
        return sorted(report.summary["allocations"] for report in self.by_program(recording, name))

    # ---- wrappers: the program behind them is FILE

    def check_wrapper(self, *wrapper):
        self.needs(wrapper[0])
        recording = self.record_like_bare([*wrapper, *support.program("peak")])
        report = recording.report()
        self.assertEqual(report.summary["allocations"], 20405)
        self.assertEqual(report.summary["peak_bytes"], 532500)
        self.assertEqual(report.program["executable"], support.program("peak")[0])
        self.assert_names(recording)

    def test_through_env(self):
        self.check_wrapper("env", "A=b")

    def test_through_env_that_empties_the_environment(self):
        self.check_wrapper("env", "-i")

    def test_through_env_that_unsets_the_preload(self):
        self.check_wrapper("env", "-u", "LD_PRELOAD")

    def test_through_nice_and_nohup(self):
        self.check_wrapper("nice", "-n", "1")
        self.check_wrapper("setsid", "--wait")

    def test_through_sh(self):
        self.check_wrapper("sh", "-c", 'x=$(echo a b); exec "$@"', "sh")
        recording = self.record_like_bare(["sh", "-c", support.program("peak")[0] + "; exit 3"])
        self.assertEqual(self.allocations_of(recording, "peak"), [20405])
        self.assertEqual(recording.status, 3)

    def test_through_a_script(self):
        script = self.directory / "script"
        script.write_text("#!/bin/sh\nexec " + support.program("peak")[0] + "\n")
        script.chmod(0o755)
        recording = self.record_like_bare([script])
        self.assertEqual(recording.report().summary["peak_bytes"], 532500)

    def test_time_starts_a_child(self):
        """time forks: FILE is time itself, the program is another process."""
        self.needs("time")
        recording = self.record_well(["time", "-o", "/dev/null", *support.program("peak")])
        self.assertEqual(self.allocations_of(recording, "peak"), [20405])
        self.assert_names(recording)

    # ---- ways to start a child

    def test_every_way_to_start_a_child(self):
        for way in ("vfork", "fork", "spawn", "spawn-bare", "system", "popen"):
            with self.subTest(way):
                command = support.program("starts_children", way, *support.program("peak"))
                recording = self.record_like_bare(command)
                self.assertEqual(self.allocations_of(recording, "peak"), [20405])
                first = recording.report()
                self.assertEqual(first.total("allocations", "main") >= 5, True)
                self.assertEqual(first.program["executable"], command[0])
                self.assertEqual(first.program["exit_status"], 0)
                self.assert_names(recording)

    def test_many_children(self):
        recording = self.record_like_bare(support.program("fork_allocates", 40))
        self.assertEqual(len(recording.others), 40)
        self.assert_names(recording)
        first = recording.report().program["pid"]
        for trace in recording.others:
            report = support.Report(trace)
            self.assertEqual(report.summary["allocations"], 7)
            self.assertEqual(report.program["parent_pid"], first)
            self.assertEqual(report.program["end"], "gone")
            self.assertIsNone(report.program["exit_status"], "only its parent can know")
            self.assertTrue(report.program["forked"])

    def test_a_process_without_events_leaves_no_file(self):
        command = support.program("starts_children", "vfork", "/bin/true")
        recording = self.record_like_bare(command)
        for report in recording.reports():
            self.assertGreater(report.capture["events"], 0)
        mapped = support.program("starts_children", "fork", *support.program("exec_chain", 9))
        recording = self.record(mapped)
        self.assertEqual(len(recording.traces), 2)

    def test_images_of_one_process(self):
        recording = self.record_like_bare(support.program("exec_chain"))
        last = recording.report()
        self.assertEqual(last.summary["allocations"], 4)
        self.assertEqual(last.program["exit_status"], 33)
        earlier = [support.Report(trace) for trace in recording.others]
        self.assertEqual(sorted(report.summary["allocations"] for report in earlier), [1, 2, 3])
        for report in earlier:
            self.assertEqual(report.program["pid"], last.program["pid"])
            self.assertEqual(report.program["end"], "exec")
        self.assert_names(recording)

    def test_images_without_an_environment(self):
        recording = self.record_like_bare(support.program("exec_chain", 0, "bare"))
        counts = sorted(report.summary["allocations"] for report in recording.reports())
        self.assertEqual(counts, [1, 2, 3, 4])

    def test_a_failed_exec_changes_nothing(self):
        code = "import os\ntry: os.execv('/nowhere', ['x'])\nexcept OSError: print('still here')"
        recording = self.record_like_bare([support.PYTHON, "-S", "-c", code])
        self.assertEqual(recording.others, [])
        self.assertEqual(recording.report().program["end"], "exited")

    def test_environment_overwritten_and_cleared(self):
        command = support.program("environment", *support.program("calls"))
        recording = self.record_like_bare(command)
        self.assertEqual(self.allocations_of(recording, "calls"), [14, 14, 14])
        first = recording.report()
        self.assertEqual(first.total("live_bytes", "main"), 100)
        self.assertEqual(first.program["argv"], command)

    def test_children_are_left_alone_when_asked(self):
        command = support.program("starts_children", "vfork", *support.program("peak"))
        recording = self.record_well(command, "--no-follow")
        self.assertEqual(recording.others, [])
        self.assertEqual(recording.report().program["executable"], command[0])

    def test_a_daemon_outlives_its_starter(self):
        """Also when nobody has allocated anything when it is born."""
        for quiet_start in ([], ["quiet"]):
            with self.subTest(quiet_start):
                proof = self.directory / f"alive{len(quiet_start)}"
                recording = self.record_well(support.program("daemon", proof, *quiet_start))
                self.assertEqual(recording.stdout, b"daemon started\n")
                support.wait_until(lambda: proof.exists() and proof.read_text(), "the daemon")
                reports = [support.Report(trace) for trace in recording.others]
                (report,) = [other for other in reports if other.summary["allocations"]]
                self.assertEqual(report.counts(), (50, 0, 0, 3000))

    def test_at_most_ten_traces_are_listed(self):
        recording = self.record(support.program("fork_allocates", 40), quiet=False)
        named = re.findall(rb"\S+\.memscope", recording.stderr)
        self.assertLessEqual(len(named), 11, recording)
        self.assertIn(str(recording.file).encode(), recording.stderr)

    def test_default_name(self):
        outcome = support.memscope("run", "--", *support.program("temporary"), cwd=self.directory)
        self.assertEqual(outcome.status, 0, outcome)
        (trace,) = self.directory.glob("*.memscope")
        match = re.fullmatch(r"memscope\.temporary\.(\d+)\.memscope", trace.name)
        self.assertIsNotNone(match, trace.name)
        self.assertEqual(support.Report(trace).program["pid"], int(match.group(1)))
        self.assertIn(trace.name.encode(), outcome.stderr)

    def test_output_replaces_an_older_file(self):
        file = self.fresh()
        file.write_text("an older file\n" * 10000)
        outcome = support.run(support.recorder_command(file, support.program("peak"), "--quiet"))
        self.assertEqual(outcome.status, 0, outcome)
        self.assertEqual(support.Report(file).summary["peak_bytes"], 532500)


if __name__ == "__main__":
    support.main()
