#!/usr/bin/env python3
"""Make the JPEG files that the tests of Media read: Tests/Fixtures/pictures/NAME.jpg, one for each way to store colours, and NAME.rgb, every
third pixel of every third row as OpenCV decodes them.

Needs OpenCV and NumPy of Tests/requirements.txt; the files are committed, so the tests do not. Every picture is 96×64: red rises
from left to right, green from top to bottom, blue falls.
"""
from pathlib import Path

import cv2
import numpy as np

FOLDER = Path(__file__).parent / "pictures"
SAMPLING = {"420": 0x221111, "422": 0x211111, "444": 0x111111, "440": 0x121111, "411": 0x411111}


def main():
    FOLDER.mkdir(exist_ok=True)
    x, y = np.meshgrid(np.arange(96), np.arange(64))
    image = np.stack([220 - 150 * (x + y) // 160, 30 + 180 * y // 64, 40 + 200 * x // 96], axis=-1).astype(np.uint8)
    for name, factor in SAMPLING.items():
        options = [cv2.IMWRITE_JPEG_QUALITY, 90, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor]
        write(name, cv2.imencode(".jpg", image, options)[1])
    write("gray", cv2.imencode(".jpg", image[..., 2], [cv2.IMWRITE_JPEG_QUALITY, 90])[1])


def write(name, jpeg):
    (FOLDER / f"{name}.jpg").write_bytes(jpeg.tobytes())
    (FOLDER / f"{name}.rgb").write_bytes(cv2.imdecode(jpeg, cv2.IMREAD_COLOR)[::3, ::3, ::-1].tobytes())


if __name__ == "__main__":
    main()
