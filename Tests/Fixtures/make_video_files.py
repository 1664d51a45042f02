#!/usr/bin/env python3
"""Make the video files that the tests of Media read: Tests/Fixtures/video/NAME.mp4 and so on.

Needs PyAV (`pip install av`); the files are committed, so the tests do not. They hold the first twelve pictures of
make_video.py at 25 a second, coded with two B-frames in a row.

* b-frames.mp4, .mkv: all of them.
* cut.mp4: an edit list begins with picture 4; the ones before are there for decoding only.
* gap.avi: MPEG-4 without B-frames, pictures 5 and 6 left out of the times.
"""
from fractions import Fraction

import av
from make_video import FOLDER, picture

FRAMES = 12


def write(name, codec, options, shift=0, left_out=()):
    with av.open(str(FOLDER / name), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.gop_size = FRAMES
        packets = []
        for number in range(FRAMES):
            if number in left_out:
                continue
            frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            packets += stream.encode(frame)
        for packet in packets + stream.encode(None):
            ticks = int(shift / 25 / packet.time_base)
            packet.pts, packet.dts = packet.pts - ticks, packet.dts - ticks
            container.mux(packet)


def main():
    x264 = {"preset": "veryfast", "crf": "18", "x264-params": "bframes=2:b-adapt=0:scenecut=0"}
    write("b-frames.mp4", "libx264", x264)
    write("b-frames.mkv", "libx264", x264)
    write("cut.mp4", "libx264", x264, shift=4)
    write("gap.avi", "mpeg4", {"bf": "0", "b": "400k"}, left_out=(5, 6))


if __name__ == "__main__":
    main()
