#!/usr/bin/env python3
"""Programs that make a recorder's life hard: they run as without us, and nothing is missing."""

import os
import unittest

import support


class Unharmed(support.TestCase):
    """Same output, same status, nothing dropped; what else is known is checked beside."""

    def recorded(self, name, *arguments, **settings):
        recording = self.record_like_bare(support.program(name, *arguments), **settings)
        report = recording.report()
        self.assertEqual(report.dropped(), 0)
        self.assertTrue(report.capture["complete"])
        return report

    def test_threads_that_free_each_others_blocks(self):
        report = self.recorded("threads")
        self.assertEqual(report.total("allocations", "work"), 16000)
        self.assertEqual(report.total("live_blocks", "work"), 0)
        for number in range(8):
            thread = report.thread(f"worker-{number}")
            self.assertEqual(thread["allocations"], 2000)
            self.assertEqual(thread["freed_by_others"], 2000)
            self.assertTrue(thread["ended"])

    def test_a_thousand_short_threads(self):
        report = self.recorded("short_threads")
        self.assertEqual(report.summary["threads"], 1001)
        self.assertEqual(report.total("allocations", "work"), 3000)
        self.assertEqual(report.total("bytes_allocated", "work"), 60000)
        self.assertEqual(report.total("live_blocks", "work"), 0)

    def test_threads_that_allocate_while_they_die(self):
        report = self.recorded("thread_exit")
        # 40 keys of 10 threads; for keys from 32 on libc takes one more block per thread.
        self.assertEqual(report.total("allocations", "specific"), 400 + 10)
        self.assertEqual(report.total("allocations", "destroy"), 1200)
        self.assertEqual(report.total("allocations", "detached"), 1)
        for function in ("specific", "destroy", "cancelled", "clean", "detached"):
            self.assertEqual(report.total("live_blocks", function), 0, function)

    def test_signals_in_the_middle_of_everything(self):
        report = self.recorded("signals")
        self.assertEqual(report.total("allocations", "on_user"), 100)
        self.assertEqual(report.total("bytes_allocated", "on_user"), 1000)

    def test_plugins_that_come_and_go(self):
        report = self.recorded("plugin")
        self.assertEqual(report.total("allocations", "plugin_make", "main"), 500)
        self.assertEqual(report.total("live_blocks", "plugin_make"), 0)
        loads = [site for site in report.sites if site["max_size"] == 333]
        self.assertEqual(sum(site["allocations"] for site in loads), 50)

    def test_who_releases_the_blocks_of_a_plugin(self):
        pairs = {
            (pair["allocated_by"], pair["freed_by"]): (pair["crosses"], pair["blocks"], pair["bytes"])
            for pair in self.recorded("plugin").data["module_pairs"]
        }
        self.assertEqual(pairs["lib_plugin.so", "plugin"], (True, 500, 500 * 444))
        self.assertEqual(pairs["lib_plugin.so", "lib_plugin.so"], (False, 50, 50 * 333))

    def test_recursion_a_hundred_thousand_levels_deep(self):
        report = self.recorded("deep")
        self.assertEqual(report.total("allocations", "dive"), 100)
        cut = [site for site in report.sites_in("dive") if site["stack"][-1]["broken"]]
        self.assertGreater(len(cut), 0, "a stack that was cut says so")
        for site in cut:
            self.assertGreater(len(site["stack"]), 500)

    def test_stacks_through_frames_of_unknown_size(self):
        report = self.recorded("frames")
        self.assertEqual(report.total("allocations", "main"), 4000)
        for site in report.sites:
            self.assertIsNone(site["stack"][-1].get("broken"), site)

    def test_stacks_of_coroutines_end_where_they_begin(self):
        report = self.recorded("coroutines")
        self.assertEqual(report.total("allocations", "run"), 16000)
        for site in report.sites_in("nested"):
            names = [frame["function"] for frame in site["stack"]]
            self.assertIn("run", names)
            self.assertNotIn("main", names)

    def test_stacks_after_jumps(self):
        report = self.recorded("jumps")
        self.assertEqual(report.total("allocations", "leave", "main"), 5000)
        depths = set()
        for site in report.sites_in("leave"):
            names = [frame["function"] for frame in site["stack"]]
            depths.add(names.count("dive"))
        self.assertEqual(depths, set(range(2, 42)))

    def test_exceptions(self):
        self.recorded("exceptions")

    def test_errno_is_kept(self):
        self.recorded("error_numbers")

    def test_descriptors_are_the_programs_own(self):
        self.recorded("closes_files")

    def test_a_malloc_of_the_programs_own(self):
        report = self.recorded("own_malloc")
        self.assertGreaterEqual(report.summary["peak_mapped_bytes"], 2 << 20)

    def test_less_address_space_than_asked_for(self):
        command = ["sh", "-c", 'ulimit -v 300000; exec "$0"', *support.program("exhaust")]
        report = self.record_like_bare(command).report()
        self.assertEqual(report.summary["allocations"], report.summary["frees"])
        self.assertGreater(report.summary["peak_bytes"], 50 << 20)

    def test_very_little_address_space(self):
        """There may be no room for us; the program must not notice."""
        for limit in (20000, 40000, 80000, 160000):
            with self.subTest(limit):
                script = f'ulimit -v {limit}; exec "$0"'
                command = ["sh", "-c", script, *support.program("exhaust")]
                self.record_like_bare(command)

    def test_few_descriptors(self):
        command = ["sh", "-c", 'ulimit -n 5; exec "$0"', *support.program("temporary")]
        report = self.record_like_bare(command).report()
        self.assertEqual(report.summary["allocations"], 1300)

    def test_first_allocation_under_a_lock_of_the_c_library(self):
        """cmake's p11-kit allocates first inside newlocale(), which holds the lock of all locales: at
        our start nothing may want it."""
        self.record_like_bare(["cmake", "--version"])

    def test_a_limit_of_file_sizes_is_the_programs_own(self):
        """SIGXFSZ must not hit a program for the size of our files."""
        command = ["sh", "-c", 'ulimit -f 1; exec "$0"', *support.program("deep")]
        self.record_like_bare(command)

    def test_nothing_of_ours_stays_behind(self):
        temporary = self.directory / "tmp"
        temporary.mkdir()
        environment = support.clean_environment(TMPDIR=temporary)
        for command in (support.program("fork_allocates", 3), support.program("ends", "kill")):
            script = ["sh", "-c", 'echo "$MEMSCOPE_RING_DIRECTORY"; exec "$@"', "sh", *command]
            recording = self.record(script, env=environment)
            ring = recording.stdout.split(b"\n")[0].decode()
            self.assertIn("/", ring, recording)
            self.assertFalse(os.path.exists(ring), ring)
        self.assertEqual(os.listdir(temporary), [])

    def test_standard_streams_may_be_closed(self):
        """A program started without stdin, stdout and stderr must not find our files there."""
        file = self.fresh()
        script = '"$@" <&- >&- 2>&-'
        command = support.recorder_command(file, support.program("temporary"), "--quiet")
        outcome = support.run(["sh", "-c", script, "sh", *command])
        bare = support.run(["sh", "-c", script, "sh", *support.program("temporary")])
        self.assertEqual(outcome.status, bare.status, outcome)
        self.assertEqual(support.Report(file).summary["allocations"], 1300)


class Threaded(support.TestCase):
    def test_cpp_containers_on_threads(self):
        report = self.record_like_bare(support.program("containers")).report()
        self.assertGreater(report.total("allocations", "consume"), 1000)
        self.assertEqual(report.total("live_blocks", "consume"), 0)
        self.assertEqual(report.dropped(), 0)

    @unittest.skipUnless((support.PROGRAMS / "rusty").exists(), "rustc is not installed")
    def test_rust(self):
        report = self.record_like_bare(support.program("rusty")).report()
        self.assertEqual(report.total("allocations", "rusty::words") > 5000, True)
        names = {thread["thread"] for thread in report.threads}
        self.assertLessEqual({"rusty-0", "rusty-1", "rusty-2", "rusty-3"}, names)
        self.assertEqual(report.dropped(), 0)


if __name__ == "__main__":
    support.main()
