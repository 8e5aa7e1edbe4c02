#!/usr/bin/env python3
"""What happened to a variable from its block's birth to its end, and where: the words that have a stack anyway,
those that have one with --word-stacks, and releases, which have one with --free-stacks."""

import os

import support

# Kinds of change, each with the function it is made in: a word that takes its stack anyway, one that takes it when
# asked, a release.
ALWAYS, WORD, FREE = "always", "word", "free"
LIVES = {
    "freed": [("tracked", WORD, "track_freed"), ("freed", FREE, "free_it")],
    "deleted": [("tracked", WORD, "track_deleted"), ("freed", FREE, "delete_it")],
    "shrunk": [("tracked", WORD, "track_shrunk"), ("freed", FREE, "shrink_to_nothing")],
    "elsewhere": [("tracked", WORD, "track_elsewhere"), ("freed", FREE, "free_in_thread")],
    "giver": [("tracked", WORD, "change_hands"), ("given", ALWAYS, "give")],
    "taker": [
        ("tracked", ALWAYS, "give"),
        ("shared", ALWAYS, "share"),
        ("borrowed", WORD, "lend"),
        ("returned", WORD, "lend"),
        ("handed_over", ALWAYS, "hand_over"),
        ("reclaimed", ALWAYS, "hand_over"),
        ("freed", FREE, "free_it"),
    ],
    "partner": [
        ("tracked", ALWAYS, "share"),
        ("borrowed", WORD, "lend"),
        ("returned", WORD, "lend"),
        ("handed_over", ALWAYS, "hand_over"),
        ("reclaimed", ALWAYS, "hand_over"),
        ("freed", FREE, "free_it"),
    ],
    "number": [("tracked", WORD, "count"), ("value", WORD, "count"), ("untracked", WORD, "count")],
}


def functions(stack):
    """Innermost first. What the headers put there is left out by the report."""
    return [(frame["function"] or "?").split("(")[0] for frame in stack or []]


def place_of(change):
    names = functions(change["stack"])
    return names[0] if names else None


class Lifecycles(support.TestCase):
    def lives(self, *options):
        if not os.path.exists(support.program("lifecycles")[0]):
            self.skipTest("no C++ compiler: lifecycles.cpp was not built")
        return self.record_like_bare(support.program("lifecycles"), *options).report()

    def check(self, report, *taken):
        """Every change is there, and has a stack exactly when those of its kind were taken."""
        for name, steps in LIVES.items():
            (variable,) = (each for each in report.variables if each["name"] == name)
            history = variable["history"]
            if name != "number":
                born = history.pop(0)
                self.assertEqual((born["kind"], born["stack"]), ("allocated", None))
                self.assertIsNotNone(born["site"], name)
            found = [(change["kind"], place_of(change)) for change in history]
            expected = [(kind, where if when in (ALWAYS, *taken) else None) for kind, when, where in steps]
            self.assertEqual(found, expected, name)
            self.assertTrue(all(change["thread_id"] for change in history))

    def test_words_that_change_owners_have_a_stack(self):
        self.check(self.lives())

    def test_releases_have_one_when_asked(self):
        report = self.lives("--free-stacks")
        self.check(report, FREE)
        for passport in report.passports:
            self.assertIn("free_it", functions(passport["stamps"][-1]["stack"]))

    def test_all_words_have_one_when_asked(self):
        self.check(self.lives("--word-stacks"), WORD)

    def test_everything_has_one_when_asked(self):
        self.check(self.lives("--word-stacks", "--free-stacks"), WORD, FREE)

    def test_a_stack_leads_to_the_start_of_its_thread(self):
        report = self.lives("--free-stacks")
        ends = {each["name"]: functions(each["history"][-1]["stack"]) for each in report.variables}
        self.assertEqual(ends["freed"][:3], ["free_it", "track_freed", "main"])
        self.assertEqual(ends["elsewhere"][0], "free_in_thread")
        self.assertNotIn("main", ends["elsewhere"])

    def test_without_stacks_there_is_none(self):
        report = self.lives("--free-stacks", "--word-stacks", "--no-stacks")
        stacks = [change["stack"] for each in report.variables for change in each["history"]]
        self.assertEqual(set(map(str, stacks)), {"None"})

    def test_who_releases_is_known_alike(self):
        pairs = [
            {(p["allocated_by"], p["freed_by"]): p["blocks"] for p in self.lives(*options).module_pairs}
            for options in ((), ("--free-stacks",))
        ]
        self.assertEqual(*pairs)

    def test_words_are_said_by_the_program_though_nothing_was_inlined(self):
        """Then the functions of the headers are on the stacks like any other."""
        self.needs("g++", "clang++")
        source = support.PROGRAM_SOURCES / "lifecycles.cpp"
        for compiler in ("g++", "clang++"):
            program = self.directory / f"lifecycles-{compiler}"
            command = [compiler, "-O0", "-g", "-std=c++17", "-pthread", "-I", support.SOURCE / "include"]
            outcome = support.run([*command, source, "-o", program])
            self.assertEqual(outcome.status, 0, outcome)
            recording = self.record_well([program], "--word-stacks", "--free-stacks")
            self.check(recording.report(), WORD, FREE)

    def test_without_a_recorder(self):
        program, file = support.program("lifecycles"), self.fresh()
        environment = support.clean_environment(
            LD_PRELOAD=support.LIBRARY,
            MEMSCOPE_OUTPUT=file,
            MEMSCOPE_FREE_STACKS="1",
            MEMSCOPE_WORD_STACKS="1",
        )
        outcome = support.run(program, env=environment)
        self.assertEqual((outcome.status, outcome.stdout), (0, b"lifecycles done\n"))
        self.check(support.Report(file), WORD, FREE)


if __name__ == "__main__":
    support.main()
