#!/usr/bin/env python3
"""Functions, files, lines and inlined calls are those that addr2line, gdb and nm give for the same
addresses, in C, C++ and Rust, with and without optimisation, and in a stripped library."""

import bisect
import re
import subprocess

import support


DECORATION = r" \[clone [^]]*\]|\.(constprop|isra|part|cold)(\.\d+)*|::h[0-9a-f]{16}$"

LAMBDA = r"::(<lambda.*?>|\{lambda\(.*?\)#\d+\})::operator\(\).*$"


def base_name(path):
    return None if path in (None, "??") else path.rpartition("/")[2]


def plain(function):
    """A function's name without parameters, template arguments, hashes and clone suffixes.

    A lambda is named by its function: that is all that addr2line knows of an inlined one."""
    if function in (None, "??"):
        return None
    name = re.sub(LAMBDA, "", re.sub(DECORATION, "", function))
    name = name.replace("(anonymous namespace)", "{anonymous}").replace("operator()", "call")
    depth, kept = 0, ""
    for at, letter in enumerate(name):
        if letter in "<(" and not kept.endswith("operator"):
            depth += 1
        elif letter in ">)" and name[at - 1] not in "-=":
            depth -= 1
        elif depth == 0:
            kept += letter
    return kept.removesuffix(" const").rpartition(" ")[2].rpartition("::")[2]


def addr2line(file, addresses):
    """For every address the (function, file, line) of each inlined level, innermost first."""
    command = ["addr2line", "-a", "-f", "-i", "-C", "-e", str(file), *map(hex, addresses)]
    lines = support.run(command).stdout.decode().splitlines()
    found, levels = {}, []
    for line in lines:
        if re.fullmatch(r"0x[0-9a-f]{16}", line):
            levels = found.setdefault(int(line, 16), [])
        else:
            levels.append(line)
    return {
        address: [
            (function, *split_line(place)) for function, place in zip(levels[::2], levels[1::2])
        ]
        for address, levels in found.items()
    }


def split_line(place):
    """'dir/file.c:12 (discriminator 3)' to ('file.c', 12)."""
    path, _, line = place.partition(" ")[0].rpartition(":")
    return base_name(path), int(line) if line.isdigit() and line != "0" else None


def frames_by_address(report, module):
    """{return address: frames, innermost first} of a module, from all stacks."""
    found = {}
    for site in report.sites:
        group = []
        for frame in site["stack"] or []:
            group.append(frame)
            if not frame["inlined"]:
                if frame["module"] and frame["module"].rpartition("/")[2] == module:
                    found[frame["address"]] = group
                group = []
    return found


class Compiled(support.TestCase):
    def build(self, compiler, source, *flags):
        self.needs(compiler)
        binary = self.directory / f"symbols{''.join(flags)}".replace("=", "")
        path = str(support.PROGRAM_SOURCES / source)
        built = support.run([compiler, *flags, path, "-o", str(binary)])
        self.assertEqual(built.status, 0, built)
        return binary

    def compare(self, binary, least, ends="symbols done"):
        recording = self.record_well([binary])
        self.assertEqual(recording.stdout.decode().strip(), ends)
        report = recording.report("--no-lift")
        ours = frames_by_address(report, binary.name)
        self.assertGreaterEqual(len(ours), least)
        theirs = addr2line(binary, sorted(address - 1 for address in ours))
        for address, frames in ours.items():
            expected = theirs[address - 1]
            with self.subTest(hex(address)):
                found = [(plain(f["function"]), base_name(f["file"]), f["line"]) for f in frames]
                wanted = [(plain(function), file, line) for function, file, line in expected]
                self.assertEqual(found, wanted)
        self.check_gdb(binary, ours)
        return report

    def check_gdb(self, binary, ours):
        """gdb tells the function whose code it is, inlined or not, and the innermost line."""
        self.needs("gdb")
        addresses = sorted(ours)
        script = "".join(f"info symbol {at - 1}\ninfo line *{at - 1}\n" for at in addresses)
        commands = self.directory / "gdb-commands"
        commands.write_text(script)
        command = ["gdb", "-nx", "-batch", "-x", str(commands), str(binary)]
        output = support.run(command).stdout.decode()
        symbols = re.findall(r"^(.+?)(?: \+ \d+)? in section", output, re.M)
        lines = re.findall(r"^Line (\d+) of", output, re.M)
        self.assertEqual(len(symbols), len(addresses), output[:500])
        for address, symbol in zip(addresses, symbols):
            self.assertEqual(plain(ours[address][-1]["function"]), plain(symbol), hex(address))
        if len(lines) == len(addresses):
            for address, line in zip(addresses, lines):
                self.assertEqual(ours[address][0]["line"], int(line), hex(address))

    def check_c(self, *flags):
        report = self.compare(self.build("gcc", "symbols.c", "-D_GNU_SOURCE", "-g", *flags), 12)
        innermost = {
            (site["stack"][0]["function"], site["stack"][0]["line"], site["max_size"])
            for site in report.sites_in("direct")
        }
        source = (support.PROGRAM_SOURCES / "symbols.c").read_text()
        for size in (11, 13, 14):
            line = 1 + source[: source.index(f"malloc({size})")].count("\n")
            self.assertIn(("direct", line, size), innermost)

    def test_c_without_optimisation(self):
        self.check_c("-O0")

    def test_c_with_optimisation(self):
        self.check_c("-O2")

    def test_c_by_clang(self):
        self.compare(self.build("clang", "symbols.c", "-D_GNU_SOURCE", "-g", "-O2"), 10)

    def test_c_that_is_not_position_independent(self):
        self.check_c("-O1", "-no-pie")

    def test_cpp_without_optimisation(self):
        self.compare(self.build("g++", "symbols_cpp.cpp", "-D_GNU_SOURCE", "-g", "-O0"), 15)

    def test_cpp_with_optimisation(self):
        self.compare(self.build("g++", "symbols_cpp.cpp", "-D_GNU_SOURCE", "-g", "-O2"), 8)

    def test_rust_without_optimisation(self):
        self.compare(self.build("rustc", "symbols_rust.rs", "-g", "-Copt-level=0"), 15)

    def test_rust_with_optimisation(self):
        self.compare(self.build("rustc", "symbols_rust.rs", "-g", "-Copt-level=2"), 8)

    def test_separate_debug_file(self):
        """Names come from the debug file by build id, in --debug-dir, and lines with them."""
        self.needs("objcopy", "strip")
        binary = self.build("gcc", "symbols.c", "-D_GNU_SOURCE", "-g", "-O1")
        notes = support.run(["readelf", "-n", str(binary)]).stdout.decode()
        build_id = re.search(r"Build ID: ([0-9a-f]+)", notes).group(1)
        folder = self.directory / "debug/.build-id" / build_id[:2]
        folder.mkdir(parents=True)
        debug = folder / f"{build_id[2:]}.debug"
        support.run(["objcopy", "--only-keep-debug", str(binary), str(debug)])
        full = self.record_well([binary]).report()
        support.run(["strip", str(binary)])
        recording = self.record_well([binary])
        bare = recording.report()
        self.assertEqual(bare.sites_in("helper_of_helper"), [])
        again = recording.report("--debug-dir", str(self.directory / "debug"))

        def named(report):
            return sorted(
                (site["max_size"], [(frame["function"], frame["line"]) for frame in site["stack"]])
                for site in report.sites
            )

        self.assertEqual(named(again), named(full))


class Stripped(support.TestCase):
    def dynamic_symbols(self, file):
        """Sorted (start, end, names) of the functions in a library's dynamic symbol table."""
        lines = support.run(["nm", "-D", "-S", "--defined-only", str(file)]).stdout.decode()
        found = {}
        pattern = re.compile(r"^([0-9a-f]+) ([0-9a-f]+) [TtWi] ([^@\s]+)", re.M)
        for start, size, name in pattern.findall(lines):
            begin = int(start, 16)
            found.setdefault((begin, begin + int(size, 16)), set()).add(name)
        return sorted((start, end, names) for (start, end), names in found.items())

    def test_functions_of_sqlite3_are_those_of_nm(self):
        self.needs("sqlite3", "nm")
        command = ["sqlite3", ":memory:", "create table t(a, b); insert into t values(1, 'x');"
                   "select * from t order by b;"]
        report = self.record_well(command).report("--no-lift")
        (module,) = [m for m in report.modules if m["module"].startswith("libsqlite3.so")]
        symbols = self.dynamic_symbols(module["path"])
        starts = [start for start, _, _ in symbols]
        frames = frames_by_address(report, module["module"])
        self.assertGreater(len(frames), 30)
        named = 0
        for address, (*_, frame) in frames.items():
            at = bisect.bisect_right(starts, address - 1) - 1
            inside = at >= 0 and address - 1 < symbols[at][1]
            if inside:
                self.assertIn(frame["function"], symbols[at][2], hex(address))
                named += 1
            elif module["symbols"] == "dynsym":
                self.assertIsNone(frame["function"], hex(address))
        self.assertGreater(named, 10)


if __name__ == "__main__":
    support.main()
