"""A YOLO package against the sets, and in ultralytics' own loader where that is installed."""
import contextlib
import importlib.util
import io
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import yaml
from pycocotools import mask as tools

from image_truth import box_distance, clip, corners, iou, match, outline_distance, point_distance

HALF = 0.5  # pixels that a line may be off
TYPES = {"detect": ("BBOX", "POLYGON", "SEGMENTATION", "KEYPOINT"), "segment": ("POLYGON", "SEGMENTATION"), "pose": ("KEYPOINT",),
         "obb": ("BBOX", "POLYGON", "SEGMENTATION", "KEYPOINT")}


def check(truth, root, findings, task, pictures=True):
    root = Path(root)
    text = (root / "data.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    names = [data["names"][number] for number in range(len(data["names"]))]
    findings.check(names == truth.names, f"names {names}")
    findings.check((root / "classes.txt").read_text(encoding="utf-8").splitlines() == names, "classes.txt")
    findings.check("path" not in data and not any(str(data.get(split, "")).startswith("/") for split in ("train", "val", "test")), "data.yaml has an absolute path")
    findings.check("train" in data and "val" in data, "data.yaml lacks a split")
    known = truth.identify(root / "images", findings)
    stems = Counter((path.parent.name, path.stem.lower()) for path in known)
    findings.check(max(stems.values(), default=1) == 1, f"images share a label file: {[s for s, n in stems.items() if n > 1]}")
    for path, number in known.items():
        split = truth.images[number].get("split")
        findings.check(split in (None, path.parent.name), f"{path.name} is in {path.parent.name}, not {split}")
        label = root / "labels" / path.parent.name / f"{path.stem}.txt"
        if findings.check(label.exists(), f"{path.name} has no label file"):
            rows = [list(map(float, line.split())) for line in label.read_text(encoding="ascii").splitlines()]
            findings.check(len({tuple(row) for row in rows}) == len(rows), f"{label.name} has a line twice")
            compare(truth, number, rows, findings, task, data)
    findings.check(len(list((root / "labels").rglob("*.txt"))) == len(known), "label files without an image")
    if importlib.util.find_spec("ultralytics"):
        load(root, data, task, {path: number for path, number in known.items()}, truth, findings)


def compare(truth, number, rows, findings, task, data):
    width, height = truth.size(number)
    scale = np.array([width, height])
    image = truth.images[number]
    wanted = [a for a in truth.annotations[number] if a["type"] in TYPES[task] and not a.get("iscrowd")]
    if task == "pose":
        wanted = [a for a in wanted if len(a["keypoints"]) == 3 * data["kpt_shape"][0]]
    for index, name in enumerate(truth.names):
        where = f"{image['set']}/{image['file']} [{name}]"
        source = [a for a in wanted if a["name"] == name]
        mine = [np.array(row[1:]) for row in rows if row[0] == index]
        findings.check(all(((row >= 0) & ((row <= 1) | (task == "pose"))).all() for row in mine), f"{where}: a coordinate outside the image")
        if task in ("detect", "pose"):
            boxes = [[*((row[:2] - row[2:4] / 2) * scale), *(row[2:4] * scale)] for row in mine]
        if task == "detect":
            unique = []
            for box in (clip(truth.box(number, a), width, height) for a in source):
                if box[2] > 0 and box[3] > 0 and not any(box_distance(box, other) < 1e-3 for other in unique):
                    unique.append(box)
            match(unique, boxes, box_distance, "boxes, px", HALF, findings, where)
        elif task == "pose":
            points = [row[4:].reshape(-1, 3) * [width, height, 1] for row in mine]
            match([np.reshape(a["keypoints"], (-1, 3)) for a in source], points,
                  lambda a, b: max(float(np.abs(a[a[:, 2] > 0] - b[a[:, 2] > 0])[:, :2].max(initial=0)), 99.0 * (a[:, 2] != b[:, 2]).any()), "keypoints, px", HALF, findings, where)
            match([clip(truth.box(number, a), width, height) for a in source], boxes, box_distance, "boxes of poses, px", HALF, findings, where)
        elif task == "obb":
            quads = [row.reshape(-1, 2) * scale for row in mine]
            turned = [corners(a).clip(0, scale) for a in source if a["type"] == "BBOX"]
            left = list(range(len(quads)))
            for box in {tuple(box.reshape(-1)) for box in turned}:
                distance, nearest = min(((outline_distance(box, quads[i]), i) for i in left), default=(np.inf, None))
                findings.measure("turned boxes, px", distance, HALF, where)
                if nearest is not None:
                    left.remove(nearest)
        else:
            segments(truth, number, source, [row.reshape(-1, 2) * scale for row in mine], findings, where)


def segments(truth, number, source, outlines, findings, where):
    """One row for each: polygons of one part by their vertices, all else by the pixels."""
    width, height = truth.size(number)
    left = list(range(len(outlines)))
    findings.check(len(left) == len(source), f"{where}: {len(left)} outlines, not {len(source)}")
    single = [a for a in source if a["type"] == "POLYGON" and len(a["polygons"]) == 1]
    for entry in single:
        points = np.reshape(entry["polygons"][0], (-1, 2))
        if (points < -1).any() or (points > [width + 1, height + 1]).any():
            single.remove(entry)
            continue
        distance, nearest = min(((point_distance(points.clip(0, [width, height]), outlines[i]), i) for i in left), default=(np.inf, None))
        findings.measure("vertices, px", distance, HALF, where)
        if nearest is not None:
            left.remove(nearest)
    rest = [a for a in source if a not in single]
    if rest and left:
        rows = [tools.merge(tools.frPyObjects([outlines[i].reshape(-1).tolist()], height, width)) for i in left]
        match([truth.mask(number, a) for a in rest], rows, lambda a, b: 1 - iou(a, b), "outlines, 1 - IoU", 0.01, findings, where)


def load(root, data, task, known, truth, findings):
    """Every image must be taken by the trainer's own loader, without a word."""
    os.environ["YOLO_OFFLINE"], os.environ["YOLO_AUTOINSTALL"] = "true", "false"
    from ultralytics.data.dataset import YOLODataset
    from ultralytics.data.utils import check_det_dataset
    from ultralytics.utils import LOGGER

    LOGGER.setLevel("ERROR")
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        # It repairs pictures and writes caches where they lie.
        copy = Path(folder) / "copy"
        shutil.copytree(root, copy)
        described = check_det_dataset(str(copy / "data.yaml"), autodownload=False)
        seen = {}
        for split in ("train", "val", "test"):
            if described.get(split) and data[split] == f"images/{split}":
                loaded = YOLODataset(img_path=described[split], data=dict(described), task=task, imgsz=640, augment=False, cache=False)
                cache = np.load(next((copy / "labels").rglob(f"{split}.cache")), allow_pickle=True).item()
                for message in cache["msgs"]:
                    findings.check(False, f"ultralytics says: {message}")
                for label in loaded.labels:
                    seen[Path(label["im_file"]).relative_to(copy).as_posix()] = label
    for path, number in known.items():
        label = seen.get(path.relative_to(root).as_posix())
        if findings.check(label is not None, f"ultralytics does not take {path.name}"):
            width, height = truth.size(number)
            findings.check(tuple(label["shape"]) == (height, width), f"ultralytics sees {path.name} with the size {label['shape']}")
            findings.compared["images in ultralytics' loader"] += 1
