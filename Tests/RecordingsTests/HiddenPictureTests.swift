import Recordings
import Testing

/// Messages that may hold pictures which nobody takes out of them.
@Suite struct HiddenPictureTests {
    private static let inside = "lab_msgs/Frame frame\n===\nMSG: lab_msgs/Frame\nint8 a\n===\nMSG: "

    @Test(arguments: [
        ("theora_image_transport/Packet", "ros1msg", "uint8[] data", true),
        ("ffmpeg_image_transport_msgs/msg/FFMPEGPacket", "ros2msg", "uint8[] data", true),
        ("lab_msgs/StereoImage", "", "", true),
        ("lab_msgs/msg/Shot", "ros2msg", inside + "sensor_msgs/CompressedImage\nuint8[] data", true),
        ("lab_msgs/msg/Shot", "ros2msg", inside + "sensor_msgs/msg/Image\nuint8[] data", true),
        ("lab_msgs/msg/Shot", "ros2idl", "module sensor_msgs { module msg { struct Image { octet a; }; }; };", true),
        ("lab.Shot", "protobuf", "\n\u{11}foxglove.RawImage", true),
        ("lab_msgs/msg/Info", "ros2idl", "// Image, CompressedImage\nmodule m { struct Info { octet a; }; };", false),
        ("lab_msgs/Info", "ros1msg", "# MSG: sensor_msgs/Image\nint8 a", false),
        ("sensor_msgs/CameraInfo", "ros1msg", "# Image acquisition info\nuint32 height", false),
        ("stereo_msgs/DisparityImage", "ros1msg", inside + "sensor_msgs/Image\nuint8[] data", false),
        ("velodyne_msgs/VelodynePacket", "ros1msg", "uint8[] data", false),
        ("sensor_msgs/CompressedImage", "ros1msg", "uint8[] data", false),
    ]) func `a type hides pictures by its name or by what is in it`(name: String, encoding: String, text: String, hides: Bool) throws {
        var volume = VolumeWriter()
        volume.schema(1, name, encoding, text)
        volume.channel(1, schema: 1, "/t", "ros1")
        volume.message(1, log: 1, [1, 2, 3])
        let recording = try TemporaryFolder().recording(volume)
        #expect(recording.mayHidePictures(try #require(recording.topics.first)) == hides)
    }

    @Test(arguments: [("", true), ("json", false)]) func `of bytes without a type nobody knows what they are`(
        encoding: String,
        hides: Bool
    ) throws {
        var volume = VolumeWriter()
        volume.channel(1, schema: 0, "/t", encoding)
        volume.message(1, log: 1, [1, 2, 3])
        let recording = try TemporaryFolder().recording(volume)
        #expect(recording.mayHidePictures(try #require(recording.topics.first)) == hides)
    }
}
