#!/usr/bin/env python3
"""The plain way from a recording to a LeRobot dataset in Python: mcap's own reader and decoders, and the official library.

Takes the nearest message of each stream on a grid of 30 Hz over the span in which all streams have data, joint states as state and
joint commands as action, and hands decoded pictures to LeRobotDataset. It is what the benchmark compares exportd with; nothing else
uses it. It runs in an environment that holds lerobot, opencv and the MCAP packages.
"""
import argparse
from pathlib import Path

import cv2
import numpy as np
from lerobot.datasets.lerobot_dataset import LeRobotDataset
from mcap.reader import make_reader
from mcap_ros1.decoder import DecoderFactory as Ros1Decoder
from mcap_ros2.decoder import DecoderFactory as Ros2Decoder

RATE = 30


def read(path):
    """Times and values (or JPEGs) by feature, and the joints' names."""
    streams, joints = {}, []
    with open(path, "rb") as file:
        for schema, channel, message, decoded in make_reader(file, decoder_factories=[Ros1Decoder(), Ros2Decoder()]).iter_decoded_messages():
            topic = "/" + channel.topic.lstrip("/")
            if schema.name.endswith("CompressedImage"):
                feature, value = "observation.images." + topic.split("/")[1], bytes(decoded.data)
            elif topic.endswith(("/joint_state", "/joint_states", "/joint_cmd", "/joint_command")):
                feature = "observation.state" if "state" in topic.rpartition("/")[2] else "action"
                joints = joints or list(decoded.name)
                value = np.asarray(decoded.position, np.float32)
            else:
                continue
            times, values = streams.setdefault(feature, ([], []))
            times.append(message.log_time)
            values.append(value)
    return {feature: (np.array(times, np.int64), values) for feature, (times, values) in streams.items()}, joints


def nearest(times, grid):
    right = np.clip(np.searchsorted(times, grid), 1, len(times) - 1)
    return np.where(grid - times[right - 1] <= times[right] - grid, right - 1, right)


def picture(jpeg):
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("recording", type=Path)
    p.add_argument("out", type=Path)
    kind = p.add_mutually_exclusive_group(required=True)
    kind.add_argument("--videos", action="store_true")
    kind.add_argument("--images", action="store_true")
    p.add_argument("--streaming", action="store_true", help="encode while frames come in, which newer versions can")
    options = p.parse_args()

    streams, joints = read(options.recording)
    start, end = max(times[0] for times, _ in streams.values()), min(times[-1] for times, _ in streams.values())
    grid = start + np.arange((end - start) * RATE // 10**9 + 1, dtype=np.int64) * 10**9 // RATE
    picks = {feature: nearest(times, grid) for feature, (times, _) in streams.items()}

    features = {}
    for feature, (_, values) in streams.items():
        if isinstance(values[0], bytes):
            kind = "video" if options.videos else "image"
            features[feature] = {"dtype": kind, "shape": picture(values[0]).shape, "names": ["height", "width", "channels"]}
        else:
            features[feature] = {"dtype": "float32", "shape": values[0].shape, "names": joints}
    more = {"streaming_encoding": True} if options.streaming else {}
    dataset = LeRobotDataset.create(
        "local/benchmark", fps=RATE, features=features, root=options.out, robot_type="unknown", use_videos=options.videos, **more
    )
    for tick in range(len(grid)):
        frame = {"task": "do the task"}
        for feature, (_, values) in streams.items():
            value = values[picks[feature][tick]]
            frame[feature] = picture(value) if isinstance(value, bytes) else value
        dataset.add_frame(frame)
    dataset.save_episode()
    dataset.finalize()


if __name__ == "__main__":
    main()
