"""HDF5 for ACT and robomimic: read the way their training loaders read it, and compared with the platform's layout of the same episodes."""
import json

import cv2
import h5py
import numpy as np
from recordings import rewrite

from harness import DATASETS, SiteTest, generate

FOLDER = DATASETS["folder"]
RATE = 30


def act_item(path, cameras, start):
    """One training item as ACT's dataset of episodes takes it: the observation at a tick, and all actions from there on."""
    with h5py.File(path, "r") as root:
        is_sim = root.attrs["sim"]
        compressed = root.attrs.get("compress", False)
        qpos, qvel = root["/observations/qpos"][start], root["/observations/qvel"][start]
        images = {camera: root[f"/observations/images/{camera}"][start] for camera in cameras}
        if compressed:
            images = {camera: np.array(cv2.imdecode(image, 1)) for camera, image in images.items()}
        action = root["/action"][()]
        action = action[start:] if is_sim else action[max(0, start - 1) :]
    return qpos, qvel, images, action


class RobomimicSequences:
    """What robomimic's dataset of sequences does with a file: demonstrations by filter key, sorted by number, items by tick."""

    def __init__(self, path, keys, filter_key=None):
        self.file, self.keys = h5py.File(path, "r", swmr=True, libver="latest"), keys
        names = [text.decode("utf-8") for text in np.array(self.file[f"mask/{filter_key}"][:])] if filter_key else list(self.file["data"].keys())
        self.demos = sorted(names, key=lambda name: int(name[5:]))
        self.places = [(demo, tick) for demo in self.demos for tick in range(self.file[f"data/{demo}"].attrs["num_samples"])]

    def item(self, index, load_next_obs=True):
        demo, tick = self.places[index]
        found = {"obs": {key: self.file[f"data/{demo}/obs/{key}"][tick] for key in self.keys}}
        if load_next_obs:
            found["next_obs"] = {key: self.file[f"data/{demo}/next_obs/{key}"][tick] for key in self.keys}
        return found | {key: self.file[f"data/{demo}/{key}"][()].astype("float32")[tick] for key in ("actions", "rewards", "dones")}


class HDF5LayoutTest(SiteTest):
    def package(self, name, *datasets, **options):
        self.site.export(name, *datasets, package="directory", **options)
        status = self.site.wait(name)
        self.assertEqual(status["state"], "completed", status["error"])
        return self.site.package(status)

    def platform_episodes(self, *datasets, **options):
        """The arrays of all episodes of the platform's layout, in order."""
        episodes = []
        for path in sorted(self.package("platform", *datasets, **options).glob("chunk_*.hdf5")):
            with h5py.File(path) as file:
                episodes += [
                    {key: value[()] for key, value in file["data"][name].items()} | {"task": file["data"][name].attrs["task"]}
                    for name in sorted(file["data"])
                ]
        return episodes

    def test_aloha_is_what_act_trains_on(self):
        want = self.platform_episodes(FOLDER)
        package = self.package("aloha", FOLDER, layout="aloha")
        paths = [package / f"episode_{number}.hdf5" for number in range(len(want))]
        self.assertEqual({path.name for path in package.glob("*.hdf5")}, {path.name for path in paths})
        for path, episode in zip(paths, want):
            cameras = [key.rpartition(".")[2] for key in episode if key.startswith("observation.images.")]
            state, action = episode["observation.state"], episode["action"]
            with h5py.File(path) as file:
                self.assertEqual((file.attrs["sim"], file.attrs["task"]), (False, episode["task"]))
                self.assertTrue(np.array_equal(file["/observations/qpos"][()], state))
                self.assertTrue(np.array_equal(file["/action"][()], action))
                velocity = np.gradient(state.astype(np.float64), 1 / RATE, axis=0)
                self.assertTrue(np.allclose(file["/observations/qvel"][()], velocity, rtol=1e-4, atol=1e-5))
                lengths = file["/compress_len"][()]
                self.assertEqual(lengths.shape, (len(cameras), len(state)))
                for row, camera in zip(lengths, cameras):
                    images = file[f"/observations/images/{camera}"]
                    self.assertEqual((images.dtype, images.shape), (np.uint8, (len(state), int(lengths.max()))))
                    for tick, jpeg in enumerate(episode[f"observation.images.{camera}"]):
                        self.assertEqual(images[tick, : int(row[tick])].tobytes(), jpeg.tobytes())
                        self.assertFalse(images[tick, int(row[tick]) :].any())
            for start in (0, 1, len(state) - 1):
                qpos, qvel, images, rest = act_item(path, cameras, start)
                self.assertTrue(np.array_equal(qpos, state[start]) and qvel.shape == qpos.shape)
                self.assertTrue(np.array_equal(rest, action[max(0, start - 1) :]))
                for camera, image in images.items():
                    self.assertTrue(np.array_equal(image, cv2.imdecode(episode[f"observation.images.{camera}"][start], 1)))

    def test_aloha_holds_pixels_where_they_are_asked_for(self):
        want = self.platform_episodes(FOLDER, images="raw")
        package = self.package("aloha-raw", FOLDER, layout="aloha", images="raw", compression="gzip")
        for number, episode in enumerate(want):
            with h5py.File(package / f"episode_{number}.hdf5") as file:
                self.assertNotIn("compress", file.attrs)
                for key in episode:
                    if key.startswith("observation.images."):
                        self.assertTrue(np.array_equal(file[f"/observations/images/{key.rpartition('.')[2]}"][()], episode[key]))

    def test_robomimic_reads_one_file_of_demonstrations(self):
        datasets = [FOLDER, DATASETS["rosbag2"]]
        want = self.platform_episodes(*datasets, images="raw")
        package = self.package("robomimic", *datasets, layout="robomimic", splits={"train": 0.5, "valid": 0.5})
        path, = package.glob("*.hdf5")
        whole = RobomimicSequences(path, ["state"])
        self.assertEqual(whole.demos, [f"demo_{number}" for number in range(len(want))])
        self.assertEqual(len(whole.places), sum(len(episode["action"]) for episode in want))
        self.assertEqual(whole.file["data"].attrs["total"], len(whole.places))
        environment = json.loads(whole.file["data"].attrs["env_args"])
        self.assertEqual(set(environment), {"env_name", "type", "env_kwargs"})
        index = 0
        for demo, episode in zip(whole.demos, want):
            group, state = whole.file[f"data/{demo}"], episode["observation.state"]
            self.assertEqual(group.attrs["task"], episode["task"])
            for tick in range(len(state)):
                item = whole.item(index)
                index += 1
                last = tick == len(state) - 1
                self.assertTrue(np.array_equal(item["obs"]["state"], state[tick]))
                self.assertTrue(np.array_equal(item["next_obs"]["state"], state[tick if last else tick + 1]))
                self.assertTrue(np.array_equal(item["actions"], episode["action"][tick]))
                self.assertEqual((item["rewards"], item["dones"]), (0, last))
            pictures = [key for key in episode if key.startswith("observation.images.")]
            for key in pictures:
                self.assertTrue(np.array_equal(group[f"obs/{key.rpartition('.')[2]}_image"][()], episode[key]))
            self.assertTrue(pictures)
        train, valid = (RobomimicSequences(path, ["state"], key) for key in ("train", "valid"))
        self.assertEqual(sorted(train.demos + valid.demos), sorted(whole.demos))
        self.assertTrue(train.demos and valid.demos)
        whole.file.close()

    def test_what_a_layout_cannot_hold_is_refused_with_what_to_do(self):
        for options, key in (
            ({"layout": "aloha", "chunk_size": 2}, "chunk_size"),
            ({"layout": "robomimic", "images": "jpeg"}, "images"),
            ({"layout": "aloha", "splits": {"train": 1}}, "splits"),
        ):
            name = f"refused-{key.replace('_', '-')}"
            self.site.export(name, FOLDER, **options)
            error = self.site.wait(name)["error"]
            self.assertEqual(error["code"], "request_invalid")
            self.assertIn(key, json.dumps(error))
        silent = generate(self.site.store, self.site.folder / "truth.json", "--size", "64x48", "--seconds", 2)
        rewrite(self.site.store / silent / "data.mcap", lambda name, number, data: None if "cmd" in name or "command" in name else data)
        for layout in ("aloha", "robomimic"):
            name = f"no-action-{layout}"
            self.site.export(name, silent, layout=layout)
            status = self.site.wait(name)
            self.assertEqual((status["state"], status["error"]["code"]), ("failed", "option_unsupported"), status["error"])
            self.assertIn("needs action", status["error"]["message"])
            self.package(f"next-state-{layout}", silent, layout=layout, action="next_state")
