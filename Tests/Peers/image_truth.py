"""What image sets hold, read without exportd: the truth that packages of images are compared with."""
import hashlib
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
from pycocotools import mask as tools

PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


class Findings:
    """What is wrong, and what was compared."""

    def __init__(self):
        self.problems, self.compared, self.worst = [], defaultdict(int), defaultdict(float)

    def check(self, holds, problem):
        if not holds:
            self.problems.append(problem)
        return holds

    def measure(self, what, distance, allowed, where):
        self.compared[what] += 1
        self.worst[what] = max(self.worst[what], distance)
        self.check(distance <= allowed, f"{where}: {what} off by {distance:.4g}, more than {allowed}")


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


class Truth:
    """One or several sets, as one: annotations by image, images by the hash of their bytes."""

    def __init__(self, folders, types=None):
        self.images, self.by_hash, self.annotations, self.names, self.categories = [], defaultdict(list), defaultdict(list), [], {}
        for folder in map(Path, folders):
            document = json.loads((folder / "annotations.json").read_text(encoding="utf-8"))
            names = {}
            for entry in document["categories"]:
                names[entry["id"]] = entry["name"]
                if entry["name"] not in self.categories:
                    self.names.append(entry["name"])
                    self.categories[entry["name"]] = entry
            numbers = {}
            for entry in document["images"]:
                numbers[entry["id"]] = len(self.images)
                self.images.append({**entry, "set": folder.name, "path": folder / entry["file"]})
                self.by_hash[sha256(folder / entry["file"])].append(numbers[entry["id"]])
            for entry in document["annotations"]:
                if types is None or entry["type"] in types:
                    self.annotations[numbers[entry["image_id"]]].append({**entry, "name": names[entry["category_id"]]})

    def size(self, image):
        return self.images[image]["width"], self.images[image]["height"]

    def mask(self, image, annotation):
        """The run lengths of a polygon or mask; None for all else."""
        width, height = self.size(image)
        if annotation["type"] == "POLYGON":
            return tools.merge(tools.frPyObjects(annotation["polygons"], height, width))
        if annotation["type"] != "SEGMENTATION":
            return None
        counts = annotation["rle"]["counts"]
        if isinstance(counts, list):
            return tools.frPyObjects(annotation["rle"], height, width)
        return {"size": annotation["rle"]["size"], "counts": counts.encode()}

    def box(self, image, annotation):
        """The upright box [x, y, w, h] around an annotation; None for points and lines."""
        kind = annotation["type"]
        if kind == "BBOX":
            points = corners(annotation)
        elif kind == "KEYPOINT" and annotation.get("bbox"):
            return list(annotation["bbox"])
        elif kind == "KEYPOINT":
            points = np.reshape(annotation["keypoints"], (-1, 3))
            points = points[points[:, 2] > 0][:, :2]
        elif kind == "POLYGON":
            points = np.concatenate([np.reshape(part, (-1, 2)) for part in annotation["polygons"]])
        elif kind == "SEGMENTATION":
            return list(map(float, tools.toBbox(self.mask(image, annotation))))
        else:
            return None
        return [*points.min(0), *(points.max(0) - points.min(0))]

    def identify(self, root, findings, complete=True):
        """Which image of the truth each picture below a folder is, by its bytes; each is to be there once."""
        found = {}
        for path in sorted(Path(root).rglob("*")):
            if path.suffix.lower() in PICTURES and not path.parent.name.startswith("Segmentation"):
                candidates = self.by_hash.get(sha256(path))
                if findings.check(candidates, f"{path.relative_to(root)}: its bytes are those of no image of the sets"):
                    found[path] = candidates[0]
        if complete:
            count = defaultdict(int)
            for image in found.values():
                count[image] += 1
            for number, image in enumerate(self.images):
                findings.check(count[number] == 1, f"{image['set']}/{image['file']} is {count[number]} times in the package")
        return found


def corners(annotation):
    """The corners of a box that may be turned, clockwise."""
    x, y, width, height = annotation["bbox"]
    angle = np.deg2rad(annotation.get("rotation", 0))
    offsets = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return offsets @ turn + [x + width / 2, y + height / 2]


def clip(box, width, height):
    """What of a box lies in the image."""
    left, top = max(0, box[0]), max(0, box[1])
    return [left, top, min(width, box[0] + box[2]) - left, min(height, box[1] + box[3]) - top]


def box_distance(a, b):
    """The farthest that two boxes' edges lie apart."""
    return max(abs(a[0] - b[0]), abs(a[1] - b[1]), abs(a[0] + a[2] - b[0] - b[2]), abs(a[1] + a[3] - b[1] - b[3]))


def point_distance(a, b):
    a, b = np.reshape(a, (-1, 2)), np.reshape(b, (-1, 2))
    return float(np.abs(a - b).max()) if a.shape == b.shape else np.inf


def outline_distance(a, b):
    """The same for closed outlines that may begin anywhere, either way around."""
    a, b = np.reshape(a, (-1, 2)), np.reshape(b, (-1, 2))
    if a.shape != b.shape:
        return np.inf
    return float(min(np.abs(a - np.roll(other, shift, 0)).max() for other in (b, b[::-1]) for shift in range(len(b))))


def iou(a, b):
    return float(tools.iou([a], [b], [0])[0][0])


def match(truth, found, distance, what, allowed, findings, where):
    """Pairs what should be there with what is, so that the distances are least."""
    from scipy.optimize import linear_sum_assignment

    findings.check(len(truth) == len(found), f"{where}: {len(found)} of {what}, not {len(truth)}")
    if truth and found:
        costs = np.array([[min(distance(a, b), 1e9) for b in found] for a in truth])
        for row, column in zip(*linear_sum_assignment(costs)):
            findings.measure(what, float(costs[row, column]), allowed, where)
