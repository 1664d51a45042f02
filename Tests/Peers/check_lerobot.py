#!/usr/bin/env python3
"""Check that a LeRobot package is what its format demands.

Reads PACKAGE (a tar.gz or a directory) of v3.0 or v2.1 with pyarrow, pandas and PyAV: files, types and metadata, numbering, times of
every video frame; and recomputes all statistics from what is stored. With --official, in an environment that has the library which
reads the version (lerobot 0.4 or later for v3.0, 0.3 for v2.1), every frame goes through its loader too, and --policies act,diffusion
trains a small policy for some steps. Prints one line; exits 1 where anything is wrong.
"""
import argparse
import sys
import tempfile
from pathlib import Path

from differences import Differences
from lerobot_files import Dataset, check_files
from lerobot_statistics import check_statistics
from packages import opened


def check(root, options, differences):
    """All checks that were asked for. Returns figures to be shown."""
    dataset = Dataset(root)
    figures = check_files(dataset, differences)
    if not differences.lines:
        check_statistics(dataset, differences)
    if options.official and not differences.lines:
        import lerobot_official

        figures |= lerobot_official.check_loading(dataset, differences, options.backend)
        for policy in options.policies:
            figures |= lerobot_official.check_training(dataset, policy, differences, options.backend)
    return figures


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("package", type=Path)
    p.add_argument("--official", action="store_true", help="with the official library")
    p.add_argument("--policies", default=[], type=lambda text: text.split(","), help="of the official library: act, diffusion")
    p.add_argument("--backend", choices=["torchcodec", "pyav"], help="what the official library decodes video with")
    options = p.parse_args()
    differences = Differences()
    with tempfile.TemporaryDirectory() as folder:
        figures = check(opened(options.package, Path(folder)), options, differences)
    for line in differences.lines[:20]:
        print(line, file=sys.stderr)
    described = ", ".join(f"{name} {value}" for name, value in figures.items())
    print(f"{options.package.name}: {described}, {len(differences.lines)} differences")
    return 1 if differences.lines else 0


if __name__ == "__main__":
    sys.exit(main())
