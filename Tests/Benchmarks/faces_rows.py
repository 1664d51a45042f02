"""The row `faces`: exports with face blur, side by side with the same exports without it and with real time."""
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import measuring
from measuring import MB, Cost, say, warm
from worker import HERE, Worker

sys.path.insert(0, str(HERE.parent / "Faces"))

CAMERAS = 4


def recording(store, seconds):
    """Four cameras of 640×480 pixels at 30 Hz as JPEG: one with two people walking through it for a third of the time."""
    import scenes

    busy = [scenes.encode(picture) for picture, _ in scenes.scene(scenes.KINDS[0], 1, seconds / 3)]
    empty = scenes.Kind("empty", (60, 90), people=0)
    quiet = [[scenes.encode(picture) for picture, _ in scenes.scene(empty, seed, seconds)] for seed in (3, 4, 5, 6)]
    quiet[0][:len(busy)] = busy
    scenes.write(store / "people", quiet)


def export(store, folder, options):
    """Encodes and assembles one export with two threads; returns what it cost."""
    work, out = folder / "work", folder / "out"
    for place in (work, out):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
    order = json.loads((HERE / "plan_order.json").read_text())
    order["request"]["exports"] = [options]
    order["request"]["package"] = "directory"
    worker = Worker()
    watch, started = measuring.Watch(worker.process.pid), time.monotonic()
    site = {"stores": [str(store)], "catalog": str(folder / "catalog.sqlite"), "robots": {}, "maximumDatasets": 10}
    worker.order(plan=order | {"site": site, "work": str(work)})
    worker.order(encode={"work": str(work), "part": 0, "threads": 2})
    worker.order(assemble={"work": str(work), "export": 0, "destination": str(out), "threads": 2})
    wall = time.monotonic() - started
    watch.stop()
    return Cost(wall, worker.close(), watch.peak)


def lerobot(images, blur):
    sampling = {"rate": 30_000_000, "strictMatch": True, "method": "nearest", "clock": "log_time", "tolerance": {"auto": {}}}
    options = {
        "version": "latest", "images": images, "codec": "h264", "sampling": sampling, "action": "topics", "subtasks": "episodes",
        "stateType": "float32", "hasCaptureTimes": False, "splits": {}, "hasModality": False,
    }
    return {"lerobot": {"_0": options | ({"faceBlur": blur} if blur else {})}}


def faces(options, table):
    seconds = options.lerobot_seconds
    store = HERE.parents[1] / ".build" / "benchmarks" / f"faces-{seconds:g}"
    if not (store / "people" / "data.mcap").exists():
        say(f"Making {seconds:g} s of {CAMERAS} cameras with people")
        shutil.rmtree(store, ignore_errors=True)
        recording(store, seconds)
    warm(store / "people" / "data.mcap")
    normal, high = ({"style": "blur", "sensitivity": sensitivity} for sensitivity in ("normal", "high"))
    pictures = seconds * 30 * CAMERAS
    with tempfile.TemporaryDirectory(prefix="exportd-benchmark-") as temporary:
        folder = Path(temporary)

        def measure(images, blur):
            say(f"faces: {images}, {blur['sensitivity'] if blur else 'without blur'}")
            return measuring.median([export(store, folder, lerobot(images, blur)) for _ in range(options.repeat)])

        for images, name, goal in (("video", "H.264", 2), ("image", "JPEG in the tables", 4)):
            plain = measure(images, None)
            for sensitivity, blur in (("normal", normal), ("high", high)):
                ours = measure(images, blur)
                what = f"face blur ({sensitivity}), LeRobot {name}, {CAMERAS} cameras"
                speed = f"{seconds / ours.wall:.1f}× real time"
                table.add(f"{what}: speed", speed, f"without blur {seconds / plain.wall:.1f}×", "", f"≥ {goal}×" if sensitivity == "normal" else "")
                each = (ours.cpu - plain.cpu) / pictures * 1000
                table.add(f"{what}: CPU of the blur, a picture", f"{each:.2f} ms", f"all else {plain.cpu / pictures * 1000:.2f} ms", "", "")
                table.add(f"{what}: memory", f"{ours.memory / MB:.0f} MB", f"without blur {plain.memory / MB:.0f} MB", "", "≤ 400 MB")
