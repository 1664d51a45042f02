"""Everything that users, editors and broken recordings can do wrong: each gets a code and a sentence, and the daemon goes on."""
import json
import os
import shutil

from harness import DATASETS, TRUTH, SiteTest, until

FOLDER = DATASETS["folder"]


class BadRequests(SiteTest):
    def test_ten_mistakes_are_reported_together_with_their_lines(self):
        self.site.submit("ten", "\n".join([
            "kind: export",
            "titel: misspelt",
            "priority: urgent",
            "package: zip",
            "select:",
            "  project: [kitchen]",
            "  review: [maybe]",
            "  quality: {min_score: 120}",
            "exports:",
            "  - format: hdf5",
            "    rate_hz: -1",
            "    chunk_size: many",
            "    strict_match: perhaps",
            "    face_blurr: true",
            "",
        ]))
        error = self.assertFailed("ten", "request_invalid", mentions=["title", "projects"])
        lines = {detail["location"]["line"] for detail in error["details"]}
        self.assertEqual(lines, {2, 3, 4, 6, 7, 8, 11, 12, 13, 14})
        self.assertTrue(all(detail["location"]["column"] >= 1 for detail in error["details"]))

    def test_what_is_not_a_request_is_refused_and_the_next_one_is_served(self):
        cases = {
            "empty": b"",
            "binary": bytes(range(256)) * 20,
            "not-yaml": b"exports: [unclosed\n  - {",
            "a-list": b"- format: hdf5\n",
            "no-exports": b"kind: export\n",
            "duplicate": b"kind: export\nkind: preview\nexports: [{format: hdf5}]\n",
            "unknown-kind": b"kind: destroy\n",
            "unknown-format": b"exports: [{format: hdf6}]\n",
            "deep": b"exports: " + b"[" * 200 + b"]" * 200,
            "aliases": b"a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
            b"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\nexports: [*d,*d,*d,*d]\n",
        }
        for name, data in cases.items():
            self.site.submit(name, data)
        for name in cases:
            with self.subTest(name):
                self.assertFailed(name, "request_invalid", "request_unreadable")
        self.assertServesAnother()

    def test_files_that_are_no_plain_files_are_refused_and_the_next_request_is_served(self):
        inbox, outside = self.site.inbox, self.site.folder / "outside.yaml"
        outside.write_text("exports: [{format: hdf5}]\n")
        os.mkfifo(inbox / "fifo.yaml")
        (inbox / "symlink.yaml").symlink_to(outside)
        (inbox / "dangling.yaml").symlink_to("/nowhere/at/all")
        os.link(outside, inbox / "hardlink.yaml")
        (inbox / "directory.yaml").mkdir()
        (inbox / "directory.yaml" / "inner").write_text("x")
        (inbox / "huge.yaml").write_bytes(b"# " + b"x" * (5 << 20))
        for name in ("fifo", "symlink", "dangling", "hardlink", "directory", "huge"):
            with self.subTest(name):
                error = until(lambda: self.site.error(name), 30, f"{name}.error.json\n{self.site.log_tail()}")
                self.assertIn(error["code"], ("request_unreadable", "request_invalid"))
                self.assertGreaterEqual(len(error["message"].split()), 4)
        self.assertEqual(outside.read_text(), "exports: [{format: hdf5}]\n")
        self.assertServesAnother()

    def test_a_sidecar_is_never_written_through_a_symlink(self):
        victim = self.site.folder / "victim"
        victim.write_text("untouched")
        (self.site.inbox / "trap.status.json").symlink_to(victim)
        (self.site.inbox / "trap.error.json").symlink_to(victim)
        self.site.submit("trap", "kind: nonsense\n")
        self.assertFailed("trap", "request_invalid")
        self.assertEqual(victim.read_text(), "untouched")

    def test_a_selection_that_finds_nothing_is_an_error(self):
        self.site.submit("nothing", {"select": {"projects": ["no-such-project"]}, "exports": [{"format": "hdf5"}]})
        self.assertFailed("nothing", "selection_empty")
        self.site.export("unknown", "no_such_dataset", FOLDER)
        self.assertFailed("unknown", "selection_empty", "request_invalid", mentions=["no_such_dataset"])
        self.assertServesAnother()

    def test_a_mapping_to_a_missing_topic_names_the_topic(self):
        self.site.export("topic", FOLDER, mapping={"action": [{"topic": "/no_such_topic"}]})
        self.assertFailed("topic", "topic_missing", mentions=["/no_such_topic"])

    def assertServesAnother(self):
        self.site.export("good", FOLDER)
        self.assertPackage(self.site.wait("good"), TRUTH / "folder.json")
        self.assertEqual(self.site.jobs_in_outbox(), [self.site.status("good")["job"]])


class BadRecordings(SiteTest):
    def damaged(self, name):
        """A copy of the folder recording, to be damaged."""
        target = self.site.store / f"20260302_kitchen_table_{name}_s017_101500"
        shutil.copytree(self.site.store / FOLDER, target)
        return target

    def test_a_recording_that_was_cut_off_gives_what_is_there_and_a_warning(self):
        target = self.damaged("cut")
        size = (target / "data.mcap").stat().st_size
        os.truncate(target / "data.mcap", size * 2 // 3)
        self.site.export("cut", target.name)
        status = self.site.wait("cut")
        self.assertEqual(status["state"], "completed", status["error"])
        self.assertTrue(any("trunc" in w["code"] or "cut" in w["message"] for w in status["warnings"]), status["warnings"])
        whole = self.whole_recording_status()
        self.assertGreater(status["exports"][0]["frames"], 0)
        self.assertLess(status["exports"][0]["frames"], whole["exports"][0]["frames"])

    def whole_recording_status(self):
        self.site.export("whole", FOLDER)
        return self.site.wait("whole", "completed")

    def test_unusable_recordings_fail_with_their_name(self):
        garbage, empty, head, missing, annotation = (self.damaged(n) for n in ("garbage", "empty", "head", "missing", "annotation"))
        (garbage / "data.mcap").write_bytes(os.urandom(5000))
        (empty / "data.mcap").write_bytes(b"")
        os.truncate(head / "data.mcap", 60)
        bag = self.site.store / "bag"
        shutil.copytree(self.site.store / DATASETS["rosbag2"], bag)
        next(bag.glob("*_1.mcap")).unlink()
        (missing / "data.mcap").unlink()
        text = (annotation / "annotation.json").read_text()
        (annotation / "annotation.json").write_text(text[: len(text) // 2])
        cases = {
            garbage.name: ("dataset_unreadable",),
            empty.name: ("dataset_unreadable",),
            head.name: ("dataset_unreadable",),
            "bag": ("dataset_unreadable",),
            missing.name: ("dataset_unreadable",),
            annotation.name: ("dataset_unreadable", "annotation_missing"),
        }
        for index, dataset in enumerate(cases):
            self.site.export(f"bad-{index}", dataset)
        for index, (dataset, codes) in enumerate(cases.items()):
            with self.subTest(dataset):
                self.assertFailed(f"bad-{index}", *codes, mentions=[dataset])
        with self.subTest("all of them are listed"):
            self.site.export("all")
            self.assertFailed("all", "dataset_unreadable", "annotation_missing", mentions=list(cases))
        with self.subTest("skipped on request"):
            self.site.export("skip", on_dataset_error="skip")
            status = self.site.wait("skip")
            self.assertPackage(status, *(TRUTH / f"{name}.json" for name in DATASETS))
            manifest = json.loads((self.site.outbox / status["job"] / "manifest.json").read_text())
            for dataset in cases:
                self.assertIn(dataset, json.dumps(manifest))
                self.assertIn(dataset, json.dumps(status["warnings"]))

    def test_a_segment_outside_the_recording_is_reported(self):
        target = self.damaged("outside")
        path = target / "annotation.json"
        annotation = json.loads(path.read_text())
        annotation["subtasks"][1] |= {"start_timestamp": "1772449999000000000", "end_timestamp": "1772450005000000000"}
        path.write_text(json.dumps(annotation))
        self.site.export("outside", target.name)
        status = self.site.wait("outside")
        said = json.dumps([status["error"], status["warnings"]], ensure_ascii=False)
        self.assertIn("segment", said.lower())
        if status["state"] == "completed":
            self.assertEqual(status["exports"][0]["episodes"], 1)
        else:
            self.assertFailed("outside", "dataset_unreadable", "annotation_missing")

    def test_a_recording_without_annotation_needs_a_task(self):
        target = self.damaged("aside").rename(self.site.store / "untold")  # a name that doesn't tell the task either
        (target / "annotation.json").unlink()
        (target / "dataset.yaml").unlink()
        self.site.export("untold", target.name)
        self.assertFailed("untold", "annotation_missing", mentions=[target.name])
        self.site.export("told", target.name, default_task="Tidy up")
        status = self.site.wait("told", "completed")
        self.assertEqual(status["exports"][0]["episodes"], 1)
