"""Recordings for playback: packages of mcap and mcap_chunks, compared message by message with the store through the PyPI reader."""
import subprocess
import sys

from harness import DATASETS, ROOT, SiteTest, generate

CHECK_MCAP = ROOT / "Tests" / "Peers" / "check_mcap.py"


class Playback(SiteTest):
    def volumes(self, dataset):
        """The dataset's volumes in order, as check_mcap.py takes them."""
        folder = self.site.store / dataset
        files = sorted(folder.glob("*.mcap")) if folder.is_dir() else [self.site.store / f"{dataset}.mcap"]
        return f"{dataset}={','.join(map(str, files))}"

    def submit(self, name, *datasets, **options):
        self.site.submit(name, {"select": {"datasets": list(datasets)} if datasets else {}, "exports": [options]})

    def check(self, name, *datasets, options=()):
        status = self.site.wait(name)
        self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
        arguments = [CHECK_MCAP, self.site.package(status), *map(self.volumes, datasets or DATASETS.values()), *options]
        run = subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return status

    def test_every_layout_becomes_mcap_files_and_parts_with_exactly_its_messages(self):
        latched = ["--latched", "/robot_description", "--latched", "/tf_static"]
        cases = {
            "whole": ({"format": "mcap"}, []),
            "packed": ({"format": "mcap", "compression": "lz4"}, []),
            "window": (
                {"format": "mcap", "topics": {"include": ["*camera*", "*joint*"], "exclude": ["*info"]}, "time": {"from": "1s", "to": "2.5s"}},
                ["--include", "*camera*", "--include", "*joint*", "--exclude", "*info", "--from-ns", 10**9, "--to-ns", 2_500_000_000]),
            "seconds": ({"format": "mcap_chunks", "max_duration": "1s"}, [*latched, "--max-duration-ns", 10**9]),
            "sizes": ({"format": "mcap_chunks", "max_size": "150KiB", "topics": {"exclude": ["*depth*"]}},
                      [*latched, "--max-size", 150 << 10, "--exclude", "*depth*"]),
            "tiny": ({"format": "mcap_chunks", "max_size": "1B", "topics": {"include": ["*camera*"]}, "time": {"to": "500ms"}},
                     ["--max-size", 1, "--include", "*camera*", "--to-ns", 500_000_000]),
        }
        for name, (options, _) in cases.items():
            self.submit(name, **options)
        for name, (_, arguments) in cases.items():
            with self.subTest(name):
                self.check(name, options=arguments)

    def test_recordings_with_every_kind_of_trouble_are_played_back_exactly(self):
        common = ["--seconds", 5, "--size", "128x96", "--cameras", 2, "--unordered", 70, "--reorder-at", 2.5, "--overlapping"]
        troubles = {
            "unclosed": ["--layout", "folder", "--no-summary", "--compression", "lz4", "--chunk-size", 60000],
            "attached": ["--layout", "flat", "--attachment", "--compression", "none", "--chunk-size", 150000],
            "volumes": ["--layout", "rosbag2", "--volumes", 3, "--attachment", "--chunk-size", 90000],
        }
        datasets = {}
        for index, (name, trouble) in enumerate(troubles.items()):
            truth = self.site.folder / f"{name}.json"
            start = 1772900000000000000 + index * 10**12
            datasets[name] = generate(self.site.store, truth, *common, *trouble, "--seed", 60 + index, "--start", start)
            self.submit(f"{name}-whole", datasets[name], format="mcap")
            self.submit(f"{name}-parts", datasets[name], format="mcap_chunks", max_duration="700ms")
            self.submit(f"{name}-sizes", datasets[name], format="mcap_chunks", max_size="100KiB", compression="zstd")
        for name, dataset in datasets.items():
            with self.subTest(name):
                self.check(f"{name}-whole", dataset)
                self.check(f"{name}-parts", dataset, options=["--max-duration-ns", 700_000_000, "--latched", "/robot_description"])
                self.check(f"{name}-sizes", dataset, options=["--max-size", 100 << 10])

    def test_a_cut_off_recording_is_recovered_with_a_warning(self):
        truth = self.site.folder / "cut.json"
        dataset = generate(self.site.store, truth, "--layout", "folder", "--seconds", 4, "--size", "96x64", "--chunk-size", 40000, "--truncate", 50000)
        self.submit("cut", dataset, format="mcap_chunks", max_duration="1s")
        status = self.site.wait("cut")
        self.assertEqual(status["state"], "completed", status["error"])
        self.assertIn("recording_truncated", [warning["code"] for warning in status["warnings"]])

    def test_topics_that_are_not_there_are_named(self):
        self.submit("named", DATASETS["folder"], format="mcap", topics={"include": ["/no_such_topic"]})
        self.submit("nothing", DATASETS["folder"], format="mcap_chunks", topics={"exclude": ["*"]})
        self.assertFailed("named", "topic_missing", mentions=["/no_such_topic", DATASETS["folder"]])
        self.assertFailed("nothing", "topic_missing", mentions=[DATASETS["folder"]])

    def test_the_checker_finds_a_changed_package(self):
        self.submit("changed", DATASETS["folder"], format="mcap")
        status = self.site.wait("changed")
        package = self.site.package(status)
        other = self.volumes(DATASETS["flat"]).split("=")[1]
        run = subprocess.run(
            [sys.executable, str(CHECK_MCAP), str(package), f"{DATASETS['folder']}={other}"], capture_output=True, text=True)
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        self.assertIn("differs", run.stdout)
