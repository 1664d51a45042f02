"""What a user gets: packages of every layout, compared with the truth of the recordings."""
import json
import shutil
import subprocess
import time

import cv2
import h5py
import numpy as np
from recordings import rewrite, with_picture

from harness import DATASETS, EXAMPLES, TRUTH, SiteTest, generate, programs, read_json, until

ALL = [TRUTH / f"{name}.json" for name in DATASETS]


class Exports(SiteTest):
    def test_each_layout_becomes_the_episodes_that_its_truth_file_demands(self):
        for name, dataset in DATASETS.items():
            self.site.export(name, dataset)
        statuses = [self.site.wait(name) for name in DATASETS]
        for name, status in zip(DATASETS, statuses):
            with self.subTest(name):
                self.assertPackage(status, TRUTH / f"{name}.json")
                progress = status["progress"]
                self.assertEqual((progress["percent"], progress["datasets_done"], progress["datasets_total"]), (100, 1, 1))
                self.assertEqual(status["selection"]["datasets"], 1)
                self.assertIsNone(self.site.error(name))
                self.assertFalse((self.site.inbox / f"{name}.yaml").exists(), "the request still lies in the inbox")
        self.assertOutboxHoldsOnly(*statuses)

    def test_the_example_request_exports_the_whole_example_store(self):
        self.site.submit("kitchen-hdf5", (EXAMPLES / "requests" / "kitchen-hdf5.yaml").read_bytes())
        status = self.site.wait("kitchen-hdf5")
        self.assertPackage(status, *ALL)
        folder = self.site.outbox / status["job"]
        for name in ("manifest.json", "request.yaml", "status.json"):
            self.assertTrue((folder / name).is_file(), f"{name} is missing beside the package")
        self.assertEqual((folder / "request.yaml").read_bytes(), (EXAMPLES / "requests" / "kitchen-hdf5.yaml").read_bytes())
        self.assertEqual(read_json(folder / "status.json")["exports"], status["exports"])
        self.assertEqual((status["title"], status["kind"], status["attempt"]), ("Kitchen set", "export", 1))

    def test_options_change_what_they_say(self):
        cases = {
            "together": ({"chunk_size": 2}, ["--chunk-size", "2"]),
            "slow": ({"rate_hz": 12.5}, ["--rate", "12.5"]),
            "held": ({"strict_match": False}, ["--not-strict"]),
            "causal": ({"sampling": "previous", "tolerance": 100}, ["--method", "previous", "--tolerance-ms", "100"]),
            "published": ({"clock": "publish_time"}, ["--clock", "publish_time"]),
            "narrow": ({"tolerance": 35.5}, ["--tolerance-ms", "35.5"]),
            "folder": ({"package": "directory"}, []),
        }
        for name, (options, _) in cases.items():
            self.site.export(name, **options)
        for name, (_, arguments) in cases.items():
            with self.subTest(name):
                self.assertPackage(self.site.wait(name), *ALL, options=arguments)

    def test_the_same_request_gives_the_same_bytes(self):
        hashes = []
        for _ in range(2):
            self.site.export("again", title="Twice")
            last = hashes[-1][0] if hashes else None
            status = until(lambda: (s := self.site.status("again")) and s["job"] != last and s["state"] == "completed" and s, 60, "again")
            hashes.append((status["job"], status["exports"][0]["sha256"]))
            shutil.rmtree(self.site.folder / "state" / "cache", ignore_errors=True)
        self.assertNotEqual(hashes[0][0], hashes[1][0])
        self.assertEqual(hashes[0][1], hashes[1][1])

    def test_a_request_written_in_place_is_taken_once_it_is_whole(self):
        text = (EXAMPLES / "requests" / "kitchen-hdf5.yaml").read_text().splitlines(keepends=True)
        target = self.site.inbox / "slowly.yaml"
        for line in text:
            with open(target, "a") as file:
                file.write(line)
            time.sleep(0.1)
        self.assertPackage(self.site.wait("slowly"), *ALL)

    def test_names_of_editors_and_copies_in_progress_are_left_alone(self):
        names = [".hidden.yaml", "a.yaml~", "b.yaml.tmp", "c.yaml.part", "d.yaml.swp", "e.yaml.filepart", "notes.txt"]
        for name in names:
            (self.site.inbox / name).write_text("kind: export")
        self.site.export("after")
        self.site.wait("after", "completed")
        for name in names:
            self.assertTrue((self.site.inbox / name).exists(), f"{name} was touched")

    def test_a_request_in_a_team_folder_is_answered_there(self):
        team = self.site.inbox / "blue"
        team.mkdir()
        hidden = team / ".x.yaml"
        hidden.write_bytes((EXAMPLES / "requests" / "kitchen-hdf5.yaml").read_bytes())
        hidden.rename(team / "x.yaml")
        status = until(lambda: (s := read_json(team / "x.status.json")) and s["state"] == "completed" and s, 60, "blue/x")
        self.assertPackage(status, *ALL)

    def test_a_preview_tells_and_writes_no_package(self):
        request = json.dumps({"kind": "preview", "exports": [{"format": "hdf5"}]})
        self.site.submit("look", request)
        status = self.site.wait("look")
        self.assertEqual(status["state"], "completed", status)
        self.assertEqual((status["selection"]["datasets"], status["kind"]), (3, "preview"))
        self.assertTrue(status["preview"], "the preview says nothing")
        for dataset in DATASETS.values():
            self.assertIn(dataset, json.dumps(status["preview"]))
        packages = [p for p in self.site.outbox.rglob("*") if p.name.endswith((".tar.gz", ".hdf5"))]
        self.assertEqual(packages, [])

    def test_changed_since_takes_only_what_is_new(self):
        request = {"title": "Nightly", "select": {"changed_since": "last-success"}, "exports": [{"format": "hdf5"}]}
        self.site.submit("first", request)
        self.assertPackage(self.site.wait("first"), *ALL)
        truth = self.site.folder / "new.json"
        generate(self.site.store, truth, "--size", "96x64", "--seconds", 3, "--seed", 31, "--start", 1772800000000000000)
        self.site.submit("second", request)
        self.assertPackage(self.site.wait("second"), truth)
        self.site.submit("third", request)
        self.assertFailed("third", "selection_empty")

    def test_a_recording_with_every_kind_of_trouble_is_exported_exactly(self):
        truths = []
        for layout, seed in (("folder", 41), ("flat", 42), ("rosbag2", 43)):
            truth = self.site.folder / f"{layout}.json"
            dataset = generate(
                self.site.store, truth, "--layout", layout, "--seed", seed, "--seconds", 8, "--size", "128x96", "--noise", 1.5,
                "--cameras", 3, "--unordered", 70, "--drop", "*camera*compressed=8%", "--gap", "*joint_state*=3:0.8", "--reorder-at", 2.5,
                "--overlapping", "--compression", "none" if layout == "flat" else "lz4", "--chunk-size", 150000,
                "--start", 1772900000000000000 + seed * 10**12, *(["--volumes", 2] if layout == "rosbag2" else []),
                *(["--no-summary"] if layout == "folder" else ["--attachment"]))
            truths.append((dataset, truth))
        for index, (dataset, _) in enumerate(truths):
            self.site.export(f"trouble-{index}", dataset)
        for index, (dataset, truth) in enumerate(truths):
            with self.subTest(dataset):
                self.assertPackage(self.site.wait(f"trouble-{index}"), truth)


    def test_every_tick_of_a_camera_that_sends_video_gets_the_right_picture(self):
        cases = {
            "whole": (["--video", "h264", "--fps", 25], []),
            "broken": (["--layout", "flat", "--video", "h265", "--drop", "*camera_01*compressed=0,1,2,70,71,150"], ["--not-strict"]),
            "overlapping": (["--layout", "rosbag2", "--volumes", 2, "--video", "h264", "--overlapping", "--chunk-size", 60000], []),
        }
        truths = {}
        for seed, (name, (options, _)) in enumerate(cases.items(), 51):
            truths[name] = self.site.folder / f"{name}.json"
            start = 1773000000000000000 + seed * 10**12
            dataset = generate(self.site.store, truths[name], "--size", "128x96", "--seconds", 7, "--seed", seed, "--start", start, *options)
            self.site.export(name, dataset, strict_match=name != "broken")
        for name, (_, arguments) in cases.items():
            with self.subTest(name):
                status = self.site.wait(name)
                self.assertPackage(status, truths[name], options=arguments)
                codes = {warning["code"] for warning in status["warnings"]}
                self.assertEqual(codes & {"video_starts_late", "video_broken"}, {"video_starts_late", "video_broken"} if name == "broken" else set())


class Programs(SiteTest):
    def test_every_example_request_is_valid(self):
        for request in sorted((EXAMPLES / "requests").glob("*.yaml")):
            with self.subTest(request.name):
                run = subprocess.run([programs() / "exportctl", "validate", str(request)], capture_output=True, text=True, timeout=30)
                self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_the_example_configuration_is_valid_where_its_folders_exist(self):
        text = (EXAMPLES / "exportd.yaml").read_text()
        for top in ("/srv/", "/var/"):
            text = text.replace(top, f"{self.site.folder}{top}")
        text = text.replace("10GiB", "1MiB")
        shutil.copytree(self.site.store, self.site.folder / "srv" / "recordings")
        for folder in ("srv/exportd/spool", "var/lib/exportd/work", "var/cache/exportd"):
            (self.site.folder / folder).mkdir(parents=True)
        path = self.site.folder / "example.yaml"
        path.write_text(text)
        run = subprocess.run([programs() / "exportd", "--check", "--config", path], capture_output=True, text=True, timeout=30)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)


class RawPictures(SiteTest):
    example_store = False

    def test_png_of_a_camera_arrives_pixel_by_pixel_in_raw_pictures(self):
        """Noise, so that a picture taken for the difference from the one before would show."""
        truth = self.site.folder / "truth.json"
        dataset = generate(self.site.store, truth, "--size", "64x48", "--fps", 30, "--seconds", 2, "--no-annotation", "--no-dataset-yaml")
        topic = "/camera_02/color/image_raw/compressed"

        def picture(number):
            pixels = np.random.default_rng(number).integers(0, 256, (48, 64, 3), np.uint8)
            pixels[0, 0] = number
            return pixels

        def changed(name, number, data):
            return with_picture(data, cv2.imencode(".png", picture(number)[..., ::-1])[1].tobytes()) if name == topic else data

        rewrite(self.site.store / dataset / "data.mcap", changed)
        self.site.export("raw", dataset, images="raw", default_task="look", package="directory")
        status = self.site.wait("raw")
        self.assertEqual(status["state"], "completed", status["error"])
        numbers = []
        for path in sorted(self.site.package(status).glob("*.hdf5")):
            with h5py.File(path) as file:
                for episode in file["data"].values():
                    frames = episode["observation.images.camera_02"][:]
                    self.assertEqual((frames.dtype, frames.shape[1:]), (np.uint8, (48, 64, 3)))
                    for frame in frames:
                        numbers.append(int(frame[0, 0, 0]))
                        self.assertTrue(np.array_equal(frame, picture(numbers[-1])), f"picture {numbers[-1]} differs")
        self.assertGreater(len(numbers), 40)
        self.assertEqual(numbers, sorted(numbers))
