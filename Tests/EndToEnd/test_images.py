"""Exports of annotated images: photographs with annotations of all six types, drawn ones with names that collide, and broken ones."""
import json
import sys
import tarfile
import tempfile
from pathlib import Path

from harness import ROOT, SiteTest, until

sys.path.insert(0, str(ROOT / "Tests" / "Peers"))

from image_exports import EXPORTS, check, make_sets, request  # noqa: E402


class Images(SiteTest):
    example_store = False

    def prepare(self):
        self.sets = make_sets(self.site.store, "photographs", "drawn")

    def completed(self, name):
        status = self.site.wait(name)
        self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
        return status, self.site.package(status)

    def assertRoundTrip(self, *names):
        for name in names:
            self.site.submit(name, request(name, "photographs", "drawn"))
        for name in names:
            status, package = self.completed(name)
            code, text = check(sys.executable, package, name, self.sets)
            self.assertEqual(code, 0, f"{name}: {text}")
            report = json.loads((package / "export_report.json").read_text(encoding="utf-8"))
            page = (package / "report.html").read_text(encoding="utf-8")
            self.assertEqual(page.count('<figure class="sample">'), 13)
            self.assertEqual(page.count("data:image/jpeg;base64,"), 13)
            for entry in report["dropped"] + report["reduced"]:
                self.assertTrue(any(w["code"] == entry["code"] and str(entry["count"]) in w["message"] for w in status["warnings"]), entry)

    def test_every_box_outline_pose_and_turned_box_is_in_the_labels_of_yolo(self):
        self.assertRoundTrip("yolo-detect", "yolo-segment", "yolo-pose", "yolo-obb")

    def test_pascal_voc_has_every_box_by_the_rule_of_its_kit_and_every_pixel_of_the_masks(self):
        self.assertRoundTrip("voc")

    def test_coco_evaluates_to_one_against_itself_and_holds_every_number(self):
        self.assertRoundTrip("coco")

    def test_tables_and_archives_hold_everything(self):
        self.assertRoundTrip("image_csv", "image_tar")

    def test_what_a_format_cannot_hold_is_counted_by_type_and_reason(self):
        self.site.submit("strict", {"exports": [{"format": "yolo", "task": "detect", "strict": True}], "package": "directory"})
        status, package = self.completed("strict")
        report = json.loads((package / "export_report.json").read_text(encoding="utf-8"))
        dropped = {(entry["code"], entry["type"]): entry["count"] for entry in report["dropped"]}
        self.assertEqual(dropped["type_not_held", "POINT"], 6)
        self.assertEqual(dropped["type_not_held", "POLYLINE"], 1)
        self.assertEqual(dropped["rotation_lost", "BBOX"], 4)
        self.assertEqual(dropped["duplicate", "BBOX"], 1)
        self.assertEqual(dropped["crowd", "SEGMENTATION"], 1)
        lines = sum(len(path.read_text().splitlines()) for path in (package / "labels").rglob("*.txt"))
        self.assertEqual(lines + sum(dropped.values()), report["annotations"])

    def test_the_same_request_gives_the_same_bytes(self):
        hashes, last = set(), None
        for _ in range(2):
            self.site.submit("again", {"exports": [EXPORTS["voc"]]})
            status = until(lambda: (s := self.site.status("again")) and s["job"] != last and s["state"] == "completed" and s, 60, "again")
            last = status["job"]
            hashes.add(status["exports"][0]["sha256"])
        self.assertEqual(len(hashes), 1)


class BrokenImages(SiteTest):
    example_store = False

    def prepare(self):
        make_sets(self.site.store, "broken")

    def test_broken_images_and_shapes_are_counted_and_the_rest_is_exported(self):
        for name in EXPORTS:
            self.site.submit(name, {"exports": [EXPORTS[name]]})
        for name in EXPORTS:
            status = self.site.wait(name)
            self.assertEqual(status["state"], "completed", f"{name}: {status['error']}\n{self.site.log_tail()}")
            with tempfile.TemporaryDirectory() as folder, tarfile.open(self.site.package(status)) as archive:
                archive.extractall(folder, filter="data")
                pictures = {path.name for path in Path(folder).rglob("*") if path.suffix in (".png", ".jpg") and not path.parent.name.startswith("Segm")}
                report = json.loads(next(Path(folder).rglob("export_report.json")).read_text(encoding="utf-8"))
                self.assertEqual(pictures & {"zero.jpg", "text.jpg", "missing.png"}, set(), name)
                self.assertIn("good.png", pictures, name)
            codes = {entry["code"]: entry["count"] for entry in report["image_notes"]}
            self.assertEqual((codes["image_unreadable"], codes["image_missing"], codes["image_cut_off"]), (2, 1, 1), name)
            dropped = {entry["code"]: entry["count"] for entry in report["dropped"]}
            self.assertEqual((dropped["size_not_positive"], dropped["mask_malformed"], dropped["mask_size_differs"]), (2, 1, 1), (name, dropped))
            if name == "yolo-detect":
                self.assertIn("outside", dropped)
                self.assertEqual(codes["too_small"], 1)
        self.assertTrue(self.site.alive())
