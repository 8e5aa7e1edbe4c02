#!/usr/bin/env python3
"""names.py - how often the names and types that memscope finds are right: a judged sample.

  names.py sample DIR SHEET [--seed N] [--count N]   draws sites from the reports that build.sh made in DIR
  names.py show DIR SHEET                            prints each row of the sheet with its source lines, to be judged
  names.py score SHEET                               what the verdicts of the sheet come to
  names.py again DIR SHEET                           rows for which the reports now say something else

A row is a site: an allocating stack, told by its innermost four frames in the program's own source. The judge reads
the source and writes a verdict for name and type each: right, wrong, or none when nothing was said. Another name of the
same block at that point is right; so is the place it is kept in after its function returned it. Names and types that were
not said are never counted as right."""

import argparse
import collections
import csv
import json
import math
import pathlib
import random
import sys

FRAMES = 4
COLUMNS = ("program", "build", "frames", "bytes", "min_size", "max_size", "variable", "type", "name", "of_type", "remark")


def own_frames(site, program):
    """Frames in the program's source, innermost first."""
    return [f for f in site["stack"] or [] if f"/src/{program}/" in (f["file"] or "")]


def key_of(frames):
    short = (f"{f['function']}@{pathlib.Path(f['file']).name}:{f['line']}" for f in frames[:FRAMES])
    return " < ".join(short)


def sites_of(path):
    """{key: (site, own frames)} of a report, the largest site of each key."""
    program = path.stem.rpartition("-O")[0]
    found = {}
    for site in json.loads(path.read_text())["sites"]:
        frames = own_frames(site, program)
        key = key_of(frames)
        if frames and (key not in found or found[key][0]["bytes_allocated"] < site["bytes_allocated"]):
            found[key] = (site, frames)
    return found


def reports(directory):
    return sorted((pathlib.Path(directory) / "traces").glob("*-O[02].json"))


def rows_of(sheet):
    with open(sheet, newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def write_rows(sheet, rows):
    with open(sheet, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def sample(arguments):
    rows = []
    for path in reports(arguments.directory):
        program, _, level = path.stem.rpartition("-")
        sites = sites_of(path)
        chosen = random.Random(f"{arguments.seed} {path.stem}").sample(
            sorted(sites), min(arguments.count, len(sites)))
        for key in sorted(chosen):
            site = sites[key][0]
            rows.append({
                "program": program, "build": "-" + level, "frames": key, "bytes": site["bytes_allocated"],
                "min_size": site["min_size"], "max_size": site["max_size"],
                "variable": site["variable"] or "", "type": site["type"] or "",
                "name": "" if site["variable"] else "none", "of_type": "" if site["type"] else "none"})
    write_rows(arguments.sheet, rows)


def source_line(frame):
    lines = pathlib.Path(frame["file"]).read_text(errors="replace").split("\n")  # form feeds end no line
    return lines[frame["line"] - 1].strip() if 0 < (frame["line"] or 0) <= len(lines) else "?"


def show(arguments):
    known = {path.stem: sites_of(path) for path in reports(arguments.directory)}
    for number, row in enumerate(rows_of(arguments.sheet), 1):
        site, frames = known[row["program"] + row["build"]][row["frames"]]
        print(f"{number} {row['program']}{row['build']} [{row['min_size']},{row['max_size']}] "
              f"{row['variable']} : {row['type']}   ({site['variable_confidence']})")
        for frame in frames[:FRAMES + 2]:
            print(f"      {frame['function']} {frame['line']} | {source_line(frame)}")


def again(arguments):
    known = {path.stem: sites_of(path) for path in reports(arguments.directory)}
    for number, row in enumerate(rows_of(arguments.sheet), 1):
        found = known.get(row["program"] + row["build"], {}).get(row["frames"])
        now = (found[0]["variable"] or "", found[0]["type"] or "") if found else ("no such site", "")
        if now != (row["variable"], row["type"]):
            print(f"{number} {row['frames']}: {row['variable']} : {row['type']} is now {now[0]} : {now[1]}")


def interval(part, whole):
    """Wilson's, for 95 %."""
    z, p = 1.96, part / whole
    middle = (p + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return f"{100 * p:.1f} % ({100 * (middle - half):.0f}-{100 * (middle + half):.0f})"


def score(arguments):
    rows = rows_of(arguments.sheet)
    unjudged = [row for row in rows if {row["name"], row["of_type"]} - {"right", "wrong", "none"}]
    if unjudged:
        sys.exit(f"{len(unjudged)} rows are not judged")
    print("| build | sites | name right | wrong | none | type right | wrong | none |")
    print("|---|---|---|---|---|---|---|---|")
    for build in sorted({row["build"] for row in rows}):
        of_build = [row for row in rows if row["build"] == build]
        cells = [build, str(len(of_build))]
        for column in ("name", "of_type"):
            counts = collections.Counter(row[column] for row in of_build)
            cells += [interval(counts[word], len(of_build)) for word in ("right", "wrong", "none")]
        print("| " + " | ".join(cells) + " |")
    print("\nBytes of the sampled sites whose type is wrong:")
    for program, build in sorted({(row["program"], row["build"]) for row in rows}):
        of_program = [row for row in rows if (row["program"], row["build"]) == (program, build)]
        total = sum(int(row["bytes"]) for row in of_program)
        wrong = sum(int(row["bytes"]) for row in of_program if row["of_type"] == "wrong")
        print(f"  {program}{build}: {100 * wrong / total:.1f} %")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    for function, takes_directory in ((sample, True), (show, True), (score, False), (again, True)):
        verb = verbs.add_parser(function.__name__)
        verb.set_defaults(function=function)
        if takes_directory:
            verb.add_argument("directory")
        verb.add_argument("sheet")
        if function is sample:
            verb.add_argument("--seed", default="2026")
            verb.add_argument("--count", type=int, default=24)
    arguments = parser.parse_args()
    arguments.function(arguments)


if __name__ == "__main__":
    main()
