#!/usr/bin/env python3
"""Variables and types of blocks are told from debug info and code alone: every line of test/programs/named.c that
allocates says what keeps the block and what it is, and the report must agree, however the program was built."""

import json
import random
import re
import subprocess

import support

SOURCE = support.PROGRAM_SOURCES / "named.c"


def expectations():
    """{line: (variable, type)}; a type "?" cannot be told."""
    found = {}
    for number, line in enumerate(SOURCE.read_text().splitlines(), 1):
        told = re.search(r"/\* (\S+): (.+?) \*/$", line)
        if told:
            found[number] = (told[1], told[2])
    return found


def sites_of(report):
    """{line: site}: the site of each line that says what it allocates, by the innermost such frame."""
    wanted, found = expectations(), {}
    for site in report.sites:
        for frame in site["stack"]:
            if (frame["file"] or "").endswith("named.c") and frame["line"] in wanted:
                found[frame["line"]] = site
                break
    return found


class Case(support.TestCase):
    def build(self, compiler, *flags):
        target = self.directory / "named"
        command = [compiler, "-D_GNU_SOURCE", *flags, "-o", str(target), str(SOURCE)]
        subprocess.run(command, check=True, capture_output=True)
        return target

    def report_of(self, program):
        return self.record_well([str(program)]).report()

    def assert_told(self, report):
        sites, wrong = sites_of(report), []
        for line, (variable, type_name) in expectations().items():
            site = sites.get(line)
            if site is None:
                wrong.append(f"line {line}: no site")
                continue
            # Which element of an array it is may be nowhere in the machine.
            pattern = re.escape(variable).replace(r"\[\*\]", r"\[\w*\]").replace(r"\|", "|")
            told = site["variable"] if type_name != "?" or site["variable"] else variable
            if not re.fullmatch(pattern, told or ""):
                wrong.append(f"line {line}: {told} is not {variable}")
            if (site["type"] or "?") != type_name:
                wrong.append(f"line {line}: {variable} is {site['type']}, not {type_name}")
        self.assertEqual(wrong, [])


class Builds(Case):
    def check(self, compiler, *flags):
        self.assert_told(self.report_of(self.build(compiler, *flags)))

    def test_gcc_without_optimisation(self):
        self.check("gcc", "-g", "-O0")

    def test_gcc_with_optimisation(self):
        self.check("gcc", "-g", "-O2")

    def test_gcc_with_older_debug_info(self):
        self.check("gcc", "-gdwarf-4", "-O2")

    def test_gcc_at_fixed_addresses(self):
        self.check("gcc", "-g", "-O2", "-no-pie", "-fno-pie")

    def test_clang_without_optimisation(self):
        self.check("clang", "-g", "-O0")

    def test_clang_with_optimisation(self):
        self.check("clang", "-g", "-O2")

    def test_clang_with_older_debug_info(self):
        self.check("clang", "-gdwarf-4", "-O2")


class DebugInfo(Case):
    def test_a_separate_debug_file_gives_the_same_names(self):
        program = self.build("gcc", "-g", "-O2")
        debug = program.with_suffix(".debug")
        for command in (
            ["objcopy", "--only-keep-debug", program, debug],
            ["strip", "--strip-all", program],
            ["objcopy", f"--add-gnu-debuglink={debug}", program],
        ):
            subprocess.run(list(map(str, command)), check=True, capture_output=True)
        self.assert_told(self.report_of(program))

    def test_without_debug_info_nothing_is_invented(self):
        report = self.report_of(self.build("gcc", "-O2"))
        own = [site for site in report.sites if site["stack"][0]["module"] == "named"]
        self.assertTrue(own)
        for site in own:
            told = [site[key] for key in ("variable", "type", "variable_type", "variable_evidence")]
            self.assertEqual(told, [None] * 4)
        module = next(module for module in report.modules if module["module"] == "named")
        self.assertIn("-g", module["advice"])

    def test_what_the_program_says_wins(self):
        report = self.record_well(support.program("tracks", 2, 10)).report()
        said = [site for site in report.sites if site["variable_evidence"] == "recorded"]
        self.assertTrue(said)
        for site in said:
            self.assertIsNone(site["variable_confidence"])


class Evidence(Case):
    def test_every_name_says_how_it_is_known_and_how_surely(self):
        report = self.report_of(self.build("gcc", "-g", "-O2"))
        for site in report.sites:
            named = site["variable"] is not None or site["type"] is not None
            self.assertEqual(named, site["variable_evidence"] is not None)
            if named:
                self.assertIn(site["variable_evidence"], ("stored", "held", "derived"))
                self.assertIn(site["variable_confidence"], ("high", "medium", "low"))

    def test_a_type_larger_than_the_block_is_not_told(self):
        report = self.report_of(self.build("gcc", "-g", "-O0"))
        [line] = [line for line, said in expectations().items() if said == ("part", "?")]
        self.assertIsNone(sites_of(report)[line]["type"])


class Kept(Case):
    """What was found out about a program's code is kept for the next report."""

    def reports_of(self, trace, cache, *options):
        """The report's sites, from what is in the directory, which holds more afterwards."""
        command = [support.MEMSCOPE, "report", str(trace), "-f", "json", *options]
        environment = support.clean_environment(XDG_CACHE_HOME=cache)
        done = subprocess.run(command, capture_output=True, env=environment, check=True)
        return json.loads(done.stdout)["sites"]

    def files_in(self, cache):
        return sorted((cache / "memscope").glob("*"))

    def blank_code(self):
        """With code that does nothing there is nothing to find out; what was found out before is still known."""
        program = self.directory / "named"
        code = program.read_bytes()
        start, size = self.text_section(program)
        program.write_bytes(code[:start] + b"\x90" * size + code[start + size:])

    def setUp(self):
        super().setUp()
        self.trace = self.record_well([str(self.build("gcc", "-g", "-O2"))]).file
        self.cache = self.directory / "cache"

    def test_a_report_from_what_is_kept_is_the_same(self):
        first = self.reports_of(self.trace, self.cache)
        before = {file: file.read_bytes() for file in self.files_in(self.cache)}
        self.assertTrue(before)
        self.assertEqual(self.reports_of(self.trace, self.cache), first)
        self.assertEqual({file: file.read_bytes() for file in self.files_in(self.cache)}, before)

    def test_what_is_kept_is_its_owners_alone(self):
        self.reports_of(self.trace, self.cache)
        for file in self.files_in(self.cache):
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertEqual((self.cache / "memscope").stat().st_mode & 0o777, 0o700)

    def test_without_a_cache_nothing_is_kept_or_used(self):
        first = self.reports_of(self.trace, self.cache, "--no-cache")
        self.assertEqual(self.files_in(self.cache), [])
        self.assertEqual(self.reports_of(self.trace, self.cache), first)
        self.blank_code()
        self.assertEqual(self.reports_of(self.trace, self.cache), first)
        self.assertNotEqual(self.reports_of(self.trace, self.cache, "--no-cache"), first)

    def test_what_is_kept_is_used(self):
        first = self.reports_of(self.trace, self.cache)
        self.assertIn("server.db", [site["variable"] for site in first])
        self.blank_code()
        self.assertEqual(self.reports_of(self.trace, self.cache), first)
        self.assertNotEqual(self.reports_of(self.trace, self.directory / "other"), first)

    def text_section(self, program):
        table = subprocess.run(["readelf", "-SW", program], capture_output=True, text=True).stdout
        _, offset, size = re.search(r" \.text +PROGBITS +(\w+) (\w+) (\w+)", table).groups()
        return int(offset, 16), int(size, 16)

    def test_damaged_files_are_as_none(self):
        first = self.reports_of(self.trace, self.cache)
        for damage in (lambda b: b[:-1], lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b + b"x",
                       lambda b: bytes(len(b)), lambda b: b[:40] + bytes([b[40] ^ 1]) + b[41:]):
            for file in self.files_in(self.cache):
                file.write_bytes(damage(file.read_bytes()))
            self.assertEqual(self.reports_of(self.trace, self.cache), first)

    def test_a_cache_that_cannot_be_written_does_no_harm(self):
        first = self.reports_of(self.trace, self.cache)
        self.assertEqual(self.reports_of(self.trace, "/dev/null"), first)
        self.assertEqual(self.reports_of(self.trace, "not/absolute"), first)


class Damage(Case):
    def test_damaged_code_and_debug_info_give_fewer_names_and_no_more_than_that(self):
        program = self.build("gcc", "-g", "-O2")
        trace = self.record_well([str(program)]).file
        whole = program.read_bytes()
        notes = subprocess.run(["readelf", "-n", program], capture_output=True, text=True).stdout
        build_id = bytes.fromhex(re.search(r"Build ID: (\w+)", notes)[1])
        kept = range(whole.index(build_id) - 64, whole.index(build_id) + len(build_id))
        for seed in range(40):
            chance, damaged = random.Random(seed), bytearray(whole)
            for _ in range(chance.choice((1, 10, 300))):
                place = chance.randrange(64, len(whole))
                if place not in kept:  # another build id is another program
                    damaged[place] = chance.choice((0, 0x80, 0xFF, chance.randrange(256)))
            program.write_bytes(damaged)
            support.Report(trace)  # ends, in time, with a valid report


if __name__ == "__main__":
    support.main()
