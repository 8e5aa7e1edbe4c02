#!/usr/bin/python3
"""The examples run the same with and without memscope, and what their books say is in the report.

An example prints its books as lines LIST.NAME.FIELD=VALUE; examples/example.h says how they are read.
Every line is compared, so an example holds whatever it prints."""

import math
import re
import unittest

import support

EXAMPLES = support.BUILD / "examples"
SOURCES = support.SOURCE / "examples"
OTHER_COMPILER = (EXAMPLES / "other").is_dir()
LINE = re.compile(r"(?P<list>\w+)\.(?P<name>[^=]+?)(?:\.(?P<which>each|most))?\.(?P<field>\w+)=(?P<value>.*)")

# List of a line -> list of the report, the field that names its records.
LISTS = {
    "variable": ("variables", "name"),
    "scope": ("scopes", "scope"),
    "thread": ("threads", "thread"),
    "task": ("tasks", "task"),
    "smart_pointer": ("smart_pointers", "kind"),
    "container": ("containers", "name"),
    "passport": ("passports", "status"),
}
# Every record of the name has the same; all others are sums.
SHARED = {"size", "type", "function", "file", "scope", "task", "thread", "end", "status"}


def books(text):
    """The lines of the output that are books, in order: {key: value}, and each one taken apart."""
    found = {}
    for line in text.splitlines():
        match = LINE.fullmatch(line)
        if match:
            key = line.partition("=")[0]
            assert key not in found, f"{key} is printed twice"
            found[key] = match
    return found


def records_of(report, kind, name):
    if kind == "site":
        return [
            site
            for site in report.sites
            if any(frame["function"] == name for frame in site["stack"] or [])
        ]
    table, names = LISTS[kind]
    named = [record for record in report.data[table] if record[names] == name]
    return [record for record in named if kind != "container" or record["kind"] == "declared"]


def values_of(record):
    """What a scalar was, from its first day to its last."""
    return [change["value"] for change in record["history"] if change["value"] is not None]


def parent_of(report, kind, record):
    table, names = LISTS[kind]
    found = [other for other in report.data[table] if other["id"] == record["parent"]]
    return found[0][names] if found else ""


def derived(report, kind, field, records):
    """What is not a field of the report, but follows from some; None: it is one."""
    if field == "count":
        return len(records)
    if field == "alive":
        return sum(record["died_ns"] is None for record in records)
    if field == "zombies":
        return sum(record["zombie"] for record in records)
    if field == "bytes":
        return sum(record["size"] or 0 for record in records)
    if field == "value":
        return values_of(records[0])[-1]
    if field == "values":
        return ",".join(map(str, values_of(records[0])))
    if field == "parent":
        (parent,) = {parent_of(report, kind, record) for record in records}
        return parent
    return None


def truth(report, line, claimed):
    """What the report has for a line, as text. Of an estimate: the claim, if it is within the error."""
    kind, name, which, field = line["list"], line["name"], line["which"], line["field"]
    records = records_of(report, kind, name)
    value = derived(report, kind, field, records)
    if value is not None:
        return str(value)
    values = [record[field] for record in records]
    if which == "each":
        return ",".join(map(str, sorted(values)))
    if which == "most":
        return str(max(values, default=None))
    if field in SHARED:
        return " or ".join(sorted(set(map(str, values))))
    errors = [record.get(field + "_error") or 0 for record in records]
    error = math.hypot(*errors)
    if error > 0 and abs(sum(values) - int(claimed)) <= 5.5 * error:
        return claimed
    return str(sum(values))


class Books(support.TestCase):
    """What an example prints is compared with a report of it."""

    def compare(self, report, output):
        lines = books(output)
        self.assertGreater(len(lines), 5, output)
        claimed = {key: line["value"] for key, line in lines.items()}
        found = {key: truth(report, line, line["value"]) for key, line in lines.items()}
        wrong = {key: (claimed[key], found[key]) for key in claimed if claimed[key] != found[key]}
        self.assertEqual(wrong, {}, "(claimed, found)")


class Examples(Books):
    def variants(self, name):
        if name.startswith("rust"):
            return ("other",)
        return ("disabled", "other") if OTHER_COMPILER and name != "coroutine" else ("disabled",)

    def check(self, name, *options):
        """Runs it bare in all ways it is built, and recorded; compares its books; gives the report."""
        recording = self.record_like_bare([EXAMPLES / name], *options)
        self.assertEqual(recording.status, 0, recording)
        for variant in self.variants(name):
            again = support.run([str(EXAMPLES / variant / name)])
            self.assertEqual(again.stdout, recording.stdout, variant)
            self.assertEqual(again.status, 0, again)
        report = recording.report()
        self.output = recording.stdout
        self.assertEqual(report.dropped(), 0)
        self.assertEqual(report.misuses, [])
        self.compare(report, recording.stdout.decode())
        return report

    def test_basic_usage(self):
        self.check("basic_usage")

    def test_lifecycles(self):
        report = self.check("lifecycles")
        variables = {variable["name"]: variable for variable in report.variables}
        (order,) = re.findall(rb"^deaths=(.*)$", self.output, re.MULTILINE)
        deaths = [variables[name]["died_ns"] for name in order.decode().split(",")]
        self.assertEqual(deaths, sorted(deaths))
        kinds = [change["kind"] for change in variables["copy"]["history"]]
        self.assertEqual(kinds, ["allocated", "tracked", "borrowed", "returned", "freed"])
        history = variables["log"]["history"]
        sizes = [change["size"] for change in history]
        self.assertEqual(sizes, [256, 256, 512, 1024, 2048, 4096, 4096])
        callers = {site["id"]: [frame["function"] for frame in site["stack"]] for site in report.sites}
        for change in history:
            made = change["kind"] in ("allocated", "resized", "moved")
            self.assertEqual(made, "grown" in callers.get(change["site"], ()), change)

    def test_complex_lifecycle(self):
        self.check("complex_lifecycle")

    def test_smart_pointers(self):
        self.check("smart_pointers")

    def test_multithreaded(self):
        self.check("multithreaded")

    def test_lockfree_totals_are_exact_and_what_is_live_is_within_its_error(self):
        for options in ((), ("--strategy", "lockfree"), ("--strategy", "lockfree", "--sample", "16K")):
            with self.subTest(options):
                report = self.check("lockfree", *options)
                evidence = "estimated" if options else "recorded"
                self.assertEqual(report.summary["evidence"], evidence)

    def test_heavy_workload(self):
        self.check("heavy_workload")

    def test_memory_stress(self):
        self.check("memory_stress")

    def test_merkle_tree(self):
        self.check("merkle_tree")

    def test_variable_relationships(self):
        self.check("variable_relationships")

    def test_data_pipeline(self):
        self.check("data_pipeline")

    def test_fft_multithreaded(self):
        self.check("fft_multithreaded")

    def test_web_server(self):
        self.check("web_server")

    def test_hybrid(self):
        self.check("hybrid")

    def test_async_tasks(self):
        self.check("async_tasks", "--strategy", "async")

    def test_async_uv(self):
        self.check("async_uv", "--strategy", "async")

    def test_async_glib(self):
        self.check("async_glib", "--strategy", "async")

    def test_gobject(self):
        report = self.check("gobject")
        titles = [finding["title"] for finding in report.findings if finding["kind"] == "refcount"]
        # a view let go what open_view() had taken: what is told apart is who took, not whose is left
        for functions in ("add_bookmark or open_view", "link_views"):
            self.assertTrue(any(title.endswith(f"taken in {functions}") for title in titles), titles)

    def test_coroutines(self):
        self.check("coroutines", "--strategy", "async")

    def test_coroutine(self):
        self.check("coroutine", "--strategy", "async")

    def test_cpp_containers(self):
        self.check("cpp_containers")

    def test_ffi_demo(self):
        self.needs("rustc")
        self.check("ffi_demo")

    def test_ffi_demo_with_the_rust_side_in_a_library_of_its_own(self):
        self.needs("rustc")
        recording = self.record_like_bare([EXAMPLES / "shared/ffi_demo"])
        report = recording.report()
        self.assertEqual((recording.status, report.misuses, report.dropped()), (0, [], 0))
        self.compare(report, recording.stdout.decode())
        ours = ("c_make_label", "rust_use_labels", "main")
        (site,) = report.sites_in(*ours)
        modules = {frame["function"]: frame["module"] for frame in site["stack"]}
        self.assertEqual([modules[name] for name in ours], ["ffi_demo", "libffi_demo.so", "ffi_demo"])
        self.assertTrue(report.sites_in("rust_shout"))

    def test_rust_tasks(self):
        self.needs("rustc")
        report = self.check("rust_tasks", "--strategy", "async")
        sizes = sorted(variable["size"] for variable in report.variables if variable["name"] == "lines")
        self.assertEqual(sizes, [164 + number for number in range(40)])  # as they have grown
        for task in report.tasks:
            self.assertTrue(task["file"].endswith("/rust_tasks.rs"), task)
        other = self.record_like_bare([EXAMPLES / "other/rust_tasks"])
        self.compare(other.report(), other.stdout.decode())


class TheSet(unittest.TestCase):
    def test_every_example_is_tested_and_in_the_table(self):
        table = (support.SOURCE / "docs/examples.md").read_text()
        for source in [*SOURCES.glob("*.c"), *SOURCES.glob("*.cpp"), *SOURCES.glob("rust_*.rs")]:
            self.assertIn(f"`{source.stem}`", table)
            self.assertTrue(any(source.stem in name for name in dir(Examples)), source.stem)

    def test_both_compilers_were_there(self):
        if not OTHER_COMPILER:
            self.skipTest("gcc or clang was not installed when the examples were built")

    def test_a_wrong_line_is_found(self):
        """The comparison can fail: for a field, a sum, a record that is not there."""

        class Fake:
            data = {"threads": [{"thread": "one", "frees": 2}, {"thread": "one", "frees": 3}]}

        lines = books("thread.one.frees=5\nthread.one.count=2\nthread.two.frees=1\nnot of the books\n")
        self.assertEqual([truth(Fake, line, "") for line in lines.values()], ["5", "2", "0"])


if __name__ == "__main__":
    support.main()
