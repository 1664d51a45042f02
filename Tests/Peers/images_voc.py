"""A Pascal VOC package against the sets, by the rules of its development kit, and in datumaro and supervision where installed."""
import contextlib
import importlib.util
import io
import logging
import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as tools

from image_truth import clip, match

TYPES = ("BBOX", "POLYGON", "SEGMENTATION", "KEYPOINT")


def kit_box(box, width, height):
    """xmin, ymin, xmax, ymax as the kit counts: from 1, both ends included."""
    x, y, w, h = clip(box, width, height)
    return [math.floor(x) + 1, math.floor(y) + 1, math.ceil(x + w), math.ceil(y + h)]


def check(truth, root, findings, pictures=True):
    root = Path(root)
    known = truth.identify(root / "JPEGImages", findings)
    stems = {path.stem: number for path, number in known.items()}
    files = {path.stem: path for path in (root / "Annotations").iterdir()}
    findings.check(set(stems) == set(files), f"XML and images differ: {sorted(set(stems) ^ set(files))}")
    findings.check(len({stem.lower() for stem in stems}) == len(known), "images share a name")
    for path, number in known.items():
        compare(truth, number, path, files.get(path.stem), findings)
    lists(truth, root, stems, findings)
    colours = {}
    for line in (root / "labelmap.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, colour, _, _ = line.rsplit(":", 3)
            colours[tuple(map(int, colour.split(",")))] = name
    findings.check([*colours.values()] == ["background", *truth.names], f"labelmap.txt: {[*colours.values()]}")
    for stem, number in stems.items():
        painted(truth, number, root, stem, colours, findings)
    if importlib.util.find_spec("datumaro"):
        readers(root, len(known), findings)


def compare(truth, number, path, file, findings):
    image = truth.images[number]
    document = ElementTree.parse(file).getroot()
    width, height = truth.size(number)
    findings.check(document.findtext("filename") == path.name, f"{file.name}: filename")
    findings.check((document.findtext("size/width"), document.findtext("size/height"), document.findtext("size/depth")) == (str(width), str(height), "3"), f"{file.name}: size")
    found = [(o.findtext("name"), [int(o.findtext(f"bndbox/{key}")) for key in ("xmin", "ymin", "xmax", "ymax")], o) for o in document.iter("object")]
    for name in {a["name"] for a in truth.annotations[number]} | {name for name, _, _ in found}:
        where = f"{image['set']}/{image['file']} [{name}]"
        source = [a for a in truth.annotations[number] if a["name"] == name and a["type"] in TYPES]
        match([kit_box(truth.box(number, a), width, height) for a in source], [box for other, box, _ in found if other == name],
              lambda a, b: float(np.abs(np.subtract(a, b)).max()), "boxes by the kit's rule, px", 0, findings, where)
        for key in ("difficult", "occluded"):
            expected = sum(bool(a.get("attributes", {}).get(key)) or (key == "difficult" and bool(a.get("iscrowd"))) for a in source)
            findings.check(expected == sum(o.findtext(key) == "1" for other, _, o in found if other == name), f"{where}: {key}")


def lists(truth, root, stems, findings):
    sets = {path.stem: path.read_text(encoding="utf-8").splitlines() for path in (root / "ImageSets" / "Main").iterdir() if path.stem in ("train", "val", "test")}
    expected = {name: {stem for stem, number in stems.items() if truth.images[number].get("split", "train") in splits}
                for name, splits in {"train": ["train"], "val": ["val"], "test": ["test"]}.items()}
    for name, content in expected.items():
        findings.check(set(sets.get(name, [])) == content and len(sets.get(name, [])) == len(content), f"ImageSets/Main/{name}.txt")
    findings.check(all(len(stem.split()) == 1 for stem in stems), "a name with a space, which lists are read apart at")
    for number, name in enumerate(truth.names):
        path = root / "ImageSets" / "Main" / f"{name.replace(' ', '_')}_train.txt"
        if findings.check(path.exists(), f"{path.name} is missing"):
            for line in path.read_text(encoding="utf-8").splitlines():
                stem, mark = line.split()
                there = any(a["name"] == name and a["type"] in TYPES for a in truth.annotations[stems[stem]])
                findings.check((mark != "-1") == there, f"{path.name}: {line}")


def painted(truth, number, root, stem, colours, findings):
    """Each pixel of the painted masks: the smallest thing that covers it."""
    areas = [a for a in truth.annotations[number] if a["type"] in ("POLYGON", "SEGMENTATION") and not a.get("iscrowd")]
    files = [root / kind / f"{stem}.png" for kind in ("SegmentationClass", "SegmentationObject")]
    if not areas:
        return findings.check(not any(file.exists() for file in files), f"{stem}: painted, and nothing to paint")
    if not findings.check(all(file.exists() for file in files), f"{stem}: not painted"):
        return None
    pictures = [Image.open(file) for file in files]
    classes, things = map(np.array, pictures)
    width, height = truth.size(number)
    findings.check(all(p.mode == "P" for p in pictures) and classes.shape == things.shape == (height, width), f"{stem}: no palette pictures of the image's size")
    palette = np.reshape(pictures[0].getpalette() + [0] * 768, (-1, 3))
    order = sorted(areas, key=lambda a: -int(tools.area(truth.mask(number, a))))
    expected = np.zeros((height, width), object)
    expected[:] = "background"
    instance = np.zeros((height, width), int)
    for index, entry in enumerate(order, 1):
        inside = tools.decode(truth.mask(number, entry)).astype(bool)
        expected[inside], instance[inside] = entry["name"], index
    names = np.array([colours.get(tuple(map(int, palette[value])), "?") for value in range(256)], object)[classes]
    findings.measure("painted classes, wrong pixels", float((names != expected).sum()), 0, stem)
    pairs = {(int(a), int(b)) for a, b in zip(instance.reshape(-1), things.reshape(-1))}
    findings.measure("painted things, wrong pixels", 0.0 if len(pairs) == len(set(instance.reshape(-1))) == len(set(things.reshape(-1))) else 1.0, 0, stem)
    return None


def readers(root, count, findings):
    import datumaro
    import supervision

    logging.disable(logging.CRITICAL)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        items = len(datumaro.Dataset.import_from(str(root), "voc_detection"))
        images = len(supervision.DetectionDataset.from_pascal_voc(str(root / "JPEGImages"), str(root / "Annotations")))
    logging.disable(logging.NOTSET)
    findings.check(items == count, f"datumaro sees {items} images of {count}")
    findings.check(images == count, f"supervision sees {images} images of {count}")
    findings.compared["images in datumaro and supervision"] += count
