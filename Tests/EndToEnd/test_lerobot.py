"""LeRobot packages of every version and kind, compared with the truth of the recordings and read back with pyarrow, pandas and PyAV."""
import hashlib
import json
import shutil
import struct
import subprocess
import sys
import tarfile

import av
import cv2
import numpy as np
from mcap.reader import make_reader
from recordings import JointState, annotate, forget, picture_of, rewrite, with_picture

from harness import ROOT, SiteTest, generate

PEERS = ROOT / "Tests" / "Peers"
KINDS = {
    "v30-av1": {},
    "v30-h264": {"codec": "h264"},
    "v30-image": {"images": "image"},
    "v21-video": {"version": "v2.1", "codec": "h264"},
    "v21-image": {"version": "v2.1", "images": "image"},
}
START = 1_773_100_000_000_000_000
HOUR = 3600 * 10**9


def access_units(path, topic):
    """The bytes of a topic's sensor_msgs/CompressedImage messages of ROS 1, in order of time."""
    units = []
    with open(path, "rb") as file:
        for _, _, message in make_reader(file).iter_messages(topics=[topic]):
            place = 12
            for _ in range(2):
                place += 4 + struct.unpack_from("<I", message.data, place)[0]
            units.append(message.data[place + 4 :])
    return units


def decoded_h264(units):
    """The pictures of access units, one each, without B-frames."""
    decoder = av.CodecContext.create("h264", "r")
    pictures = [frame for unit in units for frame in decoder.decode(av.Packet(unit))] + list(decoder.decode(None))
    return [frame.to_ndarray(format="rgb24") for frame in pictures]


class LeRobotTest(SiteTest):
    """A site without recordings; tests make those that they need."""

    example_store = False

    def recording(self, number, *options, seconds=3):
        """Makes a small recording. Returns (id, truth file)."""
        truth = self.site.folder / f"truth-{number}.json"
        arguments = ["--size", "96x64", "--noise", 1, "--fps", 20, "--seed", number, "--start", START + number * HOUR, "--staff", f"s{number:03}"]
        arguments += ["--segment-seconds", "1.0:1.6", "--seconds", seconds, *options]
        return generate(self.site.store, truth, *arguments), truth

    def request(self, name, *datasets, **options):
        self.site.export(name, *datasets, format="lerobot", package="directory", **options)

    def root(self, status):
        self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
        return self.site.package(status)

    def check(self, tool, *arguments):
        run = subprocess.run([sys.executable, "-B", str(PEERS / tool), *map(str, arguments)], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def assertDataset(self, status, *truths, options=()):
        """The package keeps every rule of the format and holds what the truth files say. Returns its root."""
        root = self.root(status)
        self.check("check_lerobot_truth.py", root, *truths, "--store", self.site.store, *options)
        return root


class Formats(LeRobotTest):
    def test_every_version_and_kind_of_recordings_of_ros_1_and_ros_2_holds_what_the_truth_files_demand(self):
        ros1 = [self.recording(1), self.recording(2, "--drop", "*camera_01*compressed=30"), self.recording(3, "--reorder-at", 1)]
        ros2 = [self.recording(n, "--layout", "rosbag2", "--size", "97x65", "--volumes", n - 3) for n in (4, 5)]
        splits = {"train": 0.6, "val": 0.4}
        for kind, options in KINDS.items():
            for name, recordings in (("ros1", ros1), ("ros2", ros2)):
                self.request(f"{name}-{kind}", *(dataset for dataset, _ in recordings), splits=splits, **options)
        for kind, options in KINDS.items():
            for name, recordings in (("ros1", ros1), ("ros2", ros2)):
                with self.subTest(f"{name} {kind}"):
                    root = self.assertDataset(
                        self.site.wait(f"{name}-{kind}", timeout=120), *(truth for _, truth in recordings), options=["--split", "train", "--split", "val"]
                    )
                    info = json.loads((root / "meta/info.json").read_text())
                    self.assertEqual(info["codebase_version"], options.get("version", "v3.0"))
                    shape = info["features"][next(n for n in info["features"] if "images" in n)]["shape"]
                    odd = [65, 97, 3] if "images" in options else [64, 96, 3]
                    self.assertEqual(shape, [64, 96, 3] if name == "ros1" else odd)

    def test_options_change_what_they_say(self):
        whole, whole_truth = self.recording(11, "--overlapping")
        silent, silent_truth = self.recording(12, "--omit", "/joint_command", "--gap", "*camera_02*=1:0.6")
        mapping = {
            "observation.state": [{"topic": "/joint_states", "indices": [1, 4], "names": ["second", "fifth"]}],
            "observation.images.front": [{"topic": "/camera_02/color/image_raw/compressed"}],
        }
        cases = {
            "slow": (whole, whole_truth, {"rate_hz": 10, "codec": "h264", "crf": 18}, ["--rate", 10]),
            "held": (silent, silent_truth, {"strict_match": False, "codec": "h264"}, ["--not-strict"]),
            "next": (silent, silent_truth, {"action": "next_state", "images": "image"}, ["--next-state"]),
            "wide": (whole, whole_truth, {"state_dtype": "float64", "capture_time_ns": True, "images": "image"}, ["--dtype", "float64"]),
            "nested": (whole, whole_truth, {"subtasks": "frames", "images": "image"}, ["--frames"]),
            "nested-old": (whole, whole_truth, {"subtasks": "frames", "images": "image", "version": "v2.1"}, ["--frames"]),
            "named": (whole, whole_truth, {"robot_type": "one \"arm\"", "repo_id": "team/kitchen", "modality_json": True, "images": "image"}, []),
        }
        for name, (dataset, _, options, _) in cases.items():
            self.request(name, dataset, **options)
        self.request("mapped", whole, images="image", mapping=mapping)
        roots = {}
        for name, (_, truth, _, arguments) in cases.items():
            with self.subTest(name):
                roots[name] = self.assertDataset(self.site.wait(name, timeout=90), truth, options=arguments)
        info = {name: json.loads((root / "meta/info.json").read_text()) for name, root in roots.items()}
        self.assertEqual(info["slow"]["features"]["observation.images.camera_01"]["info"]["video.crf"], 18)
        self.assertEqual(info["wide"]["features"]["observation.capture_time_ns"]["shape"], [2])
        self.assertEqual((info["named"]["robot_type"], info["slow"]["robot_type"]), ('one "arm"', "demo_arm"))
        self.assertIn("# team/kitchen", (roots["named"] / "README.md").read_text())
        modality = json.loads((roots["named"] / "meta/modality.json").read_text())
        self.assertEqual(modality["state"]["joints"], {"start": 0, "end": 7, "original_key": "observation.state"})
        mapped = json.loads((self.root(self.site.wait("mapped")) / "meta/info.json").read_text())["features"]
        self.assertEqual(mapped["observation.state"]["names"], ["second", "fifth"])
        self.assertEqual([name for name in mapped if "images" in name], ["observation.images.front"])
        warnings = {warning["code"] for warning in self.site.status("held")["warnings"]}
        self.assertIn("feature_missing", warnings)

    def test_the_same_recording_gives_the_same_bytes_whatever_is_made_beside_it(self):
        """Alone it is read by as many threads as there are cores, with others by one."""
        recordings = [self.recording(number)[0] for number in (21, 22, 23)]
        roots = []
        for name, datasets in (("alone", recordings[:1]), ("beside", recordings), ("again", recordings)):
            self.request(name, *datasets, version="v2.1")
            roots.append(self.root(self.site.wait(name, timeout=90)))
            # Moved first: a part may just be filed in it.
            trash = (self.site.folder / "state" / "cache").rename(self.site.folder / f"{name}-cache")
            shutil.rmtree(trash)
        alone, beside, again = ({p.relative_to(root): hashlib.sha256(p.read_bytes()).hexdigest() for p in root.rglob("*") if p.is_file() and p.name != "manifest.json"} for root in roots)
        self.assertEqual(beside, again)
        episodes = [path for path in alone if path.parts[0] in ("data", "videos")]
        self.assertGreater(len(episodes), 5)
        self.assertEqual({path: alone[path] for path in episodes}, {path: beside[path] for path in episodes})

    def test_pictures_of_every_kind_of_camera_arrive(self):
        dataset, truth = self.recording(31)
        path = self.site.store / dataset / "data.mcap"
        topic = "/camera_02/color/image_raw/compressed"

        def encoded(suffix):
            def change(name, number, data):
                if name != topic:
                    return data
                picture = cv2.imdecode(np.frombuffer(picture_of(data), np.uint8), cv2.IMREAD_COLOR)
                if suffix == "mono":
                    return with_picture(data, cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))[1].tobytes())
                if suffix == "16-bit":
                    return with_picture(data, cv2.imencode(".png", picture.astype(np.uint16) * 257)[1].tobytes())
                return with_picture(data, cv2.imencode(suffix, picture)[1].tobytes())

            return change

        original = path.read_bytes()
        self.request("source", dataset, images="image")
        source = self.pictures(self.root(self.site.wait("source")))
        for number, suffix in enumerate((".png", ".webp", "mono", "16-bit")):
            for kind in ({"images": "image"}, {"codec": "h264"}):
                with self.subTest(suffix=suffix, **kind):
                    path.write_bytes(original)
                    rewrite(path, encoded(suffix))
                    name = f"kind-{number}-{len(kind)}-{'images' in kind}"
                    self.request(name, dataset, **kind)
                    root = self.root(self.site.wait(name))
                    self.check("check_lerobot.py", root)
                    found = self.pictures(root)
                    self.assertEqual(len(found), len(source))
                    for a, b in zip(found, source):
                        b = cv2.cvtColor(cv2.cvtColor(b, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB) if suffix == "mono" else b
                        self.assertLess(np.abs(a.astype(float) - b).mean(), 8)

    def pictures(self, root):
        """The pictures of camera_02, decoded."""
        sys.path.insert(0, str(PEERS))
        from lerobot_files import Dataset

        dataset, camera = Dataset(root), "observation.images.camera_02"
        if camera in dataset.videos:
            return [picture for _, _, picture in dataset.frames(camera)]
        return [cv2.cvtColor(cv2.imdecode(np.frombuffer(cell, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB) for cell in dataset.cells(camera)]

    def test_a_camera_that_sends_video_gives_the_right_picture_at_each_tick(self):
        dataset, truth = self.recording(41, "--size", "128x96", "--video", "h264", "--fps", 30, seconds=4)
        for kind in ("v30-h264", "v30-av1", "v21-image"):
            self.request(kind, dataset, **KINDS[kind])
        for kind in ("v30-h264", "v30-av1", "v21-image"):
            with self.subTest(kind):
                self.assertDataset(self.site.wait(kind, timeout=90), truth)

    def test_the_recordings_own_h264_is_kept_where_an_episode_takes_every_picture_from_a_key_frame_on(self):
        sys.path.insert(0, str(PEERS))
        from lerobot_files import Dataset

        dataset, truth = self.recording(42, "--size", "128x96", "--video", "h264", "--fps", 30, seconds=4)
        document = json.loads(truth.read_text())
        topic = "/camera_01/color/image_raw/compressed"
        first = document["first_ns"] // 10**6 * 10**6
        seconds = [(time - first) / 1e9 for time in document["topics"][topic]["log_ns"]]
        # The camera's key frames are those of every twentieth picture.
        spans = [(20, 59, "kept"), (65, 99, "begins between key frames"), (80, 110, "kept too")]
        annotate(self.site.store / dataset, truth, [(seconds[start], seconds[end], task) for start, end, task in spans])
        units = access_units(self.site.store / dataset / "data.mcap", topic)
        source = decoded_h264(units)
        cases = {"v30-h264": KINDS["v30-h264"], "v21-video": KINDS["v21-video"], "v30-av1": {}, "sparse": {"codec": "h264", "rate_hz": 10}}
        for kind, options in cases.items():
            self.request(kind, dataset, **options)
        for kind in cases:
            with self.subTest(kind):
                root = self.assertDataset(self.site.wait(kind, timeout=90), truth, options=["--rate", 10] if kind == "sparse" else [])
                report = json.loads((root / "meta/exportd/conversion_report.json").read_text())["videos"]
                info = json.loads((root / "meta/info.json").read_text())["features"]["observation.images.camera_01"]["info"]
                self.assertEqual([entry["feature"] for entry in report], ["observation.images.camera_01", "observation.images.camera_02"])
                kept = 2 if kind in ("v30-h264", "v21-video") else 0
                self.assertEqual({(entry["copied_episodes"], entry["encoded_episodes"]) for entry in report}, {(kept, 3 - kept)})
                self.assertEqual("video.crf" in info, not kept)
                if not kept:
                    self.assertEqual([bool(entry["reason"]) for entry in report], [kind == "sparse"] * 2)
                    continue
                self.assertTrue(all("no key frame" in entry["reason"] for entry in report), report)
                shown = {number: [] for number in range(3)}
                for episode, _, picture in Dataset(root).frames("observation.images.camera_01"):
                    shown[episode.index].append(picture)
                for number in (0, 2):
                    expected = source[spans[number][0] :][: len(shown[number])]
                    self.assertGreater(len(expected), 25)
                    self.assertTrue(all(np.array_equal(a, b) for a, b in zip(shown[number], expected, strict=True)))

    def test_h264_that_breaks_off_is_not_kept_over_the_break(self):
        dataset, truth = self.recording(43, "--size", "128x96", "--video", "h264", "--fps", 30, "--cameras", 1, seconds=4)
        topic = "/camera_01/color/image_raw/compressed"
        document = json.loads(truth.read_text())
        first = document["first_ns"] // 10**6 * 10**6
        seconds = [(time - first) / 1e9 for time in document["topics"][topic]["log_ns"]]
        annotate(self.site.store / dataset, truth, [(seconds[20], seconds[100], "all of it")])

        def damaged(name, number, data):
            return data[:-200] + bytes(200) if name == topic and number == 45 else data

        rewrite(self.site.store / dataset / "data.mcap", damaged)
        self.request("broken", dataset, codec="h264")
        status = self.site.wait("broken", timeout=90)
        root = self.root(status)
        self.check("check_lerobot.py", root)
        self.assertIn("video_broken", {warning["code"] for warning in status["warnings"]})
        lines = [json.loads(line) for line in (root / "meta/exportd/annotations.jsonl").read_text().splitlines()]
        for line in lines:
            lost = range(int(document["topics"][topic]["log_ns"][45]), int(document["topics"][topic]["log_ns"][59]))
            self.assertFalse(range(max(lost.start, int(line["first_ns"])), min(lost.stop, int(line["last_ns"]))), lines)

    def test_an_archive_unpacks_to_a_dataset(self):
        dataset, truth = self.recording(51)
        self.site.export("packed", dataset, format="lerobot", images="image")
        status = self.site.wait("packed")
        self.assertDataset(status, truth)
        with tarfile.open(self.site.package(status)) as archive:
            self.assertIn("packed_lerobot/meta/info.json", [name.removeprefix("./") for name in archive.getnames()])


class Trouble(LeRobotTest):
    def test_messages_without_a_usable_sample_count_as_missing(self):
        camera = "/camera_01/color/image_raw/compressed"

        def cut(data):
            picture = picture_of(data)
            return with_picture(data, picture[: len(picture) // 2])

        def joint(change):
            def changed(data):
                state = JointState(data)
                change(state)
                return state.bytes

            return changed

        def vanish(state):
            del state.names[3], state.positions[3]

        def appear(state):
            state.names.insert(0, "tail")
            state.positions.insert(0, 0.5)

        def spoil(state):
            state.positions[2] = float("nan")

        cases = {
            "cut JPEG": (camera, [25], cut, True),
            "no JPEG at all": (camera, [0, 30, 31], lambda data: with_picture(data, b"\xff\xd8\xff" + bytes(500)), True),
            "vanishing joints": ("/joint_states", range(150, 190), joint(vanish), True),
            "appearing joints": ("/joint_states", range(150, 450), joint(appear), False),
            "NaN positions": ("/joint_states", [10, *range(200, 230)], joint(spoil), True),
        }
        recordings = {}
        for seed, (name, (topic, numbers, change, is_lost)) in enumerate(cases.items(), 61):
            dataset, truth = recordings[name] = self.recording(seed)
            rewrite(self.site.store / dataset / "data.mcap", lambda t, n, data: change(data) if t == topic and n in numbers else data)
            if is_lost:
                forget(truth, topic, numbers)
            for kind in ("v30-h264", "v30-image"):
                self.request(f"{seed}-{kind}", dataset, **KINDS[kind])
        for seed, (name, (topic, _, _, is_lost)) in enumerate(cases.items(), 61):
            for kind in ("v30-h264", "v30-image"):
                with self.subTest(name, kind=kind):
                    status = self.site.wait(f"{seed}-{kind}")
                    self.assertDataset(status, recordings[name][1])
                    if is_lost:
                        self.assertTrue(any(topic in warning["message"] for warning in status["warnings"]), status["warnings"])

    def test_a_picture_that_was_cut_off_is_found_where_no_statistics_look_at_it(self):
        dataset, truth = self.recording(70, "--fps", 30, "--segment-seconds", "5:5", seconds=5)
        topic = "/camera_01/color/image_raw/compressed"

        def cut(name, number, data):
            return with_picture(data, picture_of(data)[:-400]) if (name, number) == (topic, 4) else data

        rewrite(self.site.store / dataset / "data.mcap", cut)
        forget(truth, topic, [4])
        self.request("cut", dataset, images="image")
        self.assertDataset(self.site.wait("cut"), truth)

    def test_a_camera_that_starts_late_or_stops_early_trims_its_episodes(self):
        dataset, truth = self.recording(71, "--gap", "*camera_01*compressed=0:0.3", "--gap", "*camera_02*compressed=2.4:9")
        self.request("late", dataset, images="image")
        self.assertDataset(self.site.wait("late"), truth)

    def test_a_camera_whose_size_changes_is_refused_by_name(self):
        dataset, _ = self.recording(72)
        topic = "/camera_01/color/image_raw/compressed"
        larger = cv2.imencode(".jpg", np.zeros((80, 120, 3), np.uint8))[1].tobytes()
        rewrite(self.site.store / dataset / "data.mcap", lambda t, n, data: with_picture(data, larger) if t == topic and n >= 30 else data)
        for kind in ("v30-av1", "v21-image"):
            self.request(kind, dataset, **KINDS[kind])
            error = self.assertFailed(kind, "dataset_unreadable", mentions=[topic, "96×64", "120×80", dataset])
            self.assertTrue(error["hint"])

    def test_recordings_with_different_features_are_refused_by_name(self):
        one, two = self.recording(73)[0], self.recording(74, "--joints", 5)[0]
        self.request("mixed", one, two, images="image")
        self.assertFailed("mixed", "dataset_unreadable", mentions=[one, two, "observation.state"])

    def test_a_difference_ends_the_job_before_everything_is_encoded(self):
        alike = [self.recording(number)[0] for number in range(120, 130)]
        odd, _ = self.recording(121, "--size", "112x64", "--staff", "s121b")
        for policy in ("fail", "skip"):
            self.request(f"sizes-{policy}", *alike, odd, images="image", on_dataset_error=policy)
            self.assertFailed(f"sizes-{policy}", "dataset_unreadable", mentions=[odd, "112×64", "96×64"])
            # Cached or still in the job's folder.
            self.assertLess(len(list(self.site.folder.rglob("part.json"))), len(alike))

    def test_recordings_whose_topics_differ_are_refused_before_anything_is_read(self):
        one, other, silent = self.recording(79)[0], self.recording(80, "--cameras", 1)[0], self.recording(81, "--omit", "/joint_command")[0]
        cases = {
            "cameras": ([one, other], {}, ["one has the cameras", "observation.images.camera_02", one, other]),
            "action": ([one, silent], {}, ["one has observation.state, observation.gripper", one, silent]),
        }
        for name, (datasets, options, mentions) in cases.items():
            for kind in ("preview", "export"):
                request = {"kind": kind, "select": {"datasets": datasets}, "exports": [{"format": "lerobot", **options}]}
                self.site.submit(f"{name}-{kind}", request)
                error = self.assertFailed(f"{name}-{kind}", "dataset_unreadable", mentions=mentions)
                self.assertIn("mapping", json.dumps(error))
        self.request("skipping", one, other, silent, images="image", on_dataset_error="skip")
        status = self.site.wait("skipping")
        root = self.root(status)
        lines = [json.loads(line) for line in (root / "meta/exportd/annotations.jsonl").read_text().splitlines()]
        self.assertEqual({line["dataset"] for line in lines}, {one})

    def test_texts_arrive_as_they_were_written_and_equal_ones_are_one_task(self):
        dataset, truth = self.recording(75)
        texts = ['Say "hello", then\nwait', "Grüße 🤖 → 杯子", 'Say "hello", then\nwait', "\\back\\slash\t|pipe|"]
        annotate(self.site.store / dataset, truth, [(0.6 * n, 0.6 * n + 0.55, text) for n, text in enumerate(texts)])
        for kind in ("v30-image", "v21-image"):
            self.request(kind, dataset, **KINDS[kind])
        for kind in ("v30-image", "v21-image"):
            with self.subTest(kind):
                root = self.assertDataset(self.site.wait(kind), truth)
                self.assertEqual(json.loads((root / "meta/info.json").read_text())["total_tasks"], 3)

    def test_segments_without_a_tick_are_left_out_with_a_warning(self):
        dataset, truth = self.recording(76)
        annotate(self.site.store / dataset, truth, [(0, 1, "first"), (1.2, 1.2, "nothing"), (1.3, 2.5, "last"), (50, 60, "later")])
        self.request("empty", dataset, images="image")
        status = self.site.wait("empty")
        self.assertDataset(status, truth)
        said = " ".join(warning["message"] for warning in status["warnings"])
        self.assertIn("Segment 2", said)
        self.assertIn("Segment 4", said)

    def test_an_orientation_in_a_jpeg_does_not_turn_it_round(self):
        dataset, _ = self.recording(77)
        tag = b"Exif\0\0II*\0" + struct.pack("<IHHHIII", 8, 1, 0x0112, 3, 1, 6, 0)
        mark = b"\xff\xe1" + struct.pack(">H", len(tag) + 2) + tag

        def turned(topic, number, data):
            if "compressed" not in topic:
                return data
            picture = picture_of(data)
            return with_picture(data, picture[:2] + mark + picture[2:])

        rewrite(self.site.store / dataset / "data.mcap", turned)
        self.request("turned", dataset, images="image")
        status = self.site.wait("turned")
        root = self.root(status)
        self.check("check_lerobot.py", root)
        self.assertIn("pictures_encoded", {warning["code"] for warning in status["warnings"]})
        cells = [path for path in root.rglob("data/*/*.parquet")]
        self.assertNotIn(b"Exif\0\0", b"".join(path.read_bytes() for path in cells))

    def test_a_thousand_short_episodes_are_numbered_through(self):
        dataset, truth = self.recording(78, "--cameras", 1)
        annotate(self.site.store / dataset, truth, [(0.001 * n, 0.001 * n + 0.6, f"task {n % 7}") for n in range(1_000)])
        for kind in ("v30-h264", "v21-image"):
            self.request(kind, dataset, rate_hz=10, **KINDS[kind])
        for kind in ("v30-h264", "v21-image"):
            with self.subTest(kind):
                root = self.root(self.site.wait(kind, timeout=300))
                info = json.loads((root / "meta/info.json").read_text())
                self.assertEqual(info["total_episodes"], 1_000)
                self.assertEqual(info["total_tasks"], 7)
                self.check("check_lerobot.py", root)
