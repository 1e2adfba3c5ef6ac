#!/usr/bin/env python3
"""faults.py DRIVER: what becomes of a model when its writer is killed, the disk is full, memory or a permission is missing.
Each time: the old file or the new one, a clear error, and no temporary file after the next save."""
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

DRIVER = sys.argv.pop(1)


def run(*arguments, **options):
    return subprocess.run([DRIVER, *map(str, arguments)], capture_output=True, text=True, timeout=60, **options)


SANITIZED = run("sanitized").returncode == 1


def limited(what, amount):
    return {"preexec_fn": lambda: resource.setrlimit(what, (amount, amount))}


class Faults(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="octet-faults-"))
        self.model = self.folder / "m.onnx"
        os.chmod(self.folder, 0o755)

    def tearDown(self):
        os.chmod(self.folder, 0o755)
        shutil.rmtree(self.folder)

    def make(self, value=1, *more):
        self.assertEqual(run("make", self.model, value, *more).returncode, 0)

    def names(self):
        return sorted(p.name for p in self.folder.iterdir())

    def assert_error(self, result, code, *texts):
        self.assertIn(result.returncode, code if isinstance(code, tuple) else (code,), result.stderr)
        for text in texts:
            self.assertIn(text, result.stderr)

    def kill_at_random(self, times, *more):
        self.make(0, *more)
        pick = random.Random(1)
        caught = 0  # kills that met a save half done
        for attempt in range(10 * times):
            if attempt >= times and caught > 0:
                break
            writer = subprocess.Popen([DRIVER, "rewrite", self.model, "-", *more], stdout=subprocess.PIPE)
            writer.stdout.readline()
            time.sleep(pick.uniform(0, 0.12))
            writer.kill()
            writer.wait()
            writer.stdout.close()
            caught += any(n.endswith(".tmp") for n in self.names())
            loaded = run("load", self.model)
            self.assertEqual(loaded.returncode, 0, loaded.stderr)
        self.assertGreater(caught, 0)
        self.make(7, *more)
        self.assertEqual(run("load", self.model).stdout, "7\n")
        self.assertEqual([n for n in self.names() if n.endswith(".tmp")], [])

    def test_killed(self):
        self.kill_at_random(15)
        self.assertEqual(self.names(), ["m.onnx"])

    def test_killed_with_data_outside(self):
        self.kill_at_random(15, "outside")

    def test_terminated_while_others_write(self):
        writers = [subprocess.Popen([DRIVER, "rewrite", self.model, "-"], stdout=subprocess.PIPE) for _ in range(2)]
        for w in writers:
            w.stdout.readline()
        time.sleep(0.5)  # two writers of one target do not remove each other's files
        self.assertEqual([w.poll() for w in writers], [None, None])
        for w in writers:
            w.kill(), w.wait(), w.stdout.close()
        self.assertEqual(run("load", self.model).returncode, 0)

    def test_file_size_limit(self):
        self.make()
        result = run("make", self.model, 2, **limited(resource.RLIMIT_FSIZE, 1 << 20))
        self.assert_error(result, 6, "io: cannot write", "File too large", str(self.model), "ulimit -f")
        self.assertEqual(run("load", self.model).stdout, "1\n")
        self.assertEqual(self.names(), ["m.onnx"])
        result = run("make", self.model, 2, "outside", **limited(resource.RLIMIT_FSIZE, 1 << 20))
        self.assert_error(result, 6, "File too large")
        self.assertEqual(self.names(), ["m.onnx"])

    def test_full_disk(self):
        disk = self.folder / "disk"
        disk.mkdir()
        script = f'mount -t tmpfs -o size=1m none "{disk}" && "$0" make "{disk}/m.onnx" 1; code=$?; ls -A "{disk}"; exit $code'
        inside = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
        if subprocess.run([*inside, "mount", "-t", "tmpfs", "none", disk], capture_output=True).returncode != 0:
            result, listing = run("make", "/dev/full", 1), ""
        else:
            result = subprocess.run([*inside, "sh", "-c", script, DRIVER], capture_output=True, text=True, timeout=60)
            listing = result.stdout
        self.assert_error(result, 6, "io: cannot write", "No space left", "free some space")
        self.assertEqual(listing, "")

    def test_no_permission(self):
        self.make()
        options = {"user": 65534} if os.geteuid() == 0 else {}
        os.chmod(self.folder, 0o555)
        result = run("make", self.model, 2, **options)
        self.assert_error(result, 6, "Permission denied", str(self.model), "check the permissions")
        os.chmod(self.model, 0)
        self.assert_error(run("load", self.model, **options), 6, "cannot open", "Permission denied")
        os.chmod(self.model, 0o644)
        self.assertEqual(run("load", self.model).stdout, "1\n")

    @unittest.skipIf(SANITIZED, "a sanitizer needs all of the address space")
    def test_no_memory(self):
        self.make()
        outcomes = set()
        for kilobytes in [*range(5000, 13000, 250), 60000, 200000]:
            if run("sanitized", **limited(resource.RLIMIT_AS, kilobytes << 10)).returncode != 0:
                continue  # the program does not even start
            for command in (("load", self.model), ("copy", self.model, self.folder / "copy.onnx"),
                            ("make", self.folder / "new.onnx", 3)):
                result = run(*command, **limited(resource.RLIMIT_AS, kilobytes << 10))
                self.assert_error(result, (0, 5, 6))
                outcomes.add(result.returncode)
                if result.returncode != 0:
                    self.assertTrue("memory" in result.stderr or "address space" in result.stderr, result.stderr)
                self.assertEqual([n for n in self.names() if n.endswith(".tmp")], [])
        self.assertIn(0, outcomes)
        self.assertTrue(outcomes & {5, 6}, "no limit was low enough to show anything")


if __name__ == "__main__":
    unittest.main(verbosity=2)
