#!/usr/bin/env python3
"""Counts are exact: programs with known answers, and other people's programs by an oracle."""

import contextlib
import json
import os
import shutil
import tempfile

import support  # finds oracle, too
import oracle

# Where a program with a known answer wants arguments.
ARGUMENTS = {"ends": ["exit"]}
# Its children come late; test_children.py waits for them.
ELSEWHERE = {"daemon"}
# What allocates the same every time, down to the last byte.
SAME_EVERY_TIME = """
calls hidden_calls operators fork_allocates fork_inherits jumps exceptions coroutines deep frames
plugin closes_files error_numbers early leaks temporary peak symbols_cpp
"""

SQL = """
CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, amount REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
  INSERT INTO item SELECT i, 'name ' || i * 7919 % 4001, i / 3.0 FROM n;
CREATE INDEX by_name ON item(name);
SELECT count(*), sum(amount), group_concat(substr(name, 1, 6)) FROM item WHERE name LIKE '%7';
SELECT a.name, b.id FROM item a JOIN item b ON a.name = b.name ORDER BY 1 LIMIT 5;
DELETE FROM item WHERE id % 3 = 0;
"""
PYTHON_CODE = """
import json, collections
words = [str(i * 7919 % 1000) for i in range(3000)]
count = collections.Counter(words)
print(len(json.dumps(count)), sorted(count)[:3])
"""
LUA_CODE = """
local t = {}
for i = 1, 5000 do t[i] = {name = 'n' .. i, list = {i, i + 1}} end
for i = 1, 5000, 2 do t[i] = nil end
collectgarbage()
local s = {}
for i = 2, 5000, 2 do s[#s + 1] = t[i].name end
print(#table.concat(s, ','))
"""
PERL_CODE = """
my %count; my @all;
for my $i (1 .. 3000) { my $key = "k" . ($i * 7919 % 701); $count{$key}++; push @all, [$i, $key]; }
my $text = join ",", map { "$_->[1]=$count{$_->[1]}" } sort { $a->[1] cmp $b->[1] } @all;
$text =~ s/k(\\d+)/<$1>/g;
print length($text), "\\n";
"""
GAWK_CODE = """
BEGIN { for (i = 0; i < 3000; i++) { key = "k" (i * 7919 % 701); n[key] = n[key] " " i }
  for (key in n) { k = split(n[key], part, " "); total += k; gsub(/1/, "one", n[key]) }
  print total, length(n["k7"]) }
"""


def read_counts(prefix, pid):
    """The oracle's counts of the last image of process `pid`; zeros when it allocated nothing."""
    files = oracle.outputs(prefix, pid)
    return oracle.counts(files[-1]) if files else (0, 0, 0, 0)


class KnownAnswers(support.TestCase):
    """The head comments of test/programs."""

    def check(self, report, answer):
        found = {key: report.summary[key] for key in answer}
        self.assertEqual(found, answer, f"{report.path}\n{report.summary}")
        self.assertEqual(report.dropped(), 0)
        self.assertTrue(report.capture["complete"])

    def order(self, recording):
        """The first process, then its child, then its grandchild."""
        reports = [recording.report()]
        others = [support.Report(trace) for trace in recording.others]
        for _ in others:
            parent = reports[-1].program["pid"]
            reports += [other for other in others if other.program["parent_pid"] == parent]
        return reports

    def test_every_program_has_its_known_answer(self):
        sources = sorted(support.PROGRAM_SOURCES.glob("*.c"))
        with_answer = 0
        for source in sources:
            known = support.answers(source)
            if not known or source.stem in ELSEWHERE:
                continue
            with_answer += 1
            with self.subTest(source.stem):
                command = support.program(source.stem, *ARGUMENTS.get(source.stem, []))
                processes = self.order(self.record_like_bare(command))
                self.assertEqual(len(processes), len(known))
                for report, answer in zip(processes, known):
                    self.check(report, answer)
        self.assertGreater(with_answer, 15)

    def test_every_program_counts_as_the_oracle_does(self):
        for name in SAME_EVERY_TIME.split():
            with self.subTest(name):
                command = support.program(name)
                prefix = self.directory / f"oracle-{name}"
                environment = support.clean_environment()
                pid = oracle.run(support.ORACLE / "count.so", command, prefix, environment)
                report = self.record_well(command).report()
                self.assertEqual(report.counts(), read_counts(prefix, pid))


class Families(support.TestCase):
    def test_operators_are_counted_once_with_the_size_asked_for(self):
        report = self.record_like_bare(support.program("operators")).report()
        found = {}
        for site in report.sites_in("main"):
            count, size = found.get(site["family"], (0, 0))
            found[site["family"]] = (count + site["allocations"], size + site["bytes_allocated"])
        expected = {
            "new": (4, 100),
            "new[]": (3, 60),
            "new(align)": (2, 200),
            "new[](align)": (2, 300),
        }
        self.assertEqual({key: found.get(key) for key in expected}, expected)
        self.assertEqual(report.summary["unmatched_frees"], 0)
        self.assertEqual(report.total("live_bytes", "main"), 40)

    def test_calls_have_the_family_of_their_function(self):
        report = self.record_well(support.program("calls")).report()
        found = {}
        for site in report.sites:
            found[site["family"]] = found.get(site["family"], 0) + site["allocations"]
        self.assertEqual(found, {"malloc": 6, "calloc": 1, "realloc": 2, "aligned": 5})


class Attribution(support.TestCase):
    def test_the_peak_belongs_to_who_held_it(self):
        report = self.record_well(support.program("peak")).report()
        held = {
            name: (report.total("peak_bytes", name), report.total("peak_blocks", name))
            for name in ("make_names", "make_index", "grow_table", "fill_tables", "churn")
        }
        self.assertEqual(
            held,
            {
                "make_names": (2500, 100),
                "make_index": (30000, 300),
                "grow_table": (100000, 1),
                "fill_tables": (400000, 4),
                "churn": (0, 0),
            },
        )
        self.assertEqual(report.total("live_bytes", "make_names"), 2500)
        self.assertEqual(report.total("temporary", "churn"), 20000)
        self.assertEqual(report.total("reallocations", "grow_table"), 4)
        self.assertEqual(report.capture["order_uncertainty_bytes"], 0)

    def test_what_is_live_at_exit_belongs_to_who_allocated_it(self):
        report = self.record_well(support.program("leaks")).report()
        held = {name: report.total("live_bytes", name) for name in ("reachable", "lost", "ring")}
        self.assertEqual(held, {"reachable": 480, "lost": 1000, "ring": 128})

    def test_library_preloaded_beside_us_is_counted(self):
        other = support.PROGRAMS / "lib_early.so"
        environment = support.clean_environment(LD_PRELOAD=other)
        report = self.record_well(support.program("early"), env=environment).report()
        counts = dict(zip(("allocations", "reallocations", "frees", "bytes"), report.counts()))
        self.assertEqual(
            counts, {"allocations": 16, "reallocations": 0, "frees": 11, "bytes": 860 + 420}
        )


class OracleCase(support.TestCase):
    """Runs a program in the very same environment under us and the oracles.

    Programs copy their environment, so even the lengths of its values count: the oracle is
    preloaded by a path as long as our library's."""

    def seen_environment(self, options, settings):
        """What a program sees under `memscope run`, started as `compare` starts it."""
        command = ["setarch", "-R", "cat", "/proc/self/environ"]
        seen = self.record_well(command, *options, env=settings).stdout.decode()
        return dict(entry.split("=", 1) for entry in seen.split("\0") if entry)

    @contextlib.contextmanager
    def stand_in(self, library, preload):
        """The value of LD_PRELOAD with `library` in the place of ours, by an equally long path."""
        ours = next(path for path in preload.split(":") if "libmemscope" in path)
        with tempfile.TemporaryDirectory(prefix="m", dir="/tmp") as folder:
            path = f"{folder}/".ljust(len(ours) - 3, "o") + ".so"
            self.assertEqual(len(path), len(ours), "our library's path is too short for this test")
            os.symlink(library, path)
            yield preload.replace(ours, path)

    def ask(self, name, command, seen, folder):
        """The output of oracle `name` for the last image of `command`."""
        library = support.ORACLE / f"{name}.so"
        with self.stand_in(library, seen["LD_PRELOAD"]) as preload:
            environment = {**seen, "LD_PRELOAD": preload}
            pid = oracle.run(library, command, seen["ORACLE_OUTPUT"], environment, cwd=folder)
        return oracle.outputs(seen["ORACLE_OUTPUT"], pid)[-1]

    def compare(self, *command, files=(), options=(), **variables):
        """`files`: (name, text) pairs, laid down in a folder of its own before every run."""
        folder = self.directory / "work"
        settings = support.clean_environment(**variables, ORACLE_OUTPUT=self.directory / "oracle")
        seen = self.seen_environment(options, settings)
        command = ["setarch", "-R", *command]

        def afresh():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for name, text in files:
                (folder / name).write_text(text)
            return folder

        report = self.record_well(command, *options, env=settings, cwd=afresh()).report()
        self.assertEqual(report.dropped(), 0)
        self.assertGreater(report.summary["allocations"], 100)
        counts = oracle.counts(self.ask("count", command, seen, afresh()))
        self.assertEqual(report.counts(), counts)
        truth = oracle.replay(self.ask("log", command, seen, afresh()))
        self.assertEqual({key: report.summary[key] for key in truth}, truth)
        return report


class RealPrograms(OracleCase):
    """Deterministic programs of Debian."""

    def test_sqlite3(self):
        self.needs("sqlite3")
        self.compare("sqlite3", "file.db", ".read script.sql", files=[("script.sql", SQL)])

    def test_python3(self):
        self.compare(support.PYTHON, "-I", "-S", "-c", PYTHON_CODE, PYTHONHASHSEED="0")

    def test_python3_with_every_object_through_malloc(self):
        command = [support.PYTHON, "-S", "-c", PYTHON_CODE]
        self.compare(*command, PYTHONHASHSEED="0", PYTHONMALLOC="malloc")

    def test_lua(self):
        self.needs("lua5.4")
        self.compare("lua5.4", "-e", LUA_CODE)

    def test_perl(self):
        self.needs("perl")
        self.compare("perl", "-e", PERL_CODE, PERL_HASH_SEED="0", PERL_PERTURB_KEYS="0")

    def test_gawk(self):
        self.needs("gawk")
        self.compare("gawk", GAWK_CODE)

    def test_jq(self):
        self.needs("jq")
        data = json.dumps([{"name": f"n{i}", "value": [i, i * 2, str(i)]} for i in range(500)])
        command = ["jq", "[.[] | select(.value[0] % 3 == 0) | .name] | length", "data.json"]
        self.compare(*command, files=[("data.json", data)])

    def test_assembler(self):
        self.needs("as")
        code = "".join(f"label{i}: call label{i * 7919 % 2000}\n.long {i}\n" for i in range(2000))
        self.compare("as", "code.s", "-o", "code.o", files=[("code.s", code)])


if __name__ == "__main__":
    support.main()
