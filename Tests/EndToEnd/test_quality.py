"""The quality formats: tables that agree with what the generator left out, a report, and a gate that names what failed."""
import csv
import itertools
import json
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import unittest
from contextlib import closing
from fractions import Fraction

import av
import numpy as np
from mcap.writer import Writer

from harness import ROOT, SiteTest, generate, programs, until

CHECK = ROOT / "Tests" / "Peers" / "check_quality.py"
CAMERA = "/camera_01/color/image_raw/compressed"
IMAGE = "\n".join([
    "std_msgs/Header header", "string format", "uint8[] data", "=" * 80, "MSG: std_msgs/Header", "builtin_interfaces/Time stamp", "string frame_id",
    "=" * 80, "MSG: builtin_interfaces/Time", "int32 sec", "uint32 nanosec", ""])
START, SECOND = 1_772_360_000_000_000_000, 1_000_000_000


def beat(hertz, seconds):
    """Nanoseconds of a steady stream."""
    return [round(number * SECOND / hertz) for number in range(round(hertz * seconds))]


def lossy(hertz, seconds, seed):
    """A stream of which 30 % are lost, with the others up to 30 % of the interval early or late; and how many are missing before which."""
    source, kept, missing, lost = random.Random(seed), [], {}, 0
    for time in beat(hertz, seconds):
        if kept and source.random() < 0.3:
            lost += 1
            continue
        kept.append(time + round(source.uniform(-0.3, 0.3) * SECOND / hertz) + SECOND)
        if lost:
            missing[START + kept[-2]] = lost
        lost = 0
    return kept, missing


def recorded_streams(folder, streams, pictures=None, published=0, latencies=None):
    """Writes a recording of image topics whose messages were logged at the given nanoseconds after the start.

    Messages hold the bytes of `pictures` (by topic, one for each) and were published `published` earlier than logged; their stamps are
    earlier by the topic's latency.
    """
    folder.mkdir(parents=True)
    with open(folder / "data.mcap.part", "wb") as file:
        writer = Writer(file, chunk_size=1 << 16)
        writer.start(profile="ros2")
        schema = writer.register_schema("sensor_msgs/msg/CompressedImage", "ros2msg", IMAGE.encode())
        channels = {topic: writer.register_channel(topic, "cdr", schema) for topic in streams}
        # In the order of each stream, and of streams in turns, as a recorder writes them.
        lines = [(position / len(times), topic, time) for topic, times in streams.items() for position, time in enumerate(times)]
        for _, topic, time in sorted(lines, key=lambda line: line[0]):
            stamp = START + time - (latencies or {}).get(topic, 0)
            picture = pictures[topic].pop(0) if pictures else b"none"
            head = struct.pack("<iII2s2xI5s3xI", stamp // SECOND, stamp % SECOND, 2, b"c\0", 5, b"jpeg\0", len(picture))
            writer.add_message(channels[topic], START + time, b"\x00\x01\x00\x00" + head + picture, START + time - published)
        writer.finish()
    (folder / "data.mcap.part").rename(folder / "data.mcap")


class Quality(SiteTest):
    def recorded(self, *options):
        """A recording of its own in an otherwise empty store."""
        truth = self.site.folder / "truth.json"
        return generate(self.site.store, truth, "--size", "64x48", "--project", "drops", *options), truth

    def ask(self, name, dataset, **options):
        self.site.submit(name, {"exports": [options], "select": {"datasets": [dataset]}, "package": "directory"})

    def assertAgrees(self, status, truth):
        self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
        package = self.site.package(status)
        run = subprocess.run([sys.executable, str(CHECK), str(package), str(truth)], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return package

    def test_frames_that_were_left_out_are_found_and_no_others(self):
        dataset, truth = self.recorded("--seconds", 12, "--drop", f"{CAMERA}=30%", "--gap", "/camera_02*=5:1")
        self.ask("drops", dataset, format="frame_drops", verify=True)
        self.ask("aligned", dataset, format="time_alignment")
        self.ask("gate", dataset, format="frame_drops", fail_on_limits=True)
        package = self.assertAgrees(self.site.wait("drops"), truth)
        with open(package / "frame_drop_stats.csv", newline="") as file:
            rows = {row["stream"]: row for row in csv.DictReader(file)}
        self.assertEqual((rows[CAMERA]["verdict"], rows[CAMERA]["duplicates"], rows[CAMERA]["undecodable"]), ("failed", "0", "0"))
        report = json.loads((package / "report.json").read_text())
        self.assertEqual([r["dataset"] for r in report["recordings"]], [dataset])
        self.assertAgrees(self.site.wait("aligned"), truth)
        self.assertFailed("gate", "dataset_unreadable", mentions=(dataset, "max_drops", CAMERA), published=True)
        # The report is there although the job failed, and makes room for that of another run.
        for attempt in (1, 2):
            status = self.site.status("gate")
            self.assertEqual((status["attempt"], [export["state"] for export in status["exports"]]), (attempt, ["failed"]))
            gate = self.site.package(status)
            self.assertEqual(json.loads((gate / "report.json").read_text())["recordings"][0]["verdict"], "failed")
            self.assertTrue((gate / "report.html").exists())
            published = json.loads((gate.parent / "status.json").read_text())
            self.assertEqual((published["state"], published["attempt"]), ("failed", attempt))
            self.assertEqual(published["error"]["code"], "dataset_unreadable")
            if attempt == 1:
                self.site.submit("again", {"kind": "retry", "jobs": [status["job"]]})
                self.assertEqual(self.site.wait("again")["state"], "completed")
                until(lambda: (now := self.site.status("gate"))["attempt"] == 2 and now["state"] == "failed", 60, "the gate's second run")

        self.assertEqual(self.place_in_history(status["job"]), str(gate.parent))
        # Killed between publishing and the ledger's entry, the daemon takes what it published for the truth, and makes it no second time.
        before, made = self.site.status("gate"), (gate / "report.json").stat().st_ino
        self.site.kill()
        ledger = self.site.folder / "state" / "ledger.sqlite"
        with closing(sqlite3.connect(ledger)) as db, db:
            db.execute("UPDATE jobs SET state = 'processing', finished_ns = NULL, error = NULL WHERE id = ?", [status["job"]])
        self.site.start()
        until(lambda: self.place_in_history(status["job"]), 60, "the gate's end in the ledger")
        # The status follows the ledger.
        until(lambda: self.site.status("gate")["state"] == "failed", 60, "the gate's status")
        after = self.site.status("gate")
        self.assertEqual([after[key] for key in ("state", "attempt", "exports", "error")], [before[key] for key in ("state", "attempt", "exports", "error")])
        self.assertEqual((gate / "report.json").stat().st_ino, made)

    def place_in_history(self, job):
        """Where the packages of a failed job lie; None where it has not failed."""
        command = [programs() / "exportctl", "history", "--json", "--state", "failed", "--config", self.site.folder / "exportd.yaml"]
        jobs = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        return next((entry["place"] for entry in jobs if entry["job"] == job), None)

    def test_a_recording_that_keeps_its_limits_passes_the_gate(self):
        dataset, truth = self.recorded("--seconds", 6)
        self.ask("gate", dataset, format="frame_drops", fail_on_limits=True)
        self.assertAgrees(self.site.wait("gate"), truth)


class OddStreams(SiteTest):
    """Streams as they should not be have the results that the README names."""

    def export(self, name, **options):
        self.site.submit(name, {"exports": [options], "select": {"datasets": [name]}, "package": "directory"})
        status = self.site.wait(name)
        self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
        return status, self.site.package(status)

    def rows(self, package, table):
        with open(package / table, newline="") as file:
            return list(csv.DictReader(file))

    def stats(self, package, table):
        return {row["stream"]: row for row in self.rows(package, table)}

    def test_drops_of_odd_streams_are_as_documented(self):
        shaken, missing = lossy(30, 30, 5)
        stepped = [time + (time > 10 * SECOND) * 3600 * SECOND for time in beat(30, 20)]
        recorded_streams(self.site.store / "odd", {
            "/steady": beat(30, 20), "/once": [5 * SECOND], "/silent": [], "/same": [7 * SECOND] * 40, "/backwards": beat(10, 5)[::-1],
            "/shaken": shaken, "/stepped": stepped, "/thousand": beat(1000, 5), "/one": beat(1, 20),
        })
        _, package = self.export("odd", format="frame_drops", limits={"max_drops": 10**6, "min_rate_hz": 1})
        stats = self.stats(package, "frame_drop_stats.csv")

        def found(stream, *keys):
            return tuple(stats[stream][key] for key in keys)

        what = ("frames", "nominal_rate_hz", "mean_rate_hz", "drops", "regressions")
        self.assertEqual(found("/silent", *what), ("0", "", "", "0", "0"))
        self.assertEqual(found("/once", *what), ("1", "", "", "0", "0"))
        self.assertEqual(found("/same", *what), ("40", "", "", "0", "0"))
        self.assertEqual(found("/backwards", *what), ("50", "", "", "0", "49"))
        for stream, rate in (("/steady", 30), ("/stepped", 30), ("/shaken", 30), ("/thousand", 1000), ("/one", 1)):
            self.assertAlmostEqual(float(stats[stream]["nominal_rate_hz"]) / rate, 1, delta=0.002, msg=stream)
        self.assertEqual(found("/stepped", "drops", "breaches"), ("0", "max_gap_ms"))
        self.assertAlmostEqual(float(stats["/stepped"]["interval_max_ms"]), 3_600_000, delta=100)
        drops = self.rows(package, "frame_drops.csv")
        self.assertEqual({row["stream"] for row in drops}, {"/shaken"})
        self.assertEqual({int(row["before_ns"]): int(row["frames_missing"]) for row in drops}, missing)
        self.assertEqual([found(stream, "verdict")[0] for stream in ("/silent", "/once", "/same", "/steady", "/thousand")], ["failed"] * 3 + ["passed"] * 2)
        report = json.loads((package / "report.json").read_text())["recordings"][0]
        self.assertTrue(any("/stepped jumps ahead" in note for note in report["notes"]), report["notes"])

    def test_alignment_of_odd_streams_is_as_documented(self):
        streams = {
            "/early": beat(30, 5), "/once": [2 * SECOND], "/silent": [], "/same": [3 * SECOND] * 40, "/backwards": beat(10, 5)[::-1],
            "/late": [time + 4_000_000 for time in beat(30, 20)], "/thousand": [time + 250_000 for time in beat(1000, 20)], "/one": beat(1, 20),
            "/stepped": [time + (time > 3 * SECOND) * 3600 * SECOND for time in beat(30, 6)],
        }
        recorded_streams(self.site.store / "aligned", streams)
        _, package = self.export("aligned", format="time_alignment", reference="/early")
        stats = self.stats(package, "alignment_stats.csv")

        def found(stream):
            return tuple(stats[stream][key] for key in ("messages", "matched", "missing", "regressions"))

        # The reference stops after five seconds, and so do the rows.
        self.assertEqual(len(self.rows(package, "alignment.csv")), 150)
        self.assertEqual(found("/late"), ("600", "150", "0", "0"))
        self.assertEqual(found("/thousand"), ("20000", "150", "0", "0"))
        for stream, lag in (("/late", 4), ("/one", 0)):
            self.assertAlmostEqual(float(stats[stream]["lag_ms"]), lag, delta=0.1, msg=stream)
            self.assertAlmostEqual(float(stats[stream]["drift_ppm"]), 0, delta=1, msg=stream)
        # A second's distance: every frame has one within three quarters of it.
        self.assertEqual(found("/one"), ("20", "150", "0", "0"))
        self.assertEqual(found("/once"), ("1", "1", "149", "0"))
        self.assertEqual(found("/same"), ("40", "1", "149", "0"))
        self.assertEqual(found("/backwards"), ("50", "150", "0", "49"))
        # Behind the step no frame of it is near; the lag is that of the stretch before or behind, whichever is longer.
        self.assertEqual(found("/stepped"), ("180", "91", "59", "0"))
        # A thousand is no whole multiple of thirty.
        for stream in ("/once", "/same", "/backwards", "/thousand"):
            self.assertEqual((stats[stream]["lag_ms"], stats[stream]["drift_ppm"]), ("", ""), stream)
        self.assertNotIn("/silent", stats)
        report = json.loads((package / "report.json").read_text())["recordings"][0]
        self.assertTrue(any("/silent" in note for note in report["notes"]), report["notes"])
        self.assertIn("one message: no alignment measurable", (package / "report.html").read_text())

    def test_a_stream_that_begins_late_or_stops_early_is_told_in_both_reports(self):
        source = random.Random(3)
        uneven = list(itertools.accumulate(round(source.expovariate(20) * SECOND) for _ in range(400)))
        recorded_streams(self.site.store / "ends", {
            "/early": beat(30, 5), "/late": [time + 3 * SECOND for time in beat(30, 17)], "/whole": beat(30, 20), "/uneven": uneven})
        _, package = self.export("ends", format="frame_drops")
        report = json.loads((package / "report.json").read_text())["recordings"][0]
        self.assertEqual({stream["drops"]["missing"] for stream in report["streams"]}, {0})
        wanted = [
            "/early stops 15.0 s before the recording ends: what it lacks there counts as no drop.",
            "/late begins 3.0 s after the recording: what it lacks there counts as no drop.",
            "/uneven keeps no beat, so none of its frames can be said to be missing.",
        ]
        self.assertEqual(sorted(note for note in report["notes"] if "/uneven begins" not in note and "/uneven stops" not in note), wanted)
        self.site.submit("aligned", {
            "exports": [{"format": "time_alignment", "reference": "/early"}], "select": {"datasets": ["ends"]}, "package": "directory"})
        status = self.site.wait("aligned")
        self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
        report = json.loads((self.site.package(status) / "report.json").read_text())["recordings"][0]
        self.assertEqual(report["notes"], ["The reference /early stops 15.0 s before the recording ends: nothing is aligned there."])

    def test_each_clock_gives_its_own_times_and_latencies_are_those_of_the_stamps(self):
        # Logged 3 ms apart; what the wrist sends takes 7 ms longer, so that by its stamps it is 4 ms early.
        streams = {"/front": beat(30, 6), "/wrist": [time + 3_000_000 for time in beat(30, 6)]}
        recorded_streams(self.site.store / "clocks", streams, published=2_000_000, latencies={"/front": 5_000_000, "/wrist": 12_000_000})
        for clock, lag, shift in (("log_time", 3, 0), ("publish_time", 3, -2_000_000), ("header_stamp", -4, -5_000_000)):
            self.site.submit(clock, {
                "exports": [{"format": "time_alignment", "clock": clock}], "select": {"datasets": ["clocks"]}, "package": "directory"})
            status = self.site.wait(clock)
            self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
            stats = self.stats(self.site.package(status), "alignment_stats.csv")
            rows = self.rows(self.site.package(status), "alignment.csv")
            self.assertEqual([int(row["reference_ns"]) for row in rows], [START + time + shift for time in streams["/front"]], clock)
            self.assertEqual({float(row["/wrist offset_ms"]) for row in rows}, {lag}, clock)
            self.assertAlmostEqual(float(stats["/wrist"]["lag_ms"]), lag, delta=0.1, msg=clock)
            self.assertAlmostEqual(float(stats["/wrist"]["drift_ppm"]), 0, delta=1, msg=clock)
            for key in ("p50", "p95", "p99", "max"):
                self.assertEqual(float(stats["/wrist"][f"offset_{key}_ms"]), abs(lag), clock)
            for stream, latency in (("/front", 5), ("/wrist", 12)):
                for key in ("mean", "p50", "p95", "max"):
                    self.assertEqual(float(stats[stream][f"latency_{key}_ms"]), latency, (clock, stream))

    def test_frozen_and_broken_frames_and_bursts_are_counted_and_every_limit_can_be_broken(self):
        times = [time for number, time in enumerate(beat(30, 6)) if number not in (50, 51, 52, 100)]
        times[120:] = [time - SECOND for time in times[120:]]
        picture = (ROOT / "Tests" / "Fixtures" / "pictures" / "420.jpg").read_bytes()
        # A comment behind the first marker makes each picture another one.
        pictures = [picture[:2] + b"\xff\xfe\x00\x04" + struct.pack(">H", number) + picture[2:] for number in range(len(times))]
        pictures[10] = pictures[11] = pictures[9]
        pictures[20], pictures[30] = b"none", picture[:200]
        recorded_streams(self.site.store / "broken", {"/front": times}, pictures={"/front": pictures})
        limits = {"min_rate_hz": 40, "max_gap_ms": 20, "max_drops": 1, "max_drop_ratio": 0.001, "max_regressions": 0, "max_duplicates": 1,
                  "max_undecodable": 1, "min_duration_s": 60}
        _, package = self.export("broken", format="frame_drops", verify=True, limits=limits)
        row = self.stats(package, "frame_drop_stats.csv")["/front"]
        counts = {key: int(row[key]) for key in ("frames", "drops", "frames_missing", "bursts", "longest_burst", "duplicates", "undecodable", "regressions")}
        self.assertEqual(counts, {
            "frames": 176, "drops": 2, "frames_missing": 4, "bursts": 1, "longest_burst": 3, "duplicates": 2, "undecodable": 2, "regressions": 1})
        self.assertAlmostEqual(float(row["drop_ratio"]), 4 / 180, places=9)
        self.assertEqual(set(row["breaches"].split()), limits.keys() - {"min_duration_s"})
        recording = json.loads((package / "report.json").read_text())["recordings"][0]
        self.assertEqual([breach["limit"] for breach in recording["breaches"]], ["min_duration_s"])

    @unittest.skipUnless(shutil.which("chromium"), "Chromium is not installed")
    def test_pages_open_in_a_browser_wide_and_narrow_light_and_dark_and_say_nothing_to_its_console(self):
        for number in range(9):
            recorded_streams(self.site.store / f"many-{number}", {"/front": beat(30, 6), "/wrist": [time for time in beat(30, 6) if time % 7]})
        for kind in ("frame_drops", "time_alignment"):
            self.site.submit(kind, {"exports": [{"format": kind}], "select": {"datasets": ["many-*"]}, "package": "directory"})
            status = self.site.wait(kind)
            self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
            page = self.site.package(status) / "report.html"
            for width, scheme in itertools.product((390, 1280), (0, 1)):
                run = subprocess.run([
                    "chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={self.site.folder}/browser", "--enable-logging=stderr",
                    f"--blink-settings=preferredColorScheme={scheme}", f"--window-size={width},2000", "--dump-dom", page.as_uri(),
                ], capture_output=True, text=True, timeout=120)
                self.assertEqual([line for line in run.stderr.splitlines() if "CONSOLE" in line], [], kind)
                # The page's own script has run: it shows the filter where there are many recordings.
                self.assertIn("9 of 9 recordings", run.stdout, run.stderr[-2000:])

    def test_an_align_result_is_held_against_the_data(self):
        frames, other = beat(30, 4), [time + 3_000_000 for time in beat(30, 4)]
        for name, change in (("right", None), ("wrong", 5)):
            folder = self.site.store / name
            recorded_streams(folder, {"/front": frames, "/wrist": other})
            lines = ["index,front,wrist"]
            for row, (first, second) in enumerate(zip(frames, other)):
                # In the wrong one a row names the frame that comes next, and another a time that no frame has.
                second = other[row + 1] if row == change else second + 1 if change and row == 2 * change else second
                lines.append(f"{row},{row}_{START + first}.jpg,{row}_{START + second}.jpg")
            (folder / "align_result.csv").write_text("\n".join(lines) + "\n")
        status, package = self.export("right", format="time_alignment", reference="/front")
        notes = json.loads((package / "report.json").read_text())["recordings"][0]["notes"]
        self.assertEqual(notes, ["align_result.csv agrees with the data: 120 rows, 2 streams."])
        status, package = self.export("wrong", format="time_alignment", reference="/front")
        notes = json.loads((package / "report.json").read_text())["recordings"][0]["notes"]
        self.assertEqual(notes, ["align_result.csv, column 3 (/wrist): 1 of 120 times are those of no message, and for 1 rows another message lies nearer."])
        self.assertIn("align_result", {warning["code"] for warning in status["warnings"]})
        self.assertIn("column 3", (package / "report.html").read_text())


def write_video(path, codec, options, shift=0):
    """Ninety pictures at 30 a second, of which the 20th, and the 50th to 52nd are missing; returns nothing."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=30, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        packets = []
        for number in range(90):
            if number in (20, 50, 51, 52):
                continue
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number, dtype=np.uint8), format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            packets += stream.encode(frame)
        for packet in packets + stream.encode(None):
            # Times before zero become an edit list.
            ticks = int(Fraction(shift, 30) / packet.time_base)
            packet.pts, packet.dts = packet.pts - ticks, packet.dts - ticks
            container.mux(packet)


def shown_times(path):
    """When each frame is shown, in nanoseconds, None where it doesn't say: by ffprobe where it is installed, else by decoding with libav."""
    if shutil.which("ffprobe"):
        command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "frame=best_effort_timestamp_time", "-of", "csv=p=0", str(path)]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return [None if line.startswith("N/A") else round(float(line.strip(",")) * 1e9) for line in text.split()]
    with av.open(str(path)) as container:
        return [None if frame.pts is None else round(frame.pts * frame.time_base * 10**9) for frame in container.decode(video=0)]


class VideoFiles(SiteTest):
    def test_the_frames_of_video_files_are_those_that_ffprobe_shows(self):
        folder = self.site.store / "films"
        recorded_streams(folder, {"/steady": beat(30, 6)})
        b_frames = {"bf": "2", "x264-params": "bframes=2:b-adapt=0:scenecut=0"}
        files = {
            "b.mp4": ("libx264", b_frames), "b.mkv": ("libx264", b_frames), "b.mov": ("libx264", b_frames), "plain.avi": ("mpeg4", {}),
            "b.avi": ("mpeg4", {"bf": "2"}),
        }
        for name, (codec, options) in files.items():
            write_video(folder / name, codec, options)
        # The first ten pictures are cut off by an edit list; the decoder needs them. What begins late has one, too.
        edited = {"cut.mp4": 10, "cut.mov": 10, "late.mp4": -45, "late.mov": -45}
        for name, shift in edited.items():
            write_video(folder / name, "libx264", b_frames, shift=shift)
        self.site.submit("films", {"exports": [{"format": "frame_drops"}], "select": {"datasets": ["films"]}, "package": "directory"})
        status = self.site.wait("films")
        self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
        package = self.site.package(status)
        with open(package / "frame_drop_stats.csv", newline="") as file:
            stats = {row["stream"]: row for row in csv.DictReader(file)}
        with open(package / "frame_drops.csv", newline="") as file:
            drops = list(csv.DictReader(file))
        for name in [*files, *edited]:
            shown = shown_times(folder / name)
            times = sorted(time for time in shown if time is not None)
            # AVI has no times of showing: where pictures are held back, the last has none.
            self.assertEqual(len(times), len(shown) - (name == "b.avi"), name)
            intervals = [after - before for before, after in zip(times, times[1:])]
            row = stats[name]
            self.assertEqual(int(row["frames"]), len(shown), name)
            self.assertEqual((row["drops"], row["frames_missing"]), ("2", "4"), name)
            self.assertAlmostEqual(float(row["interval_max_ms"]), max(intervals) / 1e6, delta=0.01, msg=name)
            # The gaps are those between the same frames.
            own = [(int(drop["before_ns"]), int(drop["after_ns"]), int(drop["frames_missing"]), int(drop["frame"])) for drop in drops if drop["stream"] == name]
            wanted = [(times[i], times[i + 1], round(gap * 30 / 1e9) - 1, i) for i, gap in enumerate(intervals) if gap > 1.5e9 / 30]
            self.assertEqual([gap[2:] for gap in own], [gap[2:] for gap in wanted], name)
            for gap, truth in zip(own, wanted):
                for ours, theirs in zip(gap[:2], truth[:2]):
                    self.assertAlmostEqual(ours, theirs, delta=2_000, msg=name)
