"""One run of one program under one tool, and what it took.

A run is   times ALL TOOL... times APP PROGRAM...   : the inner one says what the program took, with
whatever the tool does inside of it; the outer one what everything took; the difference is the tool's
own processes (and half a millisecond of the inner one itself). Both are exact, from wait4. The memory
of a tool's own processes is their VmHWM, looked at every 20 ms: it lacks what a process took in its
last moments, and counts what two of them share twice."""

import contextlib
import dataclasses
import os
import pathlib
import signal
import subprocess
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("MEMSCOPE_BUILD", SOURCE / "build")).resolve()
BENCH = BUILD / "bench"
MEMSCOPE = os.environ.get("MEMSCOPE", str(BUILD / "bin/memscope"))
LIBRARY = os.environ.get("MEMSCOPE_LIBRARY", str(BUILD / "lib/libmemscope.so"))
PATIENCE = 900  # seconds until a run is given up
LOOK = 0.02


@dataclasses.dataclass
class Run:
    wall: float
    app: float  # CPU seconds of the program
    others: float  # CPU seconds of the tool's own processes
    app_memory: int  # bytes
    others_memory: int
    trace: int  # bytes

    @property
    def total(self):
        return self.app + self.others


def clean_environment(**extra):
    steering = ("MEMSCOPE", "TRACE_TOOLS", "LD_", "MALLOC_", "GLIBC_", "PYTHON")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(steering)}
    return {**kept, "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "PERL_HASH_SEED": "0", **extra}


def children(pid):
    try:
        return list(map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return []


def status_of(pid):
    """/proc/PID/status as a dictionary; empty when the process is gone."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return {}
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


class Watcher(threading.Thread):
    """Remembers how large each of the tool's own processes was at most."""

    def __init__(self, outer):
        super().__init__(daemon=True)
        self.outer, self.largest, self.over = outer, {}, threading.Event()

    def look(self, parent):
        for pid in children(parent):
            status = status_of(pid)
            if status.get("Name") == "times":
                continue  # behind it is the program
            if "VmHWM" in status:
                self.largest[pid] = int(status["VmHWM"].split()[0]) * 1024
            self.look(pid)

    def run(self):
        while not self.over.wait(LOOK):
            self.look(self.outer)

    def finish(self):
        self.over.set()
        self.join()
        return sum(self.largest.values())


def times(out, command):
    return [str(BENCH / "times"), str(out), *map(str, command)]


def read_times(path):
    wall, cpu, kib, status = path.read_text().split()
    return float(wall), float(cpu), int(kib) * 1024, int(status)


@contextlib.contextmanager
def started(command, environment, log):
    """A process in a session of its own. If anything goes wrong, that session is ended, all of it."""
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
        process.wait(PATIENCE)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


def measure(tool, workload, scale, directory):
    """A Run of the workload under the tool; traces are left in the (empty) directory."""
    command, environment = workload.command(scale), clean_environment(**workload.environment)
    if tool.apart:
        command = [*tool.prefix(directory), *times(directory / "app.times", command)]
    else:
        command = [*tool.prefix(directory), *map(str, command)]
    log, everything = directory / "program.log", environment | tool.environment(directory)
    with started(times(directory / "all.times", command), everything, log) as process:
        watcher = Watcher(process.pid)
        watcher.start()
        start = time.monotonic()
        workload.drive(scale)
        driven = time.monotonic() - start
    others_memory = watcher.finish()

    def took(name):
        wall, cpu, memory, status = read_times(directory / name)
        if status != 0:
            said = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{workload.name} under {tool.name} ended with {status}:\n{said}")
        return wall, cpu, memory

    wall, cpu, memory = took("all.times")
    app_cpu = cpu
    if tool.apart:
        _, app_cpu, memory = took("app.times")
    else:
        others_memory = 0
    trace = sum(path.stat().st_size for path in tool.traces(directory))
    wall = driven if workload.driven else wall
    return Run(wall, app_cpu, cpu - app_cpu, memory, others_memory, trace)
