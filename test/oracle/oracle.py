"""Runs a program under one of the oracles and reads what it wrote.

The counting oracle gives (allocations, reallocations, frees, bytes_allocated) of every process; the
logging oracle every operation in order, from which `replay` recomputes by brute force what was
live."""

import array
import pathlib
import subprocess

BIRTH, MOVE, DEATH = 1, 2, 3


def outputs(prefix, pid):
    """The files of process `pid`, one per image, in order."""
    prefix = pathlib.Path(prefix)
    found = prefix.parent.glob(f"{prefix.name}.{pid}.*")
    return sorted(found, key=lambda path: int(path.suffix[1:]))


def run(library, command, prefix, environment, **options):
    """Runs `command` with the oracle `library` preloaded; its pid. Output files: see `outputs`."""
    environment = dict(environment)
    environment.setdefault("LD_PRELOAD", str(library))
    environment["ORACLE_OUTPUT"] = str(prefix)
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, **streams, **options) as process:
        process.communicate(timeout=120)
        return process.pid


def words(path, count):
    """The first `count` u64 of a file."""
    numbers = array.array("Q")
    with open(path, "rb") as file:
        numbers.frombytes(file.read(8 * count))
    return numbers


def counts(path):
    allocations, reallocations, frees, size, _ = words(path, 5)
    return allocations, reallocations, frees, size


def operations(path):
    """Every operation of a log as (kind, block, old, size)."""
    count = words(path, 1)[0]
    numbers = iter(words(path, 1 + 4 * count)[1:])
    return zip(numbers, numbers, numbers, numbers)


def replay(path):
    """Brute force: the blocks that are live, after every single operation."""
    live, live_bytes, peak_bytes, peak_blocks = {}, 0, 0, 0
    for kind, block, old, size in operations(path):
        if kind == DEATH:
            live_bytes -= live.pop(block, 0)
            continue
        if kind == MOVE:
            live_bytes -= live.pop(old, 0)
        live[block] = size
        live_bytes += size
        if live_bytes > peak_bytes:
            peak_bytes, peak_blocks = live_bytes, len(live)
    return {
        "peak_bytes": peak_bytes,
        "peak_blocks": peak_blocks,
        "live_bytes": live_bytes,
        "live_blocks": len(live),
    }
