#!/usr/bin/env python3
"""Counted objects in the report: who holds what nobody lets go, by function; for what memscope.h counts, and
for GObjects, of which programs need not say a word."""

import support


def refcounts(report):
    return [finding for finding in report.findings if finding["kind"] == "refcount"]


def holders(pointer):
    return {
        holder["function"]: (holder["refs"], holder["unrefs"], holder["made"])
        for holder in pointer["holders"]
    }


class Counted(support.TestCase):
    def test_findings_name_the_function_that_kept_a_reference(self):
        report = self.record_well([support.PROGRAMS / "references"]).report()
        found = [(f["title"], f["detail"], f["blocks"], f["bytes"]) for f in refcounts(report)]
        self.assertCountEqual(
            found,
            [
                (
                    "2 counted objects released too often, last in drop_twice, such as object",
                    "more references were dropped than were taken",
                    2,
                    40,
                ),
                (
                    "3 counted objects with references left at the end, taken in leaky_arc",
                    "leaky_arc took 6 references of them and dropped 3",
                    3,
                    600,
                ),
                (
                    "3 counted objects with references left at the end, taken in leaky_rc",
                    "leaky_rc took 6 references of them and dropped 3",
                    3,
                    300,
                ),
                (
                    "1 counted object with references left at the end, made in forget_box",
                    "forget_box made them, and nobody kept a reference that was taken later",
                    1,
                    300,
                ),
                (
                    "3 counted objects with references left at the end, taken in leaky_count, such as object",
                    "leaky_count took 3 references of them and dropped 0",
                    3,
                    150,
                ),
            ],
        )
        stacks = [f["stacks"]["free" if "too often" in f["title"] else "alloc"] for f in refcounts(report)]
        for finding, stack in zip(found, stacks):
            functions = [frame["function"] for frame in stack]
            self.assertTrue(any(function in finding[0] for function in functions), functions)

    def test_text(self):
        trace = self.record_well([support.PROGRAMS / "references"]).file
        text = support.memscope("report", trace).stdout.decode()
        section = text[text.index("Counted objects: ") :].split("\n\n")[0]
        self.assertRegex(section, r"600 B +arc +3 held of 3; 6 references taken, at most 3 of one")
        self.assertRegex(section, r"300 B +box +1 held of 3; 0 references taken, at most 1 of one")
        self.assertRegex(section, r"300 B +rc +3 held of 5; 6 references taken, at most 2 of one")

    def test_holders_are_those_of_what_is_held(self):
        report = self.record_well([support.PROGRAMS / "references"]).report()
        for pointer in report.smart_pointers:
            if pointer["kind"] == "arc":
                self.assertEqual(
                    holders(pointer), {"leaky_arc": (2, 1, False), "main": (0, 1, True)}
                )
                self.assertEqual((pointer["held"], pointer["real_count"]), (1, 1))
            if pointer["size"] in (10, 21):
                self.assertEqual(pointer["holders"], [])


class GObjects(support.TestCase):
    def record_objects(self, mode, *options):
        recording = self.record_like_bare([support.PROGRAMS / "gobject_leaks", mode], *options)
        self.said = dict(line.split("=") for line in recording.stdout.decode().splitlines())
        return recording.report()

    def test_a_clean_program_has_no_findings(self):
        report = self.record_objects("clean")
        self.assertEqual(refcounts(report), [])
        self.assertEqual(report.misuses, [])
        widgets = [p for p in report.smart_pointers if p["type"] == "Widget"]
        self.assertEqual(len(widgets), int(self.said["disposed"]))
        for pointer in report.smart_pointers:
            self.assertEqual(pointer["kind"], "gobject")
            self.assertFalse(pointer["leaked"])
            self.assertEqual(pointer["over_released"], 0)
            self.assertIsNotNone(pointer["died_ns"])

    def test_a_missing_unref_is_named_with_its_function(self):
        report = self.record_objects("leaks")
        self.assertEqual(report.misuses, [])
        self.assertEqual(
            {(f["title"], f["type"], f["blocks"]) for f in refcounts(report)},
            {
                (
                    "1 counted object (Widget) with references left at the end, taken in leaky_owner",
                    "Widget",
                    1,
                ),
                (
                    "2 counted objects (Node) with references left at the end, taken in link_up",
                    "Node",
                    2,
                ),
                (
                    "3 counted objects (Widget) with references left at the end, made in create_widget",
                    "Widget",
                    3,
                ),
            },
        )
        left = [p for p in report.smart_pointers if p["leaked"]]
        self.assertEqual(len(left), 6)
        for pointer in left:
            self.assertEqual(pointer["real_count"], int(self.said[pointer["type"].lower()]))
            self.assertEqual(pointer["untracked"], 0)
        (leaky,) = [p for p in left if "leaky_owner" in holders(p)]
        self.assertEqual(
            holders(leaky),
            {
                "leaky_owner": (1, 0, False),
                "create_widget": (0, 0, True),
                "widget_init": (1, 1, False),
                "careful_owner": (1, 1, False),
                "destroy_widget": (0, 1, False),
            },
        )

    def test_threads_that_share_objects_leave_none(self):
        recording = self.record_like_bare([support.PROGRAMS / "gobject_threads"])
        report = recording.report()
        self.assertEqual(refcounts(report), [])
        self.assertEqual(report.misuses, [])
        objects = [p for p in report.smart_pointers if p["type"] == "GObject"]
        self.assertEqual(f"objects={len(objects)}\n", recording.stdout.decode())
        self.assertEqual([p for p in objects if p["held"]], [])

    def test_references_that_pass_nobody_by_are_told_apart(self):
        report = self.record_objects("clean")
        untracked = [p["untracked"] for p in report.smart_pointers if p["untracked"]]
        self.assertGreater(len(untracked), 0)  # by GValue, and by data of another object

    def test_nothing_is_recorded_while_recording_is_off(self):
        recording = self.record_well([support.PROGRAMS / "gobject_leaks", "leaks"], "--start", "off")
        for trace in recording.traces:
            self.assertEqual(support.Report(trace).smart_pointers, [])

    def test_tools_of_glib_are_clean(self):
        objects = 0
        for command in (
            ["gio", "mime", "text/plain"],
            ["gio", "info", "/etc/passwd"],
            ["gdbus", "call", "--address", "unix:path=/nonexistent", "--dest", "a.b"]
            + ["--object-path", "/", "--method", "a.b.c"],
        ):
            with self.subTest(" ".join(command)):
                recording = self.record_like_bare(command)
                report = recording.report()
                self.assertEqual(refcounts(report), [])
                self.assertEqual(report.misuses, [])
                objects += len(report.smart_pointers)
        self.assertGreater(objects, 10)


if __name__ == "__main__":
    support.main()
