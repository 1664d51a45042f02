"""LeRobot exports against the bare codec (ffmpeg), `cp` and the official Python library, and a nightly run against its first.

The official library takes part with --lerobot-peers, which installs the versions that it names with Tests/install-peers, and where
EXPORTD_LEROBOT_PYTHON names the Python of an environment of one's own that holds it (several are separated by colons).
"""
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import measuring
from harness import ROOT, Site, generate, long_store, programs


MB = 1_000_000
HERE = Path(__file__).resolve().parent

# What exportd asks of the codecs.
CODECS = {
    "av1": "-c:v libsvtav1 -preset 12 -crf 30 -svtav1-params lp=1:fast-decode=0:enable-tf=0:lookahead=0",
    "h264": "-c:v libx264 -preset veryfast -crf 23 -bf 0",
}


def say(text):
    print(text, file=sys.stderr, flush=True)


def recording(options):
    """A store with one recording, and its cameras' pictures as streams of JPEG; made once and kept in .build/benchmarks."""
    folder = ROOT / ".build" / "benchmarks" / f"lerobot-{options.lerobot_seconds:g}"
    truth = folder / "truth.json"
    if not truth.exists():
        say(f"Making a recording of {options.lerobot_seconds:g} s with 4 cameras")
        (folder / "store").mkdir(parents=True, exist_ok=True)
        generate(folder / "store", folder / "making.json", "--seconds", options.lerobot_seconds, "--cameras", 4, "--seed", 6)
        pictures(next((folder / "store").glob("*/data.mcap")), folder)
        (folder / "making.json").rename(truth)
    return folder / "store", next((folder / "store").glob("*/data.mcap")), sorted(folder.glob("*.mjpeg"))


def pictures(data, folder):
    from mcap.reader import make_reader
    from mcap_ros1.decoder import DecoderFactory

    files = {}
    with open(data, "rb") as file:
        for schema, channel, _, message in make_reader(file, decoder_factories=[DecoderFactory()]).iter_decoded_messages():
            if schema.name.endswith("CompressedImage"):
                if channel.topic not in files:
                    files[channel.topic] = open(folder / f"camera_{len(files)}.mjpeg", "wb")
                files[channel.topic].write(message.data)
    for file in files.values():
        file.close()


def run_request(site, exports, output):
    """One request through exportctl; returns its cost and its status."""
    request = site.folder / "request.yaml"
    request.write_text(json.dumps({"exports": exports}))
    command = [programs() / "exportctl", "run", request, "--config", site.folder / "exportd.yaml", "--output", output, "--json"]
    with tempfile.TemporaryFile("w+") as printed:
        cost = measuring.run([str(part) for part in command], stdout=printed)
        printed.seek(0)
        return cost, json.loads(printed.read())


def our_export(store, **lerobot):
    site = Site(example_store=False, stores=[str(store)], cache={"path": "state/cache", "max_bytes": "0B"})
    try:
        output = site.folder / "out"
        cost, status = run_request(site, [{"format": "lerobot", "rate_hz": 30, **lerobot}], output)
        return cost, status["exports"][0] | {"sampled": sampled_pictures(output)}
    finally:
        site.close()


def sampled_pictures(folder):
    """How many pictures of a camera the statistics of a package looked at."""
    with tarfile.open(next(folder.glob("*.tar.gz"))) as package:
        for member in package:
            if member.name.endswith("meta/stats.json"):
                stats = json.load(package.extractfile(member))
                return next(feature["count"][0] for name, feature in stats.items() if name.startswith("observation.images."))
    sys.exit("the package has no statistics")


def side_by_side(commands):
    """Shell commands, as many at a time as there are cores."""
    script = "\n".join(commands)
    return measuring.run(["xargs", "-P", str(os.cpu_count()), "-I", "{}", "sh", "-c", "{}"], stdin=lines(script))


def lines(text):
    file = tempfile.TemporaryFile("w+")
    file.write(text)
    file.seek(0)
    return file


def codec_alone(streams, codec, frames):
    """ffmpeg decodes and encodes the same pictures with the same settings, one thread a camera."""
    with tempfile.TemporaryDirectory(prefix="exportd-benchmark-") as folder:
        return side_by_side(
            f"SVT_LOG=1 ffmpeg -v error -threads 1 -framerate 30 -i {stream} -frames:v {frames} -vf scale=out_range=limited,format=yuv420p "
            f"{CODECS[codec]} -g 2 -threads 1 {folder}/{stream.stem}.mp4"
            for stream in streams
        )


def decoding(streams, frames):
    return side_by_side(f"ffmpeg -v error -threads 1 -i {stream} -frames:v {frames} -f null -" for stream in streams)


def copied(data):
    with tempfile.TemporaryDirectory(prefix="exportd-benchmark-") as folder:
        return measuring.run(["cp", data, Path(folder) / "copy"])


def pythons(options):
    """The environments of the official library that were asked for."""
    found = list(filter(None, os.environ.get("EXPORTD_LEROBOT_PYTHON", "").split(":")))
    for version in filter(None, options.lerobot_peers.split(",")):
        install = subprocess.run([ROOT / "Tests" / "install-peers", version], stdout=subprocess.PIPE, text=True)
        if install.returncode:
            sys.exit(f"lerobot {version} could not be installed")
        found.append(install.stdout.split()[-1])
    return found


def mcap_packages(python):
    """A folder with the MCAP packages for an environment, beside which they are installed, so that it stays as it is."""
    version = subprocess.run([python, "-c", "import sys; print(*sys.version_info[:2], sep='.')"], capture_output=True, text=True, check=True)
    folder = ROOT / ".build" / "benchmarks" / f"mcap-python{version.stdout.strip()}"
    complete = folder / "complete"
    if not complete.exists():
        wanted = [line for line in (ROOT / "Tests" / "requirements.txt").read_text().split("\n") if line.startswith(("lz4=", "mcap", "zstandard="))]
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", folder, *wanted], check=True)
        complete.touch()
    return folder


def official(options, data, *arguments):
    """The official library, once for each environment that is named: (its name, its cost)."""
    for python in pythons(options):
        version = subprocess.run([python, "-c", "import importlib.metadata as m; print(m.version('lerobot'))"], capture_output=True, text=True)
        if version.returncode != 0:
            sys.exit(f"{python} has no lerobot: {version.stderr}")
        number = version.stdout.strip()
        streaming = ["--streaming"] if "--images" not in arguments and tuple(map(int, number.split(".")[:2])) >= (0, 5) else []
        say(f"lerobot: lerobot {number} {' '.join([*arguments, *streaming])}")
        with tempfile.TemporaryDirectory(prefix="exportd-benchmark-") as folder:
            # -P: beside the script lies this file, which is no library.
            command = [python, "-P", HERE / "peer_lerobot.py", data, Path(folder) / "out", *arguments, *streaming]
            yield f"lerobot {number}{' streaming' if streaming else ''}", measuring.run(command, env={**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(mcap_packages(python))})


def medians(options, what, body):
    """The median cost of several runs, and what else the last of them gave."""
    costs, last = [], None
    for number in range(options.repeat):
        say(f"lerobot: {what}, run {number + 1}")
        result = body()
        cost, last = result if isinstance(result, tuple) else (result, None)
        costs.append(cost)
    return measuring.median(costs), last


def memory(table, what, cost):
    table.add(
        f"{what}: memory of all processes, of the largest", f"{cost.memory / MB:.0f} MB, {cost.largest / MB:.0f} MB", "", "", "≤ 400 MB a worker")


def video(options, table, store, data, streams, peers):
    for codec, goal, faster in (("av1", 1.15, "≥ 4×, ≥ 2× its streaming"), ("h264", 1.25, "≥ 6× its streaming")):
        ours, status = medians(options, f"exportd, {codec}", lambda: our_export(store, images="video", codec=codec))
        frames = status["frames"]
        alone, _ = medians(options, f"ffmpeg, {codec}", lambda: codec_alone(streams, codec, frames))
        what = f"LeRobot v3.0, {codec} video, 4 × {frames} pictures"
        table.add(f"{what}: CPU", f"{ours.cpu:.2f} s", f"ffmpeg alone {alone.cpu:.2f} s", f"ours {ours.cpu / alone.cpu:.2f}× the codec", f"≤ {goal}×")
        table.add(f"{what}: wall", f"{ours.wall:.2f} s", f"ffmpeg alone {alone.wall:.2f} s", f"ours {ours.wall / alone.wall:.2f}×", "")
        table.add(f"{what}: cores in use", f"{ours.cpu / ours.wall:.2f}", f"ffmpeg alone {alone.cpu / alone.wall:.2f}", "", "")
        memory(table, what, ours)
        for name, cost in peers:
            table.compare(f"{what}: CPU", ours.cpu, name, cost.cpu, faster)
            table.compare(f"{what}: wall", ours.wall, name, cost.wall, faster)
            table.add(f"{what}: memory", f"{ours.memory / MB:.0f} MB", f"{name} {cost.memory / MB:.0f} MB", f"{cost.memory / ours.memory:.1f}×", "")


def images(options, table, store, data, streams):
    ours, status = medians(options, "exportd, images", lambda: our_export(store, images="image"))
    frames, sampled = status["frames"], status["sampled"]
    cp, _ = medians(options, "cp", lambda: copied(data))
    decoded, _ = medians(options, "ffmpeg, decoding", lambda: decoding(streams, sampled))
    what = f"LeRobot v3.0, images, 4 × {frames} JPEG of {data.stat().st_size / MB:.0f} MB"
    table.add(
        f"{what}: CPU", f"{ours.cpu:.2f} s", f"cp {cp.cpu:.3f} s, ffmpeg decodes the {4 * sampled} sampled in {decoded.cpu:.2f} s",
        f"ours {(ours.cpu - decoded.cpu) / cp.cpu:.1f}× cp and the decoding", "≤ 8× cp and the decoding")
    table.add(f"{what}: wall", f"{ours.wall:.2f} s", f"cp {cp.wall:.2f} s", "", "")
    memory(table, what, ours)
    for name, cost in official(options, data, "--images"):
        table.compare(f"{what}: CPU", ours.cpu, name, cost.cpu, "≥ 50×")
        table.compare(f"{what}: wall", ours.wall, name, cost.wall, "≥ 50×")
        table.add(f"{what}: memory", f"{ours.memory / MB:.0f} MB", f"{name} {cost.memory / MB:.0f} MB", f"{cost.memory / ours.memory:.1f}×", "")


def nightly(options, table):
    """The same request on a store that has grown by one recording: its parts but one come from the cache."""
    with tempfile.TemporaryDirectory(prefix="exportd-benchmark-") as temporary:
        store = Path(temporary) / "store"
        count = options.nightly_recordings
        names, _ = long_store(store, count, "--size", "640x480", "--seconds", options.nightly_seconds)
        newest = store / names[-1]
        hidden = Path(temporary) / names[-1]
        newest.rename(hidden)
        site = Site(example_store=False, stores=[str(store)], cache={"path": "state/cache", "max_bytes": "100GiB"})
        try:
            exports = [{"format": "lerobot", "rate_hz": 30, "images": "video", "codec": "av1"}]
            say(f"lerobot: nightly, the first run over {count - 1} recordings")
            first, _ = run_request(site, exports, site.folder / "first")
            hidden.rename(newest)
            say("lerobot: nightly, with one recording more")
            grown, _ = run_request(site, exports, site.folder / "grown")
            same = []
            for number in range(options.repeat):
                say(f"lerobot: nightly, with nothing new, run {number + 1}")
                cost, _ = run_request(site, exports, site.folder / f"same-{number}")
                same.append(cost)
        finally:
            site.close()
    what = f"nightly: {count} recordings of {options.nightly_seconds:g} s, one of them new, AV1"
    table.add(f"{what}: CPU", f"{grown.cpu:.2f} s", f"first run {first.cpu:.2f} s", f"{grown.cpu / first.cpu:.1%}", "≤ 5 %")
    table.add(f"{what}: wall", f"{grown.wall:.2f} s", f"first run {first.wall:.2f} s", f"{grown.wall / first.wall:.1%}", "")
    again = measuring.median(same)
    table.add("the same with nothing new: CPU", f"{again.cpu:.2f} s", f"first run {first.cpu:.2f} s", f"{again.cpu / first.cpu:.1%}", "")


def lerobot(options, table):
    store, data, streams = recording(options)
    for file in (data, *streams):
        file.read_bytes()
    peers = list(official(options, data, "--videos"))
    video(options, table, store, data, streams, peers)
    images(options, table, store, data, streams)
    nightly(options, table)
