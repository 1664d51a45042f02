#!/usr/bin/env python3
"""Compares masks of polygons with those of COCO's own tools.

    check_masks.py CASES.json

CASES is a list of {width, height, polygons, counts, runs, area, box}; each disagreement is a line, and exit status 1.
"""
import json
import sys

import numpy as np
from pycocotools import mask as tools


def problems(case):
    height, width = case["height"], case["width"]
    truth = tools.merge(tools.frPyObjects(case["polygons"], height, width))
    if truth["counts"].decode() != case["counts"]:
        ours = tools.decode({"size": [height, width], "counts": case["counts"].encode()})
        difference = int(np.sum(tools.decode(truth) != ours))
        # The tools leave runs of no pixels where masks are united, so only the pixels count then.
        if difference or len(case["polygons"]) == 1:
            yield f"{difference} pixels differ"
    again = tools.frPyObjects({"size": [height, width], "counts": case["runs"]}, height, width)
    if again["counts"].decode() != case["counts"]:
        yield "the string is not that of the runs"
    if int(tools.area(truth)) != case["area"]:
        yield f"area {case['area']}, which is {int(tools.area(truth))}"
    if list(tools.toBbox(truth)) != case["box"]:
        yield f"box {case['box']}, which is {list(tools.toBbox(truth))}"


def main():
    failed = False
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    for number, case in enumerate(cases):
        for problem in problems(case):
            failed = True
            print(f"case {number}, {case['width']}x{case['height']}: {problem}: {str(case['polygons'])[:300]}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
