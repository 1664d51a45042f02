"""Recordings changed after they were made, so that tests can put exactly one kind of trouble into them."""
import json
import struct
from pathlib import Path

from mcap.reader import make_reader
from mcap.writer import Writer


def rewrite(path, change):
    """Writes an MCAP file anew. `change(topic, number, data)` gives a message's new payload; None leaves it out.

    Numbers count the messages of a topic from 0 in the order of log time.
    """
    path = Path(path)
    with open(path, "rb") as file:
        messages = list(make_reader(file).iter_messages(log_time_order=True))
    with open(path, "wb") as file:
        writer = Writer(file)
        writer.start(profile="ros1", library="exportd tests")
        schemas, channels, numbers = {}, {}, {}
        for schema, channel, message in messages:
            if schema.id not in schemas:
                schemas[schema.id] = writer.register_schema(schema.name, schema.encoding, schema.data)
            if channel.id not in channels:
                channels[channel.id] = writer.register_channel(channel.topic, channel.message_encoding, schemas[schema.id], channel.metadata)
            number = numbers[channel.topic] = numbers.get(channel.topic, -1) + 1
            data = change(channel.topic, number, message.data)
            if data is not None:
                writer.add_message(channels[channel.id], message.log_time, data, message.publish_time, message.sequence)
        writer.finish()


def forget(truth, topic, numbers):
    """Takes messages of a topic out of a truth file, as if they had never been recorded."""
    document = json.loads(Path(truth).read_text(encoding="utf-8"))
    entry, numbers = document["topics"][topic], set(numbers)
    for column in ("log_ns", "publish_ns", "header_ns", "jpeg_sha256", "video", "names_index", "values"):
        if isinstance(entry.get(column), list):
            entry[column] = [value for number, value in enumerate(entry[column]) if number not in numbers]
    entry["count"] = len(entry["log_ns"])
    Path(truth).write_text(json.dumps(document), encoding="utf-8")


def annotate(folder, truth, segments):
    """Replaces a recording's segments, in its annotation and in its truth file. Each: (start in s, end in s, task)."""
    document = json.loads(Path(truth).read_text(encoding="utf-8"))
    start = document["first_ns"] // 10**6 * 10**6
    document["segments"] = [
        {"start_ns": start + round(first * 1e9), "end_ns": start + round(last * 1e9), "skill": "do", "task": task, "task_zh": "", "sequence_id": number}
        for number, (first, last, task) in enumerate(segments, 1)
    ]
    Path(truth).write_text(json.dumps(document), encoding="utf-8")
    path = Path(folder) / "annotation.json"
    annotation = json.loads(path.read_text(encoding="utf-8"))
    annotation["subtasks"] = [
        {
            "sequence_id": segment["sequence_id"],
            "skill": segment["skill"],
            "description": segment["task"],
            "start_timestamp": str(segment["start_ns"]),
            "end_timestamp": str(segment["end_ns"]),
        }
        for segment in document["segments"]
    ]
    path.write_text(json.dumps(annotation, ensure_ascii=False), encoding="utf-8")


class JointState:
    """A ROS 1 sensor_msgs/JointState, taken apart and put together."""

    def __init__(self, data):
        (length,) = struct.unpack_from("<I", data, 12)
        self.header, at = data[: 16 + length], 16 + length
        (count,) = struct.unpack_from("<I", data, at)
        at, self.names = at + 4, []
        for _ in range(count):
            (length,) = struct.unpack_from("<I", data, at)
            self.names.append(data[at + 4 : at + 4 + length].decode())
            at += 4 + length
        (count,) = struct.unpack_from("<I", data, at)
        self.positions = list(struct.unpack_from(f"<{count}d", data, at + 4))

    @property
    def bytes(self):
        names = b"".join(struct.pack("<I", len(name)) + name.encode() for name in self.names)
        positions = struct.pack(f"<I{len(self.positions)}d", len(self.positions), *self.positions)
        return self.header + struct.pack("<I", len(self.names)) + names + positions + struct.pack("<II", 0, 0)


def with_picture(data, picture):
    """A ROS 1 sensor_msgs/CompressedImage with other bytes in it."""
    at = data.index(b"\xff\xd8\xff") - 4
    return data[:at] + struct.pack("<I", len(picture)) + picture


def picture_of(data):
    """The JPEG in a sensor_msgs/CompressedImage."""
    return data[data.index(b"\xff\xd8\xff") :]
