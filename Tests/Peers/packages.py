"""A package as a user has it: an archive or a directory, and its manifest."""
import hashlib
import json
import tarfile


def opened(package, folder):
    """The package's root as a directory; an archive is unpacked into `folder` and must hold plain files and folders inside it."""
    if package.is_dir():
        return package
    with tarfile.open(package, "r:gz") as archive:
        archive.extractall(folder, filter="data")
    tops = list(folder.iterdir())
    return tops[0] if len(tops) == 1 and tops[0].is_dir() else folder


def check_manifest(root, differences):
    """Every file of the package stands in manifest.json with its size and hash, and nothing else does."""
    path = root / "manifest.json"
    if not differences.expect(path.is_file(), "manifest.json is missing"):
        return {}
    manifest = json.loads(path.read_text(encoding="utf-8"))
    listed = {entry["path"]: entry for entry in manifest["files"]}
    present = {p.relative_to(root).as_posix(): p for p in root.rglob("*") if p.is_file() and p != path}
    for name in sorted(set(listed) ^ set(present)):
        differences.add(f"{name}: {'in the manifest only' if name in listed else 'not in the manifest'}")
    for name in sorted(set(listed) & set(present)):
        data = present[name]
        differences.expect(listed[name]["bytes"] == data.stat().st_size, f"{name}: size differs from the manifest")
        with open(data, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        differences.expect(listed[name]["sha256"] == digest, f"{name}: SHA-256 differs from the manifest")
    return manifest
