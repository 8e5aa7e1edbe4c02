#!/usr/bin/env python3
"""Many variables: that all are there, and what they cost the program that is recorded."""

import collections
import json
import re

import support

VARIABLES = 1000000  # of many_variables.c
BYTES_EACH = 48  # a live tracked variable may take so many in the traced process
TASKS, TURNS = 50, 10000  # of many_tasks.c


class Many(support.TestCase):
    def grown(self, outcome):
        self.assertEqual((outcome.status, outcome.stderr), (0, b""), outcome)
        return int(outcome.stdout)

    def test_a_tracked_variable_takes_next_to_no_memory_of_the_program(self):
        command = support.program("many_variables")
        bare = self.grown(support.run(command))
        recorded = self.grown(self.record_well(command, "--quiet"))
        file = self.fresh()
        environment = support.clean_environment(LD_PRELOAD=support.LIBRARY, MEMSCOPE_OUTPUT=file)
        alone = self.grown(support.run(command, env=environment))
        for grown in (recorded, alone):
            self.assertLessEqual((grown - bare) / VARIABLES, BYTES_EACH)

    def lists(self, path):
        """Of a report too large to be held: the task of each variable, counted, and all tasks."""
        with open(path, encoding="utf-8") as file:
            owners, tasks, within = collections.Counter(), ["["], None
            for line in file:
                if start := re.fullmatch(r'  "(\w+)": \[\n', line):
                    within = start[1]
                elif line.startswith("  ]"):
                    within = None
                elif within == "variables" and (task := re.match(r' +"task_id": (\d+)', line)):
                    owners[int(task[1])] += 1
                elif within == "tasks":
                    tasks.append(line)
        return owners, json.loads("".join(tasks) + "]")

    def test_ten_thousand_variables_of_each_of_fifty_tasks(self):
        recording = self.record_well(support.program("many_tasks"), "--quiet")
        report = self.fresh(".json")
        self.assertEqual(support.memscope("report", recording.file, "-o", report).status, 0)
        owners, tasks = self.lists(report)
        self.assertEqual(set(owners.values()), {TURNS})
        self.assertEqual(set(owners), {task["id"] for task in tasks})
        found = sorted(
            (task["bytes_allocated"], task["allocations"], task["live_blocks"], task["live_bytes"])
            for task in tasks
        )
        expected = [
            (TURNS * size, TURNS, TURNS * 9 // 10, TURNS * 9 // 10 * size)
            for size in range(16, 16 + TASKS)
        ]
        self.assertEqual(found, expected)

    def test_a_hundred_thousand_tasks_are_told_by_name(self):
        """One by one only those that are worth it; what is said of all of them is exact."""
        recording = self.record_well(support.program("short_tasks"), "--quiet")
        report = recording.report()
        self.assertEqual((len(report.tasks), report.capture["tasks_left_out"]), (20000, 80001))
        self.assertEqual(sum(task["live_bytes"] for task in report.tasks), 100 * 16)
        self.assertEqual(sum(task["zombie"] for task in report.tasks), 10)
        found = {group["task"]: group for group in report.task_groups}
        self.assertEqual(set(found), {"server", "request", "idle"})
        sizes = [32 + i % 1000 for i in range(100000) if i % 100 != 99]
        request = found["request"]
        self.assertEqual(request["tasks"], len(sizes))
        self.assertEqual(request["bytes_allocated"], sum(sizes))
        self.assertEqual((request["live_blocks"], request["live_bytes"]), (100, 1600))
        self.assertEqual((request["zombies"], request["ended"]), (10, len(sizes) - 10))
        self.assertEqual(request["max_bytes"], max(sizes))
        self.assertEqual(request["p50_bytes"], sorted(sizes)[(len(sizes) + 1) // 2 - 1])
        self.assertEqual((found["idle"]["tasks"], found["idle"]["allocations"]), (1000, 0))
        text = support.memscope("report", recording.file).stdout.decode()
        tasks = text.partition("Tasks: ")[2].partition("\n\n")[0].splitlines()
        self.assertTrue(tasks[0].startswith("100,001 tasks by name"), tasks)
        self.assertLess(len(tasks), 10)
        page = self.fresh(".html")
        self.assertEqual(support.memscope("report", recording.file, "-o", page).status, 0)
        self.assertLess(page.stat().st_size, 2000000)


if __name__ == "__main__":
    support.main()
