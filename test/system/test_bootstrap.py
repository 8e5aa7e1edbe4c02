#!/usr/bin/python3
"""scripts/bootstrap installs what is missing, nothing else, and says so. dpkg-query, sudo and id are
stand-ins here: nothing is installed by this test."""
import os
import shutil
import subprocess
import tempfile
import unittest

BOOTSTRAP = os.path.join(os.environ["MEMSCOPE_SOURCE"], "scripts", "bootstrap")


class Bootstrap(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="memscope-bootstrap-")
        self.bin = self.folder.name
        self.log = os.path.join(self.bin, "sudo.log")
        for tool in ("bash", "sed", "tr", "env", "cat"):
            os.symlink(shutil.which(tool), os.path.join(self.bin, tool))
        self.stand_in("id", "echo 1000")
        self.stand_in("sudo", f'echo "$*" >>{self.log}; [ ! -t 0 ] && [ "$1" = tee ] && cat >/dev/null; true')
        self.stand_in("rustc", "true")
        self.stand_in("node", "true")
        self.stand_in("npm", "true")

    def tearDown(self):
        self.folder.cleanup()

    def stand_in(self, name, script):
        path = os.path.join(self.bin, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/bash\n{script}\n")
        os.chmod(path, 0o755)

    def installed_but(self, *missing):
        """dpkg-query that knows every package it is asked for, except `missing`."""
        known = " ".join(missing)
        self.stand_in("dpkg-query", 'status=0\nfor name in "${@:4}"; do\n'
                      f'    case " {known} " in *" $name "*) status=1 ;; *) echo "$name:ii " ;; esac\n'
                      "done\nexit $status")

    def bootstrap(self, *arguments):
        return subprocess.run([BOOTSTRAP, *arguments], env={"PATH": self.bin}, capture_output=True,
                              text=True, timeout=60, stdin=subprocess.DEVNULL)

    def commands(self):
        if not os.path.exists(self.log):
            return []
        with open(self.log, encoding="utf-8") as file:
            return file.read().splitlines()

    def test_nothing_missing_is_silent_and_asks_nobody(self):
        self.installed_but()
        result = self.bootstrap()
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        self.assertEqual(self.commands(), [])

    def test_installs_exactly_what_is_missing_after_an_update(self):
        self.installed_but("jq", "libdw-dev")
        result = self.bootstrap()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("installing libdw-dev jq", result.stdout)
        apt = [line for line in self.commands() if "apt-get" in line]
        self.assertEqual(len(apt), 2, apt)
        self.assertTrue(apt[0].endswith(" update"), apt[0])
        self.assertTrue(apt[1].endswith(" --no-install-recommends libdw-dev jq"), apt[1])

    def test_the_policy_against_daemons_does_not_stay(self):
        self.installed_but("redis-server")
        self.bootstrap()
        made = [line for line in self.commands() if line.startswith("tee /usr/sbin/policy-rc.d")]
        removed = [line for line in self.commands() if line == "rm -f /usr/sbin/policy-rc.d"]
        self.assertEqual(len(made), len(removed))
        self.assertEqual(len(made), 0 if os.path.exists("/usr/sbin/policy-rc.d") else 1)

    def test_the_build_needs_no_test_packages(self):
        self.installed_but("redis-server", "clang")
        self.assertEqual(self.bootstrap("build").returncode, 0)
        self.assertEqual(self.commands(), [])

    def test_compilers_from_elsewhere_are_taken(self):
        os.remove(os.path.join(self.bin, "rustc"))
        self.installed_but("rustc", "nodejs")
        self.bootstrap()
        self.assertTrue(self.commands()[-1].endswith(" rustc") or
                        self.commands()[-2].endswith(" rustc"), self.commands())
        self.assertNotIn("nodejs", " ".join(self.commands()))

    def test_without_root_and_sudo_it_says_what_to_do(self):
        os.remove(os.path.join(self.bin, "sudo"))
        self.installed_but("jq")
        result = self.bootstrap()
        self.assertEqual(result.returncode, 4)
        self.assertIn("as root: apt-get install jq", result.stderr)

    def test_a_failed_installation_is_a_failure(self):
        self.installed_but("jq")
        self.stand_in("sudo", 'case "$*" in *" install "*) exit 100 ;; tee*) cat >/dev/null ;; esac')
        result = self.bootstrap()
        self.assertEqual(result.returncode, 4)
        self.assertIn("could not install: jq", result.stderr)

    def test_elsewhere_than_debian_it_names_the_packages(self):
        result = self.bootstrap()
        self.assertEqual(result.returncode, 4)
        self.assertIn("libdw-dev", result.stderr)


if __name__ == "__main__":
    unittest.main()
