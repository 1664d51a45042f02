"""The statistics of a LeRobot dataset, recomputed from what is stored and compared with what the metadata say."""
import cv2
import numpy as np

from lerobot_files import COUNTED, QUANTILES

# How far statistics of pictures may lie apart, in parts of the range: image mode allows for another way of decoding JPEG's halved colours, video
# mode for what the codec loses, since statistics are those of the recording's own pictures.
PICTURE_TOLERANCE = {"image": {"mean": 0.002, "std": 0.006, "quantile": 0.06}, "video": {"mean": 0.03, "std": 0.05, "quantile": 0.12}}
BASIC = ("min", "max", "mean", "std", "count")


def check_statistics(dataset, differences):
    """Every statistic of every episode and, in v3.0, those of the whole dataset."""
    names = BASIC + (tuple(QUANTILES) if dataset.v3 else ())
    features = set(dataset.features)
    for episode in dataset.episodes:
        differences.expect(set(episode.stats) == features, f"episode {episode.index}: statistics of {sorted(set(episode.stats) ^ features)} too many or too few")
        for feature in dataset.numbers:
            _check_numbers(f"episode {episode.index} {feature}", episode.stats.get(feature, {}), dataset.columns[feature][episode.rows], names, differences)
    if dataset.v3 and differences.expect(dataset.stats is not None, "meta/stats.json is missing"):
        differences.expect(set(dataset.stats) == features, f"stats.json: {sorted(set(dataset.stats) ^ features)} too many or too few")
        for feature in dataset.numbers:
            _check_numbers(f"stats.json {feature}", dataset.stats.get(feature, {}), dataset.columns[feature], names, differences)
    for camera in dataset.videos + dataset.images:
        _check_camera(dataset, camera, names, differences)


def _check_numbers(where, stats, values, names, differences):
    if not differences.expect(set(names) <= set(stats), f"{where}: {sorted(set(names) - set(stats))} missing"):
        return
    values = values.reshape(len(values), -1).astype(np.float64)
    scale = np.abs(values).max(0) + 1e-6
    expected = {"min": values.min(0), "max": values.max(0), "mean": values.mean(0), "std": values.std(0)}
    for name, value in expected.items():
        found = np.asarray(stats[name], np.float64)
        same = found.shape == value.shape and (np.abs(found - value) <= 1e-5 * scale).all()
        differences.expect(same, f"{where}: {name} is {found[:6]}, recomputed {value[:6]}")
    differences.expect(stats["count"] == [len(values)], f"{where}: count is {stats['count']}, not [{len(values)}]")
    ordered = np.sort(values, axis=0)
    for name in names[len(BASIC) :]:
        found = np.asarray(stats[name], np.float64)
        if not differences.expect(found.shape == scale.shape, f"{where}: {name} has shape {found.shape}"):
            continue
        # Between the two samples around the quantile, whichever way of taking it was meant.
        place = QUANTILES[name] * (len(values) - 1)
        low, high = ordered[max(int(np.floor(place)) - 1, 0)], ordered[min(int(np.ceil(place)) + 1, len(values) - 1)]
        within = (low - 1e-6 * scale <= found) & (found <= high + 1e-6 * scale)
        differences.expect(within.all(), f"{where}: {name} is {found[:6]}, the samples around it are {low[:6]} and {high[:6]}")


def _sampled_frames(length):
    """The frames that the official library takes statistics of (`sample_indices`)."""
    count = max(min(100, length), min(int(length**0.75), 10_000))
    return set(np.round(np.linspace(0, length - 1, count)).astype(int).tolist())


def _histogram(picture):
    """Counts of each value of each colour, thinned out as the official library does it (`auto_downsample_height_width`)."""
    height, width, _ = picture.shape
    step = 1 if max(width, height) < 300 else int(width / 150) if width > height else int(height / 150)
    thin = picture[::step, ::step]
    return np.stack([np.bincount(thin[..., colour].ravel(), minlength=256) for colour in range(3)])


def _decoded(data):
    """The picture by libjpeg or libpng, which the official library's readers decode with."""
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION), cv2.COLOR_BGR2RGB)


def _pictures(dataset, camera):
    """(episode, number, red-green-blue array) of the frames that statistics look at."""
    if camera in dataset.videos:
        wanted = {episode.index: _sampled_frames(episode.length) for episode in dataset.episodes}
        yield from ((e, number, picture) for e, number, picture in dataset.frames(camera) if number in wanted[e.index])
        return
    cells = dataset.cells(camera)
    for episode in dataset.episodes:
        wanted = _sampled_frames(episode.length)
        for number in range(episode.length):
            data = next(cells)
            if number in wanted:
                yield episode, number, _decoded(data)


def _check_camera(dataset, camera, names, differences):
    height, width, _ = dataset.features[camera]["shape"]
    counts = {episode.index: np.zeros((3, 256), np.int64) for episode in dataset.episodes}
    pictures = dict.fromkeys(counts, 0)
    for episode, number, picture in _pictures(dataset, camera):
        if differences.expect(picture.shape == (height, width, 3), f"episode {episode.index} {camera}: frame {number} is {picture.shape}"):
            counts[episode.index] += _histogram(picture)
            pictures[episode.index] += 1
    tolerance = PICTURE_TOLERANCE[dataset.features[camera]["dtype"]]
    for episode in dataset.episodes:
        where, stats = f"episode {episode.index} {camera}", episode.stats.get(camera, {})
        _check_picture(where, stats, counts[episode.index], pictures[episode.index], names, tolerance, differences)
    if dataset.stats is not None:
        where, total = f"stats.json {camera}", sum(counts.values())
        _check_picture(where, dataset.stats.get(camera, {}), total, sum(pictures.values()), names, tolerance, differences)


def _check_picture(where, stats, counts, pictures, names, tolerance, differences):
    if not differences.expect(set(names) <= set(stats), f"{where}: {sorted(set(names) - set(stats))} missing"):
        return
    differences.expect(stats["count"] == [pictures], f"{where}: count is {stats['count']}, not [{pictures}]")
    total, levels = counts.sum(1), np.arange(256) / 255
    mean = (counts * levels).sum(1) / total
    expected = {"mean": mean, "std": np.sqrt((counts * (levels - mean[:, None]) ** 2).sum(1) / total)}
    expected |= {name: np.array([levels[np.searchsorted(np.cumsum(row), QUANTILES[name] * row.sum())] for row in counts]) for name in names[len(BASIC) :]}
    for name in names:
        if name == "count":
            continue
        found = np.asarray(stats[name], np.float64)
        if not differences.expect(found.shape == (3, 1, 1) and (0 <= found).all() and (found <= 1).all(), f"{where}: {name} is {found.tolist()}"):
            continue
        if name in expected:
            near = np.abs(found.ravel() - expected[name]).max() <= tolerance.get(name, tolerance["quantile"])
            differences.expect(near, f"{where}: {name} is {found.ravel()}, recomputed {expected[name]}")
    order = [np.asarray(stats[name]) for name in ("min", *names[len(BASIC) :], "max")]
    differences.expect(all((a <= b).all() for a, b in zip(order, order[1:])), f"{where}: min, quantiles and max are not in order")
