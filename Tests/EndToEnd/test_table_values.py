"""What json and csv make of extreme values, odd names and odd streams, compared with what the PyPI decoders read."""
import csv
import json
import math
import struct
import subprocess
import sys

from mcap.writer import Writer
from mcap_ros2.writer import Writer as Ros2Writer

from harness import ROOT, SiteTest

CHECK_TABLES = ROOT / "Tests" / "Peers" / "check_tables.py"
START = 1_772_360_000_000_000_007
TEXTS = ["", "plain", 'a,"b"', "two\nlines", "two\r\nlines", "\r", " padded ", "=1+1", "\t@x", "NaN", "null", "00123", "é 你好 🙂", "[1,2]", "\\", "\x00\x1f\x7f"]
NUMBERS = [0.0, -0.0, math.nan, math.inf, -math.inf, 5e-324, 1.7976931348623157e308, 0.1, 1 / 3, 1e22, 123456789.125, -1e-7]
SINGLES = [0.0, -0.0, math.nan, math.inf, 2.0**-149, 3.4028234663852886e38, struct.unpack("<f", struct.pack("<f", 0.1))[0], 16777216.0, 8388608.5]
SIGNED = [0, 2**53 - 1, 2**53, -(2**53) - 1, 2**63 - 1, -(2**63)]
UNSIGNED = [0, 2**64 - 1, 2**53 + 1, 10**15]

FIELDS = "int64 signed\nuint64 unsigned\nfloat32 single\nfloat64 number\nstring text\nbool flag\nint64[] integers\nuint8[] data\nfloat32[] singles\nfloat64[3] numbers\nstring[] texts\nt/Point[] points\n"
POINT = "float32 x\nstring[] labels\n"
SEPARATOR = "\n" + "=" * 80 + "\n"


def values(number):
    """The number-th message; arrays grow and shrink from one to the next."""
    def some(choices, count, first=number):
        return [choices[(first + index) % len(choices)] for index in range(count)]

    return {
        "signed": some(SIGNED, 1)[0],
        "unsigned": some(UNSIGNED, 1)[0],
        "single": some(SINGLES, 1)[0],
        "number": some(NUMBERS, 1)[0],
        "text": some(TEXTS, 1)[0],
        "flag": number % 2 == 1,
        "integers": some(SIGNED, number % 4),
        "data": bytes(range(number % 5)),
        "singles": some(SINGLES, number % 6),
        "numbers": some(NUMBERS, 3),
        "texts": some(TEXTS, number % 3),
        "points": [{"x": some(SINGLES, 1, number + point)[0], "labels": some(TEXTS, point)} for point in range(number % 4)],
    }


def ros1(message):
    """A message in ROS 1's form, behind a duration that may be negative and a time."""
    def text(value):
        encoded = value.encode()
        return struct.pack("<I", len(encoded)) + encoded

    def several(items, item):
        return struct.pack("<I", len(items)) + b"".join(map(item, items))

    m = message
    data = struct.pack("<qQfd", m["signed"], m["unsigned"], m["single"], m["number"]) + text(m["text"]) + struct.pack("<?", m["flag"])
    data += several(m["integers"], lambda value: struct.pack("<q", value)) + struct.pack("<I", len(m["data"])) + m["data"]
    data += several(m["singles"], lambda value: struct.pack("<f", value)) + struct.pack("<3d", *m["numbers"]) + several(m["texts"], text)
    return data + several(m["points"], lambda point: struct.pack("<f", point["x"]) + several(point["labels"], text))


class TableTest(SiteTest):
    example_store = False

    def recording(self, dataset):
        folder = self.site.store / dataset
        folder.mkdir()
        return folder / "data.mcap"

    def tables(self, name, **options):
        self.site.submit(name, {"exports": [{"samples": False, "messages": ["*"], **options}], "package": "directory"})
        status = self.site.wait(name)
        self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
        return self.site.package(status), status["warnings"]


class ExtremeValues(TableTest):
    def prepare(self):
        for dataset, first, count in (("ros1_a", 0, 12), ("ros1_b", 12, 20)):
            with open(self.recording(dataset), "wb") as file:
                writer = Writer(file)
                writer.start(profile="ros1", library="exportd tests")
                text = f"{FIELDS}duration late\ntime when{SEPARATOR}MSG: t/Point\n{POINT}"
                channel = writer.register_channel("/values", "ros1", writer.register_schema("t/Values", "ros1msg", text.encode()))
                for number in range(first, first + count):
                    data = ros1(values(number)) + struct.pack("<iiII", -number, 5 * number, 2**32 - 1, number)
                    writer.add_message(channel, START + number, data, START - number, number)
                writer.finish()
        writer = Ros2Writer(str(self.recording("ros2")))
        schema = writer.register_msgdef("t/msg/Values", f"{FIELDS}{SEPARATOR}MSG: t/Point\n{POINT}")
        for number in range(20):
            message = values(number)
            writer.write_message("/values", schema, message | {"data": list(message["data"])}, START + number, START - number, number)
        writer.finish()

    def test_every_cell_is_what_the_decoders_read(self):
        for name, arguments, options in (
            ("csv", [], {"format": "csv"}),
            ("bom", ["--array-columns", "2", "--binary", "base64"], {"format": "csv", "bom": True, "array_columns": 2, "binary": "base64"}),
            ("json", [], {"format": "json"}),
            ("short", ["--array-columns", "0", "--binary", "base64"], {"format": "json", "array_columns": 0, "binary": "base64"}),
        ):
            package, warnings = self.tables(name, **options)
            self.assertIn("numbers_not_finite", {warning["code"] for warning in warnings})
            recordings = [part for dataset in ("ros1_a", "ros1_b", "ros2") for part in ("--recording", f"{dataset}={self.site.store / dataset / 'data.mcap'}")]
            run = subprocess.run([sys.executable, str(CHECK_TABLES), str(package), *recordings, *arguments], capture_output=True, text=True)
            self.assertEqual(run.returncode, 0, f"{name}: {run.stdout}{run.stderr}")


class OddStreams(TableTest):
    TIMES = {
        "/none": [],
        "/once": [5],
        "/same": [7, 7, 7],
        "/back": [5_000_000, 1_000_000, 3_000_000, 2_000_000],
        "/a/b": [1],
        "/a__b": [2],
        "/A__B": [3],
    }

    def prepare(self):
        with open(self.recording("odd"), "wb") as file:
            writer = Writer(file)
            writer.start(profile="ros1", library="exportd tests")
            schema = writer.register_schema("std_msgs/String", "ros1msg", b"string data\n")
            for topic, times in self.TIMES.items():
                channel = writer.register_channel(topic, "ros1", schema)
                for number, time in enumerate(times):
                    text = f"{topic} {number}".encode()
                    writer.add_message(channel, START + time, struct.pack("<I", len(text)) + text, 0, number)
            channel = writer.register_channel("/torn", "ros1", schema)
            for data in (b"\x02\0\0\0ok", b"\x09\0\0\0torn", b"\x03\0\0\0\xff\xfea"):
                writer.add_message(channel, START, data, 2**64 - 1)
            writer.add_message(writer.register_channel("/raw", "unknown", 0), START, b"raw", START)
            writer.finish()

    def test_odd_streams_have_the_results_that_are_written_down(self):
        package, warnings = self.tables("odd", format="csv")
        with open(package / "datasets.csv", encoding="utf-8", newline="") as file:
            (row,) = csv.DictReader(file)
        keys = ("messages", "first_ns", "last_ns", "rate_hz", "median_interval_ms", "max_interval_ms", "regressions")
        found = {topic: [row[f"streams.{topic}.{key}"] for key in keys] for topic in self.TIMES}
        self.assertEqual(found["/none"], ["0", "", "", "", "", "", "0"])
        self.assertEqual(found["/once"], ["1", str(START + 5), str(START + 5), "", "", "", "0"])
        self.assertEqual(found["/same"], ["3", str(START + 7), str(START + 7), "", "0.0", "0.0", "0"])
        self.assertEqual(found["/back"], ["4", str(START + 1_000_000), str(START + 5_000_000), "750.0", "1.0", "2.0", "2"])
        listed = {resource["topic"]: resource["path"] for resource in json.loads((package / "schema.json").read_text())["resources"] if "topic" in resource}
        self.assertEqual(len({path.lower() for path in listed.values()}), len(self.TIMES) + 1)
        rows = {}
        for topic, path in listed.items():
            with open(package / path, encoding="utf-8", newline="") as file:
                rows[topic] = list(csv.DictReader(file))
        self.assertEqual(rows["/none"], [])
        self.assertEqual([r["data"] for r in rows["/same"]], ["/same 0", "/same 1", "/same 2"])
        self.assertEqual([r["data"] for r in rows["/back"]], ["/back 1", "/back 3", "/back 2", "/back 0"])
        self.assertEqual([rows[topic][0]["data"] for topic in ("/a/b", "/a__b", "/A__B")], ["/a/b 0", "/a__b 0", "/A__B 0"])
        self.assertEqual([r["data"] for r in rows["/torn"]], ["ok", "\ufffd\ufffda"])
        said = {code: [w["message"] for w in warnings if w["code"] == code] for code in {w["code"] for w in warnings}}
        self.assertEqual(set(said), {"topic_undecodable", "messages_unreadable", "texts_not_utf8", "times_beyond_range"})
        self.assertIn("1 of 3 messages on /torn", said["messages_unreadable"][0])
        self.assertIn("/torn: 1 texts", said["texts_not_utf8"][0])
        self.assertIn("/torn: 2 messages", said["times_beyond_range"][0])

    def test_what_an_annotation_says_is_counted_where_it_cannot_stand_in_csv(self):
        start = START // 10**6 * 10**6
        subtask = {"sequence_id": 1, "skill": "do", "description": "be\x07ll", "start_timestamp": str(start), "end_timestamp": str(start + 10**9)}
        (self.site.store / "odd" / "annotation.json").write_text(json.dumps({"subtasks": [subtask]}))
        package, warnings = self.tables("annotated", format="csv")
        self.assertIn("be\ufffdll", (package / "segments.csv").read_text(encoding="utf-8"))
        self.assertIn("The segments: 1 control characters", " ".join(w["message"] for w in warnings if w["code"] == "control_characters_replaced"))

    def test_times_in_json_are_texts_of_digits(self):
        package, _ = self.tables("json", format="json")
        rows = [json.loads(line) for line in (package / "messages" / "torn.jsonl").read_text().splitlines()]
        self.assertEqual([row["publish_time_ns"] for row in rows], ["9223372036854775807"] * 2)
        (row,) = json.loads((package / "datasets.json").read_text())
        self.assertIs(row["streams./none.rate_hz"], None)
        self.assertEqual(row["streams./once.first_ns"], str(START + 5))
