"""What the official LeRobot library makes of a dataset: loads it, reads every frame through a DataLoader, and trains a step."""
import atexit
import importlib
import os
import shutil
import tempfile
import warnings

# A cache of its own, so that no earlier conversion is read; and never a look at the Hub.
_CACHE = tempfile.mkdtemp(prefix="check-lerobot-")
atexit.register(shutil.rmtree, _CACHE, ignore_errors=True)
os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": _CACHE, "HF_LEROBOT_HOME": _CACHE, "TOKENIZERS_PARALLELISM": "false"}
# Threads that wait for each other by spinning take ten times as long on a machine that does other work too.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import lerobot  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from lerobot.configs.types import FeatureType  # noqa: E402
from lerobot.datasets.lerobot_dataset import LeRobotDataset  # noqa: E402

VERSION = lerobot.__version__
BATCHES = 2


def load(dataset, differences, backend=None, **options):
    """The dataset as the library sees it; loading it must give no warning."""
    if backend:
        options["video_backend"] = backend
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        loaded = LeRobotDataset("local/dataset", root=dataset.root, **options)
    for warning in caught:
        if not issubclass(warning.category, (DeprecationWarning, FutureWarning, PendingDeprecationWarning, ResourceWarning)):
            differences.add(f"loading warns: {warning.message}")
    return loaded


def check_loading(dataset, differences, backend=None):
    """Every frame through the library's own loader is what the files hold. Returns figures to be shown."""
    loaded = load(dataset, differences, backend)
    differences.expect(len(loaded) == dataset.info["total_frames"], f"{len(loaded)} frames, total_frames is {dataset.info['total_frames']}")
    differences.expect(loaded.meta.total_episodes == len(dataset.episodes), f"{loaded.meta.total_episodes} episodes")
    row = 0
    # More than one process would take longer to begin than they save.
    for batch in torch.utils.data.DataLoader(loaded, batch_size=32, num_workers=0):
        count = len(batch["index"])
        for name, feature in dataset.features.items():
            values, where = batch[name], f"frames {row} to {row + count - 1}: {name}"
            if feature["dtype"] in ("image", "video"):
                height, width, channels = feature["shape"]
                right = values.shape == (count, channels, height, width) and values.dtype == torch.float32
                differences.expect(right, f"{where}: {tuple(values.shape)} {values.dtype}")
                differences.expect(0 <= float(values.min()) and float(values.max()) <= 1, f"{where}: not within 0 and 1")
            else:
                stored = dataset.columns[name][row : row + count]
                same = tuple(values.shape) == stored.shape and np.array_equal(values.numpy(), stored.astype(values.numpy().dtype))
                differences.expect(same, f"{where}: not what the table holds (shape {tuple(values.shape)})")
        tasks = [dataset.tasks[number] for number in batch["task_index"].tolist()]
        differences.expect(list(batch["task"]) == tasks, f"frames {row} to {row + count - 1}: the tasks are {batch['task'][:2]}…")
        row += count
    differences.expect(row == dataset.info["total_frames"], f"the DataLoader gave {row} frames")
    columns = loaded.hf_dataset.features
    for name in dataset.numbers:
        shape, feature = dataset.features[name]["shape"], columns[name]
        length = getattr(feature, "length", None)
        differences.expect(shape == [1] or length == shape[0], f"{name} is loaded as {feature}, which has no fixed length")
    return {"lerobot": VERSION}


def check_training(dataset, policy, differences, backend=None):
    """Optimiser steps of a small policy on real batches give a finite loss. Returns figures to be shown."""
    find_features = _first("lerobot.datasets.feature_utils", "lerobot.datasets.utils", "lerobot.utils.feature_utils", name="dataset_to_policy_features")
    features = find_features({name: {**feature, "shape": tuple(feature["shape"])} for name, feature in dataset.features.items()})
    outputs = {name: feature for name, feature in features.items() if feature.type is FeatureType.ACTION}
    inputs = {name: feature for name, feature in features.items() if name not in outputs}
    options = {"input_features": inputs, "output_features": outputs, "device": "cpu", "pretrained_backbone_weights": None}
    if policy == "act":
        options |= {"chunk_size": 10, "n_action_steps": 10, "dim_model": 64, "n_heads": 4, "dim_feedforward": 128, "latent_dim": 8}
        options |= {"n_encoder_layers": 1, "n_vae_encoder_layers": 1}
    else:
        height, width = next(feature.shape[1:] for feature in inputs.values() if feature.type is FeatureType.VISUAL)
        options |= {"horizon": 16, "down_dims": (32, 64), "crop_shape": (int(0.9 * height), int(0.9 * width))}
    title = {"act": "ACT", "diffusion": "Diffusion"}[policy]
    configuration = getattr(importlib.import_module(f"lerobot.policies.{policy}.configuration_{policy}"), f"{title}Config")(**options)
    make = getattr(importlib.import_module(f"lerobot.policies.{policy}.modeling_{policy}"), f"{title}Policy")

    deltas = {}
    for name in dataset.features:
        if name == "action" and configuration.action_delta_indices is not None:
            deltas[name] = [step / dataset.fps for step in configuration.action_delta_indices]
        elif name.startswith("observation.") and configuration.observation_delta_indices is not None:
            deltas[name] = [step / dataset.fps for step in configuration.observation_delta_indices]
    loaded = load(dataset, differences, backend, delta_timestamps=deltas)
    torch.manual_seed(0)
    prepare = _first("lerobot.policies.factory", name="make_pre_post_processors")
    if prepare:
        prepare, _ = prepare(configuration, dataset_stats=loaded.meta.stats)
        model = make(configuration)
    else:
        model = make(configuration, dataset_stats=loaded.meta.stats)
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    losses = []
    for batch in torch.utils.data.DataLoader(loaded, batch_size=4, shuffle=True):
        batch = prepare(batch) if prepare else batch
        for name, values in batch.items():
            if torch.is_tensor(values) and values.is_floating_point():
                differences.expect(bool(torch.isfinite(values).all()), f"{policy}: {name} is not finite when it is normalised")
        loss, _ = model.forward(batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if len(losses) == BATCHES:
            break
    differences.expect(np.isfinite(losses).all() and max(losses) < 1e4, f"{policy}: the loss is {losses}: the statistics do not fit the data")
    return {policy: "/".join(f"{loss:.3f}" for loss in losses)}


def _first(*modules, name):
    """What has a name in the first module that is there and has it: the library moves things about."""
    for module in modules:
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError):
            continue
    return None
