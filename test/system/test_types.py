#!/usr/bin/env python3
"""Types of blocks and of variables, from the debug info of real programs: every number is known beforehand."""

import re

import support

FLAGS = ("-O0", "-O2")
COMPILERS = ("gcc", "clang")


class Types(support.TestCase):
    def build(self, compiler="gcc", *flags):
        out = self.fresh("")
        source = support.PROGRAM_SOURCES / "types.c"
        flags = ["-g", *flags, "-D_GNU_SOURCE", "-I", support.SOURCE / "include"]
        command = [compiler, *flags, "-o", out, source]
        outcome = support.run(list(map(str, command)))
        self.assertEqual(outcome.status, 0, outcome)
        return str(out)

    def report(self, program):
        return self.record_well([program]).report()

    def types(self, program):
        return {each["name"]: each for each in self.report(program).types}

    def test_all_types_have_their_numbers(self):
        expected = {  # name: class, form, size, live_count, live_blocks, live_bytes, padding_bytes
            "struct holey": ("struct", "single", 40, 1000, 1000, 40000, 16),
            "struct tight": ("struct", "mixed", 24, 501, 501, 12124, 0),
            "struct wasteful": ("struct", "array", 24, 100, 1, 2400, 7),
            "struct message": ("struct", "flexible", 8, 10, 10, 395, 2),
            "sample": ("struct", "array", 8, 64, 1, 512, 0),
            "char": ("text", "array", 1, 11, 1, 11, None),
        }
        keys = ("class", "form", "size", "live_count", "live_blocks", "live_bytes", "padding_bytes")
        for compiler in COMPILERS:
            for flags in FLAGS:
                types = self.types(self.build(compiler, flags))
                found = {name: tuple(each[key] for key in keys) for name, each in types.items()}
                self.assertEqual(found, expected, (compiler, flags))

    def test_padding_is_exact(self):
        report = self.report(self.build())
        holey = next(each for each in report.types if each["name"] == "struct holey")
        self.assertEqual(holey["live_padding_bytes"], 16 * 1000)
        self.assertEqual(holey["peak_padding_bytes"], 16 * 1000)
        (series,) = [each for each in report.data["type_series"] if each["name"] == "struct holey"]
        last = series["points"][-1]
        self.assertEqual((last["live_count"], last["live_bytes"], last["padding_bytes"]), (1000, 40000, 16000))
        self.assertEqual((holey["reordered_size"], holey["saved_bytes"]), (24, 16))
        holes = [(each["name"], each["offset"], each["size"], each["hole_bytes"]) for each in holey["members"]]
        self.assertEqual(
            holes, [("a", 0, 1, 7), ("b", 8, 8, 0), ("c", 16, 1, 7), ("d", 24, 8, 0), ("e", 32, 2, 2), ("f", 36, 4, 0)]
        )
        places = [(each["name"], each["offset"]) for each in holey["reordered"]]
        self.assertEqual(places, [("b", 0), ("d", 8), ("f", 16), ("e", 20), ("a", 22), ("c", 23)])
        (finding,) = [each for each in report.findings if each["kind"] == "padding"]
        self.assertEqual((finding["bytes"], finding["blocks"], finding["type"]), (16000, 1000, "struct holey"))
        self.assertIn("16,000 bytes of padding", finding["detail"])
        self.assertIn("b, d, f, e, a, c", finding["advice"])

    def test_without_debug_info_nothing_is_invented(self):
        program = self.build()
        support.run(["strip", program])
        report = self.report(program)
        self.assertEqual(report.findings, [])
        self.assertEqual([each["name"] for each in report.types], ["char"])  # which _Generic tells
        named = {each["name"]: each["type"] for each in report.variable_groups}
        self.assertEqual(named["holey"], None)
        self.assertEqual(named["text"], "char *")

    def test_sites_and_variables_know_their_types(self):
        report = self.report(self.build())
        sites = {each["variable"]: each["type"] for each in report.sites if each["variable"]}
        self.assertEqual(sites["holey"], "struct holey")
        self.assertEqual(sites["samples"], "sample")
        named = {each["name"]: each["type"] for each in report.variable_groups}
        self.assertEqual(named["holey"], "struct holey *")
        self.assertEqual(named["message"], "struct message *")

    def test_sites_are_listed_by_what_keeps_their_blocks(self):
        report = self.report(self.build())
        keepers = {each["variable"]: each for each in report.keepers}
        keys = ("type", "function", "evidence", "confidence", "sites", "peak_blocks", "live_bytes")
        found = tuple(keepers["holey"][key] for key in keys)
        self.assertEqual(found, ("struct holey", "main", "recorded", None, 1, 1000, 40000))
        self.assertEqual(report.keepers[0]["variable"], "holey")
        known = sum(each["bytes_allocated"] for each in report.sites if each["variable"])
        self.assertEqual(sum(each["bytes_allocated"] for each in report.keepers), known)

    def test_the_text_report_lists_types_and_findings(self):
        text = support.memscope("report", self.record_well([self.build()]).file).stdout.decode()
        self.assertIn("struct holey  1,000 of 40 B, 16 B of each padding (15.6 KiB)", text)
        self.assertIn("padding  struct holey: 16 of its 40 bytes", text)

    def test_types_that_the_program_describes_need_no_debug_info(self):
        source = self.fresh(".c")
        source.write_text(
            "#include <memscope.h>\n"
            "#include <stdlib.h>\n"
            "struct rec { char a; double b; int c; };\n"
            "int main(void) {\n"
            "    MEMSCOPE_STRUCT(struct rec, a, b);\n"
            "    for (int i = 0; i < 20; i++) {\n"
            "        struct rec *r = malloc(3 * sizeof *r);\n"
            '        MEMSCOPE_TRACK_AS(r, "r", "struct rec *");\n'
            "    }\n"
            "    return 0;\n"
            "}\n"
        )
        out = self.fresh("")
        command = ["gcc", "-g0", "-I", support.SOURCE / "include", "-o", out, source]
        self.assertEqual(support.run(list(map(str, command))).status, 0)
        (rec,) = [each for each in self.report(str(out)).types if each["name"] == "struct rec"]
        found = (rec["size"], rec["form"], rec["live_count"], rec["declared"], rec["evidence"])
        self.assertEqual(found, (24, "array", 60, True, "recorded"))
        self.assertEqual([each["name"] for each in rec["members"]], ["a", "b"])
        self.assertIsNone(rec["padding_bytes"])  # there may be members that it did not name

    def test_a_type_is_told_by_name_where_its_count_is(self):
        source = self.fresh(".c")
        source.write_text(
            "#include <memscope.h>\n"
            "#include <stdio.h>\n"
            "struct rec { char a; double b; int count; };\n"
            "int main(void) {\n"
            "    char name[16];\n"
            '    snprintf(name, sizeof name, "struct %s", "rec");\n'
            "    memscope_type(name, 16);\n"
            "    struct rec *r = malloc(sizeof *r);\n"
            '    MEMSCOPE_TRACK_AS(r, "r", "struct rec *");\n'
            "    memscope_ref_new(r, sizeof *r, 1);\n"
            "    return 0;\n"
            "}\n"
        )
        out = self.fresh("")
        for compiler, flags in (("gcc", ["-g0", "-std=c11"]), ("g++", ["-g0", "-x", "c++", "-fpermissive", "-w"])):
            command = [compiler, *flags, "-I", support.SOURCE / "include", "-o", out, source]
            self.assertEqual(support.run(list(map(str, command))).status, 0)
            report = self.report(str(out))
            (told,) = report.data["declared_types"]
            self.assertEqual((told["name"], told["size"], told["count_offset"]), ("struct rec", None, 16))
            (rec,) = report.smart_pointers
            self.assertEqual((rec["name"], rec["type"], rec["count_offset"]), ("r", "struct rec", 16))
            (finding,) = [each for each in report.findings if each["kind"] == "refcount"]
            self.assertIn("16 bytes from the start of a struct rec", finding["advice"])


class Libraries(support.TestCase):
    """Of blocks that a language's library allocates. A line of the source says at its end how their types begin, and
    which variable keeps them."""

    def expected(self, source):
        lines = source.read_text().splitlines()
        said = {number: re.search(r"; +// (.*?)(?: @(\w+))?$", line) for number, line in enumerate(lines, 1)}
        return {number: (sorted(match[1].split(" | ")), match[2]) for number, match in said.items() if match}

    def check(self, source, command):
        out = self.fresh("")
        outcome = support.run(list(map(str, [*command, "-o", out, source])))
        self.assertEqual(outcome.status, 0, outcome)
        report = self.record_well([str(out)]).report()
        found, names, expected = {}, {}, self.expected(source)
        for site in report.sites:
            frames = [each for each in site["stack"] or [] if (each["file"] or "").endswith(source.name)]
            if frames and frames[-1]["line"] in expected:
                found.setdefault(frames[-1]["line"], set()).add(site["type"])
                names.setdefault(frames[-1]["line"], set()).add(site["variable"])
        for line, (types, name) in expected.items():
            types_found = sorted(map(str, found.get(line, ())))
            fits = len(types_found) == len(types)
            fits = fits and all(map(str.startswith, types_found, types))
            self.assertTrue(fits, f"{source.name}:{line}, {command}: {types_found}, not {types}")
            keepers = {each.split(".")[0] for each in names[line] - {None}}
            self.assertTrue(not name or keepers <= {name, "all"}, (source.name, line, command, names[line]))
        report.unnamed = sum(None in names[line] for line, (_, name) in expected.items() if name)
        return report

    def test_containers_of_cpp_tell_their_types(self):
        source = support.PROGRAM_SOURCES / "templates.cpp"
        for compiler in ("g++", "clang++"):
            for flags in ("-O0", "-O2", "-O2 -gdwarf-4"):
                report = self.check(source, [compiler, "-std=c++17", "-g", *flags.split()])
                types = {each["name"]: each for each in report.types}
                widget = types["app::Widget"]
                self.assertEqual((widget["padding_bytes"], widget["nested_padding_bytes"]), (7, 4))
                element = types["std::pair<const int, app::Widget>"]
                self.assertEqual((element["form"], element["live_count"], element["padding_bytes"]), ("node", 1, 4))
                self.assertEqual(types["std::string"]["class"], "text")
                (tagged,) = [each for name, each in types.items() if name.startswith("app::Tagged<")]
                self.assertEqual((tagged["size"], tagged["padding_bytes"]), (40, 7), (compiler, flags))
                self.assertLessEqual(report.unnamed, 1, (compiler, flags))

    def test_types_that_dwz_has_moved_to_another_file_are_found(self):
        """As in the debug packages of distributions: what several files have in common is in one more."""
        one, other, shared = self.fresh(""), self.fresh(""), self.fresh(".debug")
        source = support.PROGRAM_SOURCES / "templates.cpp"
        for out in (one, other):
            outcome = support.run(["g++", "-std=c++17", "-g", "-o", str(out), str(source)])
            self.assertEqual(outcome.status, 0, outcome)
        before = self.record_well([str(one)]).report()
        outcome = support.run(["dwz", "-m", str(shared), "-M", str(shared), str(one), str(other)])
        self.assertEqual(outcome.status, 0, outcome)
        after = self.record_well([str(one)]).report()
        keys = ("name", "size", "form", "live_count", "padding_bytes")
        self.assertEqual(*([[each[key] for key in keys] for each in report.types] for report in (before, after)))
        names = [sorted(str(each["variable"]) for each in report.sites) for report in (before, after)]
        self.assertEqual(*names)

    def test_generics_of_rust_tell_their_types(self):
        source = support.PROGRAM_SOURCES / "generics.rs"
        for flags in ([], ["-O"]):
            report = self.check(source, ["rustc", "--edition", "2021", "-g", *flags])
            types = {each["name"]: each for each in report.types}
            self.assertEqual(types["generics::Node"]["padding_bytes"], 3)
            leaf = types["alloc::collections::btree::node::LeafNode<u32, u64>"]
            self.assertEqual((leaf["padding_bytes"], leaf["class"]), (0, "collection"))


if __name__ == "__main__":
    support.main()
