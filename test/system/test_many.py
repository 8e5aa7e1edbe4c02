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


if __name__ == "__main__":
    support.main()
