#!/usr/bin/python3
"""What `make install` leaves stands on its own: it runs from wherever it is moved to, and others find
it with pkg-config and CMake."""
import os
import shutil
import subprocess
import tempfile
import unittest

BUILD = os.environ["MEMSCOPE_BUILD"]


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **options)


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="memscope-install-")
        first = os.path.join(cls.folder.name, "first")
        result = run("cmake", "--install", BUILD, "--prefix", first)
        assert result.returncode == 0, result.stdout + result.stderr
        # Moved before anything of it is used: no path in it may be absolute.
        cls.prefix = os.path.join(cls.folder.name, "moved")
        shutil.move(first, cls.prefix)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def path(self, *parts):
        return os.path.join(self.prefix, *parts)

    def test_everything_promised_is_there(self):
        for name in ("bin/memscope", "bin/memscope-analyze", "bin/memscope-report",
                     "bin/memscope-benchmark", "lib/libmemscope.so", "lib/pkgconfig/memscope.pc", "include/memscope.h", "include/memscope/rc.h",
                     "lib/cmake/memscope/memscope-config.cmake", "share/man/man1/memscope.1",
                     "share/man/man1/memscope-run.1", "share/man/man1/memscope-report.1"):
            self.assertTrue(os.path.exists(self.path(name)), name)
        with open(os.path.join(os.environ["MEMSCOPE_SOURCE"], "VERSION"), encoding="utf-8") as file:
            version = file.read().strip()
        self.assertIn(version, run(self.path("bin/memscope"), "--version").stdout)

    def test_the_moved_program_finds_its_library(self):
        trace = self.path("t.memscope")
        result = run(self.path("bin/memscope"), "run", "-o", trace, "--", "echo", "hello")
        self.assertEqual((result.returncode, result.stdout), (0, "hello\n"), result.stderr)
        result = run(self.path("bin/memscope-report"), trace)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_a_place_with_blanks_and_colons_will_do(self):
        # They separate the entries of LD_PRELOAD.
        place = os.path.join(self.folder.name, "a b:c")
        shutil.copytree(self.prefix, place, symlinks=True)
        trace = os.path.join(place, "t.memscope")
        result = run(os.path.join(place, "bin", "memscope"), "run", "-o", trace, "--", "echo", "hello")
        self.assertEqual((result.returncode, result.stdout), (0, "hello\n"), result.stderr)
        self.assertTrue(os.path.exists(trace), result.stderr)

    def test_without_its_library_it_says_so(self):
        bare = self.path("bare", "bin")
        os.makedirs(bare)
        shutil.copy(self.path("bin/memscope"), bare)
        result = run(os.path.join(bare, "memscope"), "run", "--", "echo", "hello")
        self.assertEqual((result.returncode, result.stdout), (125, ""))
        self.assertIn("libmemscope.so", result.stderr)

    def test_pkg_config_names_the_moved_place(self):
        environment = dict(os.environ, PKG_CONFIG_PATH=self.path("lib/pkgconfig"))
        result = run("pkg-config", "--variable=libdir", "memscope", env=environment)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertTrue(os.path.samefile(result.stdout.strip(), self.path("lib")))

    def test_the_headers_are_enough_for_an_annotated_program(self):
        source = os.path.join(os.environ["MEMSCOPE_SOURCE"], "test/programs/tracks.c")
        program = self.path("tracks")
        result = run("cc", "-D_GNU_SOURCE", "-I", self.path("include"), source, "-o", program, "-pthread")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(run(program, "1", "10").returncode, 0)

    def test_a_program_that_links_the_library_records_itself(self):
        environment = dict(os.environ, PKG_CONFIG_PATH=self.path("lib/pkgconfig"))
        flags = run("pkg-config", "--cflags", "--libs", "memscope", env=environment).stdout.split()
        source = os.path.join(os.environ["MEMSCOPE_SOURCE"], "test/programs/restarts.c")
        program, traces = self.path("restarts"), self.path("traces")
        os.makedirs(traces)
        result = run("cc", "-D_GNU_SOURCE", "-Wl,--as-needed", source, "-o", program, "-pthread", *flags,
                     f"-Wl,-rpath,{self.path('lib')}")
        self.assertEqual(result.returncode, 0, result.stderr)
        result = run(program, traces, "1", "2")
        self.assertEqual((result.returncode, result.stdout), (0, "restarts done\n"), result.stderr)
        result = run(self.path("bin/memscope"), "report", os.path.join(traces, "0.memscope"))
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("work", result.stdout)

    def test_the_cmake_package_links_a_program(self):
        project = self.path("project")
        os.makedirs(project)
        with open(os.path.join(project, "CMakeLists.txt"), "w", encoding="utf-8") as file:
            file.write("cmake_minimum_required(VERSION 3.16)\nproject(p C)\n"
                       "find_package(memscope 0.1 REQUIRED)\nadd_executable(p p.c)\n"
                       "target_link_libraries(p memscope::memscope)\n")
        with open(os.path.join(project, "p.c"), "w", encoding="utf-8") as file:
            file.write("int main(void) { return 0; }\n")
        build = os.path.join(project, "build")
        result = run("cmake", "-S", project, "-B", build, "-D", f"CMAKE_PREFIX_PATH={self.prefix}")
        self.assertEqual(result.returncode, 0, result.stderr)
        result = run("cmake", "--build", build)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertEqual(run(os.path.join(build, "p")).returncode, 0)


if __name__ == "__main__":
    unittest.main()
