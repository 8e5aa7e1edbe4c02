#!/usr/bin/env python3
"""Containers in the report: arrays that grow by realloc, which nobody speaks of, and those that a program or
an adapter's header tells of. The programs print what they and their libraries know: NAME.FIELD=VALUE."""

import math
import shutil

import support

WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror".split()
IN_CXX = """
#include <memscope/adapt_uthash.h>
#include <memscope/adapt_glib.h>
#include <memscope/adapt_klib.h>
#include <stb/stb_ds.h>
#include <memscope/adapt_stb_ds.h>
struct user { int id; UT_hash_handle hh; };
void use(user *users, int *array, GArray *garray, GHashTable *table) {
    HASH_ADD_INT(users, id, users);
    MEMSCOPE_UTHASH(users);
    MEMSCOPE_STB_ARRAY(array);
    MEMSCOPE_G_ARRAY(garray);
    MEMSCOPE_G_HASH_TABLE(table);
}
"""


def books(recording):
    lines = (line.partition("=") for line in recording.stdout.decode().splitlines())
    return [(*key.rsplit(".", 1), value) for key, _, value in lines]


def as_text(container, field):
    if field == "alive":
        return str(int(container["died_ns"] is None))
    value = container[field]
    return f"{value:.9f}" if field.endswith("_factor") else str(value)


class Containers(support.TestCase):
    def compare(self, program, kind):
        """The program's books are the report's containers, which are returned by name."""
        recording = self.record_well([support.PROGRAMS / program])
        self.containers = recording.report().containers
        lines = books(recording)
        self.assertGreater(len(lines), 5)
        found = {name: self.find(name, kind(name)) for name, _, _ in lines}
        for name, field, value in lines:
            self.assertEqual(as_text(found[name], field), value, f"{name}.{field}")
        return found

    def find(self, name, kind):
        """The only one of that kind: by its own name, or that of the function it grows in."""
        (found,) = [
            container
            for container in self.containers
            if container["kind"] == kind and name in (container["name"], container["function"])
        ]
        return found

    def test_arrays_grown_by_realloc(self):
        found = self.compare("arrays", lambda name: "declared" if name == "list" else "realloc")
        for name in ("doubles", "adds_a_few"):
            self.assertGreater(found[name]["copies"], 0)
            self.assertIsNone(found[name]["used"])
            self.assertEqual(found[name]["evidence"], "recorded")
            self.assertTrue(found[name]["file"].endswith("arrays.c"))

    def test_arrays_in_the_text(self):
        trace = self.record_well([support.PROGRAMS / "arrays"]).file
        text = support.memscope("report", trace).stdout.decode()
        section = text[text.index("Containers: ") :].split("\n\n")[0]
        self.assertRegex(section, r"a->items +58 arrays, grew \d+ times, x2, to 16.0 KiB; in\s+doubles")
        self.assertRegex(section, r"list +grew 7 times, x2, to 4.0 KiB; 96 B not in use; load factor\s+0.98")

    def test_arrays_of_a_sampled_program_are_at_least_so_many(self):
        exact = self.record_well([support.PROGRAMS / "arrays"]).report()
        sampled = self.record_well([support.PROGRAMS / "arrays"], "--sample", "2K").report()
        growths = {
            report: sum(c["growths"] for c in report.containers if c["kind"] == "realloc")
            for report in (exact, sampled)
        }
        self.assertLess(growths[sampled], growths[exact])
        for container in sampled.containers:
            if container["kind"] == "realloc":
                self.assertEqual(container["evidence"], "estimated")

    def test_a_compact_trace_does_not_know_what_was_copied(self):
        report = self.record_well([support.PROGRAMS / "arrays"], "--compact").report()
        self.assertGreater(len(report.containers), 2)
        for container in report.containers:
            self.assertIsNone(container["copies"])
            self.assertIsNone(container["copied_bytes"])
            self.assertGreater(container["growths"], 0)

    def test_uthash(self):
        self.compare("adapt_uthash", lambda name: "declared")

    def test_stb_ds_and_klib(self):
        self.compare("adapt_stb_ds", lambda name: "declared")

    def test_glib(self):
        found = self.compare("adapt_glib", lambda name: "declared")
        for name in ("points", "bytes", "names"):
            self.assertEqual(found[name]["slack_bytes"], found[name]["capacity"] - found[name]["used"])
        self.assertEqual(found["points"]["capacity"], 4096)  # GLib makes powers of two of it
        self.assertEqual(found["names"]["capacity"], 512 * 8)
        self.assertGreater(found["points"]["growths"], 3)
        prices = found["prices"]
        self.assertTrue(math.log2(prices["slots"]).is_integer())
        self.assertEqual(prices["load_factor"], 300 / prices["slots"])
        self.assertIn(prices["capacity"], (4 * prices["slots"], 8 * prices["slots"]))

    def test_headers_of_adapters_warn_nobody(self):
        glib = support.run(["pkg-config", "--cflags", "glib-2.0"]).stdout.decode().split()
        flags = [*WARNINGS, "-O1", "-D_GNU_SOURCE", "-I", str(support.SOURCE / "include"), *glib]
        in_cxx = self.fresh(".cpp")
        in_cxx.write_text(IN_CXX)
        sources = [support.PROGRAM_SOURCES / f"adapt_{name}.c" for name in ("uthash", "stb_ds", "glib")]
        cases = [("gcc", source) for source in sources] + [("clang", source) for source in sources]
        for compiler, source in [*cases, ("g++", in_cxx), ("clang++", in_cxx)]:
            if shutil.which(compiler) is None:
                continue
            for more in ([], ["-DMEMSCOPE_DISABLE"]):
                with self.subTest(f"{compiler} {more} {source}"):
                    standard = "c++17" if source is in_cxx else "gnu11"
                    command = [compiler, f"-std={standard}", *flags, *more]
                    command += ["-c", "-o", "/dev/null", str(source)]
                    outcome = support.run(command)
                    self.assertEqual((outcome.status, outcome.stderr), (0, b""))


if __name__ == "__main__":
    support.main()
