"""Face blur: what leaves the building of a recording with a face in one camera and none in the other."""
import csv
import io
import json
import struct
import tarfile
import zlib

import cv2
import h5py
import numpy as np
import pyarrow.parquet as parquet
from mcap.reader import make_reader
from mcap.writer import Writer
from mcap_ros1.decoder import DecoderFactory

from harness import ROOT, SiteTest
from test_image_faces import exif

PORTRAIT = ROOT / "Tests" / "Fixtures" / "faces" / "astronaut.jpg"
START = 1_774_000_000_000_000_000
RATE, FRAMES, FIRST = 25, 60, 20
FACE = (118, 72, 95, 105)  # of the portrait
IMAGE = "\n".join([
    "std_msgs/Header header", "string format", "uint8[] data", "=" * 80, "MSG: std_msgs/Header", "uint32 seq", "time stamp", "string frame_id", ""])
RAW = "\n".join([
    "std_msgs/Header header", "uint32 height", "uint32 width", "string encoding", "uint8 is_bigendian", "uint32 step", "uint8[] data", "=" * 80,
    "MSG: std_msgs/Header", "uint32 seq", "time stamp", "string frame_id", ""])


def pattern(shift):
    y, x = np.mgrid[0:400, 0:560]
    return np.repeat(((x // 9 * 5 + y // 7 * 3 + shift) % 60 + 70)[..., None], 3, 2).astype(np.uint8)


def picture(number):
    """A BGR picture, and where the face is in it; from FIRST on somebody walks through it."""
    canvas = pattern(0)
    if number < FIRST:
        return canvas, None
    portrait = cv2.imread(str(PORTRAIT))
    x, y = 10 + 5 * (number - FIRST), 40 + number
    canvas[y:y + 280, x:x + 320] = portrait[:400 - y, :560 - x]
    return canvas, (x + FACE[0], y + FACE[1], FACE[2], FACE[3])


def head(number):
    time = START + number * 10**9 // RATE
    return struct.pack("<III", number, time // 10**9, time % 10**9) + struct.pack("<I", 3) + b"cam"


def compressed(number, data, format=b"jpeg"):
    return head(number) + struct.pack("<I", len(format)) + format + struct.pack("<I", len(data)) + data


def raw(number, pixels, encoding=b"bgr8"):
    height, width, step = pixels.shape[0], pixels.shape[1], pixels.strides[0]
    return head(number) + struct.pack("<III", height, width, len(encoding)) + encoding + struct.pack("<BII", 0, step, pixels.nbytes) + pixels.tobytes()


def turned(pixels):
    """A JPEG that is stored on its side, says so, and holds a thumbnail."""
    data = jpeg(cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE))
    return data[:2] + exif(6, jpeg(cv2.resize(pixels, (160, 114)))) + data[2:]


def chunk(name, data):
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def jpeg(pixels):
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()


CODERS = {
    "h264": ("libx264", {"tune": "zerolatency", "preset": "veryfast", "g": "15", "crf": "20", "bf": "0"}),
    "h265": ("libx265", {"preset": "ultrafast", "tune": "zerolatency", "crf": "22", "x265-params": "log-level=none:bframes=0:keyint=15:repeat-headers=1"}),
    "av1": ("libsvtav1", {"preset": "10", "crf": "30", "g": "15", "svtav1-params": "pred-struct=1:lookahead=0"}),
}


def video(coding="h264", threads=1, pictures=None, **options):
    """Pictures, those of the camera with the face where none are given, as access units with a key frame at every 15th."""
    import av

    coder, usual = CODERS[coding]
    codec = av.CodecContext.create(coder, "w")
    codec.width, codec.height, codec.pix_fmt, codec.framerate = 560, 400, "yuv420p", RATE
    codec.thread_count = threads
    codec.options = usual | options
    units = []
    for number in range(FRAMES):
        shown = picture(number)[0] if pictures is None else pictures[number]
        frame = av.VideoFrame.from_ndarray(shown, format="bgr24").reformat(format="yuv420p")
        frame.pts = number
        units += [bytes(packet) for packet in codec.encode(frame)]
    units += [bytes(packet) for packet in codec.encode(None)]
    assert len(units) == FRAMES
    return units


def edges(pixels, face):
    x, y, w, h = face
    part = cv2.cvtColor(pixels[y + h // 8:y + h - h // 8, x + w // 8:x + w - w // 8], cv2.COLOR_BGR2GRAY)
    return cv2.Laplacian(part.astype(np.float32), cv2.CV_32F)


def left(pixels, before, face):
    """How much of a face's own detail is still there: 1 for all of it. Edges that a cover brings with it don't count."""
    own = edges(before, face)
    return float((edges(pixels, face) * own).sum() / (own * own).sum())


class FaceRecordings(SiteTest):
    """A recording with a face in it, and what is looked for in exports of it."""

    example_store = False

    def recording(self, name="20260401_kitchen_table_greet_s001_100000", damaged=(), extra=()):
        """Cameras front (JPEG with a face), wall (JPEG without) and those of `extra`: topics and their messages by number."""
        folder = self.site.store / name
        folder.mkdir()
        with open(folder / "data.mcap", "wb") as file:
            writer = Writer(file, chunk_size=300_000)
            writer.start(profile="ros1")
            schemas = {
                "image": writer.register_schema("sensor_msgs/CompressedImage", "ros1msg", IMAGE.encode()),
                "raw": writer.register_schema("sensor_msgs/Image", "ros1msg", RAW.encode()),
            }
            topics = {"/front/image_raw/compressed": "image", "/wall/image_raw/compressed": "image"} | {topic: kind for topic, kind, _ in extra}
            channels = {topic: writer.register_channel(topic, "ros1", schemas[kind]) for topic, kind in topics.items()}
            writer.add_attachment(START, START, "thumbnail.jpg", "image/jpeg", jpeg(picture(40)[0]))
            writer.add_attachment(START, START, "preview", "application/octet-stream", jpeg(picture(41)[0]))
            for number in range(FRAMES):
                time = START + number * 10**9 // RATE
                front = jpeg(picture(number)[0])
                if number in damaged:
                    front = front[:len(front) // 3]
                messages = {"/front/image_raw/compressed": compressed(number, front), "/wall/image_raw/compressed": compressed(number, jpeg(pattern(number)))}
                messages |= {topic: make(number) for topic, _, make in extra}
                for topic, data in messages.items():
                    writer.add_message(channels[topic], time, data, time - 1000, number)
            writer.finish()
        (folder / "dataset.yaml").write_text("task: greet\n", encoding="utf-8")
        return folder

    def done(self, name, timeout=240):
        status = self.site.wait(name, timeout=timeout)
        self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
        return self.site.package(status)

    def assertCovered(self, pixels, number, outside=3.0):
        """The face is gone and everything else is as it was."""
        before, face = picture(number)
        if face is None:
            # Shortly before a face was found something is covered already.
            return None if number >= FIRST - 16 else self.assertLess(float(np.abs(pixels.astype(int) - before).mean()), outside)
        self.assertLess(left(pixels, before, face), 0.15, f"picture {number}")
        x, y, w, h = face
        beside = pixels[:, :max(0, x - w)].astype(int) - before[:, :max(0, x - w)]
        if beside.size:
            self.assertLess(float(np.abs(beside).mean()), outside, f"picture {number}")
        return None

    def rows(self, path):
        with open(path, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))


class FaceBlurTest(FaceRecordings):
    def test_hdf5_holds_no_face_and_every_other_picture_byte_for_byte(self):
        self.recording()
        self.site.export("faces", format="hdf5", rate_hz=RATE, face_blur=True, package="directory")
        self.site.export("raw", format="hdf5", rate_hz=RATE, face_blur={"style": "fill", "sensitivity": "normal"}, images="raw", package="directory")
        package = self.done("faces")
        with h5py.File(package / "chunk_001.hdf5") as file:
            episode = file["data/episode_001"]
            front, wall = episode["observation.images.front"], episode["observation.images.wall"]
            self.assertEqual(len(front), FRAMES)
            changed = 0
            for number in range(FRAMES):
                self.assertEqual(bytes(wall[number]), jpeg(pattern(number)))
                changed += bytes(front[number]) != jpeg(picture(number)[0])
                self.assertCovered(cv2.imdecode(front[number], cv2.IMREAD_COLOR), number)
            self.assertEqual(bytes(front[0]), jpeg(picture(0)[0]))
        rows = self.rows(package / "face_blur.csv")
        self.assertEqual({row["topic"] for row in rows}, {"/front/image_raw/compressed"})
        self.assertEqual(len({row["time_ns"] for row in rows}), changed)
        self.assertTrue(all("dlib" in row["detector"] and row["found"] in ("detected", "tracked") for row in rows))
        manifest = json.loads((package / "manifest.json").read_text())
        self.assertTrue(manifest["options"]["face_blur"])
        front = next(entry for entry in manifest["face_blur"] if entry["topic"].startswith("/front"))
        self.assertEqual((front["frames"], front["frames_with_faces"], front["boxes"], front["left_out"]), (FRAMES, changed, len(rows), 0))
        detected = {row["time_ns"] for row in rows if row["found"] == "detected"}
        self.assertEqual(front["tracked_only_frames"], changed - len(detected))
        self.assertTrue(len(detected) <= front["looks"] < FRAMES / 4)
        self.assertEqual(front["detector"], rows[0]["detector"])
        with h5py.File(self.done("raw") / "chunk_001.hdf5") as file:
            pictures = file["data/episode_001/observation.images.front"]
            for number in range(0, FRAMES, 7):
                self.assertCovered(pictures[number][..., ::-1], number)

    def test_lerobot_video_images_card_and_statistics_hold_no_face(self):
        self.recording()
        self.site.export("video", format="lerobot", rate_hz=RATE, codec="h264", face_blur=True, package="directory")
        self.site.export("images", format="lerobot", rate_hz=RATE, images="image", face_blur={"style": "pixelate"}, package="directory")
        video = self.done("video")
        capture = cv2.VideoCapture(str(next(video.glob("videos/observation.images.front/*/*.mp4"))))
        for number in range(FRAMES):
            read, pixels = capture.read()
            self.assertTrue(read)
            self.assertCovered(pixels, number, outside=6.0)
        self.assertTrue(self.rows(video / "meta" / "exportd" / "face_blur.csv"))
        for strip in sorted((video / "meta" / "exportd" / "preview").glob("camera_0_*.jpg")):
            number = {"0": 0, "1": FRAMES // 2, "2": FRAMES - 1}[strip.stem[-1]]
            self.assertCovered(cv2.imread(str(strip)), number)
        images = self.done("images")
        cells = parquet.read_table(next(images.glob("data/*/*.parquet")), columns=["observation.images.front", "observation.images.wall"]).to_pylist()
        for number, row in enumerate(cells):
            self.assertEqual(row["observation.images.wall"]["bytes"], jpeg(pattern(number)))
            self.assertCovered(cv2.imdecode(np.frombuffer(row["observation.images.front"]["bytes"], np.uint8), cv2.IMREAD_COLOR), number)

    def test_video_that_would_be_copied_into_lerobot_is_not_where_faces_are_to_go(self):
        units = video()
        self.recording(extra=[("/video/image_raw/compressed", "image", lambda number: compressed(number, units[number], b"h264"))])
        self.site.export("open", format="lerobot", rate_hz=RATE, codec="h264", package="directory")
        self.site.export("covered", format="lerobot", rate_hz=RATE, codec="h264", face_blur=True, package="directory")
        copied = {}
        for name in ("open", "covered"):
            package = self.done(name)
            report = json.loads((package / "meta" / "exportd" / "conversion_report.json").read_text(encoding="utf-8"))
            copied[name] = {entry["feature"]: entry["copied_episodes"] for entry in report["videos"]}["observation.images.video"]
        self.assertEqual(copied, {"open": 1, "covered": 0})
        capture = cv2.VideoCapture(str(next(package.glob("videos/observation.images.video/*/*.mp4"))))
        for number in range(FRAMES):
            read, pixels = capture.read()
            self.assertTrue(read)
            self.assertCovered(pixels, number, outside=6.0)

    def test_mcap_replaces_pictures_in_place_whatever_they_are_coded_in(self):
        units = video()
        png = lambda number: compressed(number, cv2.imencode(".png", picture(number)[0])[1].tobytes(), b"png")  # noqa: E731
        depth = lambda number: raw(number, np.full((40, 60), 1000 + number, np.uint16), b"16UC1")  # noqa: E731
        far = lambda number: compressed(  # noqa: E731
            number, bytes(12) + cv2.imencode(".png", np.full((40, 60), 1000 + number, np.uint16))[1].tobytes(), b"16UC1; compressedDepth png")
        folder = self.recording(extra=[
            ("/depth/image_raw/compressedDepth", "image", far),
            ("/video/image_raw/compressed", "image", lambda number: compressed(number, units[number], b"h264")),
            ("/png/image_raw/compressed", "image", png),
            ("/raw/image_raw", "raw", lambda number: raw(number, picture(number)[0])),
            ("/depth/image_raw", "raw", depth),
        ])
        self.site.export("whole", format="mcap", face_blur=True, package="directory")
        self.site.export("parts", format="mcap_chunks", max_duration="700ms", face_blur=True, package="directory")
        whole = self.done("whole")
        with open(folder / "data.mcap", "rb") as before, open(next(whole.glob("*.mcap")), "rb") as after:
            old = list(make_reader(before).iter_messages())
            reader = make_reader(after, decoder_factories=[DecoderFactory()])
            new = list(reader.iter_decoded_messages(topics=[channel.topic for _, channel, _ in old[:7]]))
            self.assertEqual([attachment.name for attachment in reader.iter_attachments()], [])
        key = lambda channel, message: (channel.topic, message.log_time, message.publish_time, message.sequence)  # noqa: E731
        self.assertEqual(sorted(key(c, m) for _, c, m in old), sorted(key(c, m) for _, c, m, _ in new))
        originals = {(c.topic, m.sequence): m.data for _, c, m in old}
        decoder = None
        for schema, channel, message, decoded in sorted(new, key=lambda entry: entry[2].log_time):
            number, topic = message.sequence, channel.topic
            original = originals[topic, number]
            self.assertEqual(decoded.header.seq, number)
            if topic == "/wall/image_raw/compressed" or topic.startswith("/depth/"):
                self.assertEqual(message.data, original)
            elif topic == "/raw/image_raw":
                self.assertEqual(len(message.data), len(original))
                self.assertCovered(np.frombuffer(decoded.data, np.uint8).reshape(400, 560, 3), number)
            elif topic == "/video/image_raw/compressed":
                import av

                self.assertEqual(decoded.format, "h264")
                decoder = decoder or av.CodecContext.create("h264", "r")
                for frame in decoder.decode(av.Packet(bytes(decoded.data))):
                    self.assertCovered(frame.to_ndarray(format="bgr24"), number, outside=6.0)
            else:
                self.assertCovered(cv2.imdecode(np.frombuffer(decoded.data, np.uint8), cv2.IMREAD_COLOR), number)
                if number < FIRST - 15:
                    self.assertEqual(message.data, original)
        self.assertIsNotNone(decoder)
        manifest = json.loads((whole / "manifest.json").read_text())
        self.assertEqual([warning["message"][:2] for warning in manifest["warnings"] if warning["code"] == "attachments_left_out"], ["2 "])
        self.assertEqual([entry["left_out"] for entry in manifest["face_blur"]], [0] * len(manifest["face_blur"]))
        parts = self.done("parts")
        self.assertEqual(len(list(parts.glob("*.mcap"))), 4)
        for path in sorted(parts.glob("*.mcap")):
            with open(path, "rb") as file:
                for _, _, message, decoded in make_reader(file, decoder_factories=[DecoderFactory()]).iter_decoded_messages(["/front/image_raw/compressed"]):
                    self.assertCovered(cv2.imdecode(np.frombuffer(decoded.data, np.uint8), cv2.IMREAD_COLOR), message.sequence)

    def test_what_follows_a_picture_in_its_message_leaves_the_building_only_where_it_is_padding(self):
        portrait = jpeg(picture(40)[0])
        moving = cv2.imencode(".png", pattern(0))[1].tobytes()
        # Behind the header the chunk of an animation, and a picture that decoders of stills do not show.
        moving = moving[:33] + chunk(b"acTL", struct.pack(">II", 2, 0)) + moving[33:-12] + chunk(b"fdAT", bytes(4) + portrait) + moving[-12:]
        self.recording(extra=[
            ("/pair/image_raw/compressed", "image", lambda number: compressed(number, jpeg(pattern(number)) + portrait)),
            ("/padded/image_raw/compressed", "image", lambda number: compressed(number, jpeg(pattern(number)) + bytes(400))),
            ("/moving/image_raw/compressed", "image", lambda number: compressed(number, moving, b"png")),
        ])
        self.site.export("whole", format="mcap", face_blur=True, package="directory")
        self.site.export("images", format="lerobot", rate_hz=RATE, images="image", face_blur=True, package="directory")
        with open(next(self.done("whole").glob("*.mcap")), "rb") as file:
            for _, channel, message, decoded in make_reader(file, decoder_factories=[DecoderFactory()]).iter_decoded_messages(
                    [f"/{camera}/image_raw/compressed" for camera in ("pair", "padded", "moving")]):
                self.assertAlone(channel.topic.split("/")[1], bytes(decoded.data), message.sequence, portrait)
        names = [f"observation.images.{camera}" for camera in ("pair", "padded", "moving")]
        cells = parquet.read_table(next(self.done("images").glob("data/*/*.parquet")), columns=names).to_pylist()
        self.assertEqual(len(cells), FRAMES)
        for number, row in enumerate(cells):
            for name in names:
                self.assertAlone(name.split(".")[-1], row[name]["bytes"], number, portrait)

    def assertAlone(self, camera, data, number, portrait):
        """The picture that everybody sees is there, and none that nobody looked at."""
        self.assertFalse(portrait[len(portrait) // 2:][:200] in data or b"acTL" in data, f"{camera} {number}")
        if camera == "padded":
            self.assertTrue(data == jpeg(pattern(number)) + bytes(400), number)
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        shown = pattern(0 if camera == "moving" else number)
        self.assertLess(float(np.abs(pixels.astype(int) - shown).mean()), 3)

    def test_pictures_beside_that_which_a_decoder_shows_of_a_message_do_not_leave_the_building(self):
        wall = [pattern(0)] * FRAMES
        units, walls = ({coding: video(coding, pictures=shown) for coding in CODERS} for shown in ([picture(45)[0]] * FRAMES, wall))

        def message(coding, isFirst):
            # A key frame of somebody before or behind one of the wall, in one message of many.
            both = [units[coding][0], walls[coding][0]] if isFirst else [walls[coding][0], units[coding][0]]
            return lambda number: compressed(number, b"".join(both) if number == 30 else walls[coding][number], coding.encode())

        topics = {f"/{coding}_{isFirst}/image_raw/compressed": (coding, isFirst) for coding in CODERS for isFirst in (True, False)}
        self.recording(extra=[(topic, "image", message(*how)) for topic, how in topics.items()])
        self.site.export("whole", format="mcap", face_blur=True, package="directory")
        with open(next(self.done("whole").glob("*.mcap")), "rb") as file:
            messages = list(make_reader(file, decoder_factories=[DecoderFactory()]).iter_decoded_messages(list(topics)))
        left = {topic for _, channel, _, decoded in messages for topic, (coding, _) in topics.items()
                if channel.topic == topic and units[coding][0][-300:-100] in bytes(decoded.data)}
        self.assertEqual(left, set())
        self.assertTrue(messages)

    def test_messages_that_may_hide_pictures_are_left_out_of_mcap(self):
        name = "20260401_kitchen_table_greet_s002_100000"
        folder = self.site.store / name
        folder.mkdir()
        shot = jpeg(picture(40)[0])
        kinds = {
            "/theora": ("theora_image_transport/Packet", "uint8[] data", struct.pack("<I", len(shot)) + shot),
            "/shots": ("lab_msgs/Shot", f"sensor_msgs/CompressedImage picture\n{'=' * 80}\nMSG: sensor_msgs/CompressedImage\n{IMAGE}", compressed(40, shot)),
            "/words": ("std_msgs/String", "# No CompressedImage.\nstring data", struct.pack("<I", 5) + b"words"),
            "/bytes": (None, "", shot),
        }
        with open(folder / "data.mcap", "wb") as file:
            writer = Writer(file)
            writer.start(profile="ros1")
            for topic, (type, text, data) in kinds.items():
                schema = writer.register_schema(type, "ros1msg", text.encode()) if type else 0
                channel = writer.register_channel(topic, "ros1" if type else "", schema)
                for number in range(3):
                    writer.add_message(channel, START + number, data, START, number)
            writer.finish()
        (folder / "dataset.yaml").write_text("task: greet\n", encoding="utf-8")
        self.site.export("covered", format="mcap", face_blur=True, package="directory")
        self.site.export("open", format="mcap", package="directory")
        held = {}
        for job in ("covered", "open"):
            package = self.done(job)
            with open(next(package.glob("*.mcap")), "rb") as file:
                held[job] = {channel.topic for _, channel, _ in make_reader(file).iter_messages() if not channel.topic.startswith("/exportd")}
        self.assertEqual((held["open"] & kinds.keys(), held["covered"] & kinds.keys()), (set(kinds), {"/words"}))
        manifest = json.loads((self.done("covered") / "manifest.json").read_text())
        self.assertEqual({entry["topic"]: entry["left_out"] for entry in manifest["face_blur"]}, {"/theora": 3, "/shots": 3, "/bytes": 3})
        self.assertEqual(sum(warning["code"] == "face_blur_left_out" for warning in manifest["warnings"]), 3)

    def test_mcap_takes_turned_pictures_and_video_in_several_slices_and_of_every_coding(self):
        import av

        ways = {
            "slices": ("h264", video(slices="4")),
            "threads": ("h264", video(threads=4, **{"x264-params": "sliced-threads=1:slices=4"})),
            "h265": ("h265", video("h265")),
            "av1": ("av1", video("av1")),
        }
        send = lambda coding, units: lambda number: compressed(number, units[number], coding.encode())  # noqa: E731
        side = ("/side/image_raw/compressed", "image", lambda number: compressed(number, turned(picture(number)[0])))
        self.recording(extra=[side, *((f"/{name}/image_raw/compressed", "image", send(*way)) for name, way in ways.items())])
        self.site.export("whole", format="mcap", face_blur=True, package="directory")
        whole = self.done("whole")
        manifest = json.loads((whole / "manifest.json").read_text())
        self.assertEqual({entry["topic"].split("/")[1]: entry["left_out"] for entry in manifest["face_blur"]}, dict.fromkeys(["front", "wall", "side", *ways], 0))
        with open(next(whole.glob("*.mcap")), "rb") as file:
            topics = [f"/{name}/image_raw/compressed" for name in ["side", *ways]]
            messages = list(make_reader(file, decoder_factories=[DecoderFactory()]).iter_decoded_messages(topics))
        for _, channel, message, decoded in messages:
            if channel.topic == side[0]:
                # OpenCV turns it as its Exif data says.
                self.assertCovered(cv2.imdecode(np.frombuffer(decoded.data, np.uint8), cv2.IMREAD_COLOR), message.sequence)
                if message.sequence >= FIRST:
                    self.assertEqual(bytes(decoded.data).count(b"\xff\xd8\xff"), 1, "no thumbnail")
        for name, (coding, _) in ways.items():
            decoder, shown = av.CodecContext.create({"h264": "h264", "h265": "hevc", "av1": "libdav1d"}[coding], "r"), 0
            units = [bytes(decoded.data) for _, channel, _, decoded in messages if channel.topic.startswith(f"/{name}/")]
            self.assertEqual(len(units), FRAMES, name)
            for packet in [*map(av.Packet, units), None]:
                for frame in decoder.decode(packet):
                    self.assertCovered(frame.to_ndarray(format="bgr24"), shown, outside=8.0)
                    shown += 1
            self.assertEqual(shown, FRAMES, name)

    def test_a_picture_that_cannot_be_decoded_is_left_out_and_counted(self):
        self.recording(damaged=(5, 33))
        self.site.export("whole", format="mcap", face_blur=True)
        self.site.export("ticks", format="hdf5", rate_hz=RATE, face_blur=True, strict_match=True, package="directory")
        status = self.site.wait("whole", timeout=120)
        self.assertEqual(status["state"], "completed", status["error"])
        self.assertIn("face_blur_left_out", [warning["code"] for warning in status["warnings"]])
        with tarfile.open(self.site.package(status)) as archive:
            name = next(member for member in archive.getnames() if member.endswith(".mcap"))
            file = io.BytesIO(archive.extractfile(name).read())
        numbers = [message.sequence for _, _, message in make_reader(file).iter_messages(topics=["/front/image_raw/compressed"])]
        self.assertEqual(numbers, [number for number in range(FRAMES) if number not in (5, 33)])
        package = self.done("ticks")
        with h5py.File(package / "chunk_001.hdf5") as hdf5:
            for episode in hdf5["data"].values():
                for data in episode["observation.images.front"]:
                    self.assertIsNotNone(cv2.imdecode(data, cv2.IMREAD_COLOR))

    def test_what_follows_a_damaged_access_unit_is_left_out_up_to_the_next_key_frame(self):
        import av

        units = video()
        units[33] = units[33][:len(units[33]) // 3]
        self.recording(extra=[("/video/image_raw/compressed", "image", lambda number: compressed(number, units[number], b"h264"))])
        self.site.export("whole", format="mcap", face_blur=True, package="directory")
        package = self.done("whole")
        with open(next(package.glob("*.mcap")), "rb") as file:
            messages = list(make_reader(file, decoder_factories=[DecoderFactory()]).iter_decoded_messages(["/video/image_raw/compressed"]))
        numbers = [message.sequence for _, _, message, _ in messages]
        self.assertEqual(numbers, [*range(33), *range(45, FRAMES)])
        decoder = av.CodecContext.create("h264", "r")
        shown = [frame.to_ndarray(format="bgr24") for *_, decoded in messages for frame in decoder.decode(av.Packet(bytes(decoded.data)))]
        for number, pixels in zip(numbers, shown, strict=True):
            # Behind the gap more is covered around where the face may have gone.
            self.assertCovered(pixels, number, outside=12.0 if 45 <= number < 48 else 6.0)
        entry = next(entry for entry in json.loads((package / "manifest.json").read_text())["face_blur"] if entry["topic"].startswith("/video"))
        self.assertEqual((entry["frames"], entry["left_out"]), (FRAMES - 12, 12))

    def test_a_request_that_asks_for_no_known_way_is_refused_with_the_ways_there_are(self):
        self.recording()
        self.site.export("word", format="hdf5", face_blur="maybe")
        self.site.export("style", format="mcap", face_blur={"style": "fog"})
        self.site.export("key", format="lerobot", face_blur={"stile": "blur"})
        self.assertFailed("word", "request_invalid", mentions=["face_blur", "true, false"])
        self.assertFailed("style", "request_invalid", mentions=["face_blur.style", "pixelate"])
        self.assertFailed("key", "request_invalid", mentions=["style"])


FACES = ROOT / "Tests" / "Fixtures" / "faces"


class ModelTest(FaceRecordings):
    """A site's model; to that of the fixture everything white is a face of 64 pixels."""

    configuration = {"faces": {"model": str(FACES / "bright.onnx")}}

    def test_a_model_takes_the_place_of_the_detectors(self):
        white = pattern(0)
        white[128:192, 256:320] = 255
        self.recording(extra=[("/white/image_raw/compressed", "image", lambda number: compressed(number, jpeg(white)))])
        self.site.export("faces", format="mcap", face_blur=True, package="directory")
        package = self.done("faces")
        rows = [row for row in self.rows(package / "face_blur.csv") if row["topic"].startswith("/white")]
        self.assertEqual(len({row["time_ns"] for row in rows}), FRAMES)
        for row in rows:
            self.assertTrue(row["detector"].endswith("FaceDetectorYN"), row["detector"])
            self.assertTrue(int(row["x"]) <= 264 and int(row["x"]) + int(row["width"]) >= 312, row)


    def test_what_a_model_still_takes_for_a_face_behind_large_pixels_is_filled(self):
        white = pattern(0)
        white[128:192, 256:320] = 255
        self.recording(extra=[("/white/image_raw/compressed", "image", lambda number: compressed(number, jpeg(white)))])
        images = self.site.store / "people" / "images"
        images.mkdir(parents=True)
        (images / "0.jpg").write_bytes(jpeg(white))
        document = {"schema": "image-annotations/1", "dataset": {"name": "people"}, "categories": [{"id": 1, "name": "face"}]}
        document["images"] = [{"id": 1, "file": "images/0.jpg", "width": 560, "height": 400}]
        document["annotations"] = [{"id": 1, "image_id": 1, "category_id": 1, "type": "BBOX", "bbox": [10, 10, 20, 20]}]
        (images.parent / "annotations.json").write_text(json.dumps(document), encoding="utf-8")
        for format in ("mcap", "hdf5", "coco"):
            self.site.export(format, format=format, face_blur={"style": "pixelate"}, package="directory", **({"rate_hz": RATE} if format == "hdf5" else {}))
        shown = {"coco": [next(self.done("coco").rglob("0.jpg")).read_bytes()]}
        with open(next(self.done("mcap").glob("*.mcap")), "rb") as file:
            messages = make_reader(file, decoder_factories=[DecoderFactory()]).iter_decoded_messages(["/white/image_raw/compressed"])
            shown["mcap"] = [bytes(decoded.data) for *_, decoded in messages]
        with h5py.File(self.done("hdf5") / "chunk_001.hdf5") as hdf5:
            shown["hdf5"] = [bytes(data) for data in hdf5["data/episode_001/observation.images.white"]]
        self.assertEqual({name: len(pictures) for name, pictures in shown.items()}, {"coco": 1, "mcap": FRAMES, "hdf5": FRAMES})
        for name, pictures in shown.items():
            for data in pictures:
                self.assertLess(int(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[128:192, 256:320].max()), 230, name)


class BrokenModelTest(SiteTest):
    configuration = {"faces": {"model": str(FACES / "other.onnx")}}

    def test_a_model_of_another_kind_fails_the_job_before_anything_is_encoded(self):
        self.site.export("faces", format="mcap", face_blur=True)
        self.assertFailed("faces", "option_unsupported", mentions=["other.onnx", "faces.model"])


class MissingModelTest(SiteTest):
    configuration = {"faces": {"model": "/no/such/model.onnx"}}

    def test_a_model_that_is_not_there_fails_the_job_and_only_those_with_face_blur(self):
        self.site.export("faces", format="mcap", face_blur=True)
        self.site.export("plain", format="mcap")
        self.assertFailed("faces", "option_unsupported", mentions=["/no/such/model.onnx"])
        self.site.wait("plain", "completed")
