"""ROS 1 and ROS 2 message definitions and their wire formats, as far as the generator's recordings need them."""
import struct

import numpy as np

HEADER1 = "uint32 seq\ntime stamp\nstring frame_id\n"
HEADER2 = "builtin_interfaces/Time stamp\nstring frame_id\n"
CAMERA_INFO = (
    "std_msgs/Header header\nuint32 height\nuint32 width\nstring distortion_model\nfloat64[] D\nfloat64[9] K\nfloat64[9] R\n"
    "float64[12] P\nuint32 binning_x\nuint32 binning_y\nsensor_msgs/RegionOfInterest roi\n"
)

DEFINITIONS = {
    "builtin_interfaces/Time": "int32 sec\nuint32 nanosec\n",
    "geometry_msgs/Point": "float64 x\nfloat64 y\nfloat64 z\n",
    "geometry_msgs/Pose": "geometry_msgs/Point position\ngeometry_msgs/Quaternion orientation\n",
    "geometry_msgs/PoseArray": "std_msgs/Header header\ngeometry_msgs/Pose[] poses\n",
    "geometry_msgs/Quaternion": "float64 x\nfloat64 y\nfloat64 z\nfloat64 w\n",
    "geometry_msgs/Transform": "geometry_msgs/Vector3 translation\ngeometry_msgs/Quaternion rotation\n",
    "geometry_msgs/TransformStamped": "std_msgs/Header header\nstring child_frame_id\ngeometry_msgs/Transform transform\n",
    "geometry_msgs/Vector3": "float64 x\nfloat64 y\nfloat64 z\n",
    "sensor_msgs/CameraInfo": CAMERA_INFO,
    "sensor_msgs/CompressedImage": "std_msgs/Header header\nstring format\nuint8[] data\n",
    "sensor_msgs/Image": "std_msgs/Header header\nuint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\nuint32 step\nuint8[] data\n",
    "sensor_msgs/Imu": "std_msgs/Header header\ngeometry_msgs/Quaternion orientation\nfloat64[9] orientation_covariance\n"
    "geometry_msgs/Vector3 angular_velocity\nfloat64[9] angular_velocity_covariance\n"
    "geometry_msgs/Vector3 linear_acceleration\nfloat64[9] linear_acceleration_covariance\n",
    "sensor_msgs/JointState": "std_msgs/Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort\n",
    "sensor_msgs/RegionOfInterest": "uint32 x_offset\nuint32 y_offset\nuint32 height\nuint32 width\nbool do_rectify\n",
    "std_msgs/Float32": "float32 data\n",
    "std_msgs/Float64MultiArray": "std_msgs/MultiArrayLayout layout\nfloat64[] data\n",
    "std_msgs/MultiArrayDimension": "string label\nuint32 size\nuint32 stride\n",
    "std_msgs/MultiArrayLayout": "std_msgs/MultiArrayDimension[] dim\nuint32 data_offset\n",
    "std_msgs/String": "string data\n",
    "tf2_msgs/TFMessage": "geometry_msgs/TransformStamped[] transforms\n",
}


def _body(name, ros2):
    if name == "std_msgs/Header":
        return HEADER2 if ros2 else HEADER1
    body = DEFINITIONS[name]
    if name == "sensor_msgs/CameraInfo" and ros2:
        for field in "DKRP":
            body = body.replace(f"] {field}\n", f"] {field.lower()}\n")
    return body


def definition(name, ros2):
    """The schema text of a message type: its own fields, then each type that it depends on, once."""
    order, parts = [name], []
    for current in order:
        body = _body(current, ros2)
        parts.append(body if current == name else "=" * 80 + f"\nMSG: {current}\n" + body)
        for line in body.splitlines():
            dependency = line.split()[0].split("[")[0]
            if "/" in dependency and dependency not in order:
                order.append(dependency)
    return "".join(parts)


class Ros1Writer:
    """ROS 1 serialization: little-endian, packed."""

    def __init__(self):
        self.bytes = bytearray()

    def _pack(self, kind, value):
        self.bytes += struct.pack("<" + kind, value)
        return self

    def u8(self, value):
        return self._pack("B", value)

    def u32(self, value):
        return self._pack("I", value)

    def f32(self, value):
        return self._pack("f", value)

    def f64s(self, values):
        self.bytes += np.asarray(values, "<f8").tobytes()
        return self

    def f64_sequence(self, values):
        return self.u32(len(values)).f64s(values)

    def blob(self, value):
        self.u32(len(value))
        self.bytes += value
        return self

    def string(self, value):
        return self.blob(value.encode())

    def header(self, sequence, stamp, frame):
        return self.u32(sequence & 0xFFFFFFFF).u32(stamp // 10**9).u32(stamp % 10**9).string(frame)


class CdrWriter(Ros1Writer):
    """CDR as ROS 2 writes it: XCDR1, little-endian, aligned from after the four-byte encapsulation header."""

    def __init__(self):
        self.bytes = bytearray(b"\x00\x01\x00\x00")

    def _align(self, size):
        self.bytes += b"\0" * (-(len(self.bytes) - 4) % size)
        return self

    def _pack(self, kind, value):
        self._align(struct.calcsize(kind))
        return super()._pack(kind, value)

    def f64s(self, values):
        return super(CdrWriter, self._align(8)).f64s(values)

    def f64_sequence(self, values):
        self.u32(len(values))
        return self.f64s(values) if len(values) else self

    def string(self, value):
        return self.blob(value.encode() + b"\0")

    def header(self, sequence, stamp, frame):
        return self._pack("i", stamp // 10**9).u32(stamp % 10**9).string(frame)
