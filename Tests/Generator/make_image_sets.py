#!/usr/bin/env python3
"""Make image sets as the store holds them: a folder with images/, annotations.json and dataset.yaml each.

    make_image_sets.py OUT [--sets photographs,drawn,broken,shapes]

  photographs   pictures that scikit-image brings, with annotations of all six types: boxes, also out of the image by a part of a pixel;
                keypoints of two classes; polygons of one part and of several; masks, one with a hole and one of a crowd; a JPEG that is
                to be turned; names with spaces and in other scripts; an image without annotations; three splits
  drawn         drawn pictures whose names collide with those of `photographs` and with each other, turned boxes, overlapping masks
  shapes        eight small drawn pictures with annotations of all six types: what lies in examples/store
  broken        what goes wrong: an empty file, one that is no picture, one that is cut off, one that is missing, shapes outside the
                image and shapes that are none, and an image too small for a trainer

The same options give the same bytes.
"""
import argparse
import hashlib
import io
import json
from pathlib import Path

import cv2
import numpy as np
import skimage
from PIL import Image
from pycocotools import mask as tools

PERSON = {
    "keypoints": ["nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
                  "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle"],
    "skeleton": [[16, 14], [14, 12], [17, 15], [15, 13], [12, 13], [6, 12], [7, 13], [6, 7], [6, 8], [7, 9], [8, 10], [9, 11], [2, 3],
                 [1, 2], [1, 3], [2, 4], [3, 5], [4, 6], [5, 7]],
    "flip_idx": [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15],
}


def rle(mask, compressed=True):
    encoded = tools.encode(np.asfortranarray(mask.astype(np.uint8)))
    if compressed:
        return {"size": list(encoded["size"]), "counts": encoded["counts"].decode()}
    flat = mask.astype(np.uint8).T.reshape(-1)
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    return {"size": list(mask.shape), "counts": runs if flat[0] == 0 else [0, *runs]}


def ellipse(height, width, cx, cy, rx, ry, turn=0):
    canvas = np.zeros((height, width), np.uint8)
    cv2.ellipse(canvas, (int(cx), int(cy)), (int(rx), int(ry)), turn, 0, 360, 1, -1)
    return canvas.astype(bool)


def ring(cx, cy, rx, ry, points, wobble=0.0, phase=0.0):
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False) + phase
    reach = 1 + wobble * np.sin(5 * angle)
    return [round(float(v), 3) for x, y in zip(cx + rx * reach * np.cos(angle), cy + ry * reach * np.sin(angle)) for v in (x, y)]


class ImageSet:
    """An image set under construction."""

    def __init__(self, folder, identifier, categories, **description):
        self.folder = Path(folder)
        (self.folder / "images").mkdir(parents=True)
        self.document = {
            "schema": "image-annotations/1",
            "dataset": {"id": identifier, "name": identifier, "project": description.get("project", "vision"), "created_at": "2026-03-05T09:00:00Z", "license": "CC0-1.0"},
            "categories": [{"id": 10 * number, **({"name": entry} if isinstance(entry, str) else entry)} for number, entry in enumerate(categories, 1)],
            "images": [],
            "annotations": [],
        }
        self.ids = {entry["name"]: entry["id"] for entry in self.document["categories"]}
        (self.folder / "dataset.yaml").write_text(json.dumps({"project": "vision", "annotator": "alice", "review": "passed", **description}) + "\n", encoding="utf-8")

    def image(self, name, data, width, height, split=None, **more):
        path = self.folder / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if data is not None:
            path.write_bytes(data)
            more["sha256"] = hashlib.sha256(data).hexdigest()
        entry = {"id": 100 + len(self.document["images"]), "file": f"images/{name}", "width": width, "height": height, **more}
        if split:
            entry["split"] = split
        self.document["images"].append(entry)
        return entry["id"]

    def add(self, image, category, kind, **geometry):
        number = len(self.document["annotations"]) + 1
        self.document["annotations"].append({
            "id": number, "image_id": image, "category_id": self.ids[category], "type": kind, **geometry,
            "annotator": geometry.pop("annotator", "alice"), "quality": "good", "created_at": "2026-03-05T10:00:00Z"})

    def finish(self):
        text = json.dumps(self.document, ensure_ascii=False, indent=None, separators=(",", ":"))
        (self.folder / "annotations.json").write_text(text, encoding="utf-8")


def png(pixels):
    return cv2.imencode(".png", pixels[..., ::-1] if pixels.ndim == 3 else pixels, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()


def jpeg(pixels, orientation=None):
    out = io.BytesIO()
    image = Image.fromarray(pixels)
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    image.save(out, "JPEG", quality=88, **({"exif": exif} if orientation else {}))
    return out.getvalue()


def photographs(folder):
    made = ImageSet(folder / "photographs", "photographs", [
        {"name": "person", "supercategory": "animal", **PERSON}, "cup", "cat", "spoon",
        {"name": "hand", "keypoints": ["tip", "base"], "skeleton": [[1, 2]], "flip_idx": [0, 1]}, "coin", "läufer 人", "road"], tags=["photo"])

    astronaut = skimage.data.astronaut()
    height, width = astronaut.shape[:2]
    image = made.image("people/astronaut.jpg", jpeg(astronaut), width, height, "train")
    places = [(222, 112, 2), (240, 98, 2), (204, 98, 2), (262, 112, 1), (186, 110, 2), (300, 220, 2), (130, 228, 2), (350, 330, 2), (92, 340, 1),
              (340, 430, 2), (120, 440, 2), (270, 480, 1), (180, 482, 1)] + [(0, 0, 0)] * 4
    made.add(image, "person", "KEYPOINT", keypoints=[v for point in places for v in point], bbox=[66.5, 20.25, 320.5, 491.5])
    made.add(image, "person", "BBOX", bbox=[66.5, 20.25, 320.5, 491.75], attributes={"occluded": True, "truncated": True, "difficult": False})
    made.add(image, "person", "BBOX", bbox=[300.25, 400.5, 212.14, 111.64])  # 0.39 px out at the right, 0.14 at the bottom
    made.add(image, "person", "KEYPOINT", keypoints=[v for x, y, s in places for v in ((x + 3.25, y + 1.5, s) if s else (0, 0, 0))])
    made.add(image, "läufer 人", "POINT", point=[222.5, 112.25])
    made.add(image, "road", "POLYLINE", polyline=[10.5, 500.25, 100, 470, 200.75, 505])

    coffee = skimage.data.coffee()
    height, width = coffee.shape[:2]
    image = made.image("coffee cup.png", png(coffee), width, height, "train")
    saucer, inner = ellipse(height, width, 300, 210, 220, 160), ellipse(height, width, 300, 195, 120, 95)
    made.add(image, "cup", "SEGMENTATION", rle=rle(saucer & ~inner))  # with a hole
    made.add(image, "cup", "POLYGON", polygons=[ring(300.4, 195.7, 121.3, 96.2, 60)])
    made.add(image, "spoon", "POLYGON", polygons=[[410.25, 250.5, 470.75, 300.25, 460.5, 312.75, 402, 262.5], [480.5, 315.25, 540.75, 350.5, 520.25, 372.5, 472, 330], [548.5, 358, 590.25, 380.5, 560.5, 390]])
    made.add(image, "cup", "BBOX", bbox=[80, 50, 440, 320], attributes={"difficult": True})

    cat = skimage.data.chelsea()
    height, width = cat.shape[:2]
    image = made.image("ねこ 猫.jpg", jpeg(cat), width, height, "val", captured_at="2026-03-01T08:00:00Z", attributes={"group": "cats"})
    made.add(image, "cat", "SEGMENTATION", rle=rle(ellipse(height, width, 225, 150, 170, 130, 20), compressed=False))
    made.add(image, "cat", "POLYGON", polygons=[ring(225, 150, 150.5, 110.25, 240, 0.08)])
    made.add(image, "cat", "BBOX", bbox=[55.5, 20.5, 340.25, 260.75])
    made.add(image, "läufer 人", "BBOX", bbox=[0, 0, 12.5, 14.25])

    coins = skimage.data.coins()
    height, width = coins.shape
    image = made.image("coins.png", png(coins), width, height, "train")
    for row in range(3):
        for column in range(5):
            made.add(image, "coin", "BBOX", bbox=[20.25 + 70 * column, 30.5 + 80 * row, 44.5, 45.25])
    made.add(image, "coin", "SEGMENTATION", rle=rle(ellipse(height, width, 190, 250, 180, 30)), iscrowd=1)

    # Taken upright, stored lying: the camera says with orientation 6 that it is to be turned to the right.
    portrait = astronaut[:, 100:400]
    height, width = portrait.shape[:2]
    image = made.image("turned.jpg", jpeg(np.ascontiguousarray(np.rot90(portrait, 1)), 6), width, height, "val")
    made.add(image, "person", "BBOX", bbox=[20.5, 25.75, 240, 480])
    made.add(image, "person", "POLYGON", polygons=[ring(125, 130, 70, 95, 40)])
    made.add(image, "hand", "KEYPOINT", keypoints=[60.5, 420.25, 2, 90.75, 440.5, 1], bbox=[50, 410, 60, 45.5])

    camera = skimage.data.camera()
    height, width = camera.shape
    image = made.image("camera.png", png(camera), width, height, "test")
    made.add(image, "person", "POLYGON", polygons=[[180.5, 70.25, 280, 75.5, 310.25, 300, 250.5, 480.5, 150, 470, 100.75, 250]])
    made.add(image, "hand", "KEYPOINT", keypoints=[260.25, 170.5, 2, 280, 200.75, 2], bbox=[255.25, 165, 30, 41.25])
    motorcycle = cv2.imread(str(Path(skimage.data.__file__).parent / "motorcycle_left.png"))[..., ::-1]
    height, width = motorcycle.shape[:2]
    image = made.image("deep/er/moto rcycle.jpg", jpeg(np.ascontiguousarray(motorcycle)), width, height, "test")
    made.add(image, "road", "BBOX", bbox=[80.25, 90.5, 520.75, 360.5])
    horse = (~skimage.data.horse()).astype(np.uint8) * 255 if skimage.data.horse().dtype == bool else skimage.data.horse()
    made.image("empty.png", png(horse), horse.shape[1], horse.shape[0], "train")  # looked at, and nothing there
    made.finish()


def picture(width, height, seed, shapes=()):
    """A drawn picture: a ramp with shapes on it, small as a PNG."""
    y, x = np.mgrid[0:height, 0:width]
    base = np.stack([(x * 255 // max(1, width - 1)) // 32 * 32, (y * 255 // max(1, height - 1)) // 32 * 32, np.full_like(x, 40 + 37 * seed % 160)], -1).astype(np.uint8)
    canvas = np.ascontiguousarray(base)
    for number, points in enumerate(shapes):
        cv2.fillPoly(canvas, [np.round(np.reshape(points, (-1, 2))).astype(np.int32)], ((90 * number + 200) % 256, (50 * number + 220) % 256, (170 * number + 60) % 256))
    return canvas


def turned(box, degrees):
    x, y, w, h = box
    angle = np.deg2rad(degrees)
    corners = np.array([[-w / 2, -h / 2], [w / 2, -h / 2], [w / 2, h / 2], [-w / 2, h / 2]])
    return corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) + [x + w / 2, y + h / 2]


def drawn(folder):
    made = ImageSet(folder / "drawn", "drawn", ["box", "cup", "blob", {"name": "stick", "keypoints": ["tail", "head"], "skeleton": [[1, 2]], "flip_idx": [0, 1]}], annotator="bob", tags=["drawn"])
    # Names that other images have, in other folders, extensions and capitals.
    for number, name in enumerate(["coins.png", "a/Coins.PNG", "b/coins.jpg", "turned.jpg", "coffee_cup.png"]):
        box, angle = [30.5 + 4 * number, 40.25, 60.5, 24.75], 0 if number == 1 else 17.5 * (number + 1)
        canvas = picture(160, 120, number, [turned(box, angle)])
        image = made.image(name, png(canvas) if name.lower().endswith("png") else jpeg(canvas), 160, 120, "val" if number == 3 else "train")
        made.add(image, "box", "BBOX", bbox=box, **({"rotation": angle} if angle else {}))
        made.add(image, "stick", "KEYPOINT", keypoints=[100.5, 20.25, 2, 130.75, 90.5, 1 + number % 2])
        made.add(image, "blob", "POLYGON", polygons=[ring(100, 80, 30, 20, 12, 0.1, number)])
        made.add(image, "blob", "SEGMENTATION", rle=rle(ellipse(120, 160, 90, 75, 40, 30) & ~ellipse(120, 160, 80, 70, 10, 8)))
        made.add(image, "cup", "POINT", point=[5.5, 6.5])
    # Parts that overlap each other, and a box that is there twice.
    image = made.image("Überlappung.png", png(picture(160, 120, 9)), 160, 120, "train")
    made.add(image, "blob", "POLYGON", polygons=[[10, 10, 90, 10, 90, 70, 10, 70], [60, 40, 140, 40, 140, 110, 60, 110]])
    made.add(image, "cup", "BBOX", bbox=[20, 20, 40, 30])
    made.add(image, "cup", "BBOX", bbox=[20, 20, 40, 30])
    made.finish()


def shapes(folder):
    made = ImageSet(folder / "drawn_shapes", "drawn_shapes", ["box", "disc", "ring", {"name": "arrow", "keypoints": ["tail", "head"], "skeleton": [[1, 2]], "flip_idx": [0, 1]}, "wire"],
                    project="shapes", quality={"level": "good", "score": 84}, task="Drawn shapes on a coloured ground")
    width, height = 160, 120
    for number in range(8):
        canvas = picture(width, height, number)
        things = []
        box, angle = [18.5 + 3 * number, 20.25, 48.5, 26.75], 0 if number % 2 else 12.5 * number
        cv2.fillPoly(canvas, [np.round(turned(box, angle)).astype(np.int32)], (230, 120, 60))
        things.append(("box", "BBOX", {"bbox": box, **({"rotation": angle} if angle else {})}))
        if number % 2 == 0:
            hole = ellipse(height, width, 112, 76, 30, 26) & ~ellipse(height, width, 112, 76, 13, 11)
            canvas[hole] = (60, 190, 220)
            things.append(("ring", "SEGMENTATION", {"rle": rle(hole)}))
        else:
            parts = [ring(104, 40, 18, 15, 14, 0, number), ring(132, 84, 15, 20, 14, 0, number)]
            for part in parts:
                cv2.fillPoly(canvas, [np.round(np.reshape(part, (-1, 2))).astype(np.int32)], (240, 210, 70))
            things += [("disc", "POLYGON", {"polygons": group}) for group in ([parts] if number % 4 == 1 else [[part] for part in parts])]
        tail, head = (20 + 2 * number, 104), (74, 86 - 2 * number)
        cv2.arrowedLine(canvas, tail, head, (250, 250, 250), 2)
        things.append(("arrow", "KEYPOINT", {"keypoints": [*tail, 2, *head, 2 - number % 2]}))
        if number in (2, 3):
            line = [4.5, 8.5, 50, 12.25, 96.5, 6, 150, 14]
            cv2.polylines(canvas, [np.round(np.reshape(line, (-1, 2))).astype(np.int32)], False, (30, 30, 30), 1)
            things += [("wire", "POLYLINE", {"polyline": line}), ("wire", "POINT", {"point": [150, 14]})]
        name = {3: "shapes with a space.png", 5: "formen_ä_形.png", 6: "upper/shapes_0.png"}.get(number, f"shapes_{number}.png")
        image = made.image(name, png(canvas), width, height, ("train", "train", "val")[number % 3] if number < 7 else "test")
        for category, kind, geometry in things if number != 4 else ():  # the fifth was looked at, and nothing was marked
            made.add(image, category, kind, **geometry)
    made.finish()


def broken(folder):
    made = ImageSet(folder / "broken", "broken", ["box", "blob"], annotator="bob", tags=["broken"])
    good = png(picture(160, 120, 3))
    image = made.image("good.png", good, 160, 120, "train")
    made.add(image, "box", "BBOX", bbox=[10, 10, 50, 40])
    made.add(image, "box", "BBOX", bbox=[-30, 20, 60, 40])          # half outside
    made.add(image, "box", "BBOX", bbox=[500, 500, 20, 20])         # all outside
    made.add(image, "box", "BBOX", bbox=[10, 10, 0, 40])            # no area
    made.add(image, "box", "BBOX", bbox=[10, 10, 20, -4])
    made.add(image, "blob", "POLYGON", polygons=[[1, 1, 5, 5]])     # two points
    made.add(image, "blob", "POLYGON", polygons=[[-40, 60, 80, -60, 200, 60, 80, 180]])  # far outside on all sides
    made.add(image, "blob", "SEGMENTATION", rle={"size": [120, 160], "counts": [19000, 400]})     # overruns
    made.add(image, "blob", "SEGMENTATION", rle={"size": [60, 80], "counts": [4800]})             # of another size
    made.add(image, "blob", "SEGMENTATION", rle={"size": [120, 160], "counts": [19200]})          # no pixels
    for name, data in (("zero.jpg", b""), ("text.jpg", b"this is no picture\n"), ("cut.png", good[: len(good) // 2]), ("missing.png", None)):
        image = made.image(name, data, 160, 120, "val")
        made.add(image, "box", "BBOX", bbox=[10, 10, 50, 40])
    image = made.image("tiny.png", png(picture(8, 6, 1)), 8, 6, "train")
    made.add(image, "box", "BBOX", bbox=[1, 1, 5, 4])
    made.finish()


SETS = {"photographs": photographs, "drawn": drawn, "broken": broken, "shapes": shapes}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("out", type=Path)
    p.add_argument("--sets", default="photographs,drawn,broken", help=f"which of {', '.join(SETS)}")
    options = p.parse_args()
    for name in options.sets.split(","):
        SETS[name](options.out)


if __name__ == "__main__":
    main()
