"""The check itself: what a plain Python script makes passes it, and each kind of damage is found."""
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np

from harness import CHECK_HDF5, DATASETS, EXAMPLES, ROOT, TRUTH

PEER = ROOT / "Tests" / "Benchmarks" / "peer_hdf5.py"
IMAGES = "observation.images.camera_01"


class CheckHDF5(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="exportd-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        recording = EXAMPLES / "store" / DATASETS["folder"] / "data.mcap"
        subprocess.run([sys.executable, PEER, recording, self.folder / "p.tar.gz"], check=True, timeout=120)
        self.files = self.folder / "p.tar.gz.files"

    def check(self, package):
        command = [sys.executable, CHECK_HDF5, package, TRUTH / "folder.json"]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    def damaged(self, change):
        """The check's answer to the package after a change to its first episode, with a manifest that fits."""
        chunk = self.files / "chunk_001.hdf5"
        whole = chunk.read_bytes()
        with h5py.File(chunk, "r+") as file:
            change(file["data/episode_001"])
        digest = hashlib.sha256(chunk.read_bytes()).hexdigest()
        manifest = {"files": [{"path": chunk.name, "bytes": chunk.stat().st_size, "sha256": digest}]}
        (self.files / "manifest.json").write_text(json.dumps(manifest))
        answer = self.check(self.files)
        chunk.write_bytes(whole)
        return answer

    def test_a_package_of_a_plain_script_passes_packed_and_unpacked(self):
        for package in (self.folder / "p.tar.gz", self.files):
            answer = self.check(package)
            self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)

    def test_every_kind_of_damage_is_found(self):
        def value(episode):
            episode["action"][3, 2] = np.nextafter(episode["action"][3, 2], np.float32(9))

        def jpeg(episode):
            frame = episode[IMAGES][5].copy()
            frame[len(frame) // 2] ^= 1
            episode[IMAGES][5] = frame

        def swapped(episode):
            episode[IMAGES][5], episode[IMAGES][6] = episode[IMAGES][6], episode[IMAGES][5]

        def tick(episode):
            episode["timestamp_ns"][4] += 1

        def names(episode):
            episode["action"].attrs["names"] = list(reversed(episode["action"].attrs["names"]))

        def task(episode):
            episode.attrs["task"] = "Something else"

        def score(episode):
            episode.attrs["score"] = 1.0

        def gripper(episode):
            del episode["observation.gripper"]

        for change in (value, jpeg, swapped, tick, names, task, score, gripper):
            with self.subTest(change.__name__):
                self.assertEqual(self.damaged(change).returncode, 1)

    def test_a_file_that_the_manifest_does_not_fit_is_found(self):
        with open(self.files / "chunk_001.hdf5", "ab") as file:
            file.write(b"\0")
        self.assertEqual(self.check(self.files).returncode, 1)
        (self.files / "more.txt").write_text("unlisted")
        self.assertIn("more.txt", self.check(self.files).stderr)
