#!/usr/bin/env python3
"""Compare a time_alignment or frame_drops package with what the truth files of its recordings say.

Reads PACKAGE (a tar.gz or a directory) and truth files of recordings whose cameras have a steady beat, works out matches, offsets,
lost frames and statistics from the truth alone, and compares. Prints one line; exits 1 where anything differs.
"""
import argparse
import csv
import json
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np


def opened(package, folder):
    """The package's root as a directory."""
    if package.is_dir():
        return package
    with tarfile.open(package, "r:gz") as archive:
        archive.extractall(folder, filter="data")
    tops = list(folder.iterdir())
    return tops[0] if len(tops) == 1 and tops[0].is_dir() else folder


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def cameras(truth):
    return {t: np.array(x["log_ns"], dtype=np.int64) for t, x in truth["topics"].items() if "Image" in x["type"] and x.get("log_ns")}


def beat(truth, topic, fps):
    """For each frame the beat that it belongs to: the generator's frames lie within a few milliseconds of their beats."""
    times = np.array(truth["topics"][topic]["log_ns"], dtype=np.int64)
    return times, np.round((times - times[0]) * fps / 1e9).astype(int)


def nearest(stream, frame):
    """The position of the nearest, the earlier of two as near, the first of several at one time."""
    after = int(np.searchsorted(stream, frame, "left"))
    around = [i for i in (after - 1, after) if 0 <= i < len(stream)]
    best = min(around, key=lambda i: (abs(int(stream[i]) - int(frame)), i))
    return int(np.searchsorted(stream, stream[best], "left"))


def check_drops(root, truths, fps, wrong):
    found = {}
    for row in rows(root / "frame_drops.csv"):
        found.setdefault((row["dataset"], row["stream"]), []).append(
            (int(row["before_ns"]), int(row["after_ns"]), int(row["frames_missing"]))
        )
    stats = {(r["dataset"], r["stream"]): r for r in rows(root / "frame_drop_stats.csv")}
    events = 0
    for truth in truths:
        for topic in cameras(truth):
            times, beats = beat(truth, topic, fps)
            steps = np.diff(beats)
            wanted = [(int(times[i]), int(times[i + 1]), int(steps[i] - 1)) for i in np.flatnonzero(steps > 1)]
            events += len(wanted)
            key = (truth["name"], topic)
            if found.pop(key, []) != wanted:
                wrong(f"{topic}: drops differ from the {len(wanted)} that there are")
            row = stats.get(key)
            if row is None:
                wrong(f"{topic} has no statistics")
                continue
            if int(row["frames"]) != len(times) or int(row["drops"]) != len(wanted):
                wrong(f"{topic}: {row['frames']} frames and {row['drops']} drops")
            if int(row["frames_missing"]) != sum(w[2] for w in wanted):
                wrong(f"{topic}: {row['frames_missing']} frames missing")
            if abs(float(row["nominal_rate_hz"]) / fps - 1) > 0.001:
                wrong(f"{topic}: nominal rate {row['nominal_rate_hz']}")
            if abs(float(row["interval_max_ms"]) - np.diff(times).max() / 1e6) > 1e-6:
                wrong(f"{topic}: longest interval {row['interval_max_ms']}")
    if found:
        wrong(f"drops of streams that have none: {sorted(found)}")
    return f"{events} drops"


def check_alignment(root, truths, wrong):
    table = rows(root / "alignment.csv")
    stats = {(r["dataset"], r["stream"]): r for r in rows(root / "alignment_stats.csv")}
    matched = 0
    for truth in truths:
        streams = {t: np.array(x["log_ns"], dtype=np.int64) for t, x in truth["topics"].items() if x.get("log_ns")}
        name = min(cameras(truth))
        reference = np.sort(streams.pop(name))
        own = [r for r in table if r["dataset"] == truth["name"]]
        if [int(r["reference_ns"]) for r in own] != reference.tolist():
            wrong(f"{truth['name']}: the rows are not the frames of {name}")
            continue
        for topic, times in streams.items():
            times = np.sort(times)
            if len(times) < 2:
                continue
            tolerance = max(int(np.sort(np.diff(reference))[(len(reference) - 1) // 2]) // 2, int(np.sort(np.diff(times))[(len(times) - 1) // 2]) // 4 * 3)
            offsets = []
            for row, frame in zip(own, reference):
                match = int(times[nearest(times, frame)])
                cell = row[f"{topic} time_ns"]
                if abs(match - int(frame)) <= tolerance:
                    offsets.append(match - int(frame))
                    if cell != str(match) or abs(float(row[f"{topic} offset_ms"]) - offsets[-1] / 1e6) > 1e-9:
                        wrong(f"{topic} at {frame}: {cell} instead of {match}")
                        break
                elif cell:
                    wrong(f"{topic} at {frame}: {cell} instead of nothing")
                    break
            row = stats[(truth["name"], topic)]
            matched += len(offsets)
            if (int(row["messages"]), int(row["matched"]), int(row["missing"])) != (len(times), len(offsets), len(reference) - len(offsets)):
                wrong(f"{topic}: {row['messages']} messages, {row['matched']} matched, {row['missing']} missing")
            if offsets:
                values = np.array(offsets) / 1e6
                for key, value in (("mean", values.mean()), ("std", values.std()), ("max", np.abs(values).max())):
                    if abs(float(row[f"offset_{key}_ms"]) - value) > 1e-6:
                        wrong(f"{topic}: offset_{key}_ms is {row[f'offset_{key}_ms']} instead of {value}")
    return f"{matched} matches"


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("package", type=Path)
    p.add_argument("truths", type=Path, nargs="+")
    p.add_argument("--fps", type=float, default=30, help="the rate of the cameras")
    arguments = p.parse_args()
    lines = []
    truths = [json.loads(path.read_text(encoding="utf-8")) for path in arguments.truths]
    for truth in truths:  # exportd writes every topic with its leading slash
        truth["topics"] = {"/" + topic.lstrip("/"): entry for topic, entry in truth["topics"].items()}
    with tempfile.TemporaryDirectory() as folder:
        root = opened(arguments.package, Path(folder))
        if (root / "frame_drops.csv").is_file():
            done = check_drops(root, truths, arguments.fps, lines.append)
        else:
            done = check_alignment(root, truths, lines.append)
        page = (root / "report.html").read_text(encoding="utf-8")
        if "<html" not in page or "http://" in page.replace("http://www.w3.org/", ""):
            lines.append("report.html is no page of its own")
    for line in lines[:20]:
        print(line)
    print("differs" if lines else f"equal: {done}")
    sys.exit(1 if lines else 0)


if __name__ == "__main__":
    main()
