#!/usr/bin/env python3
"""Stacks are what a plain unwind finds, and what libgcc finds. A build of the library that checks
itself compares every stack its cache gives, on programs that do to their stacks what can be done."""

import os
import pathlib
import re
import subprocess

import support

CHECKER = pathlib.Path(
    os.environ.get("MEMSCOPE_CHECKER", support.BUILD / "test/check/libmemscope_check.so")
)
CPP = """
#include <map>
#include <string>
#include <vector>
std::map<std::string, std::vector<int>> words;
int main() { words["a"].push_back(1); return (int)words.size() - 1; }
"""
SCHEMA = "create table t(a, b); create index i on t(b);"
ROWS = "insert into t values(%d, hex(randomblob(40)));"


class Stacks(support.TestCase):
    def setUp(self):
        super().setUp()
        if not CHECKER.exists():
            self.fail(f"no {CHECKER}; build the target memscope_check")

    def check(self, command, at_least, **settings):
        """Runs a program with the checking library; each of its processes appends a line."""
        file, verdict = self.fresh(), self.fresh(".txt")
        environment = support.clean_environment(
            LD_PRELOAD=CHECKER,
            MEMSCOPE_OUTPUT=file,
            MEMSCOPE_CHECK_OUTPUT=verdict,
            **settings.pop("variables", {}),
        )
        outcome = support.run(list(map(str, command)), env=environment, **settings)
        self.assertNotIn(b"mismatch", outcome.stderr)
        self.assertEqual(outcome.status, 0, outcome)
        self.check_verdict(verdict, at_least)

    def check_verdict(self, verdict, at_least):
        pattern = r"checked (\d+) mismatched (\d+) gcc (\d+) mismatched (\d+)\n"
        lines = re.findall(pattern, verdict.read_text())
        checked, wrong, by_gcc, wrong_by_gcc = (sum(map(int, c)) for c in zip(*lines, strict=True))
        self.assertEqual((wrong, wrong_by_gcc), (0, 0))
        self.assertGreaterEqual(checked, at_least)
        self.assertGreaterEqual(by_gcc, checked // 97)


class Victims(Stacks):
    def victim(self, name, at_least, *arguments):
        with self.subTest(name):
            self.check(support.program(name, *arguments), at_least)

    def test_stacks_that_are_not_the_threads(self):
        self.victim("coroutines", 16000)
        self.victim("stacks", 4000)

    def test_frames_that_are_left_in_other_ways_than_by_return(self):
        self.victim("jumps", 1000)
        self.victim("exceptions", 1000)

    def test_signal_handlers(self):
        self.victim("signals", 100)
        self.victim("storm", 5000)

    def test_frames_of_every_shape(self):
        self.victim("frames", 100)
        self.victim("deep", 5)  # most are too deep to be kept whole

    def test_code_that_comes_and_goes(self):
        self.victim("plugin", 500)
        libraries = [support.PROGRAMS / f"lib_cycle_{letter}.so" for letter in "ab"]
        self.victim("cycles", 1000, *libraries)

    def test_threads(self):
        self.victim("threads", 16000)
        self.victim("short_threads", 100)

    def test_children(self):
        self.victim("fork_allocates", 40, 5)


class RealPrograms(Stacks):
    def test_sqlite3(self):
        self.needs("sqlite3")
        rows = SCHEMA + "".join(ROWS % i for i in range(400))
        query = "select count(*), b from t group by substr(b, 1, 2) order by b desc limit 3;"
        self.check(["sqlite3", ":memory:", rows + query], 5000)

    def test_lua(self):
        self.needs("lua5.4")
        code = (
            "local t = {} for i = 1, 20000 do t[i] = tostring(i) .. 'x' end "
            "local c = coroutine.wrap(function() for i = 1, 500 do coroutine.yield({i}) end end) "
            "for i = 1, 500 do c() pcall(error, {i}) end"
        )
        self.check(["lua5.4", "-e", code], 20000)

    def test_python(self):
        code = (
            "import json, re, threading\n"
            "def work():\n"
            "    for i in range(300): json.loads(json.dumps({'a': [str(i)] * 5, 'b': {'c': i}}))\n"
            "threads = [threading.Thread(target=work) for _ in range(3)]\n"
            "[t.start() for t in threads]; [t.join() for t in threads]\n"
            "print(sorted(re.findall('[a-z]+', 'some more words here'), key=len))\n"
        )
        variables = {"PYTHONMALLOC": "malloc"}
        self.check([support.PYTHON, "-c", code], 50000, variables=variables)

    def test_perl(self):
        self.needs("perl")
        code = (
            "my %h; $h{$_ % 97} .= join ',', map { $_ * 2 } 1..20 for 1..2000;"
            "eval { die { code => $_ } } for 1..200; print scalar(keys %h), qq(\\n)"
        )
        self.check(["perl", "-e", code], 5000)

    def test_gawk(self):
        self.needs("gawk")
        code = (
            'BEGIN { for (i = 0; i < 5000; i++) a[i] = i % 97 "x" i; n = asort(a);'
            'for (i in a) if (match(a[i], /9+$/)) s = s substr(a[i], 2, 3); print n, length(s) }'
        )
        self.check(["gawk", code], 5000)

    def test_a_compiler(self):
        self.needs("g++")
        source = self.directory / "small.cpp"
        source.write_text(CPP)
        command = ["g++", "-std=c++17", "-O1", "-c", "-o", self.directory / "small.o", source]
        self.check(command, 100000)

    def test_node(self):
        self.needs("node")
        code = "let a = []; for (let i = 0; i < 2000; i++) a.push(Buffer.alloc(5000, i)); a.length"
        self.check(["node", "-e", code], 5000)

    def test_redis(self):
        self.needs("redis-server", "redis-cli", "redis-benchmark")
        port, verdict = support.free_port(), self.fresh(".txt")
        environment = support.clean_environment(
            LD_PRELOAD=CHECKER, MEMSCOPE_OUTPUT=self.fresh(), MEMSCOPE_CHECK_OUTPUT=verdict
        )
        server = subprocess.Popen(
            ["redis-server", "--port", str(port), "--save", "", "--dir", str(self.directory)],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        client = ["redis-cli", "-p", str(port)]
        support.wait_until(lambda: support.run([*client, "ping"]).stdout == b"PONG\n", "redis")
        load = ["redis-benchmark", "-p", str(port), "-n", "4000", "-q", "-t", "set,lpush,hset"]
        self.assertEqual(support.run(load).status, 0)
        support.run([*client, "shutdown", "nosave"])
        server.wait(support.PATIENCE)
        self.check_verdict(verdict, 5000)


if __name__ == "__main__":
    support.main()
