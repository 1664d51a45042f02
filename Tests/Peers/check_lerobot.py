#!/usr/bin/env python3
"""Check that LeRobot packages are what their format demands.

Reads each PACKAGE (a tar.gz or a directory) of v3.0 or v2.1 with pyarrow, pandas and PyAV: files, types and metadata, numbering, times of
every video frame; and recomputes all statistics from what is stored. With --official, in an environment that has the library which
reads the version (lerobot 0.4 or later for v3.0, 0.3 for v2.1), every frame goes through its loader too, and --policies act,diffusion
trains a small policy for some steps. Prints one line for each; exits 1 where anything is wrong.
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


def report(package, options):
    """Checks one package and prints what was found. Returns 1 where anything is wrong."""
    differences = Differences()
    with tempfile.TemporaryDirectory() as folder:
        figures = check(opened(package, Path(folder)), options, differences)
    for line in differences.lines[:20]:
        print(line, file=sys.stderr)
    described = ", ".join(f"{name} {value}" for name, value in figures.items())
    print(f"{package.name}: {described}, {len(differences.lines)} differences", flush=True)
    return 1 if differences.lines else 0


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("packages", type=Path, nargs="+", metavar="package")
    p.add_argument("--official", action="store_true", help="with the official library")
    p.add_argument("--policies", default=[], type=lambda text: text.split(","), help="of the official library: act, diffusion")
    p.add_argument("--backend", choices=["torchcodec", "pyav"], help="what the official library decodes video with")
    options = p.parse_args()
    return max([report(package, options) for package in options.packages])


if __name__ == "__main__":
    sys.exit(main())
