"""A COCO package against the sets: every annotation, and COCO's own evaluation of the package against itself."""
import contextlib
import io
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
from pycocotools import mask as tools
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from image_truth import box_distance, corners, iou, match, outline_distance, point_distance

EXACT = 1e-3


def quiet():
    return contextlib.redirect_stdout(io.StringIO())


def load(root):
    """The documents of COCO below a folder."""
    documents = {}
    for path in sorted(Path(root).rglob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(document, dict) and {"images", "annotations", "categories"} <= set(document) and "schema" not in document:
            documents[path] = document
    return documents


def run_lengths(segmentation, height, width):
    if isinstance(segmentation, list):
        return tools.merge(tools.frPyObjects(segmentation, height, width))
    if isinstance(segmentation["counts"], list):
        return tools.frPyObjects(segmentation, height, width)
    return {**segmentation, "counts": segmentation["counts"].encode()}


def check(truth, root, findings, pictures=True):
    documents = load(root)
    if not findings.check(documents, "no document of COCO"):
        return
    known = truth.identify(root, findings, complete=pictures) if pictures else {}
    found, listed = defaultdict(list), defaultdict(set)
    for path, document in documents.items():
        numbers = {}
        for table in ("images", "annotations", "categories"):
            ids = [entry["id"] for entry in document[table]]
            findings.check(len(set(ids)) == len(ids) and all(isinstance(i, int) and i >= 1 for i in ids), f"{path.name}: ids of {table} are not unique from 1")
        names = {entry["id"]: entry["name"] for entry in document["categories"]}
        findings.check(list(names.values()) == truth.names and list(names) == list(range(1, len(names) + 1)), f"{path.name}: categories {names}")
        for entry in document["categories"]:
            source = truth.categories.get(entry["name"], {})
            for key in ("keypoints", "skeleton"):
                findings.check((entry.get(key) or []) == (source.get(key) or []), f"{path.name}: {key} of {entry['name']}")
        for entry in document["images"]:
            place = next((p for p in (Path(root) / "images" / entry["file_name"], Path(root) / entry["file_name"]) if p in known), None)
            number = known.get(place)
            if number is None and not pictures:
                paths = [image["file"].removeprefix("images/") for image in truth.images]
                number = next((i for i, path in enumerate(paths) if entry["file_name"] in (path, f"{truth.images[i]['set']}/{path}")), None)
            if findings.check(number is not None, f"{path.name}: {entry['file_name']} is no image of the sets"):
                numbers[entry["id"]] = number
                listed[number].add(path.name)
                findings.check((entry["width"], entry["height"]) == truth.size(number), f"{entry['file_name']}: its size")
        for entry in document["annotations"]:
            missing = {"bbox", "area", "iscrowd", "segmentation"} - set(entry)
            findings.check(not missing, f"annotation {entry['id']} has no {missing}")
            if entry["image_id"] in numbers:
                found[numbers[entry["image_id"]]].append({**entry, "name": names[entry["category_id"]]})
        evaluate(path, document, findings)
    for number, image in enumerate(truth.images):
        findings.check(listed[number], f"{image['set']}/{image['file']} is in no document")
    for number in range(len(truth.images)):
        compare(truth, number, found[number], findings)


def compare(truth, number, found, findings):
    width, height = truth.size(number)
    image = truth.images[number]
    for name in {a["name"] for a in truth.annotations[number]} | {a["name"] for a in found}:
        where = f"{image['set']}/{image['file']} [{name}]"
        source = [a for a in truth.annotations[number] if a["name"] == name]
        mine = [a for a in found if a["name"] == name]
        posed = [a for a in mine if "keypoints" in a]
        match([a for a in source if a["type"] == "KEYPOINT"], posed,
              lambda a, b: float(np.abs(np.subtract(a["keypoints"], b["keypoints"])).max()) if len(a["keypoints"]) == len(b["keypoints"]) else np.inf,
              "keypoints", EXACT, findings, where)
        for entry in posed:
            findings.check(entry["num_keypoints"] == sum(v > 0 for v in entry["keypoints"][2::3]), f"{where}: num_keypoints")
        rest = [a for a in mine if "keypoints" not in a]
        boxes = [a for a in source if a["type"] == "BBOX"]
        turned = [a for a in boxes if a.get("rotation")]
        quads = [a for a in rest if isinstance(a["segmentation"], list) and len(a["segmentation"]) == 1 and len(a["segmentation"][0]) == 8
                 and any(outline_distance(corners(b), a["segmentation"][0]) < EXACT for b in turned)]
        rest = [a for a in rest if a not in quads]
        for entry in quads:
            findings.measure("turned boxes", min(outline_distance(corners(b), entry["segmentation"][0]) for b in turned), EXACT, where)
        match([a for a in boxes if a not in turned or not quads], [a for a in rest if not a["segmentation"]],
              lambda a, b: box_distance(truth.box(number, a), b["bbox"]), "boxes", EXACT, findings, where)
        match([a for a in source if a["type"] == "POLYGON"], [a for a in rest if a["segmentation"] and isinstance(a["segmentation"], list)],
              lambda a, b: max(map(point_distance, a["polygons"], b["segmentation"])) if len(a["polygons"]) == len(b["segmentation"]) else np.inf,
              "polygons", EXACT, findings, where)
        masks = [a for a in rest if isinstance(a["segmentation"], dict)]
        match([a for a in source if a["type"] == "SEGMENTATION"], masks,
              lambda a, b: 1 - iou(truth.mask(number, a), run_lengths(b["segmentation"], height, width)) + (bool(a.get("iscrowd")) != bool(b["iscrowd"])),
              "masks, 1 - IoU", 0, findings, where)
        for entry in rest:
            if entry["segmentation"] and entry not in quads:
                runs = run_lengths(entry["segmentation"], height, width)
                area, edge = float(tools.area(runs)), 4 + 2 * sum(entry["bbox"][2:])
                # A polygon of one part has the area between its corners, which differs from that of its pixels along its edge.
                allowed = edge if isinstance(entry["segmentation"], list) and len(entry["segmentation"]) == 1 else 0
                findings.check(abs(entry["area"] - area) <= allowed, f"{where}: area {entry['area']}, not {area}")


def evaluate(path, document, findings):
    """COCO's evaluation of the annotations against themselves: average precision is exactly 1."""
    groups = defaultdict(list)
    for entry in document["annotations"]:
        if not entry["iscrowd"]:
            groups["bbox", 0].append(entry)
            if entry["segmentation"]:
                groups["segm", 0].append(entry)
            if entry.get("num_keypoints"):
                groups["keypoints", len(entry["keypoints"]) // 3].append(entry)
    for (kind, count), entries in groups.items():
        with quiet():
            whole = COCO()
            categories = {entry["category_id"] for entry in entries}
            whole.dataset = {"info": {}, "images": document["images"], "categories": [c for c in document["categories"] if c["id"] in categories], "annotations": [dict(e) for e in entries]}
            whole.createIndex()
            guesses = [{"image_id": e["image_id"], "category_id": e["category_id"], "score": 1.0,
                        **({"bbox": e["bbox"]} if kind == "bbox" else {"segmentation": whole.annToRLE(e)} if kind == "segm" else {"keypoints": e["keypoints"]})} for e in entries]
            evaluation = COCOeval(whole, whole.loadRes(guesses), kind)
            evaluation.params.maxDets = [1, 10, 1000] if kind != "keypoints" else [1000]
            if count:
                evaluation.params.kpt_oks_sigmas = np.full(count, 0.05)
            evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
            evaluation.evaluate()
            evaluation.accumulate()
        precision = evaluation.eval["precision"][..., -1]
        average = precision[precision > -1].mean()
        findings.measure(f"AP of {kind}, 1 - AP", float(1 - average), 1e-12, path.name)
