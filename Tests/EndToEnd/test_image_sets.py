"""Image sets on their road: selected beside recordings, by their single annotations, and with hostile files among them."""
import csv
import hashlib
import json
import os
import struct
import zlib

from harness import DATASETS, SiteTest


def png(width, height):
    """A grey picture."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = zlib.compress(bytes(height * (width + 1)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def make_set(folder, images, annotations, **top):
    """An image set of grey pictures of 40×30; `images` are names below images/."""
    for name in images:
        path = folder / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(40, 30))
    document = {
        "schema": "image-annotations/1",
        "dataset": {"name": folder.name, "project": "desk"},
        "categories": [{"id": 1, "name": "cup"}, {"id": 2, "name": "plate"}],
        "images": [{"id": number, "file": f"images/{name}", "width": 40, "height": 30} for number, name in enumerate(images, 1)],
        "annotations": annotations,
    }
    (folder / "annotations.json").write_text(json.dumps(document | top), encoding="utf-8")


def box(number, image, category=1, **said):
    return {"id": number, "image_id": image, "category_id": category, "type": "BBOX", "bbox": [number, 2, 10, 5]} | said


class ImageSets(SiteTest):
    def prepare(self):
        said = {"annotator": "bob", "quality": "good", "created_at": "2026-03-02T08:00:00Z"}
        make_set(
            self.site.store / "one",
            ["a.png", "b.png", "b.jpg.png", "deep/c d.png"],
            [box(1, 1, **said), box(2, 1, 2), box(3, 2, **said), box(4, 4)],
        )
        make_set(self.site.store / "two", ["a.png", "A.png"], [box(1, 1, 2), box(2, 2)])

    def completed(self, name, request):
        self.site.submit(name, request | {"package": "directory"})
        status = self.site.wait(name)
        self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
        return status, self.site.outbox / status["job"]

    def rows(self, folder):
        with open(next(folder.rglob("annotations.csv")), newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def test_one_request_serves_recordings_and_image_sets(self):
        status, folder = self.completed("both", {"exports": [{"format": "coco"}, {"format": "json", "samples": False}]})
        left = {w["message"] for w in status["warnings"] if w["code"] == "kind_left_out"}
        self.assertEqual(len(left), 2)
        self.assertTrue(any("coco leaves out 3 selected recordings" in text for text in left), left)
        self.assertTrue(any("json leaves out 2 selected image sets" in text for text in left), left)
        manifests = {m["options"]["format"]: m for path in folder.glob("*.manifest.json") for m in [json.loads(path.read_text())]}
        self.assertEqual([d["id"] for d in manifests["coco"]["datasets"]], ["one", "two"])
        self.assertEqual([d["id"] for d in manifests["json"]["datasets"]], sorted(DATASETS.values()))
        self.assertEqual(status["exports"][0]["episodes"], 6)
        self.assertEqual(status["exports"][0]["frames"], 6)

    def test_an_export_for_which_nothing_is_selected_fails_the_job(self):
        for name, select, options in [
            ("no-sets", {"datasets": [DATASETS["folder"]]}, {"format": "yolo"}),
            ("no-recordings", {"datasets": ["one"]}, {"format": "mcap"}),
        ]:
            self.site.submit(name, {"select": select, "exports": [options]})
            self.assertEqual(self.site.wait(name)["state"], "failed")
            self.assertEqual(self.site.error(name)["code"], "selection_empty")

    def test_conditions_hold_for_single_annotations(self):
        request = {"select": {"annotators": ["bob"], "recorded": {"from": "2026-03-01"}}, "exports": [{"format": "image_csv"}]}
        _, folder = self.completed("bob", request)
        rows = self.rows(folder)
        self.assertEqual([(row["image"], row["x"], row["annotator"]) for row in rows], [("a.png", "1", "bob"), ("b.png", "3", "bob")])

    def test_classes_types_and_splits_are_those_of_the_request(self):
        export = {
            "format": "image_csv",
            "classes": [{"name": "dish", "from": ["plate", "bowl"]}],
            "splits": {"train": 0.5, "val": 0.5},
            "seed": 3,
            "include_images": False,
        }
        status, folder = self.completed("classes", {"select": {"projects": ["desk"]}, "exports": [export]})
        rows = self.rows(folder)
        self.assertEqual({row["label"] for row in rows if row["type"]}, {"dish"})
        self.assertEqual(len([row for row in rows if row["type"]]), 2)
        self.assertEqual({row["split"] for row in rows}, {"train", "val"})
        self.assertIn("class_missing", {w["code"] for w in status["warnings"]})
        self.assertEqual(list(folder.rglob("*.png")), [])
        again = self.rows(self.completed("again", {"select": {"datasets": ["one"]}, "exports": [export]})[1])
        splits = {row["image"].removeprefix("one/"): row["split"] for row in rows if row["dataset"] == "one"}
        self.assertEqual({row["image"]: row["split"] for row in again}, splits)

    def test_images_whose_names_collide_keep_their_own_labels(self):
        _, folder = self.completed("names", {"select": {"projects": ["desk"]}, "exports": [{"format": "yolo"}]})
        images = sorted(path.name for path in folder.rglob("*.png"))
        self.assertEqual(images, ["A_3.png", "a.png", "a_2.png", "b.jpg.png", "b.png", "c_d.png"])
        for path in folder.rglob("*.png"):
            label = next(folder.rglob(f"labels/*/{path.stem}.txt"))
            self.assertTrue(label.exists())

    def test_files_that_lead_out_of_a_set_are_left_out(self):
        folder = self.site.store / "hostile"
        make_set(folder, ["good.png"], [box(1, 1), box(2, 2), box(3, 3), box(4, 4), box(5, 5)])
        secret = self.site.folder / "secret.png"
        secret.write_bytes(png(40, 30))
        os.symlink(secret, folder / "images" / "link.png")
        os.symlink(self.site.folder, folder / "images" / "folder")
        document = json.loads((folder / "annotations.json").read_text())
        names = ["images/good.png", "images/../../../secret.png", str(secret), "images/link.png", "images/folder/secret.png"]
        document["images"] = [{"id": n, "file": name, "width": 40, "height": 30} for n, name in enumerate(names, 1)]
        (folder / "annotations.json").write_text(json.dumps(document))
        for format in ("coco", "yolo", "image_tar"):
            status, out = self.completed(f"hostile-{format}", {"select": {"datasets": ["hostile"]}, "exports": [{"format": format}]})
            self.assertEqual({path.name for path in out.rglob("*.png")}, {"good.png"})
            notes = {w["code"] for w in status["warnings"]}
            self.assertLessEqual({"image_path_invalid", "image_linked", "image_left_out"}, notes)

    def test_names_that_only_unicode_spells_differently_are_different_files(self):
        composed, decomposed = "\u00e9", "e\u0301"
        folder = self.site.store / "spelt"
        names = [f"{spelling}/{spelling}.png" for spelling in (composed, decomposed)]
        make_set(folder, names, [box(1, 1), box(2, 2)])
        (folder / "images" / names[1]).write_bytes(png(40, 30) + b"behind the end")
        status, out = self.completed("spelt", {"select": {"datasets": ["spelt"]}, "exports": [{"format": "image_tar"}]})
        self.assertEqual([w for w in status["warnings"] if w["code"] == "image_path_repeated"], [])
        manifest = next(out.glob("*/manifest.json"))
        files = {file["path"]: file["sha256"] for file in json.loads(manifest.read_text(encoding="utf-8"))["files"]}
        self.assertLessEqual({f"images/{name}" for name in names}, files.keys())
        for path, digest in files.items():
            self.assertEqual(hashlib.sha256((manifest.parent / path).read_bytes()).hexdigest(), digest, path)
        labels = {label.stem: label for label in (manifest.parent / "yolo").rglob("labels/*/*.txt")}
        self.assertEqual(len(labels), 2)

    def test_a_link_that_is_spelt_like_a_folder_leads_nowhere(self):
        composed, decomposed = "\u00e9", "e\u0301"
        folder = self.site.store / "linked"
        make_set(folder, [f"{composed}/a.png"], [box(1, 1), box(2, 2)])
        (self.site.folder / "elsewhere").mkdir()
        (self.site.folder / "elsewhere" / "b.png").write_bytes(png(40, 30))
        os.symlink(self.site.folder / "elsewhere", folder / "images" / decomposed)
        document = json.loads((folder / "annotations.json").read_text())
        names = [f"images/{composed}/a.png", f"images/{decomposed}/b.png"]
        document["images"] = [{"id": n, "file": name, "width": 40, "height": 30} for n, name in enumerate(names, 1)]
        (folder / "annotations.json").write_text(json.dumps(document))
        status, out = self.completed("linked", {"select": {"datasets": ["linked"]}, "exports": [{"format": "coco"}]})
        self.assertEqual([path.name for path in out.rglob("*.png")], ["a.png"])
        self.assertIn("image_linked", {w["code"] for w in status["warnings"]})

    def test_a_set_that_cannot_be_read_fails_with_its_place_or_is_skipped(self):
        folder = self.site.store / "cut"
        make_set(folder, ["a.png"], [box(1, 1)])
        whole = (folder / "annotations.json").read_bytes()
        (folder / "annotations.json").write_bytes(whole[:-20])
        self.site.submit("cut", {"select": {"datasets": ["cut"]}, "exports": [{"format": "coco"}]})
        self.assertEqual(self.site.wait("cut")["state"], "failed")
        error = self.site.error("cut")
        self.assertEqual(error["code"], "dataset_unreadable")
        self.assertIn("cut off", error["message"])
        status, _ = self.completed(
            "skip",
            {"select": {"datasets": ["cut", "one"]}, "exports": [{"format": "coco"}], "on_dataset_error": "skip"},
        )
        self.assertEqual(status["selection"]["datasets"], 1)
