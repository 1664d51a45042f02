#!/usr/bin/env python3
"""Open an hdf5 package with h5py and compare every array with what the truth files of its recordings say it must hold.

Reads PACKAGE (a tar.gz or a directory), checks the manifest's sizes and SHA-256s, the shape that the platform's own loader needs,
and each episode's ticks, numbers, names, JPEG bytes and attributes. Prints one line; exits 1 where anything differs.
"""
import argparse
import hashlib
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import cv2
import h5py
import numpy as np

import expectation
from differences import Differences
from expectation import ACTION, GRIPPER, IMAGES, STATE
from packages import check_manifest, opened


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def check_loader(path, differences):
    """The platform's own loader: every episode has action, state and gripper, and every frame opens as a JPEG."""
    with h5py.File(path, "r") as file:
        for key in file["data"]:
            episode = file["data"][key]
            for feature in (ACTION, STATE, GRIPPER):
                differences.expect(feature in episode, f"{path.name} {key}: the platform's loader needs {feature}")
            for name in episode:
                if name.startswith(IMAGES):
                    frames = episode[name][:]
                    whole = all(bytes(frame[:2]) == b"\xff\xd8" and bytes(frame[-2:]) == b"\xff\xd9" for frame in frames)
                    differences.expect(whole, f"{path.name} {key}/{name}: a frame is not one whole JPEG")
            for attribute, fallback in (("task", ""), ("task_zh", ""), ("score", 0.0)):
                episode.attrs.get(attribute, fallback)


def shown(jpeg):
    """The number that a picture spells in the squares along its top; None where a square is neither black nor white."""
    image = cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE)
    squares = [int(image[4, 8 * bit + 4]) for bit in range(12)]
    if any(60 < square < 195 for square in squares):
        return None
    return sum(1 << bit for bit, square in enumerate(squares) if square > 127)


def check_episode(where, group, want, differences):
    """One episode against what it must hold. Returns how many arrays were compared."""
    ticks = np.array(want.ticks, np.int64)
    stamps = group["timestamp_ns"]
    differences.expect(stamps.dtype == np.int64, f"{where}/timestamp_ns: {stamps.dtype}, not int64")
    if not differences.expect(np.array_equal(stamps[:], ticks), f"{where}/timestamp_ns: ticks differ ({len(stamps)} for {len(ticks)})"):
        return 1
    expected = {*want.values, "timestamp_ns", *(IMAGES + camera for camera in [*want.jpegs, *want.shown])}
    differences.expect(set(group) == expected, f"{where}: holds {sorted(set(group) ^ expected)} too many or too few")
    for feature, values in want.values.items():
        if feature not in group:
            continue
        array = group[feature]
        differences.expect(array.dtype == np.float32, f"{where}/{feature}: {array.dtype}, not float32")
        same = array.shape == values.shape and np.array_equal(array[:], values.astype(np.float32))
        differences.expect(same, f"{where}/{feature}: values differ (shape {array.shape}, expected {values.shape})")
        names = [text(name) for name in array.attrs.get("names", [])]
        if want.names[feature] is None:
            differences.expect(len(names) == values.shape[1], f"{where}/{feature}: {len(names)} names for {values.shape[1]} columns")
        else:
            differences.expect(names == want.names[feature], f"{where}/{feature}: names are {names}, expected {want.names[feature]}")
    for camera, hashes in want.jpegs.items():
        if IMAGES + camera not in group:
            continue
        array = group[IMAGES + camera]
        element = h5py.check_vlen_dtype(array.dtype)
        differences.expect(element == np.uint8, f"{where}/{array.name}: elements are {array.dtype}, not variable-length bytes")
        found = [hashlib.sha256(frame.tobytes()).hexdigest() for frame in array[:]]
        differences.expect(found == hashes, f"{where}/{IMAGES + camera}: JPEG bytes differ from the recording's")
    for camera, numbers in want.shown.items():
        if IMAGES + camera in group:
            found = [shown(frame) for frame in group[IMAGES + camera][:]]
            differences.expect(found == numbers, f"{where}/{IMAGES + camera}: pictures show {found[:8]}…, expected {numbers[:8]}…")
    attributes = group.attrs
    for name, value in (("task", want.segment["task"]), ("task_zh", want.segment["task_zh"]), ("skill", want.segment["skill"])):
        differences.expect(text(attributes.get(name, "")) == value, f"{where}: attribute {name} is {attributes.get(name)!r}, expected {value!r}")
    differences.expect(text(attributes["dataset"]) == want.dataset, f"{where}: attribute dataset is {attributes['dataset']!r}")
    score = attributes["score"]
    differences.expect(np.issubdtype(score.dtype, np.floating) and float(score) == want.score, f"{where}: score is {score!r}, expected {want.score}")
    span = (int(attributes["start_ns"]), int(attributes["end_ns"]))
    expected_span = (want.segment["start_ns"], want.segment["end_ns"])
    differences.expect(span == expected_span, f"{where}: start_ns and end_ns are {span}, expected {expected_span}")
    return len(expected)


def check(package, truths, rules, chunk_size, differences):
    """The whole package. Returns (files, episodes, ticks, arrays) that were compared."""
    datasets = sorted((expectation.load(path) for path in truths), key=lambda entry: entry[1].encode())
    files = episodes = ticks = arrays = 0
    with tempfile.TemporaryDirectory() as folder:
        root = opened(Path(package), Path(folder))
        check_manifest(root, differences)
        groups = [datasets[i : i + chunk_size] for i in range(0, len(datasets), chunk_size)]
        found = sorted(p.name for p in root.glob("*.hdf5"))
        names = [f"chunk_{number:03d}.hdf5" for number in range(1, len(groups) + 1)]
        differences.expect(found == names, f"the package holds {found}, expected {names}")
        for name, group in zip(names, groups):
            if not (root / name).is_file():
                continue
            check_loader(root / name, differences)
            wanted = [episode for truth, dataset in group for episode in expectation.episodes(truth, dataset, rules)]
            with h5py.File(root / name, "r") as file:
                keys = [f"episode_{number:03d}" for number in range(1, len(wanted) + 1)]
                differences.expect(sorted(file["data"]) == keys, f"{name}: holds {sorted(file['data'])}, expected {keys}")
                differences.expect("meta" in file and len(file["meta"].attrs) + len(file["meta"]) > 0, f"{name}: /meta is missing or empty")
                for key, want in zip(keys, wanted):
                    if key in file["data"]:
                        arrays += check_episode(f"{name}/{key}", file["data"][key], want, differences)
                        ticks += len(want.ticks)
                        episodes += 1
            files += 1
    return files, episodes, ticks, arrays


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("package", type=Path)
    p.add_argument("truth", nargs="+", metavar="[ID=]TRUTH", help="the truth files of the datasets that the package must hold")
    p.add_argument("--rate", type=Fraction, default=Fraction(30))
    p.add_argument("--chunk-size", type=int, default=1)
    p.add_argument("--not-strict", action="store_true")
    p.add_argument("--method", choices=["nearest", "previous"], default="nearest")
    p.add_argument("--clock", choices=["log_time", "publish_time", "header_stamp"], default="log_time")
    p.add_argument("--tolerance-ms", type=Fraction)
    options = p.parse_args()
    tolerance = None if options.tolerance_ms is None else int(options.tolerance_ms * 10**6)
    rules = expectation.Rules(options.rate, not options.not_strict, options.method, options.clock, tolerance)
    differences = Differences()
    files, episodes, ticks, arrays = check(options.package, options.truth, rules, options.chunk_size, differences)
    for line in differences.lines[:20]:
        print(line, file=sys.stderr)
    print(f"{options.package.name}: {files} files, {episodes} episodes, {ticks} ticks, {arrays} arrays compared, {len(differences.lines)} differences")
    return 1 if differences.lines else 0


if __name__ == "__main__":
    sys.exit(main())
