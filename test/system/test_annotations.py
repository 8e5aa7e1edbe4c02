#!/usr/bin/env python3
"""Programs that use memscope.h: that they build everywhere, do the same without memscope, and that what they
say arrives."""

import itertools
import shutil
import struct

import support
from notes import MISUSE, Ring

WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Werror".split()
WARNINGS_OF = {
    "g++": ["-Wold-style-cast", "-Wuseless-cast", "-Wextra-semi"],
    "clang++": ["-Wold-style-cast", "-Wextra-semi"],
}
LANGUAGES = {
    "annotated.c": (("gcc", "clang"), ["-std=c11", "-D_POSIX_C_SOURCE=200809L"]),
    "annotated_cpp.cpp": (("g++", "clang++"), ["-std=c++17"]),
}
FLAGS = (
    "-O0 -fPIE -pie",
    "-O2 -fno-pie -no-pie",
    "-O2 -fno-pie -no-pie -fuse-ld=gold",
    "-O1 -masm=intel",
    "-O2 -flto",
    "-O2 -static",
    "-O0 -DMEMSCOPE_DISABLE",
    "-O2 -DMEMSCOPE_DISABLE -DMEMSCOPE_SHORT_NAMES",
)


class Annotated(support.TestCase):
    def record_alone(self, *command, **settings):
        """Preloaded, without a recorder: the outcome and the path of the ring."""
        file = self.fresh()
        environment = support.clean_environment(
            LD_PRELOAD=support.LIBRARY, MEMSCOPE_OUTPUT=file, **settings
        )
        return support.run(list(command), env=environment), file


class Builds(Annotated):
    def build(self, source, compiler, flags):
        """An executable; None where this machine has no such compiler or linker."""
        if shutil.which(compiler) is None:
            return None
        out = self.fresh("")
        command = [compiler, *LANGUAGES[source][1], *WARNINGS, *WARNINGS_OF.get(compiler, ()), *flags]
        command += ["-pthread", "-I", support.SOURCE / "include", support.PROGRAM_SOURCES / source, "-o", out]
        outcome = support.run(list(map(str, command)))
        if b"cannot find 'ld'" in outcome.stderr or b"invalid linker" in outcome.stderr:
            return None
        self.assertEqual(outcome.status, 0, outcome)
        self.assertEqual(outcome.stderr, b"", outcome)
        return str(out)

    def check_symbols(self, program, expected):
        """No symbol of ours is seen outside of the program, but for the one it looks for."""
        lines = support.run(["readelf", "-sW", program]).stdout.decode().splitlines()
        ours = [line.split() for line in lines if "memscope" in line and " FILE " not in line]
        seen = {(*line[4:6], line[7]) for line in ours if line[4] != "LOCAL" and line[5] != "HIDDEN"}
        self.assertLessEqual(seen, {("WEAK", "DEFAULT", "memscope_calls_1")})
        if not expected:
            self.assertEqual(ours, [])

    def test_everywhere_and_alike_without_memscope(self):
        built = 0
        for source, (compilers, _) in LANGUAGES.items():
            for compiler, flags in itertools.product(compilers, FLAGS):
                with self.subTest(f"{compiler} {flags} {source}"):
                    program = self.build(source, compiler, flags.split())
                    if not program:
                        continue
                    built += 1
                    bare = support.run([program, "misuse"])
                    self.assertEqual(bare.status, 0, bare)
                    recorded, ring = self.record_alone(program, "misuse")
                    self.assertEqual(recorded.stdout, bare.stdout)
                    self.assertEqual((recorded.status, recorded.stderr), (0, b""))
                    self.check_symbols(program, "DISABLE" not in flags)
                    if "-static" not in flags:
                        self.assertEqual(bool(Ring(ring).notes), "DISABLE" not in flags)
        self.assertGreater(built, 0)

    def test_a_library_with_words_in_inline_functions_exports_nothing_of_ours(self):
        """A unique symbol, above all, would keep it from being unloaded."""
        for compiler, level in itertools.product(("g++", "clang++"), ("-O0", "-O2")):
            library = self.build("annotated_cpp.cpp", compiler, [level, "-fPIC", "-shared"])
            if library:
                exported = support.run(["nm", "-D", "--defined-only", library]).stdout.decode()
                self.assertIn("main", exported)
                self.assertNotIn("memscope", exported)


def signed(number):
    return struct.unpack("<q", struct.pack("<Q", number))[0]


def real(number):
    return struct.unpack("<d", struct.pack("<Q", number))[0]


class Says(Annotated):
    def notes_of(self, program, *arguments, **settings):
        outcome, file = self.record_alone(*support.program(program, *arguments), **settings)
        self.assertEqual(outcome.status, 0, outcome)
        return Ring(file)

    def test_numbers(self):
        ring = self.notes_of("annotated")
        expected = {
            "flag": ("_Bool", 1, 1),
            "letter": ("char", 1, ord("x")),
            "low": ("signed char", 1, -100),
            "byte": ("unsigned char", 1, 200),
            "small": ("short", 2, -3000),
            "port": ("unsigned short", 2, 65000),
            "count": ("unsigned int", 4, 4000000000),
            "wide": ("long", 8, -6000000000),
            "huge": ("unsigned long long", 8, 18000000000000000000),
            "single": ("float", 4, 1.5),
            "real": ("double", 8, -2.25),
            "precise": ("long double", 16, 0.125),
            "colour": ("unsigned int", 4, 7),
            "fixed": ("int", 4, 42),
            "watched": ("int", 4, 43),
        }
        value = {"SIGNED": signed, "UNSIGNED": int, "FLOATING": real}
        for name, (type_, size, number) in expected.items():
            (note,) = ring.of("TRACK", name)
            found = (note.site.type, note.size, value[note.site.kind](note.number))
            self.assertEqual(found, (type_, size, number), name)
            self.assertEqual((note.old, note.stack), (0, 0))
        again = [signed(note.number) for note in ring.of("TRACK", "number")]
        self.assertEqual(again, [-5, 6])

    def test_what_is_no_number(self):
        ring = self.notes_of("annotated")
        expected = {
            "matrix": ("ARRAY", None, 48),
            "origin": ("STRUCT", None, 40),
            "origin.label": ("ARRAY", None, 12),
            "text": ("ARRAY", None, 7),
            "name": ("POINTER", "char *", 0),
            "first": ("POINTER", None, 0),
            "values": ("POINTER", "const double *", 0),
            "second": ("POINTER", "struct point", 0),
        }
        for name, (kind, type_, size) in expected.items():
            (note,) = ring.of("TRACK", name)
            self.assertEqual((note.site.kind, note.site.type, note.size), (kind, type_, size), name)
            self.assertEqual(note.old, note.address if kind == "POINTER" else 0)

    def test_objects_of_cpp(self):
        if not (support.PROGRAMS / "annotated_cpp").exists():
            self.skipTest("no C++ compiler: annotated_cpp.cpp was not built")
        ring = self.notes_of("annotated_cpp")
        block = {"one", "shared", "row", "grown", "large", "pointer"}
        kinds = {"one": "SMART", "grown": "CONTAINER", "map": "CONTAINER", "item": "STRUCT"}
        numbers = {"shared": 2, "grown": 1000, "empty": 0, "small": 5, "large": 1000, "map": 2}
        for name in block | set(kinds) | set(numbers):
            (note,) = ring.of("TRACK", name)
            self.assertEqual(note.old, note.address if name in block else 0, name)
            self.assertEqual(note.size == 0, name in block, name)
            self.assertEqual(note.site.kind, kinds.get(name, note.site.kind))
            self.assertEqual(note.number, numbers.get(name, note.number))
        types = {note.site.name: note.site.type for note in ring.of("TRACK")}
        self.assertEqual(types["state"], "shop::state")
        self.assertEqual(types["item"], "shop::item<double>")
        for enter, leave in (("SCOPE_ENTER", "SCOPE_LEAVE"), ("TASK_BEGIN", "TASK_END")):
            self.assertEqual(len(ring.of(enter)), len(ring.of(leave)), "an exception lost one")
        self.assertEqual(len(ring.of("UNTRACK", "kept")), 4)

    def test_owners(self):
        ring = self.notes_of("annotated")
        for what, owner, former in (("MOVE", "owner", "name"), ("SHARE", "also", "first")):
            (note,) = ring.of(what, owner)
            self.assertEqual((note.site.type, note.old), (former, note.address))
        changes = [note.number for note in ring.of("BORROW") + ring.of("RETURN")]
        self.assertEqual(changes, [0, 1, 0, 1])
        begun = [note.address for note in ring.of("TRACK", "buffer")]
        ended = [note.address for note in ring.of("UNTRACK", "buffer")]
        self.assertEqual(len(begun), 4)
        self.assertEqual(ended, begun[::-1])

    def test_scopes_are_left_however_that_happens(self):
        ring = self.notes_of("annotated")
        open_scopes, most = [], 0
        for note in ring.notes:
            if note.what == "SCOPE_ENTER":
                open_scopes.append(note.site.name)
            elif note.what == "SCOPE_LEAVE":
                self.assertEqual(open_scopes.pop(), note.site.name)
            most = max(most, len(open_scopes))
        self.assertEqual((open_scopes, most), ([], 4))
        self.assertEqual(len(ring.of("SCOPE_ENTER", "loop")), 10)

    def test_tasks_have_parents(self):
        ring = self.notes_of("annotated")
        (whole,), (thread,), (part,) = (
            ring.of("TASK_BEGIN", name) for name in ("all", "thread", "part")
        )
        self.assertEqual((whole.old, thread.old, part.old), (0, whole.number, thread.number))
        self.assertEqual(len({note.number for note in (whole, thread, part)}), 3)
        ended = [note.number for note in ring.of("TASK_END")]
        self.assertEqual(sorted(ended), sorted(note.number for note in ring.of("TASK_BEGIN")))
        switched = [task for at, task in ring.tasks if at == part.thread]
        # It begins with the task of its maker.
        worked_for = [whole.number, thread.number, part.number, thread.number, 0]
        self.assertEqual(switched, worked_for)

    def test_counts_of_references(self):
        ring = self.notes_of("annotated")
        new = {note.old: note for note in ring.of("REF_NEW")}
        self.assertEqual(set(new), {1, 2, 3, 4})
        for counter in (1, 2, 3):
            counts = [note for note in ring.notes if note.address == new[counter].address]
            counts = [note for note in counts if note.what in ("REF_NEW", "REF", "UNREF")]
            self.assertTrue(all(note.stack for note in counts))
            ups = sum(note.what != "UNREF" for note in counts)
            self.assertEqual(2 * ups, len(counts), "as many up as down")
        weak = [note.number for note in ring.notes if note.what in ("WEAK", "UNWEAK")]
        self.assertEqual(weak[:2], [1, 0])
        self.assertEqual([note.number for note in ring.of("REF", "object")], [2**64 - 1])

    def test_types_and_their_fields_once(self):
        ring = self.notes_of("annotated")
        types = [(note.site.name, note.size) for note in ring.of("TYPE")]
        self.assertEqual(types, [("struct object", 32), ("struct object", 32), ("struct point", 40)])
        fields = [(note.site.name, note.number, note.size) for note in ring.of("FIELD")]
        self.assertEqual(fields[:3], [("count", 0, 4), ("name", 4, 20), ("where", 24, 8)])
        self.assertEqual(len(fields), 7)

    def test_tags_and_described_types_are_in_the_report(self):
        report = self.record([support.PROGRAMS / "annotated"]).report()
        (names,) = [tag for tag in report.data["tags"] if tag["tag"] == "names"]
        self.assertEqual((names["blocks"], names["bytes"], names["unrecorded"]), (1, 64, 0))
        self.assertEqual(names["function"], "pointers")
        described = report.data["declared_types"]
        self.assertEqual({(of["name"], of["size"]) for of in described}, {("struct object", 32), ("struct point", 40)})
        self.assertEqual([of["count_offset"] for of in described if of["name"] == "struct object"], [0, None])
        fields = [of["fields"] for of in described if of["name"] == "struct object"][1]
        self.assertEqual([(of["name"], of["offset"], of["size"]) for of in fields],
                         [("count", 0, 4), ("name", 4, 20), ("where", 24, 8)])  # fmt: skip

    def test_containers_and_passports(self):
        ring = self.notes_of("annotated")
        grown = [(note.size, note.number) for note in ring.of("CONTAINER", "numbers")]
        self.assertEqual(grown, [(4 * room, 2 * room if room > 4 else 0) for room in (4, 8, 16, 32, 64, 128)])
        self.assertEqual(len(ring.of("CONTAINER_GONE")), 1)
        (handed,), (back,), (gone,) = map(ring.of, ("HANDOVER", "RECLAIM", "FREED_ABROAD"))
        self.assertEqual(handed.site.name, "libother")
        self.assertEqual(handed.address, back.address)
        self.assertTrue(handed.stack and back.stack and gone.stack)

    def test_misuse_is_recorded_and_harms_nobody(self):
        ring = self.notes_of("annotated", "misuse")
        misuses = [(MISUSE[note.number], note.site.name) for note in ring.of("MISUSE")]
        self.assertEqual(misuses, [("NULL_TRACKED", "nothing")])
        self.assertEqual(len(ring.of("UNTRACK", "never")), 1)
        self.assertEqual(len(ring.of("TRACK", "level")), 4 + 101)
        twice = [note.number for note in ring.of("TASK_END")]
        self.assertEqual(len(twice) - len(set(twice)), 1)

    def test_a_name_too_long_is_cut(self):
        ring = self.notes_of("annotated", "misuse")
        (note,) = ring.of("TRACK", ("a very long name" * 100)[:1000])
        self.assertEqual((note.site.type, note.site.function), ("a type" * 10, "misuse"))

    def test_nothing_is_lost_of_a_million_variables(self):
        ring = self.notes_of("tracks", 10, 100000, MEMSCOPE_STACKS=0)
        tracked = {}
        for note in ring.of("TRACK"):
            tracked.setdefault(note.thread, []).append(note)
        self.assertEqual([len(each) for each in tracked.values()], [100000] * 10)
        for each in tracked.values():
            self.assertEqual([note.number for note in each if not note.old], list(range(0, 100000, 2)))
            self.assertEqual(sum(note.site.name == "block" for note in each), 50000)

    def test_a_forked_child_defines_its_places_again(self):
        outcome, file = self.record_alone(*support.program("tracks", 2, 10, "fork"))
        self.assertEqual(outcome.status, 0, outcome)
        rings = sorted(file.parent.iterdir())
        self.assertEqual(len(rings), 2)
        for path in rings:
            names = {note.site.name for note in Ring(path).of("TRACK")}
            self.assertEqual(names, {"block", "i"})

    def test_nothing_is_said_while_recording_is_off(self):
        self.assertEqual(self.notes_of("tracks", 2, 10, MEMSCOPE_START="off").notes, [])


if __name__ == "__main__":
    support.main()
