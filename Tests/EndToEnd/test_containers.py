"""The same robot data in every container that a store may hold gives the same export."""
import hashlib
import json
import shutil
import subprocess
import sys
from collections import Counter

from mcap.reader import make_reader

from harness import DATASETS, EXAMPLES, ROOT, TRUTH, SiteTest

CONVERTER = ROOT / "Tests" / "Generator" / "convert_recording.py"
STORE = EXAMPLES / "store"


def convert(sources, target, *options):
    """Copies MCAP files, the volumes of one recording, into another container."""
    subprocess.run([sys.executable, "-B", str(CONVERTER), *map(str, sources), str(target), *options], check=True, capture_output=True)


class Containers(SiteTest):
    example_store = False

    def prepare(self):
        folder, flat, rosbag2 = (DATASETS[layout] for layout in ("folder", "flat", "rosbag2"))
        # All that lies beside the recordings stays as it is.
        store = self.site.store
        shutil.copytree(STORE, store, ignore=shutil.ignore_patterns("*.mcap", "metadata.yaml"), dirs_exist_ok=True)
        convert([STORE / folder / "data.mcap"], store / folder / "data.bag", "--to", "bag", "--compression", "lz4")
        convert([STORE / f"{flat}.mcap"], self.site.folder / "flat", "--to", "db3")
        shutil.move(self.site.folder / "flat" / "flat.db3", store / f"{flat}.db3")
        volumes = sorted((STORE / rosbag2).glob("*.mcap"))
        convert(volumes, self.site.folder / "volumes", "--to", "db3", "--compression", "file", "--volumes", "2")
        for file in (self.site.folder / "volumes").iterdir():
            shutil.move(file, store / rosbag2 / file.name)

    def test_bags_and_databases_become_the_episodes_that_the_truth_files_demand(self):
        for layout, name in DATASETS.items():
            self.site.export(layout, name)
        for layout, name in DATASETS.items():
            with self.subTest(layout):
                status = self.site.wait(layout)
                self.assertPackage(status, TRUTH / f"{layout}.json")
                self.assertEqual([w["code"] for w in status["warnings"] if w["code"].startswith("recording")], [], json.dumps(status["warnings"]))
        self.assertEqual(list(self.site.store.rglob("*-wal")) + list(self.site.store.rglob("*-shm")), [])

    def test_bags_and_databases_are_played_back_as_mcap(self):
        self.site.submit("playback", {"exports": [{"format": "mcap"}], "package": "directory"})
        status = self.site.wait("playback")
        self.assertEqual(status["state"], "completed", status["error"])
        for layout, name in DATASETS.items():
            with self.subTest(layout):
                originals = [STORE / f"{name}.mcap"] if layout == "flat" else sorted((STORE / name).glob("*.mcap"))
                expected = sum((messages(original) for original in originals), Counter())
                self.assertEqual(messages(self.site.package(status) / f"{name}.mcap"), expected)


def messages(path):
    """The recorded messages of an MCAP file, as far as every container keeps them."""
    with open(path, "rb") as file:
        return Counter(
            (channel.topic.lstrip("/"), schema.name.replace("/msg/", "/"), message.log_time, hashlib.sha256(message.data).hexdigest())
            for schema, channel, message in make_reader(file, validate_crcs=True).iter_messages()
            if channel.topic != "/exportd/annotations"
        )
