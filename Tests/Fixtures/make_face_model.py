#!/usr/bin/env python3
"""Makes faces/bright.onnx: a network of YuNet's shape (2022mar) to which everything white is a face of 64 pixels; other.onnx lacks an output.

It has the inputs and outputs that OpenCV's FaceDetectorYN expects: for strides 8, 16, 32 and 64 with 3, 2, 2 and 3 sizes each place, `loc` of 14
numbers, `conf` of 2 and `iou` of 1. The file is written as the protocol buffer that ONNX is, so that no package is needed for it.
"""
import struct
from pathlib import Path

STRIDES = [(8, 3), (16, 2), (32, 2), (64, 3)]
WIDTHS = {"loc": 14, "conf": 2, "iou": 1}


def number(field, value):
    return varint(field << 3) + varint(value & (1 << 64) - 1)


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def block(field, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content


def attribute(name, values):
    if isinstance(values, int):
        return block(5, block(1, name) + number(3, values) + number(20, 2))
    return block(5, block(1, name) + b"".join(number(8, value) for value in values) + number(20, 7))


def node(operator, inputs, output, **attributes):
    body = b"".join(block(1, name) for name in inputs) + block(2, output) + block(3, output) + block(4, operator)
    return block(1, body + b"".join(attribute(name, values) for name, values in attributes.items()))


def tensor(name, shape, values, kind="f"):
    raw = struct.pack(f"<{len(values)}{kind}", *values)
    return block(5, b"".join(number(1, side) for side in shape) + number(2, 1 if kind == "f" else 7) + block(8, name) + block(9, raw))


def value(field, name, shape):
    sides = b"".join(block(1, number(1, side) if isinstance(side, int) else block(2, side)) for side in shape)
    return block(field, block(1, name) + block(2, block(1, number(1, 1) + block(2, sides))))


def model(heads=("loc", "conf", "iou")):
    graph, weights = b"", b""
    below, stride_below = "input", 1
    parts = {head: [] for head in heads}
    for stride, sizes in STRIDES:
        step, pool = stride // stride_below, f"pool_{stride}"
        graph += node("AveragePool", [below], pool, kernel_shape=[step, step], strides=[step, step])
        below, stride_below = pool, stride
        for head, width in WIDTHS.items():
            if head not in heads:
                continue
            name, count = f"{head}_{stride}", sizes * width
            # Only the first size of stride 32 sees anything: the mean of the three colours, from 0 to 1.
            sees = [head == "conf" and stride == 32 and channel == 1 for channel in range(count)]
            weights += tensor(f"{name}_w", [count, 3, 1, 1], [1 / 765 if seen else 0.0 for seen in sees for _ in range(3)])
            weights += tensor(f"{name}_b", [count], [1.0 if head == "iou" else 0.0] * count)
            weights += tensor(f"{name}_s", [2], [-1, width], "q")
            graph += node("Conv", [pool, f"{name}_w", f"{name}_b"], f"{name}_c", kernel_shape=[1, 1], strides=[1, 1])
            graph += node("Transpose", [f"{name}_c"], f"{name}_t", perm=[0, 2, 3, 1])
            graph += node("Reshape", [f"{name}_t", f"{name}_s"], f"{name}_r")
            parts[head].append(f"{name}_r")
    for head, names in parts.items():
        graph += node("Concat", names, head, axis=0)
    ends = value(11, "input", [1, 3, 320, 320]) + b"".join(value(12, head, ["n", width]) for head, width in WIDTHS.items() if head in heads)
    return number(1, 6) + block(7, graph + block(2, "bright") + weights + ends) + block(8, block(1, "") + number(2, 11))


if __name__ == "__main__":
    folder = Path(__file__).resolve().parent / "faces"
    (folder / "bright.onnx").write_bytes(model())
    (folder / "other.onnx").write_bytes(model(("loc", "conf")))
