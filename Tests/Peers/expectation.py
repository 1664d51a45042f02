"""What an export must hold, recomputed from a recording's truth file by the rules of sampling alone.

Nothing here knows the recording's bytes or the programs under test: only times, values and hashes that the generator wrote down.
"""
import bisect
import json
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

STATE, ACTION, GRIPPER, IMAGES = "observation.state", "action", "observation.gripper", "observation.images."
SHORTEST_EPISODE_NS = 500_000_000


@dataclass
class Rules:
    """The options of the export that change what is sampled."""

    rate_hz: Fraction = Fraction(30)
    strict: bool = True
    method: str = "nearest"
    clock: str = "log_time"
    tolerance_ns: int | None = None  # None: by the stream's own rhythm
    outermost: bool = False  # segments inside others set the task of their ticks and are no episodes


@dataclass
class Episode:
    """One episode as it must be: tick times, float64 values by feature, by camera JPEG hashes or the numbers that pictures show."""

    dataset: str
    segment: dict
    score: float
    ticks: list[int]
    values: dict[str, np.ndarray] = field(default_factory=dict)
    names: dict[str, list[str] | None] = field(default_factory=dict)
    jpegs: dict[str, list[str]] = field(default_factory=dict)
    shown: dict[str, list[int]] = field(default_factory=dict)
    tasks: list[str] = field(default_factory=list)  # at each tick


class Stream:
    """The samples of one topic in order of time."""

    def __init__(self, truth, rules):
        column = {"log_time": "log_ns", "publish_time": "publish_ns", "header_stamp": "header_ns"}[rules.clock]
        times = truth[column] or truth["log_ns"]
        order = sorted(range(len(times)), key=lambda row: times[row])  # stable: messages of the same time stay in order
        if "video" in truth:  # what cannot be decoded is no sample
            order = [row for row in order if truth["video"][row] is not None]
        self.feature = truth["feature"]
        self.times = [times[row] for row in order]
        if "jpeg_sha256" in truth:
            self.jpegs = [truth["jpeg_sha256"][row] for row in order]
        elif "video" in truth:
            self.shown = [truth["video"][row] for row in order]
        else:
            self.names = truth["names"][truth["names_index"][order[0]]]
            self.values = np.array([self._by_name(truth, row) for row in order], np.float64)
        self.tolerance = rules.tolerance_ns if rules.tolerance_ns is not None else self._automatic_tolerance(rules)

    def _by_name(self, truth, row):
        """The values of one message in the order of the names of the first."""
        values, names = truth["values"][row], truth["names"][truth["names_index"][row]]
        if names == self.names:
            return values
        return [values[names.index(name)] for name in self.names]

    def _automatic_tolerance(self, rules):
        half_tick = Fraction(10**9) / rules.rate_hz / 2
        intervals = sorted(b - a for a, b in zip(self.times, self.times[1:]))
        if not intervals:
            return half_tick
        middle = len(intervals) // 2
        median = Fraction(intervals[middle]) if len(intervals) % 2 else Fraction(intervals[middle - 1] + intervals[middle], 2)
        return max(half_tick, Fraction(3, 4) * median)

    def nearest(self, tick):
        """(row, distance) of the sample closest to a tick, the earlier one where two are equally close."""
        after = bisect.bisect_left(self.times, tick)
        rows = [row for row in (after - 1, after) if 0 <= row < len(self.times)]
        best = min(rows, key=lambda row: (abs(self.times[row] - tick), self.times[row]))
        best = bisect.bisect_left(self.times, self.times[best])
        return best, abs(self.times[best] - tick)

    def previous(self, tick):
        """(row, distance) of the latest sample at or before a tick, or None."""
        row = bisect.bisect_right(self.times, tick) - 1
        return (row, tick - self.times[row]) if row >= 0 else None

    def sample(self, tick, rules):
        """The row that stands for a tick, or None where none lies within tolerance (strict) or none exists at all."""
        found = self.nearest(tick) if rules.method == "nearest" else self.previous(tick)
        if found is None or (rules.strict and found[1] > self.tolerance):
            return None
        return found[0]


def tick_times(start, end, rate_hz):
    """All `start + k / rate` up to and including the end, each rounded to a nanosecond, halves up."""
    period, out, k = Fraction(10**9) / rate_hz, [], 0
    while k * period <= end - start:
        out.append(start + int(k * period + Fraction(1, 2)))
        k += 1
    return out


def _pieces(ticks, kept):
    """Runs of kept ticks."""
    runs, current = [], []
    for tick, keep in zip(ticks, kept):
        if keep:
            current.append(tick)
        elif current:
            runs.append(current)
            current = []
    return runs + [current] if current else runs


def episodes(truth, dataset, rules):
    """All episodes of one recording, in the order in which an export numbers them."""
    streams = [Stream(topic, rules) for topic in truth["topics"].values() if topic["feature"] and topic["count"]]
    metadata = truth["metadata"] or {}
    segments = truth["segments"] or [
        {"start_ns": truth["first_ns"], "end_ns": truth["last_ns"], "task": metadata["task"], "task_zh": metadata["task_zh"], "skill": "", "sequence_id": 0}
    ]
    score = float(metadata.get("quality", {}).get("score", 0.0))
    out = []
    segments = sorted(segments, key=lambda s: (s["start_ns"], s["end_ns"], s["sequence_id"]))
    for segment in _outermost(segments) if rules.outermost else segments:
        ticks = tick_times(segment["start_ns"], segment["end_ns"], rules.rate_hz)
        kept = [all(stream.sample(tick, rules) is not None for stream in streams) for tick in ticks]
        for piece in _pieces(ticks, kept):
            if piece[-1] - piece[0] >= SHORTEST_EPISODE_NS:
                out.append(_episode(dataset, segment, score, piece, streams, rules))
                out[-1].tasks = [_task(tick, segment, segments if rules.outermost else []) for tick in piece]
    return out


def _inside(inner, outer):
    return outer["start_ns"] <= inner["start_ns"] and inner["end_ns"] <= outer["end_ns"]


def _outermost(segments):
    """Those that lie in no other; of several with the same times the first."""
    return [
        segment
        for number, segment in enumerate(segments)
        if not any(_inside(segment, other) and (place < number or not _inside(other, segment)) for place, other in enumerate(segments) if place != number)
    ]


def _task(tick, segment, segments):
    """The instruction of the shortest segment around a tick that lies in the episode's."""
    around = [s for s in segments if s is not segment and _inside(s, segment) and s["start_ns"] <= tick <= s["end_ns"]]
    return min(around, key=lambda s: s["end_ns"] - s["start_ns"])["task"] if around else segment["task"]


def _episode(dataset, segment, score, ticks, streams, rules):
    episode = Episode(dataset, segment, score, ticks)
    for stream in streams:
        rows = [stream.sample(tick, rules) for tick in ticks]
        if hasattr(stream, "jpegs"):
            episode.jpegs[stream.feature.removeprefix(IMAGES)] = [stream.jpegs[row] for row in rows]
        elif hasattr(stream, "shown"):
            episode.shown[stream.feature.removeprefix(IMAGES)] = [stream.shown[row] for row in rows]
        else:
            episode.values[stream.feature] = stream.values[rows]
            episode.names[stream.feature] = stream.names
    for feature in (STATE, ACTION, GRIPPER):  # always there, because loaders want them; of width 0 where no topic gives them
        if feature not in episode.values:
            episode.values[feature] = np.empty((len(ticks), 0))
            episode.names[feature] = []
    return episode


def load(argument):
    """A truth file, and the id under which the catalogue knows its dataset: its own name, or what stands before `=`."""
    dataset, _, path = str(argument).rpartition("=")
    truth = json.loads(Path(path).read_text(encoding="utf-8"))
    return truth, dataset or truth["name"]
