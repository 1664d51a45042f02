#!/usr/bin/env python3
"""Export small datasets and check them with an official LeRobot library, which Tests/install-peers installs where it is missing.

Two recordings become a package with video and one with pictures, of the version that the library reads, with splits and a task that
changes within an episode; all frames go through its loader.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

from harness import generate, programs  # noqa: E402

READS = {"0.3.3": "v2.1", "0.4.4": "v3.0", "0.6.1": "v3.0"}
KINDS = {"av1": {}, "h264": {"codec": "h264"}, "image": {"images": "image"}}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("version", choices=sorted(READS))
    p.add_argument("--policies", help="train these for some steps: act,diffusion")
    options = p.parse_args()
    install = subprocess.run([str(ROOT / "Tests" / "install-peers"), options.version], stdout=subprocess.PIPE, text=True)
    if install.returncode:
        return install.returncode
    python = install.stdout.split()[-1]
    with tempfile.TemporaryDirectory(prefix="exportd-peer-") as folder:
        folder = Path(folder)
        for seed in (1, 2):
            start = 1_773_000_000_000_000_000 + seed * 10**13
            arguments = ["--seed", seed, "--start", start, "--seconds", 3, "--size", "96x80", "--segment-seconds", "1:2", "--overlapping"]
            generate(folder / "store", folder / f"{seed}.json", *arguments, "--layout", "folder" if options.version == "0.3.3" else "rosbag2")
        (folder / "spool").mkdir()
        places = {"spool": "spool", "stores": ["store"], "ledger": "ledger.sqlite", "work": "work", "cache": {"path": "cache"}}
        (folder / "exportd.yaml").write_text(json.dumps({**places, "limits": {"min_free_bytes": "0B"}}))
        common = {"format": "lerobot", "version": READS[options.version], "subtasks": "frames", "splits": {"train": 0.5, "val": 0.5}}
        packages = []
        for kind, own in KINDS.items():
            (folder / f"{kind}.yaml").write_text(json.dumps({"exports": [{**common, **own}], "package": "directory"}))
            command = [programs() / "exportctl", "run", folder / f"{kind}.yaml", "--output", folder / kind, "--config", folder / "exportd.yaml"]
            subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            packages.append(folder / kind / f"{kind}_lerobot")
        checker = Path(__file__).with_name("check_lerobot.py")
        policies = ["--policies", options.policies] if options.policies else []
        return subprocess.run([python, "-B", checker, "--official", *policies, *packages]).returncode


if __name__ == "__main__":
    sys.exit(main())
