#!/usr/bin/env python3
"""Compares a package of annotated images with the image sets that it was made of.

    check_images.py PACKAGE --format coco|yolo|voc|image_csv|image_tar [--task TASK] [--types A,B] SET [SET …]

PACKAGE is a folder or a tar.gz. Every annotation is looked for: numbers of COCO and CSV to a thousandth of a pixel, masks pixel by pixel,
lines of YOLO to half a pixel, boxes of Pascal VOC by the rule of its kit. COCO's own evaluation must give the package an average precision
of 1 against itself. Where ultralytics, datumaro and supervision are installed, they must take every image. Prints what was compared
and how far it was off at most; exit status 1 and a line for each problem where anything differs.
"""
import argparse
import csv
import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np

import images_coco
import images_voc
import images_yolo
from image_truth import Findings, Truth, point_distance
from image_truth import match as pair
from packages import opened


def check_csv(truth, root, findings):
    files = sorted(Path(root).glob("*.csv"))
    if not findings.check(files, "no CSV file"):
        return
    rows = defaultdict(list)
    with open(files[0], newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            rows[row["image"]].append(row)
    for number, image in enumerate(truth.images):
        name = image["file"].removeprefix("images/")
        mine = rows.get(f"{image['set']}/{name}") or rows.get(name) or rows.get(image["file"])
        where = f"{image['set']}/{image['file']}"
        if not findings.check(mine, f"{where} has no row"):
            continue
        findings.check((mine[0]["width"], mine[0]["height"]) == tuple(map(str, truth.size(number))), f"{where}: its size")
        mine = [row for row in mine if row["type"]]
        for kind, label in {(a["type"], a["name"]) for a in truth.annotations[number]} | {(row["type"], row["label"]) for row in mine}:
            pair([shape(a) for a in truth.annotations[number] if (a["type"], a["name"]) == (kind, label)],
                  [cells(row) for row in mine if (row["type"], row["label"]) == (kind, label)], distance, kind, 1e-3, findings, where)


def shape(annotation):
    key = {"BBOX": "bbox", "POINT": "point", "POLYGON": "polygons", "POLYLINE": "polyline", "KEYPOINT": "keypoints", "SEGMENTATION": "rle"}[annotation["type"]]
    return annotation[key]


def cells(row):
    if row["type"] == "BBOX":
        return [float(row[key]) for key in ("x", "y", "w", "h")]
    return json.loads(row["geometry"])


def distance(a, b):
    if isinstance(a, dict):
        return 0.0 if (list(a["size"]), a["counts"]) == (list(b["size"]), b["counts"]) else np.inf
    if a and isinstance(a[0], list):
        return max(map(point_distance, a, b)) if len(a) == len(b) else np.inf
    return float(np.abs(np.subtract(a, b)).max()) if len(a) == len(b) else np.inf


def check_tar(truth, root, findings):
    truth.identify(Path(root) / "images", findings)
    findings.check(list(Path(root).rglob("annotations.json")), "the sets' own annotations are not there")
    images_coco.check(truth, Path(root) / "coco", findings, pictures=False)
    check_csv(truth, Path(root) / "csv", findings)
    images_voc.check(truth, Path(root) / "voc", findings)
    for task in images_yolo.TYPES:
        folder = Path(root) / ("yolo" if task == "detect" else f"yolo_{task}")
        images_yolo.check(truth, folder, findings, task)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("package", type=Path)
    p.add_argument("sets", nargs="+", type=Path)
    p.add_argument("--format", required=True, choices=["coco", "yolo", "voc", "image_csv", "image_tar"])
    p.add_argument("--task", choices=images_yolo.TYPES, default="detect")
    p.add_argument("--types", help="only these were exported")
    options = p.parse_args()
    truth, findings = Truth(options.sets, options.types and options.types.split(",")), Findings()
    with tempfile.TemporaryDirectory() as folder:
        root = opened(options.package, Path(folder))
        match options.format:
            case "coco":
                images_coco.check(truth, root, findings)
            case "yolo":
                images_yolo.check(truth, root, findings, options.task)
            case "voc":
                images_voc.check(truth, root, findings)
            case "image_csv":
                check_csv(truth, root, findings)
            case "image_tar":
                check_tar(truth, root, findings)
    for problem in findings.problems[:60]:
        print(problem)
    print(f"{len(findings.problems)} problems; compared:", {key: (count, round(findings.worst[key], 6)) for key, count in findings.compared.items()})
    sys.exit(bool(findings.problems))


if __name__ == "__main__":
    main()
