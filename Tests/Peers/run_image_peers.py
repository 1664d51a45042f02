#!/usr/bin/env python3
"""Export image sets in every format and check them with ultralytics, datumaro, supervision and pycocotools, which Tests/install-peers
installs where they are missing.

    run_image_peers.py [--keep FOLDER] [NAME …]    names of exports, such as yolo-pose; all if none is given
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from image_exports import EXPORTS, ROOT, check, make_sets, request

sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

from harness import programs  # noqa: E402


def export(folder, name, sets):
    """Runs one export in the foreground; returns its package."""
    (folder / f"{name}.yaml").write_text(json.dumps(request(name, *(s.name for s in sets))))
    command = [programs() / "exportctl", "run", folder / f"{name}.yaml", "--output", folder / name, "--config", folder / "exportd.yaml"]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return folder / name / f"{name}_{EXPORTS[name]['format']}"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("names", nargs="*", choices=[[], *EXPORTS])
    p.add_argument("--keep", type=Path, help="put the sets and packages here and leave them")
    options = p.parse_args()
    install = subprocess.run([str(ROOT / "Tests" / "install-peers"), "images"], stdout=subprocess.PIPE, text=True)
    if install.returncode:
        return install.returncode
    python, failed = install.stdout.split()[-1], 0
    with tempfile.TemporaryDirectory(prefix="exportd-peer-") as temporary:
        folder = options.keep or Path(temporary)
        sets = make_sets(folder / "store", "photographs", "drawn")
        (folder / "spool").mkdir()
        places = {"spool": "spool", "stores": ["store"], "ledger": "ledger.sqlite", "work": "work", "cache": {"path": "cache"}}
        (folder / "exportd.yaml").write_text(json.dumps({**places, "limits": {"min_free_bytes": "0B"}}))
        for name in options.names or EXPORTS:
            status, text = check(python, export(folder, name, sets), name, sets)
            print(f"{name}: {text}", flush=True)
            failed += status != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
