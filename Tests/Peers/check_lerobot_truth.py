#!/usr/bin/env python3
"""Compare a LeRobot package with what the truth files of its recordings say it must hold.

Reads PACKAGE (a tar.gz or a directory): all that check_lerobot.py looks at, its manifest, and each episode's ticks, numbers, names, tasks, annotation and pictures. In image
mode every JPEG must be the recording's own bytes. In video mode every decoded frame must be nearer to the recording's picture of its
tick than to the camera's pictures before and after that one; a picture that spells its number must spell the right one.
Prints one line; exits 1 where anything differs.
"""
import argparse
import hashlib
import json
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from mcap.reader import make_reader

import expectation
from differences import Differences
from expectation import ACTION, IMAGES, STATE
from lerobot_files import Dataset, check_files
from lerobot_statistics import check_statistics
from packages import check_manifest, opened

CAPTURE_TIMES = "observation.capture_time_ns"
LEAST_PSNR = 24  # dB; far below what any quality that is asked for gives, far above another picture
TELLING = 8.0  # mean squared difference of smoothed pictures from which two can be told apart after encoding, which costs about 5
SQUARES = 12  # that spell a picture's number along its top, 8 × 8 pixels each


class Pictures:
    """The JPEGs of a recording by their hash, and for each camera their order."""

    def __init__(self, truth, store):
        wanted = {topic: entry for topic, entry in truth["topics"].items() if "jpeg_sha256" in entry}
        self.order = {entry["feature"]: entry["jpeg_sha256"] for entry in wanted.values()}
        self.place = {feature: {digest: row for row, digest in enumerate(order)} for feature, order in self.order.items()}
        self.bytes = {}
        for file in truth["files"] if wanted else []:
            with open(store / file["path"], "rb") as stream:
                for _, _, message in make_reader(stream).iter_messages(topics=list(wanted), log_time_order=False):
                    jpeg = message.data[message.data.index(b"\xff\xd8\xff") :]
                    self.bytes[hashlib.sha256(jpeg).hexdigest()] = jpeg
        self.decoded = {}

    def picture(self, digest, height, width):
        """A picture as red, green, blue, cut at the right and at the bottom."""
        if digest not in self.decoded:
            if len(self.decoded) > 64:
                self.decoded.pop(next(iter(self.decoded)))
            picture = cv2.imdecode(np.frombuffer(self.bytes[digest], np.uint8), cv2.IMREAD_COLOR)
            self.decoded[digest] = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).astype(np.float32)
        return self.decoded[digest][:height, :width]

    def neighbours(self, feature, digest):
        """The hashes of the pictures that the camera sent before and after one."""
        order, row = self.order[feature], self.place[feature][digest]
        return [order[place] for place in (row - 1, row + 1) if 0 <= place < len(order)]


def error(a, b):
    return float(np.mean((a - b) ** 2))


def smooth(picture):
    """Without the sensor's noise, which no encoder keeps."""
    return cv2.GaussianBlur(picture, (0, 0), 2)


def spelt(picture):
    """The number that a picture spells in the squares along its top; None where a square is neither black nor white."""
    squares = [int(picture[4, 8 * bit + 4].mean()) for bit in range(SQUARES)]
    if any(60 < square < 195 for square in squares):
        return None
    return sum(1 << bit for bit, square in enumerate(squares) if square > 127)


class Comparison:
    """One package against the episodes that it must hold, in its own order of datasets."""

    def __init__(self, dataset, wanted, options, differences):
        self.dataset, self.wanted, self.options, self.differences = dataset, wanted, options, differences
        self.told_apart = self.frames = 0
        self.worst = float("inf")

    def check(self):
        expect = self.differences.expect
        if not expect(len(self.dataset.episodes) == len(self.wanted), f"{len(self.dataset.episodes)} episodes, expected {len(self.wanted)}"):
            return
        for episode, want in zip(self.dataset.episodes, self.wanted):
            if not expect(episode.length == len(want.ticks), f"episode {episode.index}: {episode.length} frames, expected {len(want.ticks)}"):
                return
        self._check_names()
        for episode, want in zip(self.dataset.episodes, self.wanted):
            self._check_numbers(episode, want)
        self._check_annotations()
        for camera in self.dataset.images:
            self._check_cells(camera)
        for camera in self.dataset.videos:
            self._check_frames(camera)

    def _check_names(self):
        want, features = self.wanted[0], self.dataset.features
        expected = {name for name, values in want.values.items() if values.shape[1]} | {IMAGES + camera for camera in [*want.jpegs, *want.shown]}
        found = {name for name in features if name.startswith(("observation.", "action")) and name != CAPTURE_TIMES}
        self.differences.expect(found == expected, f"features are {sorted(found)}, expected {sorted(expected)}")
        for name in found & set(want.values):
            names = features[name]["names"]
            if want.names[name] is not None:
                self.differences.expect(names == want.names[name], f"{name}: names are {names}, expected {want.names[name]}")
        tasks = list(dict.fromkeys(task for episode in self.wanted for task in episode.tasks))
        self.differences.expect(self.dataset.tasks == tasks, f"tasks are {self.dataset.tasks}, expected {tasks}")

    def _check_numbers(self, episode, want):
        where, columns = f"episode {episode.index}", self.dataset.columns
        for name, values in want.values.items():
            if values.shape[1] and name in columns:
                stored = columns[name][episode.rows].reshape(len(values), -1)
                kind = np.dtype(self.options.dtype)
                self.differences.expect(stored.dtype == kind, f"{where}: {name} is {stored.dtype}")
                same = stored.shape == values.shape and np.array_equal(stored, values.astype(kind))
                self.differences.expect(same, f"{where}: values of {name} differ")
        tasks = [self.dataset.tasks[number] for number in columns["task_index"][episode.rows]]
        self.differences.expect(tasks == want.tasks, f"{where}: tasks differ; the first are {tasks[:2]}, expected {want.tasks[:2]}")

    def _check_annotations(self):
        lines = (self.dataset.root / "meta/exportd/annotations.jsonl").read_text(encoding="utf-8").splitlines()
        self.differences.expect(len(lines) == len(self.wanted), f"annotations.jsonl has {len(lines)} lines")
        for number, (line, want) in enumerate(zip(lines, self.wanted)):
            expected = {"episode_index": number, "dataset": want.dataset, "length": len(want.ticks), "score": want.score}
            expected |= {"first_ns": str(want.ticks[0]), "last_ns": str(want.ticks[-1])}
            expected |= {"start_ns": str(want.segment["start_ns"]), "end_ns": str(want.segment["end_ns"]), "task": want.segment["task"]}
            found = json.loads(line)
            for key in ("skill", "task_zh"):
                self.differences.expect((found[key] or "") == want.segment[key], f"annotation {number}: {key} is {found[key]!r}")
            wrong = {key: (found.get(key), value) for key, value in expected.items() if found.get(key) != value}
            self.differences.expect(not wrong, f"annotation {number}: found and expected are {wrong}")

    def _check_cells(self, camera):
        cells = self.dataset.cells(camera)
        name = camera.removeprefix(IMAGES)
        for episode, want in zip(self.dataset.episodes, self.wanted):
            found = [next(cells) for _ in range(episode.length)]
            self.frames += len(found)
            if name in want.jpegs:
                same = [hashlib.sha256(cell).hexdigest() for cell in found] == want.jpegs[name]
                self.differences.expect(same, f"episode {episode.index} {camera}: JPEG bytes differ from the recording's")
            else:
                numbers = [spelt(cv2.imdecode(np.frombuffer(cell, np.uint8), cv2.IMREAD_COLOR)) for cell in found]
                self.differences.expect(numbers == want.shown[name], f"episode {episode.index} {camera}: pictures show {numbers[:8]}…")

    def _check_frames(self, camera):
        name, seen = camera.removeprefix(IMAGES), 0
        for episode, number, picture in self.dataset.frames(camera):
            seen += 1
            want = self.wanted[episode.index]
            where = f"episode {episode.index} {camera}: frame {number}"
            if name in want.shown:
                found, expected = spelt(picture), want.shown[name][number]
                self.differences.expect(found == expected, f"{where} shows picture {found}, not {expected}")
                continue
            pictures, digest = self.options.pictures[want.dataset], want.jpegs[name][number]
            height, width, _ = picture.shape
            source, picture = pictures.picture(digest, height, width), picture.astype(np.float32)
            own = error(picture, source)
            psnr = 10 * np.log10(255**2 / max(own, 1e-9))
            self.worst = min(self.worst, psnr)
            self.differences.expect(psnr > LEAST_PSNR, f"{where} is {psnr:.1f} dB from its picture")
            others = [pictures.picture(other, height, width) for other in pictures.neighbours(camera, digest)]
            telling = [other for other in others if error(smooth(other), smooth(source)) > TELLING]
            self.told_apart += bool(telling)
            for other in telling:
                self.differences.expect(error(picture, other) > own, f"{where} is nearer to the picture beside its own")
        self.frames += seen
        self.differences.expect(seen == self.dataset.info["total_frames"], f"{camera}: {seen} frames found by their times")


def expected_episodes(root, truths, rules, splits, differences):
    """The episodes in the order of the package: by dataset; with splits, train first, and a dataset in one split only."""
    datasets = sorted((expectation.load(path) for path in truths), key=lambda entry: entry[1].encode())
    by_name = {name: expectation.episodes(truth, name, rules) for truth, name in datasets}
    lines = (root / "meta/exportd/annotations.jsonl").read_text(encoding="utf-8").splitlines()
    order = list(dict.fromkeys(json.loads(line)["dataset"] for line in lines))
    differences.expect(sorted(order) == sorted(by_name), f"the package holds {order}, expected {list(by_name)}")
    path = root / "meta/exportd/splits.json"
    if not splits:
        differences.expect(order == list(by_name) and not path.exists(), f"datasets are in the order {order}")
    elif differences.expect(path.is_file(), "splits.json is missing"):
        found = json.loads(path.read_text())
        differences.expect(list(found) == sorted(splits, key=lambda name: (name != "train", name)), f"splits are {list(found)}")
        ends, first = {sum(len(by_name[name]) for name in order[:count]) for count in range(len(order) + 1)}, 0
        for name, span in found.items():
            start, end = map(int, span.split(":"))
            differences.expect(start == first and end in ends and end > start, f"split {name} is {span}, which divides a dataset or is empty")
            first = end
        differences.expect(first == sum(map(len, by_name.values())), f"the splits end at {first}")
    return [episode for name in order for episode in by_name.get(name, [])]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("package", type=Path)
    p.add_argument("truth", nargs="+", metavar="[ID=]TRUTH", help="the truth files of the datasets that the package must hold")
    p.add_argument("--store", type=Path, help="where the recordings are; needed to compare video with pictures")
    p.add_argument("--rate", type=Fraction, default=Fraction(30))
    p.add_argument("--not-strict", action="store_true")
    p.add_argument("--clock", choices=["log_time", "publish_time", "header_stamp"], default="log_time")
    p.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    p.add_argument("--frames", action="store_true", help="subtasks: frames was asked for")
    p.add_argument("--next-state", action="store_true", help="action: next_state was asked for")
    p.add_argument("--split", action="append", default=[], help="the name of a split that was asked for")
    options = p.parse_args()
    rules = expectation.Rules(options.rate, not options.not_strict, clock=options.clock, outermost=options.frames)
    differences = Differences()
    with tempfile.TemporaryDirectory() as folder:
        root = opened(options.package, Path(folder))
        check_manifest(root, differences)
        dataset = Dataset(root)
        check_files(dataset, differences)
        check_statistics(dataset, differences)
        wanted = expected_episodes(root, options.truth, rules, options.split, differences)
        if options.next_state:
            for episode in wanted:
                state = episode.values[STATE]
                episode.values[ACTION], episode.names[ACTION] = np.concatenate([state[1:], state[-1:]]), episode.names[STATE]
        options.pictures = {}
        if dataset.videos:
            for truth, name in map(expectation.load, options.truth):
                options.pictures[name] = Pictures(truth, options.store) if options.store else None
        comparison = Comparison(dataset, wanted, options, differences)
        comparison.check()
    for line in differences.lines[:20]:
        print(line, file=sys.stderr)
    pictures = f"{comparison.frames} pictures" + (f" ({comparison.told_apart} told from their neighbours, at least {comparison.worst:.1f} dB)" if comparison.told_apart else "")
    print(f"{options.package.name}: {len(wanted)} episodes, {pictures}, {len(differences.lines)} differences")
    return 1 if differences.lines else 0


if __name__ == "__main__":
    sys.exit(main())
