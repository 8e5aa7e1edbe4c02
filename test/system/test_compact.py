#!/usr/bin/env python3
"""Traces without addresses, --compact: smaller, and every number as in others."""

import support
import test_counts


def what_sites_did(report):
    """Of each site its stack and its numbers, as far as they do not depend on time."""
    keys = ("allocations", "reallocations", "frees", "bytes_allocated", "live_bytes", "live_blocks")
    found = []
    for site in report.sites:
        stack = tuple(frame["function"] for frame in site["stack"])
        found.append((stack, site["family"], *(site[key] for key in keys)))
    return sorted(found, key=str)


class Answers(test_counts.KnownAnswers):
    """The programs with known answers, threads and children among them, once more."""

    def record_like_bare(self, command, *options, **settings):
        return super().record_like_bare(command, "--compact", *options, **settings)

    def record_well(self, command, *options, **settings):
        return super().record_well(command, "--compact", *options, **settings)

    def check(self, report, answer):
        super().check(report, answer)
        self.assertFalse(report.capture["addresses"])


class Sites(support.TestCase):
    def test_sites_have_the_numbers_of_a_whole_trace(self):
        for name in ("leaks", "peak", "temporary", "threads", "thread_exit", "short_threads"):
            with self.subTest(name):
                command = support.program(name)
                whole = self.record_well(command).report()
                compact = self.record_well(command, "--compact").report()
                self.assertTrue(whole.capture["addresses"])
                self.assertFalse(compact.capture["addresses"])
                self.assertEqual(what_sites_did(compact), what_sites_did(whole))


class RealPrograms(test_counts.OracleCase):
    """Programs of Debian, compared with the oracles."""

    def check(self, *command, **settings):
        whole = self.compare(*command, **settings)
        compact = self.compare(*command, options=["--compact"], **settings)
        self.assertLess(compact.capture["trace_bytes"], whole.capture["trace_bytes"])

    def test_sqlite3(self):
        self.needs("sqlite3")
        files = [("script.sql", test_counts.SQL)]
        self.check("sqlite3", "file.db", ".read script.sql", files=files)

    def test_python3(self):
        command = [support.PYTHON, "-S", "-c", test_counts.PYTHON_CODE]
        self.check(*command, PYTHONHASHSEED="0", PYTHONMALLOC="malloc")

    def test_lua(self):
        self.needs("lua5.4")
        self.check("lua5.4", "-e", test_counts.LUA_CODE)


if __name__ == "__main__":
    support.main()
