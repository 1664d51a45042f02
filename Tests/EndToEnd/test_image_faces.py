"""Face blur in image sets: images with faces in every kind of file, beside some without, and some that nobody can look at."""
import base64
import csv
import json
import re
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from harness import ROOT, SiteTest

sys.path.insert(0, str(ROOT / "Tests" / "Faces"))

import measure  # noqa: E402

PORTRAIT = ROOT / "Tests" / "Fixtures" / "faces" / "astronaut.jpg"
KINDS = ["jpg", "png", "webp", "bmp"]


def scene(face):
    y, x = np.mgrid[0:400, 0:560]
    canvas = np.repeat(((x // 9 * 5 + y // 7 * 3) % 60 + 70)[..., None], 3, 2).astype(np.uint8)
    if face:
        portrait = cv2.imread(str(PORTRAIT))
        canvas[60:60 + portrait.shape[0], 90:90 + portrait.shape[1]] = portrait[:340, :470]
    return canvas


def coded(pixels, kind):
    return cv2.imencode(f".{kind}", pixels, [cv2.IMWRITE_JPEG_QUALITY, 93] if kind == "jpg" else [])[1].tobytes()


def exif(orientation, thumbnail):
    """An Exif segment that says how to turn the picture and holds a thumbnail."""
    entry = b"\x01\x12\x00\x03\x00\x00\x00\x01" + bytes([0, orientation, 0, 0])
    first = b"\x00\x01" + entry + (26).to_bytes(4, "big")
    where = 26 + 2 + 2 * 12 + 4
    second = b"\x00\x02" + b"\x02\x01\x00\x04\x00\x00\x00\x01" + where.to_bytes(4, "big") + b"\x02\x02\x00\x04\x00\x00\x00\x01" + len(thumbnail).to_bytes(4, "big") + b"\0\0\0\0"
    body = b"Exif\0\0MM\0*\0\0\0\x08" + first + second + thumbnail
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body


class ImageFaces(SiteTest):
    example_store = False

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="exportd-test-")
        cls.addClassCleanup(folder.cleanup)
        looks = measure.detectors(measure.library(Path(folder.name)))
        cls.looks = [look for name, look in looks.items() if "`normal`" in name]

    def prepare(self):
        folder = self.site.store / "greeting"
        (folder / "images" / "sub").mkdir(parents=True)
        (folder / "masks").mkdir()
        with_face, without = scene(True), scene(False)
        self.files = {}
        for kind in KINDS:
            self.files[f"face.{kind}"] = coded(with_face, kind)
            self.files[f"sub/wall_{kind}.{kind}"] = coded(without, kind)
        small = cv2.resize(with_face, (160, 114))
        turned = coded(cv2.rotate(with_face, cv2.ROTATE_90_COUNTERCLOCKWISE), "jpg")
        self.files["turned.jpg"] = turned[:2] + exif(6, coded(small, "jpg")) + turned[2:]
        # What telephones append, a picture that is cut off, and one that moves.
        self.files["double.jpg"] = coded(without, "jpg") + coded(with_face, "jpg")
        self.files["broken.jpg"] = self.files["face.jpg"][:9000]
        self.files["moving.gif"] = b"GIF89a" + (560).to_bytes(2, "little") + (400).to_bytes(2, "little") + bytes(200)
        images, annotations = [], []
        for number, (name, data) in enumerate(self.files.items(), 1):
            (folder / "images" / name).write_bytes(data)
            images.append({"id": number, "file": f"images/{name}", "width": 560, "height": 400})
            annotations.append({"id": number, "image_id": number, "category_id": 1, "type": "BBOX", "bbox": [200, 130, 100, 110]})
        (folder / "masks" / "photograph.png").write_bytes(coded(with_face, "png"))
        document = {"schema": "image-annotations/1", "dataset": {"name": "greeting"}, "categories": [{"id": 1, "name": "head"}],
                    "images": images, "annotations": annotations}
        (folder / "annotations.json").write_text(json.dumps(document), encoding="utf-8")

    def done(self, name):
        status = self.site.wait(name, timeout=240)
        self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
        return status, self.site.package(status)

    def faces(self, pixels):
        gray = np.ascontiguousarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))
        return [box for look in self.looks for box in look(gray) if measure.meets(box, (208, 132, 95, 105))]

    def test_coco_holds_no_face_and_every_other_image_byte_for_byte(self):
        self.assertTrue(self.faces(scene(True)), "the detectors see the face that is to be covered")
        self.site.export("faces", format="coco", face_blur=True, package="directory")
        status, package = self.done("faces")
        left = ["broken.jpg", "moving.gif"]
        found = {str(path.relative_to(package / "images")) for path in (package / "images").rglob("*") if path.is_file()}
        self.assertEqual(found, set(self.files) - set(left))
        with open(package / "face_blur.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for name in found:
            data = (package / "images" / name).read_bytes()
            if name == "double.jpg":
                self.assertEqual(data, coded(scene(False), "jpg"))
            elif name.startswith("sub/"):
                self.assertEqual(data, self.files[name], name)
            else:
                pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
                self.assertEqual(pixels.shape, (400, 560, 3), name)
                self.assertEqual(self.faces(pixels), [], name)
                outside = np.ones((400, 560), bool)
                for row in rows:
                    if row["file"] == f"images/{name}":
                        x, y, w, h = (int(row[key]) for key in ("x", "y", "width", "height"))
                        outside[max(0, y - 8):y + h + 8, max(0, x - 8):x + w + 8] = False
                self.assertGreater(outside.mean(), 0.5)
                changed = np.abs(pixels.astype(int) - scene(True))[outside].mean()
                self.assertLess(changed, 0.01 if name.endswith(("png", "bmp")) else 3, f"{name}: all else is as it was")
        self.assertEqual((package / "images" / "turned.jpg").read_bytes().count(b"\xff\xd8\xff"), 1, "no thumbnail")
        self.assertEqual(self.quantisation((package / "images" / "face.jpg").read_bytes()), self.quantisation(self.files["face.jpg"]))
        document = json.loads((package / "annotations" / "instances_train.json").read_text())
        self.assertEqual({image["file_name"] for image in document["images"]}, found)
        self.assertEqual(len(document["annotations"]), len(found))
        named = {row["file"] for row in rows}
        self.assertEqual(named, {f"images/face.{kind}" for kind in KINDS} | {"images/turned.jpg"})
        for row in rows:
            self.assertEqual(row["dataset"], "greeting")
            self.assertIn("dlib", row["detector"])
        manifest = json.loads((package / "manifest.json").read_text())
        entry, = manifest["face_blur"]
        self.assertEqual((entry["frames"], entry["frames_with_faces"], entry["left_out"], entry["boxes"]), (len(found), len(named), 2, len(rows)))
        report = json.loads((package / "export_report.json").read_text())
        self.assertEqual({note["code"]: note["count"] for note in report["image_notes"]}, {"face_blur_left_out": 2, "faces_covered": len(named), "image_turned": 1})
        self.assertIn("face_blur_left_out", [warning["code"] for warning in status["warnings"]])
        self.assertNoFaceInReport(package)

    def quantisation(self, data):
        """The divisors of a JPEG by table, without those of the means, which the encoder fixes."""
        segments = b"".join(re.findall(rb"\xff\xdb\x00.(.*?)(?=\xff)", data[:1000], re.DOTALL))
        return {segments[place]: segments[place + 2:place + 65] for place in range(0, len(segments), 65)}

    def assertNoFaceInReport(self, package):
        page = (package / "report.html").read_text()
        thumbnails = [base64.b64decode(text) for text in re.findall(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)", page)]
        self.assertTrue(thumbnails)
        for data in thumbnails:
            small = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            self.assertEqual(self.faces(cv2.resize(small, (560, 400), interpolation=cv2.INTER_CUBIC)), [])

    def test_the_large_package_and_the_small_one_hide_no_face_elsewhere(self):
        self.site.export("all", format="image_tar", face_blur={"style": "fill", "sensitivity": "high"}, package="directory")
        self.site.export("names", format="yolo", face_blur=True, include_images=False, package="directory")
        _, package = self.done("all")
        painted = {"SegmentationClass", "SegmentationObject"}
        photographs = [path for path in package.rglob("*") if path.suffix[1:] in KINDS and path.is_file() and not painted & set(path.parts)]
        self.assertEqual({path.relative_to(package).parts[0] for path in photographs}, {"images", "voc", "yolo", "yolo_obb", "yolo_segment"})
        covered = {path.stat().st_ino for path in (package / "images").rglob("*")}
        self.assertEqual([path for path in photographs if path.stat().st_ino not in covered], [])
        self.assertTrue((package / "source" / "greeting" / "annotations.json").is_file())
        for path in (package / "images").glob("face.*"):
            self.assertEqual(self.faces(cv2.imread(str(path))), [], path.name)
        _, package = self.done("names")
        self.assertFalse((package / "images").exists())
        self.assertNoFaceInReport(package)
