#!/usr/bin/env python3
"""Tasks of programs that never speak of any: what event loops, threads and coroutines set off is followed.
Every byte is on the task it belongs to, and every task has its parent."""

import re
import unittest

import support

Any = None


class Task:
    """What a report is to say of a task; Any: is not looked at."""

    def __init__(self, name, allocations, size, live, parent=None, freed_by_others=0, zombie=False):
        self.key = (name, parent or "")
        self.numbers = (allocations, size, live, freed_by_others)
        self.zombie = zombie

    def __repr__(self):
        return f"{self.key} {self.numbers} zombie={self.zombie}"


UV = [
    Task("uv_timer on_tick", 4, 41, 41),
    Task("uv_timer on_child", 1, 20, 0, parent="uv_timer on_tick", freed_by_others=1),
    Task("uv_prepare on_prepare", 1, 1, 1),
    Task("uv_check on_check", 1, 2, 2),
    Task("uv_idle on_idle", 1, 3, 3),
    Task("uv_async on_async", 1, 80, 80),
    Task("uv_signal on_signal", 1, 95, 95),
    Task("uv_poll on_poll", 1, 96, 96),
    Task("uv_process on_exit_of_child", 1, 97, 97),
    Task("uv_work on_work", 2, 81, 41),
    Task("uv_fs_stat on_stat", 1, 60, 60),
    Task("uv_getaddrinfo on_address", 1, 98, 98),
    # and what the C library takes for two threads, and keeps for later ones or frees
    Task("plan", Any, Any, 30 + 31 + 32 + 90 + 91, freed_by_others=Any),
    Task("uv_listen on_connection", 3, 1500, 0, freed_by_others=3),
    *[Task("uv_tcp_connect on_connected", 1, 70, 70) for _ in range(3)],
    *[
        Task("uv_connection on_connection", 2, 100 + size, size, parent="uv_listen on_connection")
        for size in (10, 11, 12)
    ],
]


# What GLib takes for its own sources and types is on the task that has it do so.
GLIB = [
    Task("g_timeout on_tick", Any, Any, 41, freed_by_others=Any),
    Task("g_idle on_child", 1, 20, 0, parent="g_timeout on_tick", freed_by_others=1),
    Task("g_idle on_idle_once", 1, 21, 21),
    Task("g_timeout on_timeout_once", 1, 22, 22),
    Task("g_idle never", 0, 0, 0),
    Task("g_idle on_again", Any, Any, 36, freed_by_others=Any),
    Task("g_unix_signal on_signal", 1, 95, 95),
    Task("g_unix_fd on_fd", 1, 96, 96),
    Task("g_io_watch on_channel", 1, 94, 94),
    Task("g_child_watch on_end_of_child", 1, 97, 97),
    Task("g_source on_own", 1, 50, 50),
    Task("g_source on_found", 1, 51, 51),
    Task("g_source on_closure", Any, Any, 52, freed_by_others=Any),
    Task("g_thread_pool on_pushed", 1, 44, 44),
    Task("pushes", Any, Any, Any, freed_by_others=Any),
    Task("pushes too", Any, Any, Any, freed_by_others=Any),
    Task("waits", Any, Any, Any, freed_by_others=Any),
    Task("plan", Any, Any, Any, freed_by_others=Any),
]


# And libevent for its events and buffers.
EVENT = [
    Task("event on_tick", Any, Any, 30, freed_by_others=1),
    Task("event on_child", 1, 20, 0, parent="event on_tick", freed_by_others=1),
    Task("event_base_once on_once", 1, 21, 21),
    Task("event on_own", 2, 101, 101),
    Task("event on_reused", 1, 60, 60),
    Task("event_base_once on_reuse", Any, Any, Any, freed_by_others=Any),
    Task("event on_reused", 1, 61, 61, parent="event_base_once on_reuse"),
    Task("event on_never", 1, 62, 62),
    Task("event on_readable", 1, 96, 96),
    Task("event on_signal", 1, 95, 95),
    Task("plan", 1, 30, 30),
    Task("evconnlistener on_connection", Any, Any, 0, freed_by_others=Any),
    *[Task("bufferevent on_written", Any, Any, 70, freed_by_others=Any) for _ in range(3)],
    *[
        Task("bufferevent on_data", 1, 100 + size, 100 + size, parent="evconnlistener on_connection")
        for size in (10, 11, 12)
    ],
]


# What registers a callback and is refused, or replaced, has a task that does nothing.
EVENT_WEB = [
    Task("evhttp on_buffer", Any, Any, 15, freed_by_others=Any),
    Task("evhttp on_pieces", Any, Any, 100 + 101 + 102, freed_by_others=Any),
    Task("evhttp on_request", Any, Any, 200, freed_by_others=Any),
    *[Task(f"evhttp {name}", 0, 0, 0) for name in ("on_pieces", "on_pieces", "on_request")],
    Task("evhttp_request on_answer", 3, 40 + 41 + 42, 40 + 41 + 42),
    Task("second", Any, Any, 50 + 51, freed_by_others=Any),
    Task("evconnlistener on_silence", 0, 0, 0),
    Task("evhttp_request on_nothing", 2, 43 + 44, 43 + 44),
    Task("evhttp_request on_nothing", 1, 45, 45),
    Task("evhttp_request on_nothing", 0, 0, 0),
    Task("evdns_server on_query", Any, Any, 2 * 66, freed_by_others=Any),
    Task("evdns on_address", 1, 60, 60),
    Task("evdns on_cancelled", 1, 62, 62),
    Task("evdns on_number", 1, 61, 61),
    Task("bufferevent_filter filter_in", 3, 70 + 71 + 73, 70 + 71 + 73),
    Task("bufferevent on_old", 1, 75, 75),
    Task("event_once on_once", 1, 22, 22),
    Task("evconnlistener on_silence", 1, 80, 80),
]


# Coroutines that return, or whose stack becomes another's, have ended.
CONTEXTS = [
    Task("ucontext run_parent", 2, 62, 62),
    Task("ucontext run_child", 1, 31, 31, parent="ucontext run_parent"),
    Task("ucontext run_planned", 1, 41, 41),
    Task("plan", 1, 40, 40),
    Task("outside", 1, 51, 51),
    Task("ucontext run_inside", 1, 50, 50, parent="outside"),
    *[
        Task(f"ucontext {name}", 10, 10 * (100 + number), 10 * (100 + number))
        for name in ("first", "second", "third")
        for number in range(20)
    ],
]

STACKFUL = [
    Task("coroutine", 20, 10 * (224 + number), 10 * (200 + number) + 24)
    for _ in range(3)
    for number in range(20)
]


# The C library keeps what it takes for threads, for later ones.
POOL = [
    Task("service", Any, Any, Any, freed_by_others=Any),
    *[Task("job", 2, 110, 10) for _ in range(20)],
]


class Adapters(support.TestCase):
    def check(self, report, expected):
        self.assertEqual(report.dropped(), 0)
        names = {task["id"]: task["task"] for task in report.tasks}
        found = []
        for task in report.tasks:
            key = (task["task"], names.get(task["parent"], ""))
            numbers = [task[name] for name in ("allocations", "bytes_allocated", "live_bytes", "freed_by_others")]
            found.append((key, numbers, task["zombie"]))
        self.assertEqual(sorted(key for key, *_ in found), sorted(task.key for task in expected))
        for task in expected:
            mine = [other for other in found if other[0] == task.key]
            self.assertTrue(
                any(
                    zombie == task.zombie
                    and all(want in (Any, have) for want, have in zip(task.numbers, numbers))
                    for _, numbers, zombie in mine
                ),
                f"{task}: {mine}",
            )
        self.assertEqual(report.misuses, [])

    def lone(self, command):
        file = self.fresh()
        environment = support.clean_environment(LD_PRELOAD=support.LIBRARY, MEMSCOPE_OUTPUT=file)
        outcome = support.run(command, env=environment)
        self.assertEqual(outcome.status, 0, outcome)
        return support.Report(file)

    def check_all_ways(self, name, expected):
        command = support.program(name)
        for strategy in ("core", "async"):
            with self.subTest(strategy):
                recording = self.record_like_bare(command, "--strategy", strategy)
                self.assertEqual(recording.status, 0)
                self.check(recording.report(), expected)
        with self.subTest("alone"):
            self.check(self.lone(command), expected)

    def test_libuv(self):
        self.check_all_ways("uv_tasks", UV)

    def test_glib(self):
        self.check_all_ways("glib_tasks", GLIB)

    def test_libevent(self):
        self.check_all_ways("event_tasks", EVENT)

    def test_libevent_beyond_its_core(self):
        self.check_all_ways("event_web", EVENT_WEB)

    def test_contexts(self):
        """Whichever thread goes on with them, and whatever ran on their stacks before."""
        self.check_all_ways("contexts", CONTEXTS)

    def test_coroutines_of_a_switch_that_nobody_knows_of(self):
        self.check_all_ways("stackful", STACKFUL)

    def test_a_stack_without_adapters_is_that_of_its_task(self):
        recording = self.record_well(support.program("stackful"), "--no-adapters")
        self.check(recording.report(), STACKFUL)
        recording = self.record_well(support.program("contexts"), "--no-adapters")
        self.assertEqual(sorted(task["task"] for task in recording.report().tasks), ["outside", "plan"])

    def test_a_pool_of_threads(self):
        """Jobs are begun by a word; what the threads do between them is for whom they were made."""
        self.check_all_ways("pool_tasks", POOL)
        report = self.record_well(support.program("pool_tasks")).report()
        own = sorted((each["task"], each["size"]) for each in report.variables)
        self.assertEqual(own, 4 * [("service", 5)] + 4 * [("service", 7)])

    def test_what_a_glib_task_sets_off_is_its_own(self):
        report = self.record_well(support.program("glib_tasks")).report()
        found = {(each["name"], each["size"]): each["task"] for each in report.variables}
        sizes = {"planned": 30, "threaded": 90, "older": 46, "called": 91, "worked": 40, "finished": 41}
        expected = {of: "plan" for of in sizes.items()} | {
            ("pushed", 44): "g_thread_pool on_pushed",
            ("pushed", 42): "pushes",
            ("pushed", 43): "pushes too",
            ("waited", 45): "waits",
        }
        self.assertEqual(found, expected)

    def test_what_gio_answers_goes_on_with_who_asked(self):
        """GIO takes memory for its types and workers besides, whenever it first needs them."""
        found = {
            ("was_read", 61): "g_input_stream_read_async on_read",
            ("closed", 62): "g_input_stream_read_async on_read",
            ("lost", 63): "g_bus_own_name on_bus",
            ("disowned", 64): "g_bus_own_name on_bus",
            ("vanished", 65): "g_bus_watch_name on_appeared",
            ("loaded", 66): "plan",
            ("loaded", 67): "plan",
            ("own", 68): "plan",
        }
        report = self.record_like_bare(support.program("glib_files"), "--strategy", "async").report()
        self.assertEqual({(each["name"], each["size"]): each["task"] for each in report.variables}, found)
        self.assertEqual({task["task"] for task in report.tasks}, set(found.values()))
        self.assertEqual([task["task"] for task in report.tasks if task["zombie"]], [])

    def test_a_library_that_only_a_plugin_sees(self):
        """And functions that have such names by chance are called as they are."""
        tick = Task("uv_timer on_tick", 2, 30, 30)
        self.check_all_ways("loops", [tick, tick])

    def test_callbacks_that_end_in_a_jump(self):
        """What they jump to is called by the program all the same: every timer ends, and is a new one."""
        report = self.record_well(support.program("uv_tails")).report()
        ticks = [task for task in report.tasks if task["callback"] == "on_tick"]
        self.assertEqual(len(ticks), 100)
        self.assertEqual({task["live_bytes"] for task in ticks}, {10})
        self.assertEqual([task["task"] for task in report.tasks if task["zombie"]], [])
        self.assertEqual([task["task"] for task in report.tasks if task not in ticks], ["uv_timer never"])

    def taking_callbacks(self, prefix, headers, types):
        """Functions of these headers that take a callback, of a type whose name matches."""
        source = support.run(
            ["gcc", "-E", "-P", "-x", "c", "-"], input="".join(f"#include <{name}>\n" for name in headers).encode()
        ).stdout.decode()
        found = re.findall(rf"typedef\s+[\w\s*]+\(\*\s*({types})\)", source)
        source = re.sub(r"typedef[^;{]*;", "", source)
        takes = re.compile(rf"\b(?:{'|'.join(found)})\b|\(\*\w*\)")
        functions = re.findall(rf"\b({prefix}\w+)\s*\(((?:[^();]|\([^();]*\))*)\)[^;{{]*;", source)
        return {name for name, parameters in functions if takes.search(parameters)}

    def adapted(self, library):
        entries = (support.SOURCE / f"src/adapt/{library.lower()}.def").read_text()
        return set(re.findall(rf"MS_ENTRY\({library}, [^,]+, (\w+),", entries))

    def test_every_function_of_libuv_that_takes_a_callback_is_adapted(self):
        taking = self.taking_callbacks("uv_", ["uv.h"], r"uv_\w+_cb")
        self.assertGreater(len(taking), 60)
        self.assertEqual(taking - self.adapted("UV"), set())

    def test_every_function_of_libevent_that_takes_a_callback_is_adapted(self):
        """But for those whose callbacks run when the program itself does something: they are that task's. Remote
        calls (event2/rpc.h) are not followed."""
        names = "event event_compat bufferevent bufferevent_compat buffer buffer_compat listener http http_compat dns dns_compat"
        taking = self.taking_callbacks("(?:ev|buffer)", [f"event2/{name}.h" for name in names.split()], r"(?:ev|buffer)\w+")
        self.assertGreater(len(taking), 40)
        at_once = {
            "event_set_log_callback",
            "event_set_fatal_callback",
            "event_set_mem_functions",
            "event_base_foreach_event",
            "evdns_set_log_fn",
            "evdns_set_transaction_id_fn",
            "evdns_set_random_bytes_fn",
            "evbuffer_add_reference",
            "evbuffer_file_segment_add_cleanup_cb",
            "evbuffer_add_cb",
            "evbuffer_remove_cb",
            "evbuffer_setcb",
        }
        self.assertEqual(taking - self.adapted("EVENT"), at_once)

    def test_a_forked_child_goes_on_with_the_task(self):
        recording = self.record_well(support.program("uv_fork"))
        reports = recording.reports()
        self.assertEqual(len(reports), 2)
        for report in reports:
            self.check(report, [Task("uv_timer on_tick", 1, 10, 10)])

    def test_without_adapters_there_are_the_tasks_of_the_program(self):
        recording = self.record_like_bare(support.program("uv_tasks"), "--no-adapters")
        tasks = recording.report().tasks
        self.assertEqual([(task["task"], task["live_bytes"]) for task in tasks], [("plan", 0)])

    def test_tasks_keep_their_names_when_their_events_go(self):
        recording = self.record_well(support.program("uv_tasks"), "--aggregate")
        self.check(recording.report(), UV)

    def test_callbacks_without_symbols_are_named_by_their_place(self):
        program = support.program("event_tasks")[0]
        symbols = support.run(["nm", program]).stdout.decode().split("\n")
        places = {name.split()[2]: int(name.split()[0], 16) for name in symbols if " t on_" in name}
        bare = self.fresh(".stripped")
        self.assertEqual(support.run(["strip", "-o", str(bare), program]).status, 0)
        report = self.record_well([str(bare)]).report()
        names = {task["task"] for task in report.tasks}
        self.assertIn(f"event {bare.name}+0x{places['on_tick']:x}", names)
        found = [task for task in report.tasks if task["task"] != "plan"]
        self.assertTrue(all(task["callback"] for task in found))
        leaks = [each["bytes"] for each in report.findings if each["kind"] == "task_leak"]
        self.assertEqual(leaks, [30])  # of the task that was begun by a word

    def test_where_a_task_was_set_off(self):
        report = self.record_well(support.program("uv_tasks")).report()
        child = next(task for task in report.tasks if task["callback"] == "on_child")
        self.assertEqual(child["function"], "on_tick")
        self.assertTrue(child["file"].endswith("uv_tasks.c"))
        plan = next(task for task in report.tasks if task["task"] == "plan")
        self.assertIsNone(plan["callback"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
