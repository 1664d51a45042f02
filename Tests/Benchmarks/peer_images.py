"""Converts a COCO document to YOLO labels with ultralytics' own converter.

    peer_images.py FOLDER-WITH-JSON OUT [segments]
"""
import os
import sys

os.environ["YOLO_OFFLINE"], os.environ["YOLO_AUTOINSTALL"] = "true", "false"

from ultralytics.data.converter import convert_coco

convert_coco(labels_dir=sys.argv[1], save_dir=sys.argv[2], use_segments="segments" in sys.argv[3:], cls91to80=False)
