"""What a program said about its memory, read straight from the ring of a process that was recorded without
a recorder: src/trace/format.h draws it."""

import collections
import pathlib
import re
import struct

import support

HEADER, CHUNK, CHUNK_HEAD = 65536, 16384, 64
ALLOC, TASK, NOTE, SITE, FREER, FREER_STACK = 2, 14, 32, 33, 34, 35
LENGTHS = {1: 1, 3: 1, 4: 4, 5: 3, 8: 1, 9: 3, 10: 2, 11: 5, 12: 1, 13: 1, TASK: 1, 22: 1, NOTE: 5, FREER: 1, FREER_STACK: 2}
LENGTH_FIRST = (6, 7, SITE)  # these say their length in their first word

Site = collections.namedtuple("Site", "name type file function line kind")
Note = collections.namedtuple("Note", "what address old size number stack site thread")


def codes(list_name, macro):
    """The names of a list of src/trace by their codes."""
    text = (support.SOURCE / "src/trace" / list_name).read_text()
    return {int(code): name for name, code in re.findall(rf"{macro}\((\w+), *(\d+)", text)}


WHAT = codes("notes.def", "MS_NOTE")
KIND = codes("places.def", "MS_PLACE")
MISUSE = codes("misuses.def", "MS_MISUSE")


class Ring:
    """`notes` in the order of each thread, `tasks` as threads were switched, and the number of `births`."""

    def __init__(self, path):
        data = pathlib.Path(path).read_bytes()
        self.notes, self.tasks, self.sites, self.births = [], [], {}, 0
        for offset in range(HEADER, len(data) - CHUNK + 1, CHUNK):
            self.read_chunk(data[offset : offset + CHUNK])
        undefined = {note.site for note in self.notes} - {0} - set(self.sites)
        assert not undefined, f"{path}: nobody defined the sites {undefined}"
        self.notes = [note._replace(site=self.sites.get(note.site)) for note in self.notes]

    def read_chunk(self, chunk):
        thread = struct.unpack_from("<I", chunk)[0]
        words = struct.unpack(f"<{CHUNK // 8}Q", chunk)
        at = CHUNK_HEAD // 8
        while at < len(words) and words[at]:
            code, value = words[at] >> 56, words[at] & (1 << 48) - 1
            if code == ALLOC:
                length = 3 if words[at + 1] & 0xFFFFFFFF == 0xFFFFFFFF else 2
                self.births += 1
            else:
                length = value if code in LENGTH_FIRST else LENGTHS[code]
            self.take(code, value, words[at : at + length], thread)
            at += length

    def take(self, code, value, words, thread):
        if code == NOTE:
            what = WHAT[words[0] >> 48 & 255]
            stack, site = words[1] >> 32, words[1] & 0xFFFFFFFF
            self.notes.append(Note(what, value, *words[2:], stack, site, thread))
        elif code == SITE:
            _, number, line, kind, size = words[:5]
            text = struct.pack(f"<{len(words) - 5}Q", *words[5:])[:size]
            texts = [part.decode() or None for part in text.split(b"\0")[:4]]
            self.sites[number] = Site(*texts, line, KIND[kind])
        elif code == TASK:
            self.tasks.append((thread, value))

    def of(self, what, name=None):
        """The notes of a kind, about something of that name."""
        return [
            note
            for note in self.notes
            if note.what == what and (name is None or note.site and note.site.name == name)
        ]
