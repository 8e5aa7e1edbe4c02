#!/usr/bin/python3
"""Recording that is switched on and off while the program runs: at its start, by itself, by a signal, by
memscope attach and detach."""

import os
import signal
import subprocess
import unittest

import support


class Told:
    """The program `told`, preloaded, at the other end of a pipe."""

    def __init__(self, trace=None, **variables):
        if trace:
            variables["MEMSCOPE_OUTPUT"] = trace
        environment = support.clean_environment(LD_PRELOAD=support.LIBRARY, **variables)
        self.process = subprocess.Popen(
            support.program("told"), env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.trace = trace

    def say(self, line):
        """Gives an order and returns what the program said, without its "done"."""
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        answer = []
        while (said := self.process.stdout.readline()) != b"done\n":
            assert said, f"the program ended at {line!r}"
            answer.append(said.decode().strip())
        return answer

    def attach(self, verb="attach"):
        return support.memscope(verb, self.process.pid)

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(support.PATIENCE) == 0
        self.process.stdout.close()

    def report(self):
        self.end()
        return support.Report(self.trace)


class Switch(support.TestCase):
    def start(self, **variables):
        told = Told(self.fresh(), **variables)
        self.addCleanup(told.process.kill)
        return told

    def taken(self, report):
        """What was recorded of what the program was told to take: blocks and bytes."""
        return report.total("allocations", "take_some"), report.total("bytes_allocated", "take_some")

    def test_off_at_first_until_attached(self):
        told = self.start(MEMSCOPE_START="off")
        told.say("take 10 100")
        self.assertEqual(told.attach().status, 0)
        self.assertEqual(told.say("on"), ["on"])
        told.say("take 20 200")
        self.assertEqual(told.attach("detach").status, 0)
        told.say("take 30 300")
        report = told.report()
        self.assertEqual(self.taken(report), (20, 4000))
        self.assertEqual(report.summary["live_bytes"], 4000)

    def test_what_dies_unseen_is_not_called_live(self):
        told = self.start()
        told.say("take 10 100")
        told.say("pause")
        self.assertEqual(told.say("on"), ["off"])
        told.say("free 4")
        told.say("take 3 1000")
        told.say("resume")
        told.say("free 6")  # the rest of those from before
        told.say("free 1")  # one from the pause
        told.say("take 5 50")
        report = told.report()
        self.assertEqual(self.taken(report), (15, 1250))
        self.assertEqual(report.summary["frees"], 7)
        self.assertEqual(report.summary["gap_frees"], 1)
        self.assertEqual(report.capture["gaps"], 1)
        self.assertEqual(report.summary["live_blocks"], 5)
        known_dead = report.capture["gap_deaths"]
        self.assertEqual(report.summary["uncertain_blocks"], 4 - known_dead)
        self.assertEqual(report.summary["evidence"], "derived")

    def test_a_pause_that_nothing_happens_in_changes_nothing(self):
        told = self.start()
        told.say("take 10 100")
        for _ in range(3):
            told.say("pause")
            told.say("pause")
            told.say("resume")
            told.say("resume")
            told.say("free 1")
        report = told.report()
        self.assertEqual(self.taken(report), (10, 1000))
        self.assertEqual((report.summary["frees"], report.summary["gap_frees"]), (3, 0))

    def test_a_task_holds_that_was_switched_to_in_a_pause(self):
        told = self.start()
        for line in ("task 3", "take 2 10", "pause", "task 7", "resume", "take 5 100"):
            told.say(line)
        report = told.report()
        tasks = {task["id"]: task["bytes_allocated"] for task in report.tasks}
        self.assertEqual((tasks[3], tasks[7]), (20, 500))

    def test_a_program_exports_what_it_has_so_far(self):
        told = self.start()
        told.say("take 10 100")
        report = told.trace.parent / "so_far.json"
        self.assertEqual(told.say(f"export {report}"), ["0"])
        so_far = support.Report(report, outcome=support.Outcome(0, report.read_bytes(), b""))
        self.assertEqual(self.taken(so_far), (10, 1000))
        self.assertEqual(told.say(f"export {report}/none.json"), ["-1"])
        told.say("take 5 50")
        self.assertEqual(self.taken(told.report()), (15, 1250))
        self.assertEqual(len(list(told.trace.parent.iterdir())), 2, "the report was recorded itself")

    def run_told(self, lines, *options):
        """Under memscope run: what it said, and the recording."""
        text = "".join(line + "\n" for line in lines)
        recording = self.record_well(support.program("told"), *options, input=text.encode())
        said = [line for line in recording.stdout.decode().splitlines() if line != "done"]
        return said, recording

    def check_exports(self, *options, lone=False):
        """What is exported in two ways at one moment is the same, and what it was at that moment."""
        folder = self.fresh("")
        folder.mkdir()
        lines = ["take 10 100", f"export {folder}/1.json", f"export {folder}/1.memscope", "free 4"]
        lines += ["take 5 50", f"export {folder}/2.memscope", f"export {folder}/2.json"]
        lines += [f"export {folder}/3.x text --top=1", f"export {folder}/4.svg", "take 1 1"]
        if lone:
            told = self.start()
            said = sum((told.say(line) for line in lines), [])
            final = told.report()
        else:
            said, recording = self.run_told(lines, *options)
            self.assertEqual(recording.others, [])
            final = recording.report()
        self.assertEqual(said, ["0"] * 6)
        for number, expected in ((1, (10, 1000, 0)), (2, (15, 1250, 4))):
            path = folder / f"{number}.json"
            exported = support.Report(
                path, outcome=support.Outcome(0, path.read_bytes(), b"")
            )
            copied = support.Report(folder / f"{number}.memscope")
            self.assertEqual(copied.warning, "")
            self.assertEqual((*self.taken(exported), exported.summary["frees"]), expected)
            for part in ("summary", "sites", "threads", "modules"):
                self.assertEqual(getattr(copied, part), getattr(exported, part), part)
            self.assertFalse(exported.capture["complete"])
            self.assertFalse(exported.capture["truncated"])
        self.assertIn("take_some", (folder / "3.x").read_text())
        self.assertTrue("<title id=\"title\">memscope: told</title>" in (folder / "4.svg").read_text())
        self.assertEqual(self.taken(final), (16, 1251))

    def test_what_is_exported_under_memscope_run(self):
        self.check_exports()

    def test_what_is_exported_of_a_short_trace(self):
        for options in (("--compact",), ("--aggregate",), ("--ring", "1s"), ("--max-trace", "200K")):
            with self.subTest(options):
                self.check_exports(*options)

    def test_what_is_exported_without_a_recorder(self):
        self.check_exports(lone=True)

    def test_exports_that_fail_say_why(self):
        for words, why in (("/nowhere/x.json", b"/nowhere/x.json"), ("x.docx", b".docx"),
                           ("/nowhere/x.memscope", b"No such file")):
            said, recording = self.run_told(["take 1 1", f"export {words}"])
            self.assertEqual(said, ["-1"])
            self.assertIn(why, recording.stderr)

    def test_nothing_is_exported_of_nothing(self):
        said, _ = self.run_told(["export x.json"], "--start", "off")
        self.assertEqual(said, ["-1"])
        outcome = support.run(support.program("told"), input=b"export x.json\n")
        self.assertEqual(outcome.stdout, b"-1\ndone\n")

    def test_stats(self):
        lines = ["stats", "take 10 100", "free 4", "stats", "take 1 5000", "stats"]
        for options, strategy in (((), 0), (("--strategy", "lockfree"), 1), (("--budget", "5"), 3)):
            with self.subTest(options):
                said, recording = self.run_told(lines, *options)
                first, second, third = [list(map(int, line.split())) for line in said]
                self.assertEqual(second, [first[0] + 10, first[1], first[2] + 4, first[3] + 1000, strategy])
                self.assertEqual(third[0], second[0] + 1)
                summary = recording.report().summary
                self.assertEqual((summary["allocations"], summary["frees"]), (third[0], third[2]))
        told = self.start(MEMSCOPE_STRATEGY="async")
        self.assertEqual(told.say("stats"), ["unknown 2"])
        told.end()
        outcome = support.run(support.program("told"), input=b"stats\n")
        self.assertEqual(outcome.stdout, b"none\ndone\n")

    def test_signal(self):
        told = self.start(MEMSCOPE_START="off", MEMSCOPE_SIGNAL=signal.SIGUSR2.value)
        self.assertEqual(told.say("on"), ["off"])  # it is there to be signalled
        for expected in ("on", "off", "on"):
            os.kill(told.process.pid, signal.SIGUSR2)
            support.wait_until(lambda: told.say("on") == [expected], expected)
            told.say("take 10 100")
        self.assertEqual(self.taken(told.report()), (20, 2000))

    def test_a_child_goes_on_as_its_parent_was(self):
        for state, expected in (("pause", (0, 0)), ("resume", (7, 490))):
            with self.subTest(state):
                told = self.start(MEMSCOPE_START="off")
                told.say("resume")
                told.say(state)
                told.say("fork")  # the child goes on with our orders
                told.say("take 7 70")
                told.process.stdin.close()
                self.assertEqual(told.process.wait(support.PATIENCE), 0)
                told.process.stdout.close()
                traces = [path for path in told.trace.parent.iterdir() if path != told.trace]
                self.assertEqual(len(traces), 1)
                self.assertEqual(self.taken(support.Report(traces[0])), expected)

    def test_under_memscope_run(self):
        code = "take 5 500\nresume\ntake 6 600\npause\ntake 7 700\n"
        recording = self.record_well(
            support.program("told"), "--start", "off", input=code.encode()
        )
        self.assertEqual(self.taken(recording.report()), (6, 3600))

    def test_processes_that_cannot_be_switched(self):
        bare = subprocess.Popen(["sleep", "100"])
        self.addCleanup(bare.wait)
        self.addCleanup(bare.kill)
        for verb in ("attach", "detach"):
            outcome = support.memscope(verb, bare.pid)
            self.assert_one_line_error(outcome, 4, "not started with the library")
            self.assert_one_line_error(support.memscope(verb, 2**31 - 2), 4, "there is none")
            self.assert_one_line_error(support.memscope(verb, "x"), 2, "no process id")
            self.assert_one_line_error(support.memscope(verb), 2, "one process id")


if __name__ == "__main__":
    unittest.main(verbosity=2)
