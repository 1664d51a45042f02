#!/usr/bin/env python3
"""Make the coded video that the tests of Media, Recordings and Samples decode: Tests/Fixtures/video/NAME.units.

Needs PyAV (`pip install av`); the files are committed, so the tests do not. A file holds access units one after another, each
after its length as four bytes, little-endian. Unless the name says otherwise every picture is 128×96: a gradient that moves a pixel a frame, and along the
top seven squares of 16×16 that spell the frame's number in binary, the lowest bit first, white for 1 and black for 0.
"""
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

FOLDER = Path(__file__).parent / "video"
FRAMES, GROUP = 36, 12


def picture(number, width=128, height=96):
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    image = np.empty((height, width, 3), np.uint8)
    image[..., 0] = 40 + (x + number) % 128
    image[..., 1] = 60 + y
    image[..., 2] = 220 - (x + y) // 2
    for bit in range(7):
        image[:16, 16 * bit : 16 * bit + 16] = 255 if number >> bit & 1 else 0
    return image


def encode(codec, options, size=(128, 96), frames=FRAMES, matrix="ITU601"):
    context = av.CodecContext.create(codec, "w")
    context.width, context.height = size
    context.pix_fmt = "yuv420p"
    context.time_base, context.framerate = Fraction(1, 30), Fraction(30)
    context.options = options
    context.thread_count = 1
    context.gop_size = GROUP
    packets = []
    for number in range(frames):
        frame = av.VideoFrame.from_ndarray(picture(number, *size), format="rgb24").reformat(format="yuv420p", dst_colorspace=matrix)
        frame.pts = number
        packets += context.encode(frame)
    return [bytes(packet) for packet in packets + context.encode(None)]


def plain(width, height):
    """A picture of grey that no decoder here should take."""
    context = av.CodecContext.create("libx265", "w")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate = Fraction(1, 30), Fraction(30)
    context.options = {"preset": "ultrafast", "x265-params": "crf=40:bframes=0:pools=none:frame-threads=1:log-level=none:keyint=1:ctu=64:repeat-headers=1"}
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane in frame.planes:
        plane.update(bytes([128]) * plane.buffer_size)
    frame.pts = 0
    return b"".join(bytes(packet) for packet in context.encode(frame) + context.encode(None))


def write(name, units):
    with open(FOLDER / f"{name}.units", "wb") as file:
        for unit in units:
            file.write(struct.pack("<I", len(unit)) + unit)
    print(f"{name}: {len(units)} access units, {sum(map(len, units))} bytes")


def main():
    x264 = {"preset": "veryfast", "crf": "18", "threads": "1"}
    keys = f"keyint={GROUP}:min-keyint={GROUP}:scenecut=0:repeat-headers=1"
    write("h264", encode("libx264", {**x264, "x264-params": f"{keys}:bframes=0"}))
    write("h264-open", encode("libx264", {**x264, "x264-params": f"{keys}:bframes=1:b-adapt=0:open-gop=1"}))
    write("h264-b-frames", encode("libx264", {**x264, "x264-params": f"{keys}:bframes=2:b-adapt=0"}))
    write("h264-refresh", encode("libx264", {**x264, "x264-params": f"{keys}:bframes=0:intra-refresh=1"}))
    write("h264-slices", encode("libx264", {**x264, "x264-params": f"{keys}:bframes=0:slices=4"}))
    write("h264-small", encode("libx264", {**x264, "x264-params": f"{keys}:bframes=0"}, size=(112, 80), frames=GROUP))
    bt709 = f"{keys}:bframes=0:colormatrix=bt709:colorprim=bt709:transfer=bt709"
    write("h264-bt709", encode("libx264", {**x264, "x264-params": bt709}, frames=1, matrix="ITU709"))
    x265 = f"crf=18:bframes=0:pools=none:frame-threads=1:log-level=none:{keys}"
    write("h265", encode("libx265", {"preset": "veryfast", "x265-params": x265}))
    write("h265-too-large", [plain(8192, 8192)])
    write("vp9", encode("libvpx-vp9", {"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "5", "lag-in-frames": "0", "auto-alt-ref": "0"}))
    write("av1", encode("libsvtav1", {"preset": "8", "crf": "24", "svtav1-params": "lp=1:pred-struct=1:keyint=12"}))


if __name__ == "__main__":
    main()
