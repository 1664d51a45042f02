"""What each layout records: its topics, their types and rates, and the payload of every message."""
import math
from dataclasses import dataclass, field
from typing import Callable

import numpy as np

import ros
from scene import Camera, DepthCamera, VideoCamera

STATE, ACTION, GRIPPER, IMAGES = "observation.state", "action", "observation.gripper", "observation.images."


@dataclass
class Message:
    """One message's bytes, and what the truth file says of it."""

    data: bytes
    header_ns: int | None = None
    facts: dict = field(default_factory=dict)


@dataclass
class Stream:
    """One topic. Without a rate it carries a single, latched message at the start."""

    topic: str
    type: str
    payload: Callable[[int, int], Message]
    hz: float | None = None
    jitter_ms: float = 0.4
    feature: str | None = None


class Arm:
    """A robot whose joints swing, each at its own pace."""

    def __init__(self, names, rng):
        self.names = names
        self.rng = rng
        self.pace = rng.uniform(0.2, 0.9, len(names)) * 2 * math.pi
        self.swing = rng.uniform(0.3, 1.2, len(names))

    def position(self, seconds):
        return self.swing * np.sin(self.pace * seconds)

    def velocity(self, seconds):
        return self.swing * self.pace * np.cos(self.pace * seconds)


def grip(seconds, phase=0.0):
    """How far a gripper is open, 0 to 1: mostly shut or open, with quick ramps between."""
    wave = math.sin(0.9 * seconds + phase)
    return 0.5 + 0.5 * math.copysign(min(1.0, abs(4 * wave)), wave)


class Robot:
    """The streams of one recording. `options` are the generator's command-line options."""

    def __init__(self, options, rng):
        self.options, self.rng = options, rng
        self.writer = ros.CdrWriter if options.ros2 else ros.Ros1Writer
        self.skew_ns = {topic: round(ms * 1e6) for topic, ms in options.skew}
        self.width, self.height = options.width, options.height
        self.streams = {"folder": self._folder, "flat": self._flat, "rosbag2": self._rosbag2}[options.layout]()

    # Layouts

    def _folder(self):
        o = self.options
        arm = Arm([f"joint_{i}" for i in range(1, o.joints + 1)], self.rng)
        cameras = [f"camera_{k:02d}" for k in range(1, o.cameras + 1)]
        streams = [
            self._description("/robot_description", arm),
            self._static_transforms("/tf_static", cameras),
            *self._cameras(cameras, "/{}/color/image_raw/compressed", "/{}/color/camera_info"),
            self._joints("/joint_states", arm, o.state_hz or 150, STATE, full=True),
            self._joints("/joint_command", arm, o.command_hz or 50, ACTION, lead=0.05),
            self._scalar_gripper("/gripper", 50),
            self._transforms("/tf", arm, 50),
        ]
        if o.depth:
            streams.append(self._depth("/camera_01/depth/image_rect_raw", "camera_01"))
        return streams

    def _flat(self):
        o = self.options
        right = [f"r_joint{i}" for i in range(1, o.joints + 1)]
        left = [f"l_joint{i}" for i in range(1, o.joints + 1)]
        arm = Arm(right + left + ["platform_joint"], self.rng)
        commanded = Arm(left + right, self.rng)  # fewer joints than the state has, in another order, as on the real robot
        cameras = [f"camera_{k:02d}" for k in range(1, o.cameras + 1)]
        return [
            self._description("/robot_description", arm),
            *self._cameras(cameras, "/{}/color/image_raw/compressed", None),
            self._joints("io_teleop/joint_states", arm, o.state_hz or 15, STATE, full=True),
            self._joints("io_teleop/joint_cmd", commanded, o.command_hz or 100, ACTION, lead=0.05),
            self._joint_gripper("io_teleop/target_gripper_status", ["right_gripper", "left_gripper"], 100),
            self._poses("io_teleop/target_ee_poses", 100),
            self._base_move("io_teleop/target_base_move", 100),
            self._joints("io_teleop/target_joint_from_vr", commanded, 100, None, lead=0.08),
            self._transforms("/tf", arm, 15),
        ]

    def _rosbag2(self):
        o = self.options
        arm = Arm([f"joint_{i}" for i in range(1, o.joints + 1)], self.rng)
        cameras = ["head_camera", "wrist_camera", "left_camera", "right_camera", *(f"extra_{k}" for k in range(1, 13))][: o.cameras]
        return [
            self._description("/robot_description", arm),
            *self._cameras(cameras, "/{}/image/compressed", None),
            self._joints("/joint_states", arm, o.state_hz or 60, STATE, full=True),
            self._joints("/joint_command", arm, o.command_hz or 60, ACTION, lead=0.05),
            self._imu("/head_camera/imu", "head_camera", 100),
        ]

    # Streams

    def _stamped(self, topic, log_ns, latency_ns):
        """The header's stamp: the sensor's own time, a little before the recorder's, plus the skew that was asked for."""
        return log_ns - latency_ns + self.skew_ns.get(topic, 0)

    def _seconds(self, log_ns):
        return (log_ns - self.options.start) / 1e9

    def _cameras(self, names, image_topic, info_topic):
        o, streams = self.options, []
        for number, name in enumerate(names):
            camera = Camera(number, o.width, o.height, o.noise, o.quality, np.random.default_rng([o.seed, 1000 + number]))
            streams.append(self._camera(image_topic.format(name), name, VideoCamera(camera, o.video, o.fps) if o.video else camera))
            if info_topic:
                streams.append(self._camera_info(info_topic.format(name), name))
        return streams

    def _camera(self, topic, name, camera):
        image_format = self.options.video or ("rgb8; jpeg compressed bgr8" if self.options.ros2 else "jpeg")

        def payload(index, log_ns):
            stamp = self._stamped(topic, log_ns, 9_000_000)
            if self.options.video:
                unit, decodes = camera.access_unit(index, self._seconds(stamp))
                data = self.writer().header(index, stamp, f"{name}_optical_frame").string(image_format).blob(unit).bytes
                return Message(data, stamp, {"video": index if decodes else None})
            jpeg = camera.jpeg(self._seconds(stamp))
            data = self.writer().header(index, stamp, f"{name}_optical_frame").string(image_format).blob(jpeg).bytes
            return Message(data, stamp, {"jpeg": jpeg})

        return Stream(topic, "sensor_msgs/CompressedImage", payload, self.options.fps, 1.2, IMAGES + name)

    def _camera_info(self, topic, name):
        def payload(index, log_ns):
            out = self.writer().header(index, log_ns, f"{name}_optical_frame").u32(self.height).u32(self.width).string("plumb_bob")
            centre = [self.width / 2, self.height / 2]
            out.f64_sequence([0.01, -0.02, 0, 0, 0]).f64s([615, 0, centre[0], 0, 615, centre[1], 0, 0, 1]).f64s(np.eye(3).ravel())
            out.f64s([615, 0, centre[0], 0, 0, 615, centre[1], 0, 0, 0, 1, 0])
            for _ in range(6):
                out.u32(0)
            return Message(out.u8(0).bytes, log_ns)

        return Stream(topic, "sensor_msgs/CameraInfo", payload)

    def _depth(self, topic, name):
        camera = DepthCamera(self.width, self.height, np.random.default_rng([self.options.seed, 2000]))

        def payload(index, log_ns):
            stamp = self._stamped(topic, log_ns, 12_000_000)
            out = self.writer().header(index, stamp, f"{name}_depth_optical_frame").u32(self.height).u32(self.width)
            return Message(out.string("16UC1").u8(0).u32(2 * self.width).blob(camera.frame(self._seconds(stamp))).bytes, stamp)

        return Stream(topic, "sensor_msgs/Image", payload, 10, 1.5)

    def _joint_state(self, stamp, index, frame, names, position, velocity=(), effort=()):
        out = self.writer().header(index, stamp, frame).u32(len(names))
        for name in names:
            out.string(name)
        out.f64_sequence(position).f64_sequence(velocity).f64_sequence(effort)
        return Message(out.bytes, stamp, {"names": list(names), "values": [float(v) for v in position]})

    def _joints(self, topic, arm, hz, feature, full=False, lead=0.0):
        o, rng = self.options, self.rng

        def payload(index, log_ns):
            stamp = self._stamped(topic, log_ns, 600_000)
            seconds = self._seconds(stamp)
            order = np.arange(len(arm.names))
            if o.reorder_at is not None and seconds >= o.reorder_at:
                order = np.roll(order[::-1], 1)
            names = [arm.names[i] for i in order]
            position = arm.position(seconds + lead)
            if not full:
                return self._joint_state(stamp, index, "", names, position[order])
            position = position + rng.normal(0, 2e-4, len(order))
            effort = 3 * np.cos(position) + rng.normal(0, 0.05, len(order))
            return self._joint_state(stamp, index, "base_link", names, position[order], arm.velocity(seconds)[order], effort[order])

        return Stream(topic, "sensor_msgs/JointState", payload, hz, 0.4, feature)

    def _joint_gripper(self, topic, names, hz):
        def payload(index, log_ns):
            stamp = self._stamped(topic, log_ns, 300_000)
            opening = [0.07 * grip(self._seconds(stamp), phase) for phase in range(len(names))]
            return self._joint_state(stamp, index, "", names, opening)

        return Stream(topic, "sensor_msgs/JointState", payload, hz, 0.5, GRIPPER)

    def _scalar_gripper(self, topic, hz):
        def payload(index, log_ns):
            value = float(np.float32(0.04 * grip(self._seconds(log_ns))))
            return Message(self.writer().f32(value).bytes, None, {"names": None, "values": [value]})

        return Stream(topic, "std_msgs/Float32", payload, hz, 0.5, GRIPPER)

    def _pose_of(self, out, parent, child, index, stamp, place, yaw):
        return out.header(index, stamp, parent).string(child).f64s([*place, 0, 0, math.sin(yaw / 2), math.cos(yaw / 2)])

    def _transforms(self, topic, arm, hz):
        def payload(index, log_ns):
            angles = arm.position(self._seconds(log_ns))
            out = self.writer().u32(2)
            self._pose_of(out, "base_link", "link_1", index, log_ns, (0, 0, 0.3), float(angles[0]))
            self._pose_of(out, "link_1", "tool0", index, log_ns, (0.4, 0, 0.2), float(angles[-1]))
            return Message(out.bytes)

        return Stream(topic, "tf2_msgs/TFMessage", payload, hz)

    def _static_transforms(self, topic, cameras):
        def payload(index, log_ns):
            out = self.writer().u32(len(cameras))
            for number, name in enumerate(cameras):
                self._pose_of(out, "base_link", f"{name}_optical_frame", index, log_ns, (0.1 * number, 0.2, 0.9), 0.3 * number)
            return Message(out.bytes)

        return Stream(topic, "tf2_msgs/TFMessage", payload)

    def _description(self, topic, arm):
        joints = "".join(
            f"<joint name='{name}' type='revolute'><limit lower='-3.1' upper='3.1' effort='87' velocity='2.6'/></joint>" for name in arm.names
        )
        urdf = f"<robot name='{self.options.robot}'>{joints}</robot>"
        return Stream(topic, "std_msgs/String", lambda index, log_ns: Message(self.writer().string(urdf).bytes))

    def _poses(self, topic, hz):
        def payload(index, log_ns):
            seconds = self._seconds(log_ns)
            out = self.writer().header(index, log_ns, "base_link").u32(2)
            for side in (-1, 1):
                out.f64s([0.4, 0.2 * side, 0.3 + 0.1 * math.sin(seconds), 0, 0, math.sin(0.1 * seconds), math.cos(0.1 * seconds)])
            return Message(out.bytes, log_ns)

        return Stream(topic, "geometry_msgs/PoseArray", payload, hz)

    def _base_move(self, topic, hz):
        def payload(index, log_ns):
            seconds = self._seconds(log_ns)
            return Message(self.writer().u32(0).u32(0).f64_sequence([0.1 * math.sin(seconds), 0.0]).bytes)

        return Stream(topic, "std_msgs/Float64MultiArray", payload, hz)

    def _imu(self, topic, frame, hz):
        def payload(index, log_ns):
            stamp = self._stamped(topic, log_ns, 500_000)
            seconds, none = self._seconds(stamp), [0.0] * 9
            out = self.writer().header(index, stamp, frame).f64s([0, 0, 0, 1]).f64s(none)
            out.f64s(self.rng.normal(0, 0.02, 3)).f64s(none).f64s([0.2 * math.sin(seconds), 0, 9.81]).f64s(none)
            return Message(out.bytes, stamp)

        return Stream(topic, "sensor_msgs/Imu", payload, hz)
