#!/usr/bin/env python3
"""The environment switches of older tools do what their names promise, and flags win over
variables."""

import support


class Switches(support.TestCase):
    def with_variables(self, command, *options, quiet=False, **variables):
        environment = support.clean_environment(**variables)
        recording = self.record(command, *options, quiet=quiet, env=environment)
        bare = support.run(command)
        self.assertEqual(recording.status, bare.status, recording)
        self.assertEqual(recording.stdout, bare.stdout, recording)
        return recording

    def test_without_a_switch_there_is_a_summary(self):
        recording = self.with_variables(support.program("peak"))
        self.assertIn(b"grow_table", recording.stderr)
        self.assertIn(b"fill_tables", recording.stderr)
        self.assertIn(str(recording.file).encode(), recording.stderr)

    def test_test_mode_is_quiet(self):
        recording = self.with_variables(support.program("peak"), MEMSCOPE_TEST_MODE="1")
        self.assertEqual(recording.stderr, b"")
        self.assertEqual(recording.report().summary["allocations"], 20405)

    def test_what_switches_recording_off(self):
        for name, value in (
            ("MEMSCOPE_DISABLE_GLOBAL", "1"),
            ("TRACE_TOOLS_DISABLED", "1"),
            ("MEMSCOPE_DISABLED", "1"),
            ("MEMSCOPE_ENABLE", "0"),
        ):
            with self.subTest(name):
                recording = self.with_variables(support.program("peak"), **{name: value})
                self.assertEqual(recording.traces, [])

    def test_what_switches_recording_off_without_a_recorder(self):
        file = self.fresh()
        environment = support.clean_environment(
            LD_PRELOAD=support.LIBRARY, MEMSCOPE_OUTPUT=file, TRACE_TOOLS_DISABLED="1"
        )
        outcome = support.run(support.program("peak"), env=environment)
        self.assertEqual((outcome.status, outcome.stdout), (0, b"peak done\n"))
        self.assertFalse(file.exists())

    def test_fast_mode_records_the_heap_only(self):
        command = support.program("error_numbers")
        slow = self.with_variables(command, quiet=True).report()
        fast = self.with_variables(command, quiet=True, MEMSCOPE_FAST_MODE="1").report()
        self.assertGreater(slow.summary["mapped_bytes"], 0)
        self.assertEqual(fast.summary["mapped_bytes"], 0)
        self.assertEqual(fast.counts(), slow.counts())

    def test_disabled_analysis_records_but_says_nothing_about_it(self):
        recording = self.with_variables(support.program("peak"), MEMSCOPE_DISABLE_ANALYSIS="1")
        self.assertNotIn(b"fill_tables", recording.stderr)
        self.assertEqual(recording.report().summary["allocations"], 20405)

    def test_disabled_backtrace_records_without_stacks(self):
        recording = self.with_variables(
            support.program("peak"), quiet=True, MEMSCOPE_DISABLE_BACKTRACE="1"
        )
        report = recording.report()
        self.assertEqual(report.summary["peak_bytes"], 532500)
        for site in report.sites:
            self.assertFalse(site["stack"])

    def test_async_mode_is_the_async_strategy(self):
        command = support.program("peak")
        recording = self.with_variables(command, quiet=True, MEMSCOPE_ASYNC_MODE="1")
        self.assertEqual(recording.stderr, b"")
        self.assertEqual(recording.report().capture["strategy"], "async")

    def test_zero_and_nothing_switch_nothing(self):
        for value in ("0", ""):
            with self.subTest(value):
                recording = self.with_variables(
                    support.program("peak"),
                    MEMSCOPE_TEST_MODE=value,
                    MEMSCOPE_DISABLE_GLOBAL=value,
                    MEMSCOPE_DISABLE_BACKTRACE=value,
                    MEMSCOPE_DISABLE_ANALYSIS=value,
                    TRACE_TOOLS_DISABLED=value,
                )
                self.assertIn(b"fill_tables", recording.stderr)
                self.assertEqual(len(recording.report().sites_in("fill_tables")), 4)

    def test_flags_win_over_variables(self):
        command = support.program("peak")
        recording = self.with_variables(command, "--no-quiet", MEMSCOPE_QUIET="1")
        self.assertIn(b"fill_tables", recording.stderr)
        for variable in ({"MEMSCOPE_STACKS": "0"}, {"MEMSCOPE_DISABLE_BACKTRACE": "1"}):
            recording = self.with_variables(command, "--stacks", quiet=True, **variable)
            self.assertEqual(len(recording.report().sites_in("fill_tables")), 4)

    def test_variables_are_options(self):
        file = self.fresh()
        environment = support.clean_environment(MEMSCOPE_OUTPUT=file, MEMSCOPE_QUIET="yes")
        outcome = support.memscope("run", "--", *support.program("peak"), env=environment)
        self.assertEqual((outcome.status, outcome.stderr), (0, b""), outcome)
        self.assertEqual(support.Report(file).summary["allocations"], 20405)

    def test_the_trace_says_how_it_was_recorded(self):
        command = support.program("peak")
        recording = self.record_well(command, "--no-stacks", "--sample-interval", "7")
        options = recording.report().capture["options"]
        names = {option.partition("=")[0].replace("_", "-") for option in options}
        self.assertLessEqual({"stacks", "sample-interval"}, names)
        plain = self.record_well(command, quiet=False).report().capture["options"]
        self.assertFalse([option for option in plain if option.startswith("stacks")])

    def test_samples_of_the_process_can_be_switched_off(self):
        report = self.record_well(["sleep", "0.2"], "--sample-interval", "0")
        self.assertTrue(all(not other.resources for other in report.reports()))
        command = [support.PYTHON, "-c", "x = bytearray(30000000); import time; time.sleep(0.3)"]
        report = self.record_well(command).report()
        self.assertGreater(len(report.resources), 1)
        self.assertGreater(report.summary["peak_rss_bytes"], 30000000)


if __name__ == "__main__":
    support.main()
