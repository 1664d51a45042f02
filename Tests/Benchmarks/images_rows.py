"""The row `images`: a million annotations to each format of images against ultralytics' converter of COCO to YOLO."""
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measuring
from harness import ROOT, Site
from measuring import MB, Cost, say, warm

CLASSES = 80
FORMATS = {
    "yolo detect": {"format": "yolo", "task": "detect"},
    "yolo segment": {"format": "yolo", "task": "segment"},
    "coco": {"format": "coco"},
    "voc": {"format": "voc", "masks": False, "class_lists": False},
    "image_csv": {"format": "image_csv"},
}


def annotations(store, coco, images):
    """An image set without its images, ten annotations to an image, polygons of six points; and the same as COCO has it."""
    numbers = random.Random(10)
    folder = store / "synthetic"
    folder.mkdir(parents=True)
    coco.mkdir(parents=True)
    width, height = 1280, 720
    with open(folder / "annotations.part", "w", encoding="utf-8") as ours, open(coco / "instances.json", "w", encoding="utf-8") as theirs:
        names = [f'{{"id":{n},"name":"class {n}"}}' for n in range(1, CLASSES + 1)]
        head = f'"categories":[{",".join(names)}],"images":['
        ours.write('{"schema":"image-annotations/1","dataset":{"id":"synthetic","name":"synthetic"},' + head)
        theirs.write("{" + head)
        for image in range(1, images + 1):
            end = "," if image < images else "]"
            split = "val" if image % 10 == 0 else "train"
            ours.write(f'{{"id":{image},"file":"images/{image:08}.jpg","width":{width},"height":{height},"split":"{split}"}}{end}\n')
            theirs.write(f'{{"id":{image},"file_name":"{image:08}.jpg","width":{width},"height":{height}}}{end}\n')
        for file in (ours, theirs):
            file.write(',"annotations":[')
        for number in range(1, 10 * images + 1):
            x, y = round(numbers.uniform(0, 1000), 2), round(numbers.uniform(0, 500), 2)
            w, h = round(numbers.uniform(20, 250), 2), round(numbers.uniform(20, 200), 2)
            points = ",".join(f"{x + w * a:.2f},{y + h * b:.2f}" for a, b in ((0.5, 0), (1, 0.25), (1, 0.75), (0.5, 1), (0, 0.75), (0, 0.25)))
            image, category = (number - 1) // 10 + 1, numbers.randint(1, CLASSES)
            end = "," if number < 10 * images else "]}"
            ours.write(f'{{"id":{number},"image_id":{image},"category_id":{category},"type":"POLYGON","polygons":[[{points}]],"annotator":"a{number % 7}","quality":"good"}}{end}\n')
            theirs.write(f'{{"id":{number},"image_id":{image},"category_id":{category},"bbox":[{x},{y},{w},{h}],"area":{w * h:.2f},"iscrowd":0,"segmentation":[[{points}]]}}{end}\n')
    (folder / "images").mkdir()
    (folder / "annotations.part").rename(folder / "annotations.json")


def our_images(store, options):
    """One job on a fresh site, from the drop to completed, of daemon and workers together; packaged as jobs are, with checksums."""
    site = Site(example_store=False, stores=[str(store)], cache={"path": "state/cache", "max_bytes": "0B"})
    try:
        site.start()
        watch, started = measuring.Watch(site.daemon.pid), time.monotonic()
        site.submit("images", {"exports": [{**options, "include_images": False}]})
        status = site.wait("images", timeout=900)
        wall = time.monotonic() - started
        cpu = watch.stop()
        if status["state"] != "completed":
            sys.exit(f"the export failed: {status['error']}")
        site.stop()
        return Cost(wall, cpu, watch.peak, watch.largest)
    finally:
        site.close()


def peer_python():
    """The interpreter that has ultralytics; None where it is not installed."""
    run = subprocess.run([ROOT / "Tests" / "install-peers", "images"], capture_output=True, text=True)
    return run.stdout.split()[-1] if run.returncode == 0 and run.stdout else None


def peer_images(python, coco, *options):
    with tempfile.TemporaryDirectory(prefix="exportd-benchmark-") as folder:
        out = subprocess.DEVNULL
        return measuring.run([python, ROOT / "Tests" / "Benchmarks" / "peer_images.py", coco, Path(folder) / "out", *options], stdout=out, stderr=out)


def images(options, table):
    folder = ROOT / ".build" / "benchmarks" / f"images-{options.images}"
    store, coco = folder / "store", folder / "coco"
    document = store / "synthetic" / "annotations.json"
    if not document.exists():
        say(f"Making annotations of {options.images} images")
        shutil.rmtree(folder, ignore_errors=True)
        annotations(store, coco, options.images)
    warm(document)
    warm(coco / "instances.json")
    theirs = {}
    python = peer_python()
    if python is None:
        say("images: ultralytics cannot be installed")
    for task, arguments in (("detect", []), ("segment", ["segments"])) if python else ():
        say(f"images: ultralytics, {task}")
        theirs[task] = measuring.median([peer_images(python, coco, *arguments) for _ in range(options.repeat)])
    for name, export in FORMATS.items():
        runs = []
        for number in range(options.repeat):
            say(f"images: exportd, {name}, run {number + 1}")
            runs.append(our_images(store, export))
        cost = measuring.median(runs)
        what = f"{10 * options.images} polygons of {options.images} images ({document.stat().st_size / MB:.0f} MB of JSON) to {name}"
        peer = theirs.get("segment" if name == "yolo segment" else "detect")
        peers = "ultralytics convert_coco" + (", segments" if name == "yolo segment" else "")
        if peer:
            table.compare(f"{what}: CPU", cost.cpu, peers, peer.cpu, "≥ 10×")
            table.compare(f"{what}: wall", cost.wall, peers, peer.wall, "")
            memory = f"{peers} {peer.memory / MB:.0f} MB"
            table.add(f"{what}: memory of all processes", f"{cost.memory / MB:.0f} MB", memory, f"{peer.memory / cost.memory:.1f}×", "≤ 315 MB")
        else:
            table.add(f"{what}: CPU, wall and memory", f"{cost.cpu:.2f} s, {cost.wall:.2f} s, {cost.memory / MB:.0f} MB", "", "", "≤ 315 MB")
