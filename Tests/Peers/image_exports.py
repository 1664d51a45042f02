"""Every format and task of image exports, of the image sets that Tests/Generator makes, and what a checker says of them."""
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATOR = ROOT / "Tests" / "Generator" / "make_image_sets.py"
CHECKER = ROOT / "Tests" / "Peers" / "check_images.py"
EXPORTS = {
    "coco": {"format": "coco"},
    "yolo-detect": {"format": "yolo", "task": "detect"},
    "yolo-segment": {"format": "yolo", "task": "segment"},
    "yolo-pose": {"format": "yolo", "task": "pose"},
    "yolo-obb": {"format": "yolo", "task": "obb"},
    "voc": {"format": "voc"},
    "image_csv": {"format": "image_csv"},
    "image_tar": {"format": "image_tar"},
}


def make_sets(folder, *sets):
    """Makes image sets in a store; returns their folders."""
    subprocess.run([sys.executable, str(GENERATOR), str(folder), "--sets", ",".join(sets)], check=True)
    return [Path(folder) / name for name in sorted(sets)]


def check(python, package, name, sets):
    """Runs the checker on a package; returns its status and what it printed."""
    export = EXPORTS[name]
    command = [python, str(CHECKER), str(package), *map(str, sets), "--format", export["format"], "--task", export.get("task", "detect")]
    run = subprocess.run(command, capture_output=True, text=True)
    return run.returncode, run.stdout + run.stderr


def request(name, *sets):
    return {"select": {"datasets": list(sets)}, "exports": [EXPORTS[name]], "package": "directory"}


