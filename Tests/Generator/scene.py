"""Pictures as a camera would take them: a procedural textured scene that moves, with sensor noise, encoded as JPEG."""
import math
from fractions import Fraction

import cv2
import numpy as np


def texture(rng, width, height):
    """A picture with detail at every scale: octaves of coloured noise, under shapes with hard edges."""
    image = np.zeros((height, width, 3), np.float32)
    amplitude, cells = 90.0, 3
    while cells < width:
        grid = rng.uniform(-1, 1, (max(2, cells * height // width), cells, 3)).astype(np.float32)
        grid = 0.35 * grid + 0.65 * grid.mean(axis=2, keepdims=True)  # neighbouring colours, as on real surfaces
        image += amplitude * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
        amplitude, cells = amplitude * 0.68, cells * 2
    image = np.clip(image + rng.uniform(90, 150, 3), 0, 255).astype(np.uint8)
    for _ in range(18):
        colour = tuple(int(v) for v in rng.integers(20, 236, 3))
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        size = int(rng.integers(max(2, height // 20), max(3, height // 5)))
        kind = int(rng.integers(0, 3))
        if kind == 0:
            cv2.rectangle(image, (x, y), (x + 2 * size, y + size), colour, -1)
        elif kind == 1:
            cv2.circle(image, (x, y), size, colour, -1, cv2.LINE_AA)
        else:
            cv2.line(image, (x, y), (x + 4 * size, y + int(rng.integers(-size, size + 1))), colour, max(1, size // 8), cv2.LINE_AA)
    return image


class Camera:
    """A panorama that pans and zooms with time, an object moving before it, drifting exposure and sensor noise."""

    def __init__(self, number, width, height, noise, quality, rng):
        self.number, self.width, self.height, self.quality, self.rng = number, width, height, quality, rng
        self.panorama = texture(rng, 3 * width, height)
        side = width // 5
        self.object = cv2.convertScaleAbs(texture(rng, side, side), alpha=1.2)
        # One field of noise, cut at a random place for each frame: a fraction of the cost of fresh noise.
        self.noise = rng.normal(0, noise, (height + 64, width + 64, 3)).round().astype(np.int16)

    def frame(self, seconds):
        """The picture at a time, as blue-green-red bytes."""
        width, height, number = self.width, self.height, self.number
        zoom = 1.12 + 0.1 * math.sin(0.31 * seconds + number)
        x = width * (1 + 0.7 * math.sin(0.23 * seconds + 1.3 * number))
        y = height * (0.05 + 0.04 * math.sin(0.9 * seconds))
        view = np.float32([[1 / zoom, 0, x], [0, 1 / zoom, y]])
        image = cv2.warpAffine(
            self.panorama, view, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT
        )
        side = self.object.shape[0]
        left = int((width - side) * (0.5 + 0.48 * math.sin(0.8 * seconds + number)))
        top = int((height - side) * (0.5 + 0.45 * math.cos(0.57 * seconds)))
        image[top : top + side, left : left + side] = self.object
        dx, dy = self.rng.integers(0, 64, 2)
        noisy = cv2.add(image, self.noise[dy : dy + height, dx : dx + width], dtype=cv2.CV_8U)
        return cv2.convertScaleAbs(noisy, alpha=1.0 + 0.05 * math.sin(0.11 * seconds), beta=2)

    def jpeg(self, seconds):
        """The picture at a time, as a JPEG file."""
        done, data = cv2.imencode(".jpg", self.frame(seconds), [cv2.IMWRITE_JPEG_QUALITY, self.quality])
        if not done:
            raise RuntimeError("OpenCV could not encode a JPEG")
        return data.tobytes()


class VideoCamera:
    """A camera that sends each picture as an access unit of H.264 or H.265 in Annex B form, without B-frames.

    Along the top of each picture stand twelve squares of 8×8 that spell its number in binary, the lowest bit first, white for 1
    and black for 0, so that whoever decodes it knows which one it is.
    """

    GROUP, BITS = 20, 12

    def __init__(self, camera, codec, fps):
        import av  # only for recordings with video

        self.camera, self.number, self.broken = camera, 0, False
        self.av = av
        self.context = av.CodecContext.create({"h264": "libx264", "h265": "libx265"}[codec], "w")
        self.context.width, self.context.height, self.context.pix_fmt = camera.width, camera.height, "yuv420p"
        self.context.time_base, self.context.framerate = Fraction(1, 90_000), Fraction(fps)
        self.context.thread_count, self.context.gop_size = 1, self.GROUP
        group = f"keyint={self.GROUP}:min-keyint={self.GROUP}:scenecut=0:repeat-headers=1:bframes=0"
        quiet = {"h264": {"x264-params": group, "tune": "zerolatency"}, "h265": {"x265-params": f"{group}:log-level=none:pools=none:frame-threads=1:rc-lookahead=0", "tune": "zerolatency"}}
        self.context.options = {"preset": "ultrafast", "crf": "20", **quiet[codec]}

    def access_unit(self, number, seconds):
        """The picture of a number, and whether it decodes: nothing of its group was lost before it.

        Numbers that were passed over are pictures that the camera sent and nobody recorded.
        """
        while self.number < number:
            self._encode(seconds)
            self.broken = True
        self.broken = self.broken and number % self.GROUP != 0
        return self._encode(seconds), not self.broken

    def _encode(self, seconds):
        image = self.camera.frame(seconds)
        for bit in range(self.BITS):
            image[:8, 8 * bit : 8 * bit + 8] = 255 if self.number >> bit & 1 else 0
        frame = self.av.VideoFrame.from_ndarray(image, format="bgr24").reformat(format="yuv420p")
        frame.pts = 3000 * self.number
        self.number += 1
        packets = self.context.encode(frame)
        if len(packets) != 1:
            raise RuntimeError("the encoder did not give one access unit for one picture")
        return bytes(packets[0])


class DepthCamera:
    """A waving plane in millimetres as 16-bit integers, with the holes that a real sensor leaves."""

    def __init__(self, width, height, rng):
        self.width, self.height, self.rng = width, height, rng
        self.columns, self.rows = np.meshgrid(np.arange(width), np.arange(height))

    def frame(self, seconds):
        """The picture at a time, as little-endian rows."""
        plane = 900 + 250 * np.sin(self.columns / 90 + 0.5 * seconds) + 1.2 * self.rows
        depth = (plane + self.rng.normal(0, 4, plane.shape)).astype("<u2")
        depth[self.rng.random(plane.shape) < 0.03] = 0
        return depth.tobytes()
