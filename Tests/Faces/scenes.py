"""Moving scenes composed from real photographs, with every face's place in every picture known.

Faces are the astronaut's of scikit-image (NASA, public domain) and scikit-image's hundred crops of Labeled Faces in the Wild, 25 pixels wide
each; profiles are the camera man's. They are laid over scikit-image's photographs without people, move along smooth paths, and are scaled,
turned, darkened and covered as a scene asks for.
"""
import functools
import struct
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from mcap.writer import CompressionType, Writer
from skimage import data

WIDTH, HEIGHT, RATE = 640, 480, 30
START = 1_772_360_000_000_000_000
COMPRESSED_IMAGE = "\n".join([
    "std_msgs/Header header", "string format", "uint8[] data", "=" * 80, "MSG: std_msgs/Header", "uint32 seq", "time stamp", "string frame_id", ""])


@dataclass
class Kind:
    """One kind of scene. Sizes are widths of faces from ear to ear, in pixels."""

    name: str
    sizes: tuple
    people: int = 2
    roll: float = 0
    light: float = 1
    covered: bool = False
    profile: bool = False


KINDS = [
    Kind("frontal, 60 to 120 px", (60, 120)),
    Kind("frontal, 35 to 60 px", (35, 60), people=3),
    Kind("turned by up to 25°, 60 to 110 px", (60, 110), roll=25),
    Kind("dark, a quarter of the light, 60 to 110 px", (60, 110), light=0.25),
    Kind("mouth and chin covered, 60 to 110 px", (60, 110), covered=True),
    Kind("profile, 50 to 90 px", (50, 90), people=1, profile=True),
]


@functools.cache
def photographs():
    """Photographs without people, in the size of the scenes."""
    names = ["coffee", "rocket", "chelsea", "brick", "gravel", "grass", "motorcycle_left"]
    found = []
    for name in names:
        if name == "motorcycle_left":
            picture = cv2.cvtColor(cv2.imread(str(Path(data.__file__).parent / "motorcycle_left.png")), cv2.COLOR_BGR2RGB)
        else:
            picture = getattr(data, name)()
        if picture.ndim == 2:
            picture = np.repeat(picture[..., None], 3, 2)
        # Larger than the scene, so that the camera can move.
        found.append(cv2.resize(picture[..., :3], (WIDTH + 80, HEIGHT + 60), interpolation=cv2.INTER_AREA))
    return found


def source(number):
    """A face: its picture, its centre, its width, and how far around the centre the picture belongs to it."""
    if number == "profile":
        picture = np.repeat(data.camera()[60:220, 150:270, None], 3, 2)
        return picture, (66.0, 100.0), 66.0, (54, 58)
    if number == 0:
        return data.astronaut()[:260, 90:360], (134.0, 113.0), 92.0, (100, 108)
    crop = (data.lfw_subset()[number - 1] * 255).astype(np.uint8)
    return np.repeat(crop[..., None], 3, 2), (12.5, 12.5), 18.5, (12.5, 12.5)


class Person:
    """A face on its way."""

    def __init__(self, kind, rng, place, places):
        self.number = "profile" if kind.profile else (0 if rng.random() < 0.2 else int(rng.integers(1, 101)))
        self.picture, self.centre, self.face, self.half = source(self.number)
        self.kind = kind
        self.mirrored = bool(rng.integers(2))
        self.size = rng.uniform(*kind.sizes)
        self.growth = min(1.15, kind.sizes[1] / self.size) - 1
        band = WIDTH / places
        self.x, self.y = band * (place + 0.5), rng.uniform(0.35, 0.65) * HEIGHT
        self.swing = rng.uniform(0.5, 1) * max(4, band / 2 - self.size * 0.75), rng.uniform(10, 60)
        self.period = rng.uniform(3, 6), rng.uniform(4, 8)
        self.phase = rng.uniform(0, 6.28, 3)
        self.cover = tuple(int(v) for v in rng.integers(40, 200, 3))

    def draw(self, canvas, seconds):
        """Lays the face over the canvas; returns x, y, width, height of it."""
        x = self.x + self.swing[0] * np.sin(6.28 * seconds / self.period[0] + self.phase[0])
        y = self.y + self.swing[1] * np.sin(6.28 * seconds / self.period[1] + self.phase[1])
        size = self.size * (1 + self.growth * 0.5 * (1 + np.sin(seconds + self.phase[2])))
        roll = self.kind.roll * np.sin(1.7 * seconds + self.phase[2])
        picture, (sx, sy) = self.picture, self.centre
        if self.mirrored:
            picture, sx = picture[:, ::-1], picture.shape[1] - sx
        scale = size / self.face
        move = cv2.getRotationMatrix2D((sx, sy), roll, scale)
        move[:, 2] += (x - sx, y - sy)
        # Only the part of the canvas that the face reaches is touched.
        reach = int(1.5 * scale * max(self.half)) + 2
        left, top = max(0, int(x) - reach), max(0, int(y) - reach)
        right, bottom = min(WIDTH, int(x) + reach), min(HEIGHT, int(y) + reach)
        if right > left and bottom > top:
            move[:, 2] -= (left, top)
            part, how = (right - left, bottom - top), cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
            laid = cv2.warpAffine(np.ascontiguousarray(picture), move, part, flags=how)
            mask = np.zeros(picture.shape[:2], np.float32)
            edge = max(1, int(self.half[0] * 0.08))
            mask[int(max(0, sy - self.half[1])) + edge:int(sy + self.half[1]) - edge, int(max(0, sx - self.half[0])) + edge:int(sx + self.half[0]) - edge] = 1
            mask = cv2.warpAffine(cv2.GaussianBlur(mask, (0, 0), max(0.6, self.half[0] * 0.06)), move, part)[..., None]
            canvas[top:bottom, left:right] = canvas[top:bottom, left:right] * (1 - mask) + laid * mask
        if self.kind.covered:
            left, right = int(x - size * 0.6), int(x + size * 0.6)
            canvas[max(0, int(y + size * 0.28)):int(y + size * 0.8), max(0, left):right] = self.cover
        return x - size / 2, y - size * 0.6, size, size * 1.2


def scene(kind, seed, seconds=5):
    """Yields RGB pictures and the faces in them."""
    rng = np.random.default_rng(seed)
    backgrounds = photographs()
    background = backgrounds[seed % len(backgrounds)].astype(np.float32)
    pans = seed % 2 == 1
    people = [Person(kind, rng, place, kind.people) for place in range(kind.people)]
    noise = [rng.normal(0, 2.5, background[:HEIGHT, :WIDTH].shape).astype(np.float32) for _ in range(5)]
    for frame in range(int(seconds * RATE)):
        time = frame / RATE
        dx, dy = (int(40 + 38 * np.sin(time)), int(30 + 28 * np.cos(time * 0.7))) if pans else (40, 30)
        canvas = background[dy:dy + HEIGHT, dx:dx + WIDTH].copy()
        faces = [person.draw(canvas, time) for person in people]
        canvas = canvas * np.float32(kind.light) + noise[frame % len(noise)]
        yield np.clip(canvas, 0, 255).astype(np.uint8), faces


def encode(picture, quality=90):
    return cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def message(time, jpeg, number):
    head = struct.pack("<III", number, time // 10**9, time % 10**9) + struct.pack("<I", 3) + b"cam"
    return head + struct.pack("<I", 4) + b"jpeg" + struct.pack("<I", len(jpeg)) + jpeg


def write(folder, cameras):
    """Writes a recording of some cameras, each an iterable of JPEG bytes, beside each other at the scenes' rate."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "data.mcap.part", "wb") as file:
        writer = Writer(file, chunk_size=1 << 20, compression=CompressionType.NONE)
        writer.start(profile="ros1")
        schema = writer.register_schema("sensor_msgs/CompressedImage", "ros1msg", COMPRESSED_IMAGE.encode())
        channels = [writer.register_channel(f"/camera_{number}/image_raw/compressed", "ros1", schema) for number in range(len(cameras))]
        for number, jpegs in enumerate(zip(*cameras)):
            time = START + round(number * 1e9 / RATE)
            for channel, jpeg in zip(channels, jpegs):
                writer.add_message(channel, time, message(time, jpeg, number), time, number)
        writer.finish()
    (folder / "data.mcap.part").rename(folder / "data.mcap")
    (folder / "dataset.yaml").write_text("task: greet people\n", encoding="utf-8")
