"""The commands about files: `exportctl inspect` and `exportctl recover`, run as a person runs them, without a daemon or a store."""
import json
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from mcap.reader import make_reader

from harness import DATASETS, EXAMPLES, ROOT, generate, programs

CONVERTER = ROOT / "Tests" / "Generator" / "convert_recording.py"
CHECK_MCAP = ROOT / "Tests" / "Readers" / "check_mcap.py"
SMALL = EXAMPLES / "store" / DATASETS["folder"] / "data.mcap"


def converted(sources, target, *options):
    """Copies MCAP files into another container; returns what its own reader finds in it."""
    run = subprocess.run(
        [sys.executable, "-B", str(CONVERTER), *map(str, sources), str(target), *options], check=True, capture_output=True, text=True)
    return json.loads(run.stdout)


class FileTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="exportd-test-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def run_ctl(self, *arguments, expect=0):
        run = subprocess.run([programs() / "exportctl", *map(str, arguments)], cwd=self.folder, capture_output=True, text=True, timeout=120)
        self.assertEqual(run.returncode, expect, f"{arguments}\n{run.stdout}{run.stderr}")
        return run

    def run_json(self, *arguments, expect=0):
        return json.loads(self.run_ctl(*arguments, "--json", expect=expect).stdout)

    def damaged(self, name, change, source=SMALL):
        """A copy of a recording whose bytes were changed."""
        data = bytearray(Path(source).read_bytes())
        path = self.folder / name
        path.write_bytes(change(data) or data)
        return path

    def checked(self, path, strictly=True):
        """What the official reader finds in a file, which must be as sound as the specification asks."""
        run = subprocess.run([sys.executable, "-B", str(CHECK_MCAP), str(path)], check=True, capture_output=True, text=True)
        result, = json.loads(run.stdout)
        if strictly:
            self.assertEqual(result["problems"], [])
        return {**result, "problems": []}


class Inspect(FileTest):
    def assertTruth(self, summary, truth):
        """A summary says what the container's own reader read."""
        self.assertEqual(summary["messages"], truth["messages"])
        self.assertEqual((summary["start_ns"], summary["end_ns"]), (str(truth["first"]), str(truth["last"])))
        self.assertEqual({topic["name"]: topic["messages"] for topic in summary["topics"]}, {n: t["messages"] for n, t in truth["topics"].items()})
        self.assertEqual(summary["problems"], [])

    def assertDecodes(self, path, summary):
        topic = next(topic for topic in summary["topics"] if "JointState" in topic["type"])
        lines = self.run_ctl("inspect", path, "--decode", topic["name"]).stdout.splitlines()
        messages = [json.loads(line) for line in lines]
        self.assertEqual(len(messages), topic["messages"])
        self.assertTrue(all(message["data"]["position"] for message in messages))
        times = [int(message["log_time"]) for message in messages]
        self.assertEqual((times, times[0], times[-1]), (sorted(times), int(topic["start_ns"]), int(topic["end_ns"])))

    def assertRefuses(self, path, words):
        for option in ("--verify", "--json-records", "--json-indexed"):
            run = self.run_ctl("inspect", path, option, expect=2)
            self.assertEqual(run.stdout, "")
            self.assertIn(option, run.stderr)
            self.assertIn(words, run.stderr)

    def test_bags_are_summed_up_and_decoded(self):
        for compression in ("none", "lz4", "bz2"):
            with self.subTest(compression):
                bag = self.folder / f"{compression}.bag"
                truth = converted([SMALL], bag, "--to", "bag", "--compression", compression)
                summary = self.run_json("inspect", bag)
                self.assertTruth(summary, truth)
                self.assertEqual((summary["format"], summary["profile"], summary["bytes"]), ("ros1_bag", "ros1", bag.stat().st_size))
                text = self.run_ctl("inspect", bag).stdout
                self.assertIn("ROS 1 bag", text)
                self.assertIn("sensor_msgs/JointState", text)
                self.assertNotIn("--verify", text)
        self.assertDecodes(bag, summary)
        self.assertRefuses(bag, "ROS 1 bag")

    def test_databases_and_rosbag2_folders_are_summed_up_and_decoded(self):
        volumes = sorted((EXAMPLES / "store" / DATASETS["rosbag2"]).glob("*.mcap"))
        for name, options in {"plain": ["--volumes", "2"], "compressed": ["--compression", "file", "--volumes", "2"]}.items():
            with self.subTest(name):
                folder = self.folder / name
                truth = converted(volumes, folder, "--to", "db3", *options)
                summary = self.run_json("inspect", folder)
                self.assertTruth(summary, truth)
                self.assertEqual([volume["format"] for volume in summary["volumes"]], ["rosbag2_database"] * 2)
                self.assertEqual(sum(volume["messages"] for volume in summary["volumes"]), truth["messages"])
                self.assertIn("rosbag2 database", self.run_ctl("inspect", folder).stdout)
                self.assertDecodes(folder, summary)
                self.assertRefuses(folder, "2 volumes")
        single = self.run_json("inspect", next(iter(sorted((self.folder / "plain").glob("*.db3")))))
        self.assertEqual((single["format"], len(single["volumes"])), ("rosbag2_database", 1))

    def test_folders_of_the_store_are_summed_up(self):
        folder = self.run_json("inspect", SMALL.parent)
        self.assertEqual(folder, self.run_json("inspect", SMALL))
        rosbag2 = EXAMPLES / "store" / DATASETS["rosbag2"]
        summary = self.run_json("inspect", rosbag2)
        volumes = [self.run_json("inspect", path) for path in sorted(rosbag2.glob("*.mcap"))]
        self.assertEqual(summary["messages"], sum(volume["messages"] for volume in volumes))
        self.assertEqual(summary["bytes"], sum(volume["bytes"] for volume in volumes))
        empty = self.folder / "empty"
        empty.mkdir()
        self.assertIn("folder without a recording", self.run_ctl("inspect", empty, expect=2).stderr)

    def test_a_cut_off_bag_is_summed_up_with_what_is_wrong(self):
        bag = self.folder / "whole.bag"
        truth = converted([SMALL], bag, "--to", "bag", "--compression", "none")
        cut = self.damaged("cut.bag", lambda data: data[: len(data) // 2], source=bag)
        summary = self.run_json("inspect", cut)
        self.assertTrue(0 < summary["messages"] < truth["messages"])
        self.assertTrue(summary["problems"])
        self.assertIn("problem", self.run_ctl("inspect", cut).stdout)

    def test_what_is_no_recording_is_1(self):
        self.assertIn("nothing.mcap", self.run_ctl("inspect", "nothing.mcap", expect=1).stderr)
        (self.folder / "text.mcap").write_text("this is no recording\n" * 10)
        self.assertTrue(self.run_ctl("inspect", "text.mcap", expect=1).stderr.startswith("exportctl: "))


class Recover(FileTest):
    def sound(self):
        # The generator's library leaves out the checksum of the data.
        return self.checked(SMALL, strictly=False)

    def recover(self, path, expect):
        """Recovers a file and checks the result; returns the report and what the official reader finds."""
        before = path.read_bytes()
        out = self.folder / f"{path.stem}.recovered.mcap"
        report = self.run_json("recover", path, out, expect=expect)
        self.assertEqual(path.read_bytes(), before, "the damaged file was changed")
        self.assertEqual((report["complete"], bool(report["losses"])), (expect == 0, expect == 3))
        self.assertEqual((report["input_bytes"], report["output_bytes"]), (len(before), out.stat().st_size))
        found = self.checked(out)
        self.assertEqual(found["messages"], report["messages"])
        self.run_ctl("inspect", "--verify", out)
        self.assertEqual([p.name for p in self.folder.iterdir() if p.name.endswith(".recovering")], [])
        return report, found

    def test_a_sound_file_is_carried_over_whole(self):
        report, found = self.recover(self.damaged("sound.mcap", lambda data: None), 0)
        self.assertEqual((report["repairs"], report["lost_bytes"], report["lost_messages"]), ([], 0, 0))
        self.assertEqual(found, self.sound())

    def test_a_file_without_its_end_loses_nothing(self):
        def without_summary(data):
            summary, = struct.unpack_from("<Q", data, len(data) - 28)
            # DataEnd, right before the summary, goes with it.
            return data[: summary - 13]

        report, found = self.recover(self.damaged("endless.mcap", without_summary), 0)
        self.assertEqual(found["crc"], self.sound()["crc"])
        self.assertEqual(len(report["repairs"]), 1)

    def test_a_cut_file_keeps_what_is_before_the_cut_and_says_that_the_rest_is_lost(self):
        report, found = self.recover(self.damaged("cut.mcap", lambda data: data[: len(data) // 2]), 3)
        self.assertTrue(0 < found["messages"] < self.sound()["messages"])
        self.assertIn("ends within the chunk", report["losses"][0]["message"])
        text = self.run_ctl("recover", "cut.mcap", "again.mcap", expect=3).stdout
        self.assertIn("recovered", text)
        self.assertIn("lost", text)

    def test_a_hole_in_the_middle_costs_its_chunks_only(self):
        store = self.folder / "store"
        store.mkdir()
        generate(store, self.folder / "truth.json", "--seconds", 8, "--cameras", 2, "--compression", "zstd", "--seed", 3)
        source = next(store.glob("*/data.mcap"))
        middle, hole = source.stat().st_size // 2, 3_000_000
        self.assertGreater(middle, 2 * hole, "the recording is too small for the hole")

        def overwrite(data):
            data[middle : middle + hole] = b"\xa5" * hole

        report, found = self.recover(self.damaged("hole.mcap", overwrite, source=source), 3)
        whole = self.checked(source, strictly=False)
        with open(source, "rb") as file:
            chunks = make_reader(file).get_summary().chunk_indexes
        hit = [c for c in chunks if c.chunk_start_offset < middle + hole and middle < c.chunk_start_offset + c.chunk_length + c.message_index_length]
        self.assertEqual(report["copied_chunks"], len(chunks) - len(hit))
        self.assertGreaterEqual(report["lost_bytes"], sum(c.chunk_length for c in hit))
        self.assertLess(report["lost_bytes"], sum(c.chunk_length + c.message_index_length for c in hit) + 1000)
        self.assertEqual(found["topics"].keys(), whole["topics"].keys())
        self.assertLess(found["messages"], whole["messages"])

    def test_other_formats_are_refused(self):
        converted([SMALL], self.folder / "a.bag", "--to", "bag")
        converted([SMALL], self.folder / "db", "--to", "db3")
        shutil.move(next((self.folder / "db").glob("*.db3")), self.folder / "a.db3")
        for name, words in (("a.bag", "ROS 1 bag"), ("a.db3", "rosbag2 database"), ("db", "folder")):
            with self.subTest(name):
                self.assertIn(words, self.run_ctl("recover", name, "out.mcap", expect=2).stderr)
                self.assertFalse((self.folder / "out.mcap").exists())
        (self.folder / "text.mcap").write_text("this is no recording\n" * 10)
        self.run_ctl("recover", "text.mcap", "out.mcap", expect=1)
        self.run_ctl("recover", "nothing.mcap", "out.mcap", expect=1)
        self.assertFalse((self.folder / "out.mcap").exists())

    def test_what_is_there_is_kept_without_force(self):
        out = self.folder / "out.mcap"
        out.write_text("mine")
        self.assertIn("--force", self.run_ctl("recover", SMALL, out, expect=2).stderr)
        self.assertEqual(out.read_text(), "mine")
        self.run_ctl("recover", SMALL, out, "--force")
        self.assertEqual(self.checked(out), self.sound())
        copy = self.damaged("copy.mcap", lambda data: None)
        before = copy.read_bytes()
        self.assertTrue(self.run_ctl("recover", copy, copy, "--force", expect=1).stderr)
        self.assertEqual(copy.read_bytes(), before)

    def test_what_can_not_be_written_is_said(self):
        (self.folder / "folder").mkdir()
        for options in ([], ["--force"]):
            self.assertIn("folder", self.run_ctl("recover", SMALL, "folder", *options, expect=2).stderr)
        (self.folder / "file").write_text("")
        for place, words in {"missing/out.mcap": "missing", "file/out.mcap": "file", "/proc/out.mcap": "Could not"}.items():
            with self.subTest(place):
                self.assertIn(words, self.run_ctl("recover", SMALL, place, expect=1).stderr)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["file", "folder"])
        self.run_ctl("recover", SMALL, expect=2)
        self.assertIn("--force", self.run_ctl("recover", "--help").stdout)


if __name__ == "__main__":
    unittest.main()
