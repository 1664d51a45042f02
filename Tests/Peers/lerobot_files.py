"""A LeRobot dataset read without the official library: the files of v3.0 and v2.1 as one thing, and the rules that they must keep."""
import collections
import json
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

COUNTED = ("timestamp", "frame_index", "episode_index", "index", "task_index")
QUANTILES = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}
INFO_KEYS = ("codebase_version", "robot_type", "total_episodes", "total_frames", "total_tasks", "chunks_size", "fps", "splits", "data_path", "video_path", "features")
INFO_KEYS_OF = {True: ("data_files_size_in_mb", "video_files_size_in_mb"), False: ("total_videos", "total_chunks")}
LONGEST_SHARED_VIDEO = 1024  # seconds; beyond it the official loader's 32-bit times miss frames
TIME_TOLERANCE = 1e-4  # the official loader's own


@dataclass
class Video:
    """Where an episode's frames of one camera are."""

    path: Path
    first: int  # the number of its first frame in the file


@dataclass
class Episode:
    index: int
    length: int
    tasks: list[str]
    row: dict
    stats: dict
    first: int = 0  # the number of its first frame in the dataset
    videos: dict[str, Video] = field(default_factory=dict)

    @property
    def rows(self):
        return slice(self.first, self.first + self.length)


def read_lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


class Dataset:
    """A dataset's metadata and numbers; pictures are read one episode at a time."""

    def __init__(self, root):
        self.root = Path(root)
        self.info = json.loads((self.root / "meta/info.json").read_text(encoding="utf-8"))
        self.v3 = self.info["codebase_version"].startswith("v3")
        self.fps, self.features = self.info["fps"], self.info["features"]
        self.videos = [name for name, feature in self.features.items() if feature["dtype"] == "video"]
        self.images = [name for name, feature in self.features.items() if feature["dtype"] == "image"]
        self.numbers = [name for name, feature in self.features.items() if feature["dtype"] not in ("video", "image")]
        self.data_files = sorted((self.root / "data").glob("*/*.parquet"))
        (self._read_v30 if self.v3 else self._read_v21)()
        first = 0
        for episode in self.episodes:
            episode.first, first = first, first + episode.length
        self.columns = self._numbers()

    def _read_v30(self):
        tasks = pq.read_table(self.root / "meta/tasks.parquet").to_pandas()
        self.task_rows = list(zip(tasks["task_index"].tolist(), tasks.index.tolist()))
        path = self.root / "meta/stats.json"
        self.stats = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
        self.episodes = []
        for file in sorted((self.root / "meta/episodes").glob("*/*.parquet")):
            for row in pq.read_table(file).to_pylist():
                stats = collections.defaultdict(dict)
                for key, value in row.items():
                    if key.startswith("stats/"):
                        feature, _, name = key.removeprefix("stats/").rpartition("/")
                        stats[feature][name] = value
                self.episodes.append(Episode(row["episode_index"], row["length"], row["tasks"], row, dict(stats)))

    def _read_v21(self):
        self.task_rows = [(row["task_index"], row["task"]) for row in read_lines(self.root / "meta/tasks.jsonl")]
        self.stats = None
        stats = {row["episode_index"]: row["stats"] for row in read_lines(self.root / "meta/episodes_stats.jsonl")}
        self.episodes = [
            Episode(row["episode_index"], row["length"], row["tasks"], row, stats.get(row["episode_index"], {}))
            for row in read_lines(self.root / "meta/episodes.jsonl")
        ]

    def _numbers(self):
        """All columns that hold no pictures, as arrays of all frames."""
        parts = collections.defaultdict(list)
        for file in self.data_files:
            table = pq.read_table(file, columns=self.numbers)
            for name in self.numbers:
                column = table.column(name).combine_chunks()
                if pa.types.is_list(column.type) or pa.types.is_fixed_size_list(column.type):
                    width = self.features[name]["shape"][0]
                    parts[name].append(np.asarray(column.flatten()).reshape(-1, width))
                else:
                    parts[name].append(column.to_numpy(zero_copy_only=False))
        return {name: np.concatenate(values) for name, values in parts.items()}

    @property
    def tasks(self):
        return [task for _, task in self.task_rows]

    def data_path(self, episode):
        if self.v3:
            place = {"chunk_index": episode.row["data/chunk_index"], "file_index": episode.row["data/file_index"]}
        else:
            place = {"episode_chunk": episode.index // self.info["chunks_size"], "episode_index": episode.index}
        return self.root / self.info["data_path"].format(**place)

    def video_path(self, episode, camera):
        if self.v3:
            place = {key: episode.row[f"videos/{camera}/{key}"] for key in ("chunk_index", "file_index")}
        else:
            place = {"episode_chunk": episode.index // self.info["chunks_size"], "episode_index": episode.index}
        return self.root / self.info["video_path"].format(video_key=camera, **place)

    def cells(self, camera):
        """The bytes of all pictures of a camera in image mode, in order."""
        for file in self.data_files:
            for batch in pq.ParquetFile(file).iter_batches(256, columns=[camera]):
                for cell in batch.column(0).to_pylist():
                    yield cell["bytes"]

    def frames(self, camera):
        """All pictures of a camera in video mode, in the order of the dataset: (episode, number in it, red-green-blue array).

        Found as the official loader finds them: the frame whose time is `from_timestamp` and the number over the rate.
        """
        for path, episodes in self._by_video(camera):
            wanted = {}
            for episode in episodes:
                start = episode.row[f"videos/{camera}/from_timestamp"] if self.v3 else 0.0
                for number in range(episode.length):
                    wanted[round((start + float(np.float32(number / self.fps))) * self.fps)] = (episode, number)
            with av.open(str(path)) as container:
                stream = container.streams.video[0]
                for frame in container.decode(stream):
                    found = wanted.get(round(float(frame.pts * stream.time_base) * self.fps))
                    if found:
                        yield *found, frame.to_ndarray(format="rgb24")

    def _by_video(self, camera):
        files = {}
        for episode in self.episodes:
            files.setdefault(self.video_path(episode, camera), []).append(episode)
        return files.items()


def check_files(dataset, differences):
    """The rules of the format that need no decoded picture. Returns figures to be shown."""
    _check_info(dataset, differences)
    _check_episodes(dataset, differences)
    groups = _check_tables(dataset, differences)
    _check_frames(dataset, differences)
    figures = {"version": dataset.info["codebase_version"], "episodes": len(dataset.episodes), "frames": dataset.info["total_frames"]}
    figures |= {"tasks": len(dataset.tasks), "data_files": len(dataset.data_files), "row_groups": groups}
    for camera in dataset.videos:
        figures["video"] = _check_video(dataset, camera, differences)
    for camera in dataset.images:
        figures["images"] = _check_cells(dataset, camera, differences)
    return figures


def _check_info(dataset, differences):
    info, features = dataset.info, dataset.features
    for key in INFO_KEYS + INFO_KEYS_OF[dataset.v3]:
        differences.expect(key in info, f"info.json: {key} is missing")
    differences.expect(isinstance(info["fps"], int) and info["fps"] > 0, f"info.json: fps is {info['fps']!r}")
    differences.expect(tuple(features)[-len(COUNTED) :] == COUNTED, f"info.json: the last features are {list(features)[-len(COUNTED):]}")
    for name, feature in features.items():
        if not differences.expect({"dtype", "shape", "names"} <= set(feature), f"info.json: {name} needs dtype, shape and names"):
            continue
        differences.expect("/" not in name, f"info.json: {name} has a slash in its name")
        if name in COUNTED:
            kind = "float32" if name == "timestamp" else "int64"
            differences.expect((feature["dtype"], feature["shape"]) == (kind, [1]), f"info.json: {name} must be {kind} [1]")
        elif feature["dtype"] in ("video", "image"):
            differences.expect(len(feature["shape"]) == 3 and feature["shape"][2] == 3, f"info.json: {name} has shape {feature['shape']}")
            differences.expect(feature["names"] == ["height", "width", "channels"], f"info.json: {name} has names {feature['names']}")
        else:
            differences.expect(len(feature["names"] or []) == feature["shape"][0], f"info.json: {name} has not a name for each column")
    differences.expect(info["splits"] == {"train": f"0:{info['total_episodes']}"}, f"info.json: splits are {info['splits']}")
    differences.expect(bool(info["video_path"]) == bool(dataset.videos), f"info.json: video_path is {info['video_path']!r}")
    if not dataset.v3:
        videos, chunks = len(dataset.videos) * len(dataset.episodes), -(-len(dataset.episodes) // info["chunks_size"])
        differences.expect(info["total_videos"] == videos, f"info.json: total_videos is {info['total_videos']}, not {videos}")
        differences.expect(info["total_chunks"] == chunks, f"info.json: total_chunks is {info['total_chunks']}, not {chunks}")


def _check_episodes(dataset, differences):
    info = dataset.info
    numbers = [number for number, _ in dataset.task_rows]
    differences.expect(numbers == list(range(len(numbers))), "tasks: rows are not in the order of task_index")
    differences.expect(all(isinstance(task, str) for task in dataset.tasks), "tasks: the text is not the index of the frame that pandas reads")
    differences.expect(len(set(dataset.tasks)) == len(dataset.tasks) == info["total_tasks"], f"tasks: {len(dataset.tasks)} rows, total_tasks is {info['total_tasks']}")
    differences.expect([e.index for e in dataset.episodes] == list(range(info["total_episodes"])), "episodes: not 0 to total_episodes - 1 in order")
    differences.expect(sum(e.length for e in dataset.episodes) == info["total_frames"], "episodes: their lengths do not add up to total_frames")
    wanted = collections.defaultdict(list)
    for episode in dataset.episodes:
        wanted[dataset.data_path(episode)].append(episode)
        if dataset.v3:
            span = (episode.row["dataset_from_index"], episode.row["dataset_to_index"])
            differences.expect(span == (episode.first, episode.first + episode.length), f"episode {episode.index}: dataset_from/to_index are {span}")
    differences.expect(sorted(wanted) == dataset.data_files, "data: the files are not those that the episodes name")
    for path, episodes in wanted.items():
        if path.is_file():
            found = pq.read_table(path, columns=["episode_index"]).column(0).to_numpy()
            expected = np.repeat([e.index for e in episodes], [e.length for e in episodes])
            differences.expect(np.array_equal(found, expected), f"{path.name}: rows are not those of the episodes that name it")


def _check_tables(dataset, differences):
    """Types and metadata of the tables. Returns the number of row groups."""
    columns = [name for name in dataset.features if name not in dataset.videos]
    groups = 0
    for file in dataset.data_files:
        table = pq.ParquetFile(file)
        groups += table.metadata.num_row_groups
        schema = table.schema_arrow
        where = file.relative_to(dataset.root)
        if not differences.expect(schema.names == columns, f"{where}: columns are {schema.names}, features say {columns}"):
            continue
        described = json.loads((schema.metadata or {}).get(b"huggingface", b"{}")).get("info", {}).get("features", {})
        differences.expect(list(described) == columns, f"{where}: the huggingface metadata describe {list(described)}")
        for name in dataset.numbers:
            feature, kind = dataset.features[name], schema.field(name).type
            differences.expect(table.metadata is not None, f"{where}: no metadata")
            value = {"dtype": feature["dtype"], "_type": "Value"}
            if feature["shape"] == [1]:
                differences.expect(kind == getattr(pa, feature["dtype"])(), f"{where}: {name} is {kind}, features say {feature['dtype']}")
                differences.expect(described.get(name) == value, f"{where}: huggingface describes {name} as {described.get(name)}")
            else:
                expected = {"feature": value, "length": feature["shape"][0], "_type": "Sequence"}
                right = kind == pa.list_(getattr(pa, feature["dtype"])(), feature["shape"][0])
                differences.expect(right, f"{where}: {name} is {kind}, features say {feature['dtype']} {feature['shape']}")
                differences.expect(described.get(name) == expected, f"{where}: huggingface describes {name} as {described.get(name)}")
        for name in dataset.images:
            differences.expect(described.get(name) == {"_type": "Image"}, f"{where}: huggingface describes {name} as {described.get(name)}")
    if dataset.v3:
        differences.expect(groups == len(dataset.episodes), f"data: {groups} row groups for {len(dataset.episodes)} episodes")
    return groups


def _check_frames(dataset, differences):
    columns, count = dataset.columns, dataset.info["total_frames"]
    differences.expect(np.array_equal(columns["index"], np.arange(count)), "data: index is not 0 to total_frames - 1")
    for name in dataset.numbers:
        if dataset.features[name]["dtype"].startswith("float"):
            differences.expect(np.isfinite(columns[name]).all(), f"data: {name} holds values that are not finite")
    for episode in dataset.episodes:
        where, rows, numbers = f"episode {episode.index}", episode.rows, np.arange(episode.length)
        differences.expect((columns["episode_index"][rows] == episode.index).all(), f"{where}: its rows say another episode_index")
        differences.expect(np.array_equal(columns["frame_index"][rows], numbers), f"{where}: frame_index is not 0 to {episode.length - 1}")
        times = (numbers / dataset.fps).astype(np.float32)
        differences.expect(np.array_equal(columns["timestamp"][rows], times), f"{where}: timestamp is not frame_index / fps")
        used = list(dict.fromkeys(dataset.tasks[number] for number in columns["task_index"][rows]))
        differences.expect(used == episode.tasks, f"{where}: tasks are {episode.tasks}, its rows use {used}")


def _check_video(dataset, camera, differences):
    """A camera's files: every frame decodes at exactly its time. Returns a word on the codec."""
    description = ""
    named = set()
    for path, episodes in dataset._by_video(camera):
        where = path.relative_to(dataset.root)
        if not differences.expect(path.is_file(), f"{where} is missing"):
            continue
        named.add(path)
        first = 0
        for episode in episodes:
            if dataset.v3:
                span = [episode.row[f"videos/{camera}/{key}_timestamp"] for key in ("from", "to")]
                expected = [first / dataset.fps, (first + episode.length) / dataset.fps]
                differences.expect(span == expected, f"episode {episode.index} {camera}: from/to_timestamp are {span}, expected {expected}")
            first += episode.length
        if len(episodes) > 1:
            differences.expect(first <= LONGEST_SHARED_VIDEO * dataset.fps, f"{where}: {first} frames are more than loaders find")
        times, keys = [], 0
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            for frame in container.decode(stream):
                times.append(float(frame.pts * stream.time_base))
                keys += bool(frame.key_frame)
            codec = {"libdav1d": "av1", "libaom-av1": "av1"}.get(stream.codec_context.name, stream.codec_context.name)
            height, width, _ = dataset.features[camera]["shape"]
            differences.expect((stream.width, stream.height) == (width, height), f"{where}: {stream.width}×{stream.height}, not {width}×{height}")
            differences.expect(stream.average_rate == dataset.fps, f"{where}: average rate is {stream.average_rate}, not {dataset.fps}")
            named_codec = dataset.features[camera].get("info", {}).get("video.codec")
            differences.expect(named_codec == codec, f"{where}: {codec}, info.json says {named_codec}")
            differences.expect(stream.codec_context.pix_fmt == "yuv420p", f"{where}: {stream.codec_context.pix_fmt}")
            description = f"{codec}/{width}x{height}/gop~{len(times) / max(keys, 1):.1f}"
        if differences.expect(len(times) == first, f"{where}: {len(times)} frames, its episodes have {first}"):
            deviation = np.abs(np.array(times) - np.arange(first) / dataset.fps).max()
            differences.expect(deviation < TIME_TOLERANCE, f"{where}: frames are up to {deviation} s off")
    found = set((dataset.root / "videos").rglob("*.mp4"))
    differences.expect({p for p in found if camera in p.parts} == named, f"videos: the files of {camera} are not those that the episodes name")
    return description


def _check_cells(dataset, camera, differences):
    kinds = collections.Counter()
    for cell in dataset.cells(camera):
        kinds["png" if cell[:4] == b"\x89PNG" else "jpeg" if cell[:2] == b"\xff\xd8" else "unknown"] += 1
    differences.expect(not kinds["unknown"], f"{camera}: {kinds['unknown']} pictures are neither JPEG nor PNG")
    differences.expect(kinds.total() == dataset.info["total_frames"], f"{camera}: {kinds.total()} pictures")
    return "+".join(sorted(kinds))
