#!/usr/bin/env python3
"""check_parquet.py FOLDER : reads each NAME.parquet of a folder with pyarrow, pandas and DuckDB, and compares types, rows, row groups,
statistics and texts with what NAME.json says that it holds. With the package `datasets` installed and --datasets, that too.

NAME.json: {"fields": ["name: type", ...] as Arrow prints them, "row_groups": [rows, ...], "metadata": {key: text},
"columns": [[value, ...], ...]}; floats as their bits, bytes in hex, timestamps as integers, structures as lists."""
import json
import pathlib
import struct
import sys

import duckdb
import pandas
import pyarrow
import pyarrow.compute
import pyarrow.parquet


def plain(array):
    """An Arrow array in the terms of NAME.json."""
    if isinstance(array, pyarrow.ChunkedArray):
        return [value for chunk in array.chunks for value in plain(chunk)]
    kind = array.type
    if pyarrow.types.is_list(kind) or pyarrow.types.is_large_list(kind):
        values = plain(array.values)
        offsets = array.offsets.to_pylist()
        valid = array.is_valid().to_pylist()
        return [values[offsets[i]:offsets[i + 1]] if valid[i] else None for i in range(len(array))]
    if pyarrow.types.is_struct(kind):
        fields = [plain(array.field(i)) for i in range(kind.num_fields)]
        valid = array.is_valid().to_pylist()
        return [[field[i] for field in fields] if valid[i] else None for i in range(len(array))]
    if pyarrow.types.is_float32(kind):
        # A view keeps the bits of NaNs, which Python's own floats would not.
        return array.view(pyarrow.uint32()).to_pylist()
    if pyarrow.types.is_float64(kind):
        return array.view(pyarrow.uint64()).to_pylist()
    if pyarrow.types.is_timestamp(kind):
        return array.view(pyarrow.int64()).to_pylist()
    if pyarrow.types.is_binary(kind) or pyarrow.types.is_large_binary(kind) or pyarrow.types.is_fixed_size_binary(kind):
        return [None if value is None else value.hex() for value in array.to_pylist()]
    return array.to_pylist()


def differences(reader, fields, found, wanted):
    for field, a, b in zip(fields, found, wanted):
        if a != b:
            if len(a) != len(b):
                yield f"{reader}: {field}: {len(a)} rows instead of {len(b)}"
                continue
            row = next(i for i in range(len(a)) if a[i] != b[i])
            yield f"{reader}: {field}: row {row} is {str(a[row])[:200]} instead of {str(b[row])[:200]}"


def check_statistics(path, file, column, leaf):
    """Statistics of each row group against the values themselves."""
    if leaf.max_repetition_level > 0 or "." in leaf.path:
        return
    for group in range(file.num_row_groups):
        told = file.metadata.row_group(group).column(column).statistics
        values = file.read_row_group(group).column(leaf.path).combine_chunks()
        if told is None or told.null_count != values.null_count:
            yield f"statistics: {leaf.path}: null_count of row group {group}"
            continue
        kind = values.type
        if pyarrow.types.is_binary(kind) or pyarrow.types.is_fixed_size_binary(kind):
            if told.has_min_max:
                yield f"statistics: {leaf.path}: bytes have extremes"
            continue
        if pyarrow.types.is_floating(kind):
            values = values.filter(pyarrow.compute.invert(pyarrow.compute.is_nan(values)))
        if pyarrow.types.is_string(kind):
            texts = sorted(text.encode() for text in values.to_pylist() if text is not None)
            wanted = (texts[0].decode(), texts[-1].decode()) if texts else (None, None)
            if texts and max(len(texts[0]), len(texts[-1])) > 64:
                wanted = (None, None)
        else:
            bounds = pyarrow.compute.min_max(values)
            wanted = (bounds["min"].as_py(), bounds["max"].as_py()) if not pyarrow.types.is_timestamp(kind) else None
        if wanted is None:
            continue
        if told.has_min_max != (wanted[0] is not None):
            yield f"statistics: {leaf.path}: has extremes {told.has_min_max} for {wanted}"
        elif told.has_min_max and (told.min, told.max) != wanted:
            yield f"statistics: {leaf.path}: {told.min!r}..{told.max!r} instead of {wanted}"
        elif told.has_min_max and pyarrow.types.is_floating(kind):
            for extreme, sign in ((told.min, b"\x80"), (told.max, b"\x00")):
                if extreme == 0 and struct.pack(">d", extreme)[:1] != sign:
                    yield f"statistics: {leaf.path}: the sign of an extreme zero"


def check(path, with_datasets):
    wanted = json.loads(path.with_suffix(".json").read_text())
    file = pyarrow.parquet.ParquetFile(path, page_checksum_verification=True)
    table = file.read()
    fields = [f"{field.name}: {field.type}{'' if field.nullable else ' not null'}" for field in table.schema]
    if fields != wanted["fields"]:
        yield f"pyarrow: fields are {fields} instead of {wanted['fields']}"
    groups = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    if groups != wanted["row_groups"]:
        yield f"pyarrow: row groups of {groups} rows instead of {wanted['row_groups']}"
    metadata = {key.decode(): value.decode() for key, value in (file.metadata.metadata or {}).items()}
    if metadata != wanted["metadata"]:
        yield f"pyarrow: metadata is {metadata} instead of {wanted['metadata']}"
    if not file.metadata.created_by.startswith("exportd version "):
        yield f"pyarrow: created by {file.metadata.created_by}"
    yield from differences("pyarrow", fields, [plain(column) for column in table.columns], wanted["columns"])
    for group in range(file.num_row_groups):
        for i in range(file.metadata.num_columns):
            chunk = file.metadata.row_group(group).column(i)
            if chunk.statistics is None or chunk.total_compressed_size <= 0:
                yield f"pyarrow: {chunk.path_in_schema} has no statistics or no bytes"
    for i in range(file.metadata.num_columns):
        yield from check_statistics(path, file, i, file.schema.column(i))

    frame = pandas.read_parquet(path, dtype_backend="pyarrow")
    if len(frame) != sum(groups):
        yield f"pandas: {len(frame)} rows instead of {sum(groups)}"

    result = duckdb.sql(f"SELECT * FROM read_parquet('{path}')").to_arrow_table()
    if wanted["columns"] and "pandas" not in metadata:
        yield from differences("DuckDB", fields, [plain(column) for column in result.columns], wanted["columns"])

    if with_datasets and sum(groups) > 0:
        import datasets

        loaded = datasets.Dataset.from_parquet(str(path), cache_dir=str(path.parent / "cache"))
        loaded.set_format("arrow")
        columns = [plain(column) for column in loaded[:].columns]
        if "pandas" not in metadata:
            yield from differences("datasets", fields, columns, wanted["columns"])


def main():
    folder = pathlib.Path(sys.argv[1])
    paths = sorted(folder.glob("*.parquet"))
    problems = [f"{path.name}: {problem}" for path in paths for problem in check(path, "--datasets" in sys.argv)]
    for problem in problems[:20]:
        print(problem)
    print(f"{len(paths)} files, {len(problems)} problems")
    sys.exit(1 if problems or not paths else 0)


if __name__ == "__main__":
    main()
