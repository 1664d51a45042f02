"""The small files beside a recording: annotation.json, dataset.yaml and rosbag2's metadata.yaml."""
import json
import math
from pathlib import Path

import yaml

SKILLS = [
    ("reach", "Reach for the cup", "伸手去拿杯子"),
    ("grasp", "Grasp the cup", "抓住杯子"),
    ("lift", "Lift the cup", "举起杯子"),
    ("move", "Move over the tray", "移动到托盘上方"),
    ("place", "Place the cup", "放下杯子"),
    ("retract", "Retract the arm", "收回手臂"),
]


def segments(options, end_ns, rng):
    """Annotated subtasks with gaps between them, on whole milliseconds; with `--overlapping`, one more that spans the first two."""
    shortest, longest = options.segment_seconds
    out, start = [], options.start
    while len(out) < 1000:
        end = min(end_ns, start + round(rng.uniform(shortest, longest) * 1e9)) // 10**6 * 10**6
        if end - start < 0.5e9:
            break
        skill, task, task_zh = SKILLS[len(out) % len(SKILLS)]
        out.append({"start_ns": start, "end_ns": end, "skill": skill, "task": task, "task_zh": task_zh})
        start = (end + round(rng.uniform(0.02, 0.4) * 1e9)) // 10**6 * 10**6
    if options.overlapping and len(out) >= 2:
        out.append({"start_ns": out[0]["start_ns"], "end_ns": out[1]["end_ns"], "skill": "fetch", "task": "Fetch the cup", "task_zh": "取杯子"})
    for number, segment in enumerate(out):
        segment["sequence_id"] = number + 1
        if options.layout == "flat":
            segment["task_zh"] = ""  # the teleoperation form of the annotation has no Chinese text
    return out


def annotation(options, name, subtasks):
    """annotation.json: times are strings of Unix nanoseconds, frame numbers count the main camera's frames from 0."""

    def subtask(segment):
        entry = {
            "sequence_id": segment["sequence_id"],
            "skill": segment["skill"],
            "description": segment["task"],
            "start_timestamp": str(segment["start_ns"]),
            "end_timestamp": str(segment["end_ns"]),
            "comment": "",
            "attempts": "success",
        }
        if options.layout == "flat":
            return entry | {"objecta": "cup", "objectb": "tray", "options": ["rightHand"]}
        return entry | {
            "description_zh": segment["task_zh"],
            "start_frame_id": math.ceil((segment["start_ns"] - options.start) * options.fps / 1e9),
            "end_frame_id": math.floor((segment["end_ns"] - options.start) * options.fps / 1e9),
        }

    return {
        "belong_to": name,
        "mocap_offset": [],
        "object_set": ["cup", "tray"],
        "scene": options.scene,
        "skill_set": sorted({segment["skill"] for segment in subtasks}),
        "subtasks": [subtask(segment) for segment in subtasks],
        "tag_set": [],
        "task_description": name,
    }


def dataset(options):
    """dataset.yaml: what the recording itself does not say."""
    levels = (("excellent", 90), ("good", 70), ("fair", 50), ("poor", 0))
    return {
        "project": options.project,
        "annotator": options.staff,
        "reviewer": "r002",
        "review": options.review,
        "quality": {"level": next(level for level, least in levels if options.score >= least), "score": options.score},
        "robot": options.robot,
        "tags": options.tags,
        "task": "Pick up the cup and put it on the tray",
        "task_zh": "拿起杯子放到托盘上",
    }


def rosbag2_metadata(topics, files, compression=""):
    """metadata.yaml as `ros2 bag record` writes it. `topics`: name, type, messages; `files`: path, first and last ns, messages."""
    first, last = min(f["first_ns"] for f in files), max(f["last_ns"] for f in files)

    def span(start, end):
        return {"starting_time": {"nanoseconds_since_epoch": start}, "duration": {"nanoseconds": end - start}}

    return {
        "rosbag2_bagfile_information": {
            "version": 5,
            "storage_identifier": "mcap",
            **span(first, last),
            "message_count": sum(f["messages"] for f in files),
            "topics_with_message_count": [
                {
                    "topic_metadata": {
                        "name": topic["name"],
                        "type": topic["type"].replace("/", "/msg/"),
                        "serialization_format": "cdr",
                        "offered_qos_profiles": "",
                    },
                    "message_count": topic["messages"],
                }
                for topic in topics
            ],
            "compression_format": compression,
            "compression_mode": "",
            "relative_file_paths": [f["path"] for f in files],
            "files": [{"path": f["path"], **span(f["first_ns"], f["last_ns"]), "message_count": f["messages"]} for f in files],
        }
    }


def write_json(path: Path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write_yaml(path: Path, value):
    path.write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), encoding="utf-8")
