#!/usr/bin/env python3
"""What a program says about its memory is in the report of a trace that was kept short, too: the same as in
that of the whole trace, and for the examples as their books say."""

import support
import test_bounded
import test_examples

# Lists that come of words, or are named by them.
LISTS = (
    "variables variable_groups scopes tasks smart_pointers passports containers tags declared_types snapshots "
    "misuses types sites findings"
).split()

EXAMPLES = (
    "basic_usage lifecycles complex_lifecycle smart_pointers multithreaded heavy_workload memory_stress "
    "merkle_tree variable_relationships data_pipeline fft_multithreaded web_server hybrid gobject cpp_containers"
).split()
LARGE = "multithreaded data_pipeline".split()
ASYNC_EXAMPLES = "async_tasks async_uv async_glib coroutines coroutine".split()


def timeless(value):
    """But for moments, which are others each time."""
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if not key.endswith("_ns")}
    return [timeless(item) for item in value] if isinstance(value, list) else value


class Same(support.TestCase):
    """Of a program that does the same each time, at the same addresses."""

    ROUNDS = 2500

    def report_of(self, *options):
        command = ["setarch", "-R", support.PROGRAMS / "talkative", str(self.ROUNDS)]
        report = self.record_well(command, *options).report()
        self.assertEqual((report.warning, report.dropped()), ("", 0))
        self.assertIsNone(report.capture["notes_from_ns"])
        return report

    def words(self, report):
        return {name: timeless(report.data[name]) for name in LISTS}

    def test_a_bounded_trace_says_what_the_whole_one_does(self):
        whole = self.report_of()
        expected = self.words(whole)
        for name in LISTS:
            self.assertTrue(expected[name], name)
        size = whole.path.stat().st_size
        for options in (["--aggregate"], ["--max-trace", str(size * 3 // 4)], ["--ring", "10ms"]):
            with self.subTest(options):
                report = self.report_of(*options)
                found = self.words(report)
                if "--ring" not in options:  # which depends on how long it takes
                    self.assertIn(test_bounded.KIND_CHECKPOINT, test_bounded.kinds_of(report.path))
                for name in LISTS:
                    self.assertEqual(found[name], expected[name], name)
                self.assertEqual(report.capture["history_steps_left_out"], whole.capture["history_steps_left_out"])

    def test_without_room_lives_are_cut_and_what_is_cut_is_counted(self):
        whole, report = self.report_of(), self.report_of("--max-trace", "80K")
        self.assertLess(report.path.stat().st_size, 80 << 10)
        capture = report.capture
        self.assertLess(capture["history_steps_kept"], 32)
        self.assertGreater(capture["history_steps_left_out"], 0)
        self.assertEqual(timeless(report.data["variable_groups"]), timeless(whole.data["variable_groups"]))
        for name in ("variables", "smart_pointers", "passports", "containers"):
            left_out = capture[name.replace("smart_pointers", "references") + "_left_out"]
            self.assertEqual(len(report.data[name]) + left_out, len(whole.data[name]), name)
        living = [variable["address"] for variable in whole.variables if variable["end"] is None]
        self.assertEqual([v["address"] for v in report.variables if v["end"] is None], living)
        text = " ".join(support.memscope("report", report.path).stdout.decode().split())
        self.assertIn("the program said more than the trace has room for", text)


class Examples(test_examples.Books):
    def check(self, names, *options):
        for name in names:
            for bound in (["--aggregate"], ["--max-trace", "64K"]):
                with self.subTest(name, bound=bound):
                    recording = self.record_well([test_examples.EXAMPLES / name], *options, *bound)
                    report = recording.report()
                    self.assertEqual((report.warning, report.dropped(), report.misuses), ("", 0, []))
                    if report.capture["history_steps_kept"] is None:  # there was room for all
                        self.compare(report, recording.stdout.decode())
                    else:
                        self.assertEqual((bound[0], name in LARGE), ("--max-trace", True))

    def test_their_books_hold(self):
        self.check(EXAMPLES)

    def test_those_of_tasks_do(self):
        self.check(ASYNC_EXAMPLES, "--strategy", "async")


class Older(support.TestCase):
    def test_a_trace_that_an_older_version_kept_short_is_read(self):
        """make_corpus.c says what is in it; it speaks no word."""
        report = support.Report(support.SOURCE / "fuzz/corpus/load_file/digest_before_34")
        self.assertIn("has no end", report.warning)
        self.assertEqual(report.capture["dropped"]["damaged_chunks"], 0)
        keys = ("allocations", "reallocations", "frees", "bytes_allocated", "live_bytes", "live_blocks")
        self.assertEqual([report.summary[key] for key in keys], [4, 1, 8, 5418, 5000, 1])
        self.assertEqual(report.capture["events_from_ns"], 6000000)
        self.assertIsNone(report.capture["notes_from_ns"])


if __name__ == "__main__":
    support.main()
