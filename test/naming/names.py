#!/usr/bin/env python3
"""names.py - how often the names and types that memscope finds are right: a judged sample.

  names.py sample DIR SHEET PROGRAM... [--seed N] [--count N] [--largest N]
                            draws sites from the reports that build.sh made in DIR
  names.py blind DIR SHEET TRUTH
                            prints the source of each site of the sheet that the truth does not tell yet, and
                            nothing that memscope says of it
  names.py compare SHEET TRUTH
                            writes verdicts into the sheet where what memscope says is what the truth tells
  names.py show DIR SHEET   prints the rows that have no verdict, with their source lines, to be judged
  names.py score SHEET      what the verdicts of the sheet come to
  names.py again DIR SHEET  rows for which the reports now say something else

A row of the sheet is a site: an allocating stack, told by the functions of libraries that it ends in and the innermost
four frames in the program's own source. Rows are drawn evenly, a stack from all builds that have it, and then the largest
of each program and build by bytes are added.

The truth is what a reader of the source calls each block and its type, before seeing what memscope calls it: several
names with a bar between them are as good as each other, `-` is for a block that the program has no name or no type for.
[*] stands for any index, and types are compared without struct, const and the like. What differs is judged by hand, with
a remark that says why: right, when the source has that other name for the same block; wrong otherwise. What was not
said is `none`, and never counted as right."""

import argparse
import collections
import csv
import json
import math
import pathlib
import random
import re
import sys

FRAMES = 4
CONTEXT = 3  # lines of source before and behind
SHEET = ("program", "build", "frames", "drawn", "bytes", "min_size", "max_size", "variable", "type", "name", "of_type",
         "remark")
TRUTH = ("program", "frames", "name", "type", "remark")


# ---- sites --------------------------------------------------------------------------------


def is_own(frame, program):
    return f"/src/{program}/" in (frame["file"] or "")


def frames_of(site, program):
    """Those that tell the site, innermost first; none when it has no frame in the program's source."""
    chosen, own = [], 0
    for frame in site["stack"] or []:
        own += is_own(frame, program)
        if own or not chosen or frame["function"] != chosen[-1]["function"]:
            chosen.append(frame)
        if own == FRAMES:
            break
    while chosen and not is_own(chosen[-1], program):
        chosen.pop()
    return chosen


def key_of(frames, program):
    def short(frame):
        place = f"@{pathlib.Path(frame['file']).name}:{frame['line']}" if is_own(frame, program) else ""
        return (frame["function"] or "?") + place

    return " < ".join(map(short, frames))


def sites_of(path):
    """{key: (site, frames)} of a report, the largest site of each key."""
    program = path.stem.rpartition("-O")[0]
    found = {}
    for site in json.loads(path.read_text())["sites"]:
        frames = frames_of(site, program)
        key = key_of(frames, program)
        if frames and (key not in found or found[key][0]["bytes_allocated"] < site["bytes_allocated"]):
            found[key] = (site, frames)
    return found


def reports(directory):
    """{(program, build): path}"""
    paths = sorted((pathlib.Path(directory) / "traces").glob("*-O[02].json"))
    return {(path.stem[:-3], path.stem[-3:]): path for path in paths}


def all_sites(directory):
    return {key: sites_of(path) for key, path in reports(directory).items()}


# ---- tables -------------------------------------------------------------------------------


def rows_of(table):
    if not pathlib.Path(table).exists():
        return []
    with open(table, newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def write_rows(table, columns, rows):
    with open(table, "w", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def row_of(program, build, key, drawn, site):
    return {
        "program": program, "build": build, "frames": key, "drawn": drawn, "bytes": site["bytes_allocated"],
        "min_size": site["min_size"], "max_size": site["max_size"],
        "variable": site["variable"] or "", "type": site["type"] or "",
        "name": "" if site["variable"] else "none", "of_type": "" if site["type"] else "none"}


def sample(arguments):
    sites, rows = all_sites(arguments.directory), []
    for program in arguments.programs:
        of_builds = {build: sites[program, build] for name, build in sites if name == program}
        keys = sorted(set().union(*of_builds.values()))
        evenly = set(random.Random(f"{arguments.seed} {program}").sample(keys, min(arguments.count, len(keys))))
        for build, of_build in sorted(of_builds.items()):
            by_bytes = sorted(of_build, key=lambda key: (-of_build[key][0]["bytes_allocated"], key))
            largest = set(by_bytes[: arguments.largest])
            for key in sorted((evenly & set(of_build)) | largest):
                drawn = "evenly" if key in evenly else "largest"
                rows.append(row_of(program, build, key, drawn, of_build[key][0]))
    write_rows(arguments.sheet, SHEET, rows)


# ---- reading ------------------------------------------------------------------------------


def source_lines(frame):
    """[(number, text)] around the frame's line."""
    lines = pathlib.Path(frame["file"]).read_text(errors="replace").split("\n")  # form feeds end no line
    at = frame["line"] or 0
    return [(n, lines[n - 1].rstrip()) for n in range(max(1, at - CONTEXT), min(len(lines), at + CONTEXT) + 1)]


def print_source(frames, program, context):
    for frame in frames:
        if not is_own(frame, program):
            print(f"  {frame['function']}")
            continue
        print(f"  {frame['function']} {pathlib.Path(frame['file']).name}")
        for number, text in source_lines(frame):
            if context or number == frame["line"]:
                print(f"    {'>' if number == frame['line'] else ' '}{number} {text.strip()}")


def blind(arguments):
    known = all_sites(arguments.directory)
    told = {(row["program"], row["frames"]) for row in rows_of(arguments.truth)}
    for row in rows_of(arguments.sheet):
        place = row["program"], row["frames"]
        if place in told:
            continue
        told.add(place)
        site, frames = known[row["program"], row["build"]][row["frames"]]
        print(f"\n{row['program']}\t{row['frames']}\n  {site['min_size']} to {site['max_size']} bytes")
        print_source(frames, row["program"], True)


def show(arguments):
    known = all_sites(arguments.directory)
    for number, row in enumerate(rows_of(arguments.sheet), 1):
        if row["name"] and row["of_type"]:
            continue
        site, frames = known[row["program"], row["build"]][row["frames"]]
        print(f"{number} {row['program']}{row['build']} [{row['min_size']},{row['max_size']}] "
              f"{row['variable']} : {row['type']}   ({site['variable_confidence']})   {row['remark']}")
        print_source(frames, row["program"], False)


# ---- judging ------------------------------------------------------------------------------


def same_name(said, told):
    return re.sub(r"\[\w*\]", "[*]", said) == re.sub(r"\[\w*\]", "[*]", told)


def same_type(said, told):
    def plain(text):
        return re.sub(r"\b(const|volatile|struct|union|enum|class)\b|\s", "", text)

    return plain(said) == plain(told)


def compare(arguments):
    truth = {(row["program"], row["frames"]): row for row in rows_of(arguments.truth)}
    rows = rows_of(arguments.sheet)
    for row in rows:
        told = truth.get((row["program"], row["frames"]))
        if not told:
            sys.exit(f"the truth does not tell of {row['program']} {row['frames']}")
        for column, verdict, same in (("variable", "name", same_name), ("type", "of_type", same_type)):
            expected = told["name" if verdict == "name" else "type"].split("|")
            if not row[verdict] and any(same(row[column], each) for each in expected):
                row[verdict] = "right"
        if not (row["name"] and row["of_type"]) and not row["remark"]:
            row["remark"] = f"truth: {told['name']} : {told['type']}"
    write_rows(arguments.sheet, SHEET, rows)


def again(arguments):
    known = all_sites(arguments.directory)
    for number, row in enumerate(rows_of(arguments.sheet), 1):
        found = known.get((row["program"], row["build"]), {}).get(row["frames"])
        now = (found[0]["variable"] or "", found[0]["type"] or "") if found else ("no such site", "")
        if now != (row["variable"], row["type"]):
            print(f"{number} {row['frames']}: {row['variable']} : {row['type']} is now {now[0]} : {now[1]}")


def interval(part, whole):
    """Wilson's, for 95 %."""
    z, p = 1.96, part / whole
    middle = (p + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return f"{100 * p:.1f} % ({100 * max(middle - half, 0):.0f}-{100 * (middle + half):.0f})"


def score_sites(rows):
    print("| build | sites | name right | wrong | none | type right | wrong | none |")
    print("|---|---|---|---|---|---|---|---|")
    for build in sorted({row["build"] for row in rows}):
        of_build = [row for row in rows if row["build"] == build]
        cells = [build, str(len(of_build))]
        for column in ("name", "of_type"):
            counts = collections.Counter(row[column] for row in of_build)
            cells += [interval(counts[word], len(of_build)) for word in ("right", "wrong", "none")]
        print("| " + " | ".join(cells) + " |")


def score_bytes(rows):
    print("| program | sites | bytes | type right | wrong | none | name right | wrong | none |")
    print("|---|---|---|---|---|---|---|---|---|")
    for program, build in sorted({(row["program"], row["build"]) for row in rows}):
        of_program = [row for row in rows if (row["program"], row["build"]) == (program, build)]
        total = sum(int(row["bytes"]) for row in of_program)
        cells = [program + build, str(len(of_program)), f"{total:,}"]
        for column in ("of_type", "name"):
            for word in ("right", "wrong", "none"):
                part = sum(int(row["bytes"]) for row in of_program if row[column] == word)
                cells.append(f"{100 * part / total:.1f} %")
        print("| " + " | ".join(cells) + " |")


def score(arguments):
    rows = rows_of(arguments.sheet)
    unjudged = [row for row in rows if {row["name"], row["of_type"]} - {"right", "wrong", "none"}]
    if unjudged:
        sys.exit(f"{len(unjudged)} rows are not judged")
    print("Of the sites that were drawn evenly:\n")
    score_sites([row for row in rows if row["drawn"] == "evenly"])
    print("\nOf the bytes of these and of the largest sites:\n")
    score_bytes(rows)


# ---- the command --------------------------------------------------------------------------

VERBS = {
    sample: ("directory", "sheet"),
    blind: ("directory", "sheet", "truth"),
    compare: ("sheet", "truth"),
    show: ("directory", "sheet"),
    score: ("sheet",),
    again: ("directory", "sheet"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    for function, names in VERBS.items():
        verb = verbs.add_parser(function.__name__)
        verb.set_defaults(function=function)
        for name in names:
            verb.add_argument(name)
        if function is sample:
            verb.add_argument("programs", nargs="+")
            verb.add_argument("--seed", default="2027")
            verb.add_argument("--count", type=int, default=26)
            verb.add_argument("--largest", type=int, default=10)
    arguments = parser.parse_args()
    arguments.function(arguments)


if __name__ == "__main__":
    main()
