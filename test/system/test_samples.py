#!/usr/bin/python3
"""Recording samples: totals stay exact, what is live is estimated with an error that holds, the budget
changes rates and says so, and tasks get what is theirs."""

import unittest

import support

LIVE_BYTES = 35167584  # of the program population, for each thread
PARTS = {"small": 1515000, "page": 1500 * 4096, "big": 20 << 20, "grown": 100 << 16}


class Samples(support.TestCase):
    def assert_near(self, estimate, error, truth):
        """Wrong once in millions of runs, if the error is what it says."""
        self.assertIsNotNone(error)
        self.assertLessEqual(abs(estimate - truth), 5.5 * error, (estimate, error, truth))

    def test_totals_are_exact_at_any_rate(self):
        command = support.program("population", 3)
        exact = self.record_well(command).report()
        for rate in ("1", "100", "precise", "512K", "light", "1G"):
            with self.subTest(rate):
                report = self.record_well(command, "--sample", rate).report()
                self.assertEqual(report.counts(), exact.counts())
                self.assertEqual(report.summary["evidence"], "estimated")
                for mine, theirs in zip(report.threads, exact.threads):
                    for key in ("allocations", "reallocations", "frees", "bytes_allocated"):
                        self.assertEqual(mine[key], theirs[key], key)

    def test_what_is_live_is_estimated_with_its_error(self):
        report = self.record_well(support.program("population"), "--sample", "64K").report()
        summary = report.summary
        self.assert_near(summary["live_bytes"], summary["live_bytes_error"], LIVE_BYTES)
        self.assert_near(summary["peak_bytes"], summary["peak_bytes_error"], LIVE_BYTES)
        self.assertLess(summary["live_bytes_error"], LIVE_BYTES / 20)
        for function in ("page", "big", "grown"):
            (site,) = report.sites_in(function)
            self.assert_near(site["live_bytes"], site["live_bytes_error"], PARTS[function])

    def test_large_blocks_are_always_there(self):
        report = self.record_well(support.program("population"), "--sample", "8K").report()
        (site,) = report.sites_in("big")
        self.assertEqual((site["allocations"], site["live_blocks"]), (40, 20))

    def test_a_rate_of_a_byte_records_everything(self):
        command = support.program("population")
        self.assertEqual(self.record_well(command).report().summary["live_bytes"], LIVE_BYTES)
        sampled = self.record_well(command, "--sample", "1").report()
        self.assertEqual(sampled.summary["live_bytes"], LIVE_BYTES)
        self.assertEqual(sampled.summary["live_bytes_error"], 0)

    def test_without_a_recorder(self):
        file = self.fresh()
        environment = support.clean_environment(
            LD_PRELOAD=support.LIBRARY, MEMSCOPE_OUTPUT=file, MEMSCOPE_STRATEGY="lockfree"
        )
        outcome = support.run(support.program("population"), env=environment)
        self.assertEqual(outcome.status, 0)
        report = support.Report(file)
        exact = self.record_well(support.program("population")).report()
        self.assertEqual(report.counts(), exact.counts())
        self.assertEqual(report.capture["strategy"], "lockfree")
        self.assertEqual(report.capture["sample_bytes"], 512 << 10)

    def test_real_programs_keep_their_totals(self):
        script = "for i = 1, 300 do local t = {} for j = 1, 100 do t[j] = {j, tostring(j)} end end"
        self.needs("lua5.4")
        command = ["lua5.4", "-e", script]
        exact = self.record_like_bare(command).report()
        sampled = self.record_like_bare(command, "--strategy", "lockfree").report()
        self.assertEqual(sampled.counts(), exact.counts())


class Budget(support.TestCase):
    def test_short_programs_are_recorded_exactly(self):
        report = self.record_well(support.program("calls"), "--strategy", "unified").report()
        self.assertEqual(report.summary["evidence"], "recorded")
        self.assertEqual(report.capture["strategy"], "unified")

    def test_a_busy_program_is_sampled_and_its_totals_stay_exact(self):
        command = support.program("busy", 3000000)
        report = self.record_well(command, "--strategy", "unified", "--budget", "1").report()
        self.assertEqual(report.counts(), (3000000, 0, 3000000, 3000000 * 48))
        self.assertEqual(report.summary["evidence"], "estimated")
        self.assertGreater(report.capture["rate_changes"], 0)
        self.assertLess(report.capture["events"], 1500000)


class Tasks(support.TestCase):
    def test_every_event_is_of_its_task(self):
        report = self.record_well(support.program("tasks"), "--strategy", "async").report()
        tasks = {task["id"]: task for task in report.tasks}
        self.assertEqual(sorted(tasks), [1, 2, 3])
        made = {number: (task["allocations"], task["bytes_allocated"]) for number, task in tasks.items()}
        self.assertEqual(made, {1: (300, 3000), 2: (200, 20000), 3: (50, 50000)})
        live = {number: (task["live_blocks"], task["live_bytes"]) for number, task in tasks.items()}
        self.assertEqual(live, {1: (0, 0), 2: (200, 20000), 3: (0, 0)})
        self.assertEqual(tasks[3]["peak_bytes"], 1000)
        self.assertEqual(tasks[1]["freed_by_others"], 300)


if __name__ == "__main__":
    unittest.main(verbosity=2)
