#!/usr/bin/env python3
"""Measures how many faces of moving scenes are found: by each detector in single pictures, by exports of them as images of a set, which nothing
is followed in, and by exports of the scenes as recordings, after tracking.

Prints the tables of README's section on face blur. Compiles the detectors of Sources/CFaces into a library of its own.
"""
import argparse
import csv
import ctypes
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from mcap.reader import make_reader

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
for folder in ("Benchmarks", "EndToEnd"):
    sys.path.insert(0, str(ROOT / "Tests" / folder))

import scenes  # noqa: E402
import measuring  # noqa: E402
from harness import Site  # noqa: E402
from worker import Worker, plan  # noqa: E402


class Gray(ctypes.Structure):
    _fields_ = [("pixels", ctypes.c_void_p), ("width", ctypes.c_int32), ("height", ctypes.c_int32), ("stride", ctypes.c_ssize_t)]


class Face(ctypes.Structure):
    _fields_ = [(name, ctypes.c_float) for name in ("x", "y", "width", "height", "score", "looks")]


class Message(ctypes.Structure):
    _fields_ = [("text", ctypes.c_char_p), ("capacity", ctypes.c_size_t)]


def library(folder):
    """The detectors as they are in the worker."""
    path, sources = folder / "libcfaces.so", ROOT / "Sources" / "CFaces"
    libraries = ["opencv_objdetect", "opencv_imgproc", "opencv_core", "dlib", "lapack", "blas"]
    command = ["c++", "-std=c++17", "-O2", "-DNDEBUG", "-DDLIB_DISABLE_ASSERTS", "-shared", "-fPIC", "-isystem", "/usr/include/opencv4", "-I", sources / "include"]
    subprocess.run([*command, *sources.glob("*.cpp"), "-o", path, *[f"-l{name}" for name in libraries]], check=True)
    loaded = ctypes.CDLL(str(path))
    loaded.exportd_hog_open.restype = loaded.exportd_cascade_open.restype = ctypes.c_void_p
    return loaded


def reaching(face):
    """A rectangle as the worker takes it: that of a head which looks to one side reaches on to its ear."""
    reach = abs(face.looks) * face.width / 2
    return face.x - (reach if face.looks > 0 else 0), face.y, face.width + reach, face.height


def detectors(loaded):
    """Name and function of each detector with the settings that the sensitivities use."""
    def list_of(call, handle, *arguments):
        def look(gray):
            faces = (Face * 256)()
            view = Gray(gray.ctypes.data, gray.shape[1], gray.shape[0], gray.strides[0])
            count = call(ctypes.c_void_p(handle), view, *arguments, faces, 256, Message(None, 0))
            assert count >= 0
            return [reaching(face) for face in faces[:min(count, 256)]]
        return look

    def cascade(name, smallest, step, neighbours, mirrored=0):
        handle = loaded.exportd_cascade_open(f"/usr/share/opencv4/{name}.xml".encode(), Message(None, 0))
        assert handle, name
        return list_of(loaded.exportd_cascade_detect, handle, ctypes.c_double(smallest), ctypes.c_double(step), neighbours, mirrored)

    hog = loaded.exportd_hog_open(Message(None, 0))
    double = ctypes.c_double

    def both(name, *arguments):
        left, right = cascade(name, *arguments), cascade(name, *arguments, 1)
        return lambda gray: left(gray) + right(gray)

    frontal = "haarcascades/haarcascade_frontalface_"
    return {
        "dlib HOG from 80 px (its own window)": list_of(loaded.exportd_hog_detect, hog, double(80), double(0)),
        "dlib HOG from 58 px, -0.3 (`normal`)": list_of(loaded.exportd_hog_detect, hog, double(58), double(-0.3)),
        "dlib HOG from 58 px, -0.5 (images, `high`)": list_of(loaded.exportd_hog_detect, hog, double(58), double(-0.5)),
        "dlib HOG from 42 px, -0.4 (`high`; images)": list_of(loaded.exportd_hog_detect, hog, double(42), double(-0.4)),
        "dlib HOG from 33 px, -0.5 (images, `high`)": list_of(loaded.exportd_hog_detect, hog, double(33), double(-0.5)),
        "Haar alt2 from 34 px (`normal`)": cascade(frontal + "alt2", 34, 1.15, 2),
        "Haar alt2 from 30 px (images)": cascade(frontal + "alt2", 30, 1.1, 2),
        "Haar alt2 from 30 px, 1 neighbour (`high`)": cascade(frontal + "alt2", 30, 1.1, 1),
        "Haar default from 34 px": cascade(frontal + "default", 34, 1.15, 2),
        "LBP improved from 34 px": cascade("lbpcascades/lbpcascade_frontalface_improved", 34, 1.15, 2),
        "Haar profile, both sides, from 34 px (`high`)": both("haarcascades/haarcascade_profileface", 34, 1.2, 2),
    }


def meets(box, face):
    """Whether a detector's rectangle marks a face."""
    (x, y, width, height), (fx, fy, fw, fh) = box, face
    return abs(x + width / 2 - fx - fw / 2) < 0.4 * fw and abs(y + height / 2 - fy - fh / 2) < 0.45 * fh and 0.5 < width / fw < 2.2


def covered(boxes, face):
    """The share of a face that rectangles cover, by a grid of points."""
    x, y, width, height = face
    points = [(x + width * (i + 0.5) / 12, y + height * (j + 0.5) / 12) for i in range(12) for j in range(12)]
    points = [(px, py) for px, py in points if 0 <= px < scenes.WIDTH and 0 <= py < scenes.HEIGHT]
    if not points:
        return 1.0
    inside = sum(any(bx <= px < bx + bw and by <= py < by + bh for bx, by, bw, bh in boxes) for px, py in points)
    return inside / len(points)


def blurred(boxes):
    """The share of a picture that lies in at least one of some rectangles."""
    mask = np.zeros((scenes.HEIGHT, scenes.WIDTH), bool)
    for x, y, width, height in boxes:
        mask[max(0, int(y)):max(0, int(y + height)), max(0, int(x)):max(0, int(x + width))] = True
    return float(mask.mean())


def export(store, folder, sensitivity, style="blur"):
    """Exports as mcap with face blur; returns rectangles by time, the pictures by time, and CPU seconds."""
    work, out = folder / "work", folder / "out"
    for place in (work, out):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
    blur = {"style": style, "sensitivity": sensitivity}
    messages = {"topics": {"include": [], "exclude": []}, "time": {"recording": {}}, "compression": "keep"}
    order = json.loads((ROOT / "Tests" / "Benchmarks" / "plan_order.json").read_text())
    order["request"]["exports"] = [{"mcap": {"_0": {"messages": messages, "faceBlur": blur}}}]
    order["request"]["package"] = "directory"
    worker = Worker()
    site = {"stores": [str(store)], "catalog": str(folder / "catalog.sqlite"), "robots": {}, "maximumDatasets": 1000}
    worker.order(plan=order | {"site": site, "work": str(work)})
    for part in range(len(json.loads((work / "plan.json").read_text())["parts"])):
        worker.order(encode={"work": str(work), "part": part, "threads": 1})
    worker.order(assemble={"work": str(work), "export": 0, "destination": str(out), "threads": 1})
    cpu = worker.close()
    boxes = {}
    with open(next(out.rglob("face_blur.csv")), newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rectangle = tuple(int(row[key]) for key in ("x", "y", "width", "height"))
            boxes.setdefault((row["dataset"], int(row["time_ns"])), []).append((rectangle, row["found"]))
    return boxes, out, cpu


def pictures(path):
    with open(path, "rb") as file:
        for schema, _, message in make_reader(file).iter_messages():
            if schema.name == "sensor_msgs/CompressedImage":
                yield message.log_time, message.data[message.data.index(b"\xff\xd8\xff"):]


def record(store, options):
    """Writes the scenes; returns of each its kind, its pictures and the faces in them."""
    truth = {}
    for number, kind in enumerate(scenes.KINDS):
        for take in range(options.scenes):
            name = f"scene_{number}_{take}"
            jpegs, faces = [], []
            for picture, found in scenes.scene(kind, 100 * number + take, options.seconds):
                jpegs.append(scenes.encode(picture))
                faces.append(found)
            scenes.write(store / name, [jpegs])
            truth[name] = (kind, jpegs, faces)
    return truth


def gray(jpeg):
    return np.ascontiguousarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE))


def table(*columns):
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns), flush=True)


def single_pictures(truth, looks_at):
    """What each detector finds in pictures that are looked at one by one."""
    table("detector, single pictures", *(kind.name for kind in scenes.KINDS), "false areas a picture", "ms")
    for name, look in looks_at.items():
        hits, false, looks, spent = {kind.name: [0, 0] for kind in scenes.KINDS}, 0, 0, 0.0
        for kind, jpegs, faces in truth.values():
            for frame in range(7, len(jpegs), 20):
                picture = gray(jpegs[frame])
                started = time.process_time()
                found = look(picture)
                spent += time.process_time() - started
                looks += 1
                for face in faces[frame]:
                    hits[kind.name][0] += any(meets(box, face) for box in found)
                    hits[kind.name][1] += 1
                false += sum(not any(meets(box, face) for face in faces[frame]) for box in found)
        shares = " | ".join(f"{hit / total:.0%}" for hit, total in hits.values())
        print(f"| {name} | {shares} | {false / looks:.2f} | {spent / looks * 1000:.0f} |", flush=True)
    print()


def frame_time(frame):
    return scenes.START + round(frame * 1e9 / scenes.RATE)


class Tally:
    """Counts what an export covers."""

    def __init__(self):
        self.hits = {kind.name: [0, 0] for kind in scenes.KINDS}
        self.tracks = self.never = self.false = self.frames = self.again = self.late = 0
        # Shares of pictures, added up: what is covered without being a face, what is covered at all, and what is face.
        self.elsewhere = self.area = self.faces = 0.0

    def picture(self, kind, faces, boxes):
        """Counts one picture; returns for each face whether it is covered."""
        self.frames += 1
        good = [covered(boxes, face) >= 0.9 for face in faces]
        self.hits[kind.name][0] += sum(good)
        self.hits[kind.name][1] += len(good)
        for box in boxes:
            grown = [(x - w, y - h, 3 * w, 3 * h) for x, y, w, h in faces]
            middle = (box[0] + box[2] / 2, box[1] + box[3] / 2)
            if not any(x <= middle[0] < x + w and y <= middle[1] < y + h for x, y, w, h in grown):
                self.false += 1
                self.elsewhere += box[2] * box[3] / (scenes.WIDTH * scenes.HEIGHT)
        self.area += blurred(boxes)
        self.faces += blurred(faces)
        return good

    def shares(self):
        return " | ".join(f"{hit / total:.1%}" for hit, total in self.hits.values())

    def scene(self, kind, faces, entries, misses=None):
        """Counts one scene; returns for each frame and face whether it is covered."""
        seen = [[] for _ in faces[0]]
        for frame, found in enumerate(faces):
            entry = entries(frame)
            for person, good in enumerate(self.picture(kind, found, [box for box, _ in entry])):
                seen[person].append((good, any(how == "detected" and covered([box], found[person]) > 0.7 for box, how in entry)))
        for person, frames in enumerate(seen):
            self.tracks += 1
            self.never += not any(good for good, _ in frames)
            looks = [frame for frame, (_, detected) in enumerate(frames) if detected]
            late = [frame for frame, (good, _) in enumerate(frames) if not good and any(abs(frame - look) <= 15 for look in looks)]
            self.late += len(late)
            missed = [frame for frame, (good, _) in enumerate(frames) if not good]
            if misses is not None and missed:
                misses(f"person {person}: {len(missed)} frames missed, {len(late)} of them near one that was seen: {missed[:8]} … {missed[-1]}")
        return seen


def tracked(truth, store, folder, options):
    """What exports cover, whether what they covered is found again, and what they cost."""
    table("exported with", *(kind.name for kind in scenes.KINDS), "tracks never seen", "uncovered within 0.5 s of a detection", "false areas a picture",
          "of the picture", "covered of the picture", "faces of the picture", "found again", "ms a picture")
    for sensitivity in options.sensitivities:
        boxes, out, cpu = export(store, folder, sensitivity)
        tally = Tally()
        for name, (kind, jpegs, faces) in truth.items():
            say = (lambda words, name=name: print(f"  {sensitivity} {name} {words}", file=sys.stderr)) if options.misses else None
            seen = tally.scene(kind, faces, lambda frame, name=name: boxes.get((name, frame_time(frame)), []), say)
            after = dict(pictures(next(out.rglob(f"{name}.mcap"))))
            for frame in range(3, len(jpegs), 10):
                picture = gray(after[frame_time(frame)])
                found = [box for look in options.again for box in look(picture)]
                tally.again += sum(seen[person][frame][0] and any(meets(box, face) for box in found) for person, face in enumerate(faces[frame]))
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                middle = len(jpegs) // 2
                (options.keep / f"{name}_{sensitivity}_before.jpg").write_bytes(jpegs[middle])
                (options.keep / f"{name}_{sensitivity}_later.jpg").write_bytes(after[frame_time(middle)])
        print(f"| `{sensitivity}` | {tally.shares()} | {tally.never} of {tally.tracks} | {tally.late} | {tally.false / tally.frames:.2f} "
              f"| {tally.elsewhere / tally.frames:.2%} | {tally.area / tally.frames:.2%} | {tally.faces / tally.frames:.2%} | {tally.again} | {cpu / tally.frames * 1000:.1f} |", flush=True)


def stills(truth, options):
    """What exports of an image set cover, whose pictures are each looked at by themselves."""
    table("images of a set, exported with", *(kind.name for kind in scenes.KINDS), "false areas a picture", "covered of the picture", "found again",
          "ms an image, of all processes")
    site = Site(example_store=False)
    try:
        folder = site.store / "scenes"
        (folder / "images").mkdir(parents=True)
        shown, images = {}, []
        for name, (kind, jpegs, faces) in truth.items():
            for frame in range(7, len(jpegs), 10):
                file = f"images/{name}_{frame}.jpg"
                (folder / file).write_bytes(jpegs[frame])
                images.append({"id": len(images) + 1, "file": file, "width": scenes.WIDTH, "height": scenes.HEIGHT})
                shown[file] = (kind, faces[frame])
        document = {"schema": "image-annotations/1", "dataset": {"name": "scenes"}, "categories": [{"id": 1, "name": "face"}], "images": images}
        box = {"category_id": 1, "type": "BBOX", "bbox": [10, 10, 20, 20]}
        document["annotations"] = [{"id": image["id"], "image_id": image["id"]} | box for image in images]
        (folder / "annotations.json").write_text(json.dumps(document), encoding="utf-8")
        site.start()
        for sensitivity in options.sensitivities:
            watch = measuring.Watch(site.daemon.pid)
            site.submit(sensitivity, {"package": "directory", "exports": [{"format": "coco", "face_blur": {"sensitivity": sensitivity}}]})
            status = site.wait(sensitivity, timeout=1800)
            cpu = watch.stop()
            assert status["state"] == "completed", status["error"]
            package = site.package(status)
            boxes = {}
            with open(package / "face_blur.csv", newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    boxes.setdefault(row["file"], []).append(tuple(int(row[key]) for key in ("x", "y", "width", "height")))
            tally = Tally()
            for file, (kind, faces) in shown.items():
                good = tally.picture(kind, faces, boxes.get(file, []))
                found = [box for look in options.again for box in look(gray((package / file).read_bytes()))]
                tally.again += sum(fine and any(meets(box, face) for box in found) for fine, face in zip(good, faces))
            print(f"| `{sensitivity}` | {tally.shares()} | {tally.false / tally.frames:.2f} | {tally.area / tally.frames:.2%} | {tally.again} "
                  f"| {cpu / tally.frames * 1000:.0f} |", flush=True)
    finally:
        site.close()
    print()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--scenes", type=int, default=8, help="of each kind")
    p.add_argument("--seconds", type=float, default=3)
    p.add_argument("--parts", nargs="*", default=["detectors", "stills", "recordings"], choices=["detectors", "stills", "recordings"])
    p.add_argument("--misses", action="store_true", help="say which faces are missed")
    p.add_argument("--keep", type=Path, help="a folder for pictures before and after")
    p.add_argument("--sensitivities", nargs="*", default=["normal", "high"])
    options = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="exportd-faces-") as temporary:
        folder = Path(temporary)
        truth = record(folder / "store", options)
        looks_at = detectors(library(folder))
        options.again = [look for name, look in looks_at.items() if "`normal`" in name]
        if "detectors" in options.parts:
            single_pictures(truth, looks_at)
        if "stills" in options.parts:
            stills(truth, options)
        if "recordings" in options.parts:
            tracked(truth, folder / "store", folder, options)


if __name__ == "__main__":
    main()
