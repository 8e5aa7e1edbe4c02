#!/usr/bin/env python3
"""Programs of Debian run under us to the same output and exit status as without, and their reports
are plausible."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time

import support

BULK_SQL = """
CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
  INSERT INTO item SELECT i, 'name ' || i FROM n;
SELECT count(*), max(name) FROM item;
SELECT name FROM item WHERE name LIKE '%99' ORDER BY name DESC LIMIT 3;
"""
PYTHON_CODE = """
import collections, json, re, subprocess, sys, threading
def work(n, out): out.append(sum(len(str(i)) for i in range(n)))
out = []
threads = [threading.Thread(target=work, args=(2000 + i, out)) for i in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
print(sorted(out), json.dumps(collections.Counter(re.findall('[a-z]', 'the quick brown fox'))))
print(subprocess.run(['sh', '-c', 'echo child; exit 3']).returncode, flush=True)
sys.exit(5)
"""
CPP_CODE = """
#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <vector>
int main() {
    std::map<std::string, std::vector<int>> m;
    for (int i = 0; i < 100; i++) m[std::to_string(i % 7)].push_back(i);
    for (auto &[key, list] : m) {
        std::sort(list.rbegin(), list.rend());
        std::cout << key << list.front() << '\\n';
    }
}
"""
NODE_CODE = """
const items = [...Array(20000).keys()].map(i => ({name: 'n' + i, list: [i, i + 1]}));
const text = JSON.stringify(items);
const hash = require('crypto').createHash('sha256').update(text).digest('hex');
require('zlib').gzip(text, (error, packed) => {
    console.log(hash, packed.length > 1000);
    process.exitCode = 4;
});
"""


class RealPrograms(support.TestCase):
    def assert_plausible(self, report, allocations, peak):
        """At least so many allocations and bytes; nothing lost, and frames that have names."""
        self.assertGreater(report.summary["allocations"], allocations)
        self.assertGreater(report.summary["peak_bytes"], peak)
        self.assertEqual(report.dropped(), 0)
        self.assertTrue(report.capture["complete"])
        self.assertEqual(report.summary["unmatched_frees"], 0)
        frames = [frame for site in report.sites for frame in site["stack"] or []]
        named = sum(frame["function"] is not None for frame in frames)
        self.assertGreater(named, len(frames) // 10)
        broken = sum(
            site["allocations"]
            for site in report.sites
            if site["stack"] and site["stack"][-1].get("broken")
        )
        self.assertLess(broken, report.summary["allocations"] // 10 + 10)

    def check(self, command, allocations=1000, peak=50000, **settings):
        recording = self.record_like_bare(command, **settings)
        report = recording.report()
        self.assert_plausible(report, allocations, peak)
        return recording, report

    def test_sqlite3(self):
        self.needs("sqlite3")
        recording, report = self.check(["sqlite3", ":memory:"], input=BULK_SQL.encode())
        self.assertEqual(recording.others, [])
        self.assertTrue(any(module["module"].startswith("libsqlite3") for module in report.modules))

    def test_python3(self):
        recording, report = self.check([support.PYTHON, "-c", PYTHON_CODE])
        self.assertEqual(recording.status, 5)
        self.assertEqual(report.program["exit_status"], 5)
        self.assertGreaterEqual(report.summary["threads"], 1)

    def test_python3_with_every_object_through_malloc(self):
        environment = support.clean_environment(PYTHONMALLOC="malloc")
        command = [support.PYTHON, "-c", PYTHON_CODE]
        recording, report = self.check(command, 50000, 1 << 20, env=environment)
        self.assertEqual(report.summary["threads"], 5)

    def test_perl(self):
        self.needs("perl")
        code = 'my %h; $h{$_ % 997} .= "x$_" for 1 .. 30000; print length(join ",", values %h);'
        recording, _ = self.check(["perl", "-e", code + "exit 9"])
        self.assertEqual(recording.status, 9)

    def test_gawk(self):
        self.needs("gawk")
        code = "BEGIN { for (i = 0; i < 20000; i++) s[i % 997] = s[i % 997] i; print length(s[5])"
        self.check(["gawk", code + "; exit 2 }"])

    def test_jq(self):
        self.needs("jq")
        code = "[range(3000) | {a: ., b: tostring}] | map(.b) | add | length"
        self.check(["jq", "-n", code])

    def test_lua(self):
        self.needs("lua5.4")
        code = "local t = {} for i = 1, 20000 do t[i] = {i, tostring(i)} end print(#t, t[777][2])"
        self.check(["lua5.4", "-e", code])

    def test_gcc(self):
        """The driver, the compiler proper, the assembler and the linker, each in a trace of its
        own."""
        self.needs("g++")
        folder = self.directory / "work"
        folder.mkdir()
        (folder / "code.cpp").write_text(CPP_CODE)
        command = ["g++", "-O1", "-frandom-seed=1", "code.cpp", "-o", "program"]
        bare = support.run(command, cwd=folder)
        self.assertEqual(bare.status, 0, bare)
        wanted = (folder / "program").read_bytes()
        recording = self.record_well(command, cwd=folder)
        self.assertEqual((folder / "program").read_bytes(), wanted)
        reports = {
            report.program["executable"].rpartition("/")[2]: report
            for report in recording.reports()
        }
        self.assertIn("cc1plus", reports)
        self.assertTrue(any(name.endswith("as") for name in reports), reports.keys())
        self.assert_plausible(reports["cc1plus"], 100000, 1 << 20)

    def test_node(self):
        self.needs("node")
        recording, report = self.check(["node", "-e", NODE_CODE])
        self.assertEqual(recording.status, 4)

    def test_git(self):
        self.needs("git")
        script = """
            set -e
            rm -rf repository; git init -q repository; cd repository
            for i in 1 2 3 4 5; do
                seq $((i * 1000)) >file$i; git add .; git commit -q -m "change $i"
            done
            git gc -q --aggressive; git log --stat --format=%H%s | cat; git fsck
            git checkout -q -b side HEAD~2; echo more >>file1; git commit -q -a -m side
            git merge -q -m merged master 2>&1; git diff --stat HEAD~1
            git gc -q; git count-objects -v | grep in-pack
            git clone -q . ../clone; git -C ../clone log --oneline | wc -l; rm -rf ../clone
        """
        identity = {
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "init.defaultBranch",
            "GIT_CONFIG_VALUE_0": "master",
        }
        for who in ("AUTHOR", "COMMITTER"):
            identity[f"GIT_{who}_NAME"] = "A U Thor"
            identity[f"GIT_{who}_EMAIL"] = "author@example.com"
            identity[f"GIT_{who}_DATE"] = "2024-01-01T00:00:00Z"
        environment = support.clean_environment(**identity)
        recording = self.record_like_bare(["sh", "-c", script], cwd=self.directory, env=environment)
        self.assertEqual(recording.status, 0, recording)
        programs = [report.program for report in map(support.Report, recording.others[:60])]
        gits = [program for program in programs if program["executable"].endswith("/git")]
        self.assertGreater(len(gits), 15)
        self.assertIn("commit", {argument for program in gits for argument in program["argv"]})

    def test_a_program_that_is_stopped_and_continued(self):
        file = self.fresh()
        with subprocess.Popen(
            support.recorder_command(file, ["sh", "-c", "sleep 0.2; echo late"], "--quiet"),
            env=support.clean_environment(),
            stdout=subprocess.PIPE,
        ) as recorder:
            (pid,) = support.wait_until(lambda: support.children_of(recorder.pid), "the program")
            os.kill(pid, signal.SIGSTOP)
            time.sleep(0.3)
            self.assertIsNone(recorder.poll(), "a stopped program is not a finished one")
            os.kill(pid, signal.SIGCONT)
            self.assertEqual(recorder.communicate(timeout=support.PATIENCE)[0], b"late\n")
            self.assertEqual(recorder.returncode, 0)


class Servers(support.TestCase):
    """Servers on a loopback port of our own."""

    @contextlib.contextmanager
    def serving(self, command, port, **settings):
        file = self.fresh()
        log = open(self.directory / "server.log", "wb")
        server = subprocess.Popen(
            support.recorder_command(file, command, "--quiet"),
            env=support.clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **settings,
        )
        try:
            support.wait_until(
                lambda: self.answers(port) or server.poll() is not None, "the server"
            )
            self.assertIsNone(server.poll(), (self.directory / "server.log").read_text())
            yield support.Recording(support.Outcome(None, b"", b""), file), server
        finally:
            for pid in support.children_of(server.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            server.kill()
            server.wait()
            log.close()

    @staticmethod
    def answers(port):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    @staticmethod
    def exchange(port, request):
        with socket.create_connection(("127.0.0.1", port), support.PATIENCE) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def test_redis_under_load(self):
        """Debian's redis links jemalloc, so not even malloc itself is libc's."""
        self.needs("redis-server", "redis-benchmark")
        port = support.free_port()
        command = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", ""]
        command += ["--appendonly", "no", "--dir", self.directory, "--loglevel", "warning"]
        with self.serving(command, port) as (recording, server):
            load = ["redis-benchmark", "-p", str(port), "-n", "5000", "-r", "1000", "-d", "64"]
            load += ["-t", "set,get,lpush,hset", "-q"]
            outcome = support.run(load)
            self.assertEqual(outcome.status, 0, outcome)
            size = self.exchange(port, b"DBSIZE\r\n")
            self.assertTrue(size.startswith(b":"), size)
            self.exchange(port, b"SHUTDOWN NOSAVE\r\n")
            self.assertEqual(server.wait(support.PATIENCE), 0)
        report = recording.report()
        self.assertGreater(report.summary["allocations"], 10000)
        self.assertEqual(report.dropped(), 0)
        self.assertEqual(report.program["exit_status"], 0)

    def test_nginx_with_a_worker(self):
        self.needs("nginx")
        port = support.free_port()
        root = self.directory / "www"
        root.mkdir()
        os.chmod(self.directory, 0o755)
        (root / "page.html").write_text("<p>served</p>" * 1000)
        configuration = self.directory / "nginx.conf"
        temporary = "".join(
            f"{kind}_temp_path {self.directory}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        configuration.write_text(
            f"daemon off; master_process on; worker_processes 1; pid {self.directory}/pid;\n"
            f"error_log {self.directory}/error.log;\n"
            "events { worker_connections 64; }\n"
            f"http {{ access_log off; gzip on; gzip_types text/html;\n{temporary}"
            f"server {{ listen 127.0.0.1:{port}; root {root}; }} }}\n"
        )
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        command = [nginx, "-e", f"{self.directory}/error.log", "-c", configuration]
        with self.serving(command, port) as (recording, server):
            for _ in range(20):
                request = b"GET /page.html HTTP/1.0\r\nHost: x\r\n\r\n"
                answer = self.exchange(port, request)
                self.assertTrue(answer.endswith(b"<p>served</p>"), answer[:300])
            self.exchange(port, b"GET /missing HTTP/1.0\r\n\r\n")
            (master,) = support.children_of(server.pid)
            os.kill(master, signal.SIGQUIT)
            self.assertEqual(server.wait(support.PATIENCE), 0)
        master = recording.report()
        self.assertGreater(master.summary["allocations"], 100)
        (trace,) = recording.others
        worker = support.Report(trace)
        self.assertTrue(worker.program["forked"])
        self.assertEqual(worker.program["parent_pid"], master.program["pid"])
        self.assertGreater(worker.summary["allocations"], 20)
        self.assertEqual(worker.summary["unmatched_frees"], 0)


if __name__ == "__main__":
    support.main()
