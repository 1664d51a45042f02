import MCAP

/// ROS 2 schemas and messages that tests write.
enum ROSMessages {
    private static let separator = "\n" + String(repeating: "=", count: 80) + "\n"
    private static let header =
        separator + "MSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\nstring frame_id" + separator
        + "MSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec"

    static func compressedImage(id: UInt16) -> Schema {
        let text = "std_msgs/Header header\nstring format\nuint8[] data" + header
        return Schema(id: id, name: "sensor_msgs/msg/CompressedImage", encoding: "ros2msg", data: Array(text.utf8))
    }

    static func transforms(id: UInt16) -> Schema {
        let text =
            "geometry_msgs/TransformStamped[] transforms" + separator
            + "MSG: geometry_msgs/TransformStamped\nstd_msgs/Header header\nstring child_frame_id\ngeometry_msgs/Transform transform"
            + separator + "MSG: geometry_msgs/Transform\ngeometry_msgs/Vector3 translation\ngeometry_msgs/Quaternion rotation" + separator
            + "MSG: geometry_msgs/Vector3\nfloat64 x\nfloat64 y\nfloat64 z" + separator
            + "MSG: geometry_msgs/Quaternion\nfloat64 x\nfloat64 y\nfloat64 z\nfloat64 w" + header
        return Schema(id: id, name: "tf2_msgs/msg/TFMessage", encoding: "ros2msg", data: Array(text.utf8))
    }

    /// An access unit of H.264: with parameter sets and an IDR slice, or only with a slice that needs the one before.
    static func picture(isKey: Bool, number: UInt8) -> [UInt8] {
        let key: [UInt8] = [0, 0, 0, 1, 0x67, 0x42, 0, 0x1E, 0, 0, 0, 1, 0x68, 0xCE, 0x38, 0x80, 0, 0, 0, 1, 0x65, 0x88, number | 0x80]
        let inter: [UInt8] = [0, 0, 0, 1, 0x41, 0x9A, number | 0x80]
        var wire = Wire()
        wire.header()
        wire.text("h264")
        wire.blob(isKey ? key : inter)
        return wire.bytes
    }

    static func transform(child: String) -> [UInt8] {
        var wire = Wire()
        wire.word(1)
        wire.header()
        wire.text(child)
        for _ in 0..<7 { wire.double(0.5) }
        return wire.bytes
    }

    /// CDR, little-endian, aligned from behind its own four bytes.
    private struct Wire {
        var bytes: [UInt8] = [0, 1, 0, 0]

        mutating func align(_ size: Int) {
            while (bytes.count - 4) % size != 0 { bytes.append(0) }
        }

        mutating func word(_ value: UInt32) {
            align(4)
            withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
        }

        mutating func double(_ value: Double) {
            align(8)
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
        }

        mutating func blob(_ blob: [UInt8]) {
            word(UInt32(blob.count))
            bytes += blob
        }

        mutating func text(_ text: String) { blob(Array(text.utf8) + [0]) }

        mutating func header() {
            word(1)
            word(2)
            text("frame")
        }
    }
}
