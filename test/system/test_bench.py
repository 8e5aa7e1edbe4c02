#!/usr/bin/env python3
"""bench/run measures what it says: the same program under every tool, the tool's own processes apart.
How fast anything is, is not tested here."""

import csv
import sys

import support

BENCH = support.SOURCE / "bench"
sys.path.insert(0, str(BENCH))
import measure
import tools
import workloads


class Bench(support.TestCase):
    def bench(self, name, *arguments):
        environment = support.clean_environment(MEMSCOPE_BUILD=support.BUILD)
        return support.run([str(BENCH / name), *arguments], env=environment)

    def measure(self, tool, workload):
        folder = self.fresh().parent
        return measure.measure(tools.BY_NAME[tool], workloads.BY_NAME[workload], 64, folder)

    def test_every_chosen_tool_has_its_row(self):
        table = self.fresh(".tsv")
        options = ["--scale", "64", "--rounds", "1", "--tools", "exact,stackless", "--tsv", str(table)]
        outcome = self.bench("run", "micro-5", "threads-2", *options)
        self.assertEqual(outcome.status, 0, outcome)
        with open(table, newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        found = [(row["workload"], row["tool"]) for row in rows]
        names = ("micro-5", "threads-2")
        self.assertEqual(found, [(name, tool) for name in names for tool in ("exact", "stackless")])
        self.assertEqual(int(rows[0]["events"]), 2 * 8000000 // 64)
        self.assertGreater(float(rows[0]["total_cpu_min"]), float(rows[0]["app_cpu_min"]))

    def test_the_tools_own_processes_are_apart(self):
        bare, exact = self.measure("bare", "micro-5"), self.measure("exact", "micro-5")
        self.assertEqual((bare.others, bare.trace), (0, 0))
        self.assertGreater(exact.others, 0)
        self.assertGreater(exact.trace, 0)

    def test_a_program_that_fails_is_an_error(self):
        failing = workloads.Workload("failing", "", lambda scale: ["sh", "-c", "echo why; exit 3"])
        with self.assertRaisesRegex(RuntimeError, "failing under exact ended with 3:\n(.*\n)*why"):
            measure.measure(tools.BY_NAME["exact"], failing, 1, self.fresh().parent)

    def test_unknown_names_are_refused(self):
        for name, word in (("run", b"no workload or group nonsense"), ("endure", b"bench/endure NAME")):
            outcome = self.bench(name, "nonsense")
            self.assertNotEqual(outcome.status, 0)
            self.assertIn(word, outcome.stdout + outcome.stderr)


if __name__ == "__main__":
    support.main()
