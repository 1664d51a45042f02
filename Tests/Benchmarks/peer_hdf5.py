#!/usr/bin/env python3
"""The plain way from a recording to HDF5 episodes in Python: mcap's own reader and decoders, numpy, h5py, tarfile.

Does the same sampling as exportd's hdf5 export with default options, for recordings of the layouts folder and flat. It is what the
benchmark compares exportd with; nothing else uses it.
"""
import argparse
import hashlib
import json
import tarfile
from pathlib import Path

import h5py
import numpy as np
import yaml
from mcap.reader import make_reader
from mcap_ros1.decoder import DecoderFactory as Ros1Decoder
from mcap_ros2.decoder import DecoderFactory as Ros2Decoder

STATE, ACTION, GRIPPER = "observation.state", "action", "observation.gripper"


def role(topic, schema):
    topic = "/" + topic.lstrip("/")
    if schema.endswith("CompressedImage"):
        return "observation.images." + topic.split("/")[1]
    if schema.endswith("JointState") and topic.endswith(("/joint_state", "/joint_states")):
        return STATE
    if schema.endswith("JointState") and topic.endswith(("/joint_cmd", "/joint_command")):
        return ACTION
    if "gripper" in topic and schema.endswith(("JointState", "Float32")):
        return GRIPPER
    return None


def read(path):
    """(times, values or JPEGs, names) by feature."""
    streams = {}
    with open(path, "rb") as file:
        reader = make_reader(file, decoder_factories=[Ros1Decoder(), Ros2Decoder()])
        channels = reader.get_summary().channels.values()
        schemas = reader.get_summary().schemas
        topics = {c.topic: role(c.topic, schemas[c.schema_id].name) for c in channels}
        wanted = [topic for topic, feature in topics.items() if feature]
        for _, channel, message, decoded in reader.iter_decoded_messages(topics=wanted):
            times, values, names = streams.setdefault(topics[channel.topic], ([], [], []))
            times.append(message.log_time)
            if hasattr(decoded, "position"):
                if not names:
                    names.extend(decoded.name)
                order = [list(decoded.name).index(name) for name in names]
                values.append([decoded.position[i] for i in order])
            elif hasattr(decoded, "format"):
                values.append(bytes(decoded.data))
            else:
                names[:] = ["gripper"]
                values.append([decoded.data])
    return {feature: (np.array(times, np.int64), values, names) for feature, (times, values, names) in streams.items()}


def nearest(times, ticks):
    after = np.clip(np.searchsorted(times, ticks), 1, len(times) - 1)
    before = after - 1
    return np.where(ticks - times[before] <= times[after] - ticks, before, after)


def write(path, recording, segments, metadata, rate):
    streams = read(recording)
    with h5py.File(path, "w") as file:
        number = 0
        for segment in segments:
            start, end = int(segment["start_timestamp"]), int(segment["end_timestamp"])
            count = (end - start) * rate // 10**9 + 1
            ticks = np.array([start + (2 * k * 10**9 + rate) // (2 * rate) for k in range(count)], np.int64)
            rows, kept = {}, np.ones(count, bool)
            for feature, (times, _, _) in streams.items():
                rows[feature] = nearest(times, ticks)
                tolerance = max(5e8 / rate, 0.75 * float(np.median(np.diff(times))))
                kept &= np.abs(times[rows[feature]] - ticks) <= tolerance
            edges = np.flatnonzero(np.diff(np.concatenate([[0], kept.astype(int), [0]])))
            for first, last in zip(edges[::2], edges[1::2]):
                if ticks[last - 1] - ticks[first] < 500_000_000:
                    continue
                number += 1
                group = file.create_group(f"data/episode_{number:03d}")
                group["timestamp_ns"] = ticks[first:last]
                for feature, (_, values, names) in streams.items():
                    chosen = rows[feature][first:last]
                    if feature.startswith("observation.images."):
                        array = group.create_dataset(feature, (len(chosen),), h5py.vlen_dtype(np.uint8))
                        for index, row in enumerate(chosen):
                            array[index] = np.frombuffer(values[row], np.uint8)
                    else:
                        group[feature] = np.array([values[row] for row in chosen], np.float32)
                        group[feature].attrs["names"] = names
                group.attrs.update({
                    "task": segment["description"], "task_zh": segment.get("description_zh", ""), "skill": segment["skill"],
                    "score": float(metadata["quality"]["score"]), "dataset": recording.parent.name if recording.name == "data.mcap" else recording.stem,
                    "start_ns": start, "end_ns": end,
                })
        file.create_group("meta").attrs["rate_hz"] = float(rate)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("recording", type=Path, help="data.mcap of a folder, or a flat recording")
    p.add_argument("out", type=Path, help="the package to write, a tar.gz")
    p.add_argument("--rate", type=int, default=30)
    p.add_argument("--unpacked", action="store_true", help="stop before packaging")
    options = p.parse_args()
    folder = options.recording.name == "data.mcap"
    annotation = options.recording.with_name("annotation.json") if folder else options.recording.with_suffix(".json")
    dataset = options.recording.with_name("dataset.yaml") if folder else options.recording.with_suffix(".dataset.yaml")
    segments = sorted(json.loads(annotation.read_text())["subtasks"], key=lambda s: (int(s["start_timestamp"]), int(s["end_timestamp"])))
    work = options.out.with_name(options.out.name + ".files")
    work.mkdir()
    chunk = work / "chunk_001.hdf5"
    write(chunk, options.recording, segments, yaml.safe_load(dataset.read_text()), options.rate)
    with open(chunk, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    files = [{"path": chunk.name, "bytes": chunk.stat().st_size, "sha256": digest}]
    (work / "manifest.json").write_text(json.dumps({"files": files}))
    if not options.unpacked:
        with tarfile.open(options.out, "w:gz", compresslevel=6) as archive:
            for path in sorted(work.iterdir()):
                archive.add(path, path.name)


if __name__ == "__main__":
    main()
