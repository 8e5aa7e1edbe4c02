#!/usr/bin/env python3
"""What a program gets wrong is counted and reported, and harms nobody; what only looks wrong is not."""

import support


class Misuses(support.TestCase):
    EXPECTED = {
        ("a null pointer was tracked", "nothing"): 3,
        ("something was untracked that was not tracked", "never"): 1,
        ("a task was ended that had ended, or had never begun", None): 2,
        ("scopes were left in another order than they were entered in", "outer"): 1,
        ("scopes were left in another order than they were entered in", "inner"): 1,
        ("scopes were left in another order than they were entered in", "never entered"): 1,
        ("something was borrowed to be changed while it was borrowed", "block"): 1,
        ("a reference count went below zero, or was used after it was zero", "block"): 1,
        ("a variable on the stack was still tracked when its function had returned", "gone"): 1,
        ("a variable on the stack was still tracked when its function had returned", "left"): 3,
    }

    DANGLING = {
        ("a pointer was tracked to a block that had been freed", "untracked"): 1,
        ("a pointer was tracked to a block that had been freed", "tracked"): 1,
        ("something was borrowed that was not tracked", "lent"): 1,
        ("something was borrowed that was not tracked", "never"): 1,
        ("something was borrowed that was not tracked", "whole"): 1,
    }

    @staticmethod
    def found(report):
        return {(each["kind"], each["name"]): each["count"] for each in report.misuses}

    def check(self, report):
        self.assertEqual(self.found(report), self.EXPECTED)
        levels = [scope for scope in report.scopes if scope["scope"] == "level"]
        self.assertEqual(sum(scope["entered"] for scope in levels), 100)
        self.assertEqual(sum(each["name"] == "number" for each in report.variables), 100)
        ends = {name: {v["end"] for v in report.variables if v["name"] == name}
            for name in ("gone", "left", "kept", "owned")}
        self.assertEqual(ends, {"gone": {"out_of_scope"}, "left": {"out_of_scope"},
            "kept": {"untracked"}, "owned": {"untracked"}})
        parcels = [each for each in report.variables if each["name"] == "parcel"]
        self.assertTrue(all(each["died_ns"] is not None for each in parcels))

    def test_each_is_counted_where_it_is(self):
        report = self.record_like_bare(support.program("misuses")).report()
        self.check(report)
        text = support.memscope("report", report.path).stdout.decode()
        self.assertIn("a null pointer was tracked", text)

    def test_what_speaks_of_blocks_that_are_gone(self):
        for options in ((), ("--aggregate",)):
            report = self.record_like_bare(support.program("misuses", "dangling"), *options).report()
            self.assertEqual(self.found(report), self.DANGLING)

    def test_what_samples_tell_is_not_enough(self):
        recording = self.record_like_bare(support.program("misuses", "dangling"), "--sample", "1K")
        self.assertEqual(recording.report().misuses, [])

    def test_what_was_said_while_nobody_listened_may_be_right(self):
        report = self.record_like_bare(support.program("misuses", "half_heard")).report()
        self.assertEqual(report.misuses, [])

    def test_without_a_recorder(self):
        file = self.fresh()
        environment = support.clean_environment(LD_PRELOAD=support.LIBRARY, MEMSCOPE_OUTPUT=file)
        outcome = support.run(support.program("misuses"), env=environment)
        self.assertEqual((outcome.status, outcome.stdout), (0, b"misuses done\n"))
        self.check(support.Report(file))


if __name__ == "__main__":
    support.main()
