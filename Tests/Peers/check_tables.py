#!/usr/bin/env python3
"""Open a json or csv package with pandas and DuckDB and compare every cell with what the recordings hold.

Messages are decoded by mcap-ros1-support and mcap-ros2-support, which share nothing with the programs under test; samples are recomputed
from the truth files; schema.json must describe every column of every table, and Frictionless must find every cell valid. Prints one line; exits 1 where anything differs.
"""
import argparse
import base64
import contextlib
import csv
import json
import math
import re
import sys
import tempfile
from pathlib import Path

import duckdb
import frictionless
import numpy as np
import pandas
from mcap.reader import make_reader
from mcap_ros1.decoder import DecoderFactory as ROS1
from mcap_ros2.decoder import DecoderFactory as ROS2

import expectation
from check_hdf5 import Differences, check_manifest, opened


# What a recording holds


def fields_of(message):
    return [slot for slot in getattr(message, "__slots__", []) if not slot.startswith("_")]


def is_time(value):
    names = set(fields_of(value))
    return names in ({"sec", "nanosec"}, {"secs", "nsecs"}) or hasattr(value, "to_nsec")


def nanoseconds(value):
    if hasattr(value, "to_nsec"):
        return value.to_nsec()
    return value.sec * 10**9 + value.nanosec


def flatten(value, name, array_columns, binary, out):
    """A decoded message as {column: value}."""
    if isinstance(value, (bytes, bytearray)):
        if binary == "base64":
            out[name] = base64.b64encode(value).decode()
        else:
            out[f"{name}.length"] = len(value)
    elif isinstance(value, (list, tuple)) or type(value).__name__ in ("array", "ndarray"):
        if len(value) > array_columns:
            out[name] = list(value)
        else:
            for index, element in enumerate(value):
                flatten(element, f"{name}.{index}", array_columns, binary, out)
    elif isinstance(value, (bool, int, float, str, np.generic)):
        out[name] = value
    elif is_time(value):
        out[name] = nanoseconds(value)
    else:
        for field in fields_of(value):
            flatten(getattr(value, field), f"{name}.{field}" if name else field, array_columns, binary, out)


def recorded(paths, options):
    """{topic: [row]} of all messages of a recording's volumes, each topic by log time."""
    rows = {}
    for path in paths:
        with open(path, "rb") as file:
            for schema, channel, message, decoded in make_reader(file, decoder_factories=[ROS1(), ROS2()]).iter_decoded_messages():
                row = {"log_time_ns": message.log_time, "publish_time_ns": message.publish_time, "sequence": message.sequence}
                flatten(decoded, "", options.array_columns, options.binary, row)
                topic = channel.topic if channel.topic.startswith("/") else f"/{channel.topic}"
                rows.setdefault(topic, []).append(row)
    for topic in rows:
        rows[topic].sort(key=lambda row: row["log_time_ns"])
    return rows


# What a package holds


def tables(root, differences):
    """[(resource, rows)] of a package: every cell as Python reads it, nothing converted; the schema must name all columns."""
    package = json.loads((root / "schema.json").read_text(encoding="utf-8"))
    differences.expect(package["profile"] == "tabular-data-package", "schema.json is no tabular data package")
    listed = {resource["path"] for resource in package["resources"]}
    present = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()} - {"schema.json", "manifest.json"}
    differences.expect(listed == present, f"schema.json and the files differ in {sorted(listed ^ present)}")
    names = [resource["name"] for resource in package["resources"]]
    differences.expect(len(set(names)) == len(names), "two resources have one name")
    for resource in package["resources"]:
        path = root / resource["path"]
        columns = [field["name"] for field in resource["schema"]["fields"]]
        differences.expect(all(field["description"] and field["type"] for field in resource["schema"]["fields"]), f"{path.name}: a column is not described")
        if path.suffix == ".csv":
            with open(path, encoding="utf-8-sig", newline="") as file:
                reader = csv.reader(file, strict=True)
                header = next(reader, [])
                rows = list(reader)
            differences.expect(header == columns, f"{path.name}: schema.json describes other columns")
            differences.expect(all(len(row) == len(header) for row in rows), f"{path.name}: rows differ in width")
            yield resource, [dict(zip(header, row)) for row in rows], path
        else:
            text = path.read_text(encoding="utf-8")
            rows = json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]
            differences.expect(all(list(row) == columns for row in rows), f"{path.name}: schema.json describes other columns")
            yield resource, rows, path


# What CSV has no place for.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def same(cell, want, is_csv):
    """Whether a cell as it was read is a value of a message."""
    if isinstance(want, np.generic):
        want = want.item()
    if want is None or isinstance(want, float) and not math.isfinite(want):
        return cell == "" if is_csv else cell is None
    if isinstance(want, bool):
        return cell == str(want).lower() if is_csv else cell is want
    if isinstance(want, list):
        held = json.loads(cell) if is_csv else cell
        return len(held) == len(want) and all(same(a, b, False) for a, b in zip(held, want))
    if isinstance(want, (bytes, bytearray)):
        return cell == base64.b64encode(want).decode()
    if fields_of(want):
        return all(same(cell[field], getattr(want, field), False) for field in fields_of(want))
    if isinstance(want, int):
        return cell == str(want) if is_csv else cell == want or cell == str(want)
    if isinstance(want, float):
        if cell in ("", None) or math.copysign(1, float(cell)) != math.copysign(1, want):
            return False
        value = float(cell) if is_csv and cell != "" else cell
        # A number of 4 bytes is written as such; the decoder has widened it.
        return value == want or isinstance(value, (int, float)) and float(np.float32(value)) == want == float(np.float32(want))
    return cell == CONTROLS.sub("\ufffd", want) if is_csv else cell == want


def check_messages(resource, rows, datasets, is_csv, differences):
    topic, cells, at = resource["topic"], 0, 0
    for dataset, recording in datasets:
        for want in recording.get(topic, []):
            if at >= len(rows):
                differences.add(f"{topic}: only {len(rows)} rows")
                return cells
            row, at = rows[at], at + 1
            stamp = want.get("header.stamp")
            want = want | {"dataset": dataset, "header_stamp_ns": stamp or None}
            for name in want.keys() - row.keys():
                differences.add(f"{topic}: no column {name}")
            for name, cell in row.items():
                cells += 1
                if not same(cell, want.get(name), is_csv):
                    differences.add(f"{topic} row {at} {name}: {cell!r}, expected {want.get(name)!r}")
    differences.expect(at == len(rows), f"{topic}: {len(rows)} rows, expected {at}")
    return cells


def check_samples(rows, truths, rules, differences):
    """All ticks of all episodes by the rules of sampling."""
    at = cells = 0
    for truth, dataset in truths:
        for number, episode in enumerate(expectation.episodes(truth, dataset, rules), 1):
            names = [f"{feature}.{name}" for feature in episode.values for name in episode.names[feature] or []]
            for tick, time in enumerate(episode.ticks):
                if at >= len(rows):
                    differences.add(f"samples: only {len(rows)} rows")
                    return cells
                row, at = rows[at], at + 1
                found = (row["dataset"], int(row["episode"]), int(row["tick"]), int(row["timestamp_ns"]), row["task"])
                differences.expect(found == (dataset, number, tick, time, episode.segment["task"]), f"samples row {at}: {found}")
                values = [value for feature in episode.values if episode.names[feature] for value in episode.values[feature][tick]]
                for name, value in zip(names, values):
                    cells += 1
                    if name not in row or float(row[name]) != value:
                        differences.add(f"samples row {at} {name}: {row.get(name)!r}, expected {value!r}")
                # A camera has a time at each tick; that of the frame that belongs to it is the hdf5 check's to prove.
                for camera in [*episode.jpegs, *episode.shown]:
                    differences.expect(abs(int(row[f"observation.images.{camera}.time_ns"]) - time) < 10**9, f"samples row {at}: {camera}")
    differences.expect(at == len(rows), f"samples: {len(rows)} rows, expected {at}")
    return cells


def check_readers(path, rows, columns, differences):
    """pandas and DuckDB see the same rows and columns, and the same numbers."""
    if path.suffix == ".csv":
        frame = pandas.read_csv(path, keep_default_na=False, na_values=[""], low_memory=False)
        source = f"read_csv('{path}', header = true, sample_size = -1, max_line_size = 100000000)"
    else:
        frame = pandas.read_json(path, lines=path.suffix == ".jsonl", dtype=False)
        kind = "newline_delimited" if path.suffix == ".jsonl" else "array"
        source = f"read_json('{path}', format = '{kind}', sample_size = -1, maximum_object_size = 100000000, map_inference_threshold = -1)"
    if not rows:
        return
    differences.expect((len(frame), list(frame.columns)) == (len(rows), columns), f"{path.name}: pandas reads {frame.shape}")
    count = duckdb.sql(f"select count(*) from {source}").fetchall()[0][0]
    differences.expect(count == len(rows), f"{path.name}: DuckDB reads {count} rows of {len(rows)}")
    described = duckdb.sql(f"describe select * from {source}").fetchall()
    differences.expect([c[0] for c in described] == columns, f"{path.name}: DuckDB reads other columns")
    for name in columns:
        if name.endswith("_ns"):
            held = [int(row[name]) if row[name] not in ("", None) else None for row in rows]
            quoted = name.replace('"', '""')
            found = [r[0] for r in duckdb.sql(f'select "{quoted}"::bigint from {source}').fetchall()]
            differences.expect(found == held, f"{path.name} {name}: DuckDB reads other times")
            if path.suffix == ".csv" and None not in held:
                differences.expect(frame[name].tolist() == held, f"{path.name} {name}: pandas reads other times")


def check(options):
    differences = Differences()
    truths = sorted((expectation.load(path) for path in options.truths), key=lambda entry: entry[1].encode())
    rules = expectation.Rules()
    found = cells = 0
    with tempfile.TemporaryDirectory() as folder:
        root = opened(Path(options.package), Path(folder))
        check_manifest(root, differences)
        check_schema(root, differences)
        recordings = dict(argument.split("=", 1) for argument in options.recording)
        ids = [dataset for _, dataset in truths] or sorted(recordings)
        datasets = [(dataset, recorded(recordings[dataset].split(","), options)) for dataset in ids if dataset in recordings]
        for resource, rows, path in tables(root, differences):
            found += 1
            is_csv = path.suffix == ".csv"
            columns = [field["name"] for field in resource["schema"]["fields"]]
            check_readers(path, rows, columns, differences)
            if resource["name"] == "datasets":
                differences.expect([row["dataset"] for row in rows] == ids, "datasets: other datasets")
                for row, (truth, dataset) in zip(rows, truths):
                    for topic, facts in truth["topics"].items():
                        name = "/" + topic.lstrip("/")
                        differences.expect(int(row[f"streams.{name}.messages"]) == facts["count"], f"{dataset} {name}: other count")
                    differences.expect((int(row["start_ns"]), int(row["end_ns"])) == (truth["first_ns"], truth["last_ns"]), f"{dataset}: other times")
            elif resource["name"] == "segments":
                want = [(dataset, segment) for truth, dataset in truths for segment in truth["segments"] or []]
                want.sort(key=lambda entry: (entry[0].encode(), entry[1]["start_ns"], entry[1]["end_ns"], entry[1]["sequence_id"]))
                held = [(row["dataset"], int(row["start_ns"]), int(row["end_ns"]), row["task"]) for row in rows]
                differences.expect(held == [(d, s["start_ns"], s["end_ns"], s["task"]) for d, s in want], "segments: other segments")
            elif resource["name"] == "samples":
                cells += check_samples(rows, truths, rules, differences)
            elif datasets:
                cells += check_messages(resource, rows, datasets, is_csv, differences)
    return differences, f"{found} tables, {cells} cells compared"


def check_schema(root, differences):
    """The package is valid in the eyes of Frictionless: every cell is of its column's type and keeps its constraints."""
    package = json.loads((root / "schema.json").read_text(encoding="utf-8"))
    # It reads no JSON without a row.
    package["resources"] = [r for r in package["resources"] if r["format"] == "csv" or (root / r["path"]).stat().st_size > len("[]\n")]
    with contextlib.chdir(root):
        report = frictionless.Package.from_descriptor(package).validate()
    differences.expect(report.valid, f"schema.json: {report.flatten(['name', 'type', 'message'])[:5]}")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("package")
    p.add_argument("truths", nargs="*", help="truth files of the recordings, each maybe ID=FILE")
    p.add_argument("--recording", action="append", default=[], metavar="ID=FILE,…", help="a dataset's MCAP files, whose messages the package holds")
    p.add_argument("--array-columns", type=int, default=1000)
    p.add_argument("--binary", choices=["length", "base64"], default="length")
    options = p.parse_args()
    differences, summary = check(options)
    for line in differences.lines[:20]:
        print(line)
    if len(differences.lines) > 20:
        print(f"… and {len(differences.lines) - 20} more")
    print(f"{'equal' if not differences.lines else 'DIFFERENT'}: {summary}")
    sys.exit(1 if differences.lines else 0)


if __name__ == "__main__":
    main()
