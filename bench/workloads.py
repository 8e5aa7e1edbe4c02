"""The programs that are measured, at full size; scale N is an N-th of the work. Data is generated."""

import dataclasses
import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import time

import measure

PROGRAMS = measure.SOURCE / "bench/programs"
DATA = measure.BENCH / "data"


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    about: str
    make: object  # scale -> the command
    needs: str = ""
    environment: dict = dataclasses.field(default_factory=dict)
    driven = False  # its wall time is that of drive()

    def command(self, scale):
        return self.make(scale)

    def drive(self, scale):
        """What is to be done while it runs."""

    def missing(self):
        return [self.needs] if self.needs and not shutil.which(self.needs) else []


class Redis(Workload):
    """A server, driven by redis-benchmark; the client is not among what is measured."""

    driven = True
    PORT = 17799

    def drive(self, scale):
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.PORT), 1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise RuntimeError("redis-server does not answer") from None
                time.sleep(0.02)
        port = ["-p", str(self.PORT)]
        load = ["-n", str(300000 // scale), "-r", "100000", "-t", "set,lpush,hset", "-d", "64", "-P", "16"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["redis-benchmark", "-q", *port, *load], check=True, **quiet)
        subprocess.run(["redis-cli", *port, "shutdown", "nosave"], check=False, **quiet)


def generated(name, scale, source, write):
    """A file made once for every scale, and again when what makes it has changed."""
    path = DATA / f"{scale}-{name}"
    if not path.exists() or path.stat().st_mtime < source.stat().st_mtime:
        DATA.mkdir(parents=True, exist_ok=True)
        part = path.with_name("part-" + path.name)
        write(part)
        os.replace(part, path)
    return path


def people(scale):
    def write(path):
        chance = random.Random(1)
        rows = [
            {
                "id": number,
                "group": f"g{chance.randrange(200)}",
                "score": chance.randrange(100),
                "name": f"user {chance.randrange(10**9)}",
                "tags": [f"t{chance.randrange(50)}" for _ in range(chance.randrange(6))],
                "position": {"x": round(chance.random(), 6), "y": round(chance.random(), 6)},
                "note": "lorem ipsum " * chance.randrange(6),
            }
            for number in range(115000 // scale)
        ]
        path.write_text(json.dumps(rows, indent=0))

    return generated("people.json", scale, pathlib.Path(__file__), write)


def preprocessed(scale):
    source = PROGRAMS / "templates.cc"

    def write(path):
        count = f"-DCOUNT={max(1, 4 // scale)}"
        subprocess.run(["g++", "-std=c++17", "-E", count, source, "-o", path], check=True)

    return generated("templates.ii", scale, source, write)


def sql(scale):
    source = PROGRAMS / "bulk.sql"
    text = source.read_text().replace("@rows", str(350000 // scale))
    return generated("bulk.sql", scale, source, lambda path: path.write_text(text))


def cc1plus(scale):
    asked = subprocess.run(["g++", "-print-prog-name=cc1plus"], capture_output=True, text=True, check=True)
    options = ["-fpreprocessed", "-quiet", "-O0", "-std=c++17", "-o", "/dev/null"]
    return [asked.stdout.strip(), preprocessed(scale), *options]


def redis_server(_scale):
    options = {"save": "", "appendonly": "no", "bind": "127.0.0.1", "loglevel": "warning", "dir": "/tmp"}
    command = ["redis-server", "--port", str(Redis.PORT)]
    return command + [word for name, value in options.items() for word in (f"--{name}", value)]


def micro(name, about, *arguments):
    depth, *rest = arguments
    command = [measure.BENCH / "micro", depth]
    return Workload(name, about, lambda scale: [*command, 8000000 // scale, *rest])


def larson(threads):
    def make(scale):
        return [measure.BENCH / "larson", threads, 8000000 // scale // threads]

    return Workload(f"threads-{threads}", f"blocks that any thread frees; threads: {threads}", make)


JQ = "[.[] | select(.score > 50)] | group_by(.group) | map({g: .[0].group, n: length})"

WORKLOADS = [
    Workload("true", "start and end of a process", lambda scale: ["/bin/true"]),
    micro("micro-5", "malloc and free at depth 5, always the same place", 5),
    micro("micro-20", "the same at depth 20", 20),
    micro("micro-60", "the same at depth 60", 60),
    micro("micro-varied", "at depth 20, the last three frames vary", 20, "varied"),
    *map(larson, (1, 2, 4, 8, 16, 32, 64)),
    Workload("sqlite3", "tables, an index, sorting",
             lambda scale: ["sqlite3", "-batch", "-init", "/dev/null", ":memory:", f".read {sql(scale)}"],
             "sqlite3"),
    Workload("lua5.4", "trees, tables, strings",
             lambda scale: ["lua5.4", PROGRAMS / "churn.lua", 20 // scale], "lua5.4"),
    Workload("python3", "every object by malloc",
             lambda scale: ["/usr/bin/python3", PROGRAMS / "churn.py", 12 // scale],
             "/usr/bin/python3", {"PYTHONMALLOC": "malloc"}),
    Workload("perl", "hashes, lists, strings",
             lambda scale: ["perl", PROGRAMS / "churn.pl", max(1, 4 // scale)], "perl"),
    Workload("jq", "filters and groups a large file", lambda scale: ["jq", "-c", JQ, people(scale)], "jq"),
    Workload("cc1plus", "compiles templates", cc1plus, "g++"),
    Redis("redis", "a server, 16 requests in flight", redis_server, "redis-benchmark"),
]
BY_NAME = {workload.name: workload for workload in WORKLOADS}
