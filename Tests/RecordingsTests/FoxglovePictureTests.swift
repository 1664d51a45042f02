import Foundation
import Recordings
import Testing

/// Foxglove's picture types, in protobuf, JSON and ROS 1.
@Suite struct `Pictures in Foxglove's messages` {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// The three types with their field numbers, the time stamp behind them: serialised by Google's own library, as were the messages below.
    private let descriptors = bytes(
        """
        0acb030a17666f78676c6f76652f50696374757265732e70726f746f1208666f78676c6f76651a1f676f6f676c652f70726f746f6275662f74696d65
        7374616d702e70726f746f22700a0f436f6d70726573736564496d616765122d0a0974696d657374616d7018012001280b321a2e676f6f676c652e70
        726f746f6275662e54696d657374616d70120c0a046461746118022001280c120e0a06666f726d617418032001280912100a086672616d655f696418
        042001280922700a0f436f6d70726573736564566964656f122d0a0974696d657374616d7018012001280b321a2e676f6f676c652e70726f746f6275
        662e54696d657374616d7012100a086672616d655f6964180220012809120c0a046461746118032001280c120e0a06666f726d617418042001280922
        98010a08526177496d616765122d0a0974696d657374616d7018012001280b321a2e676f6f676c652e70726f746f6275662e54696d657374616d7012
        0d0a057769647468180220012807120e0a0668656967687418032001280712100a08656e636f64696e67180420012809120c0a047374657018052001
        2807120c0a046461746118062001280c12100a086672616d655f6964180720012809620670726f746f330a670a1f676f6f676c652f70726f746f6275
        662f74696d657374616d702e70726f746f120f676f6f676c652e70726f746f627566222b0a0954696d657374616d70120f0a077365636f6e64731801
        20012803120d0a056e616e6f73180220012805620670726f746f33
        """
    )

    private func image(
        _ type: String,
        _ schemaEncoding: String,
        _ schema: [UInt8],
        _ messageEncoding: String,
        _ message: [UInt8]
    ) throws -> (image: ImagePayload, data: [UInt8]) {
        var volume = VolumeWriter()
        volume.schema(1, type, schemaEncoding, schema)
        volume.channel(1, schema: 1, "/c", messageEncoding)
        volume.message(1, log: 1, message)
        let found = try folder.recording(volume).map("/c") { reader, payload in
            let image = try reader.image(in: payload)
            return (image: image, data: image.withBytes(in: payload) { Array($0) })
        }
        return try #require(found.first)
    }

    @Test func `protobuf`() throws {
        let still = try image(
            "foxglove.CompressedImage",
            "protobuf",
            descriptors,
            "protobuf",
            bytes("0a04080510071205ffd8ffe0001a046a706567220163")
        )
        #expect(still.image.encoding == .jpeg && still.image.format == "jpeg" && still.data == bytes("FFD8FFE000"))
        let video = try image(
            "foxglove.CompressedVideo",
            "protobuf",
            descriptors,
            "protobuf",
            bytes("0a04080510071201631a06000000016588220468323634")
        )
        #expect(video.image.encoding == .video(.h264) && video.data == bytes("000000016588"))
        let raw = try image(
            "foxglove.RawImage",
            "protobuf",
            descriptors,
            "protobuf",
            bytes("0a040805100715020000001d020000002204726762382d06000000320c010203040506070809101112")
        )
        guard case .raw(let pixels) = raw.image.encoding else {
            Issue.record("not raw")
            return
        }
        #expect((pixels.width, pixels.height, pixels.step, pixels.encoding, pixels.isBigEndian) == (2, 2, 6, "rgb8", false))
        #expect(raw.data == bytes("010203040506070809101112"))
    }

    @Test func `JSON with its bytes in base64`() throws {
        let schema = """
            {"title": "foxglove.CompressedImage", "type": "object", "properties": {"timestamp": {"type": "object", "properties":
            {"sec": {"type": "integer"}, "nsec": {"type": "integer"}}}, "frame_id": {"type": "string"}, "format": {"type": "string"},
            "data": {"type": "string", "contentEncoding": "base64"}}}
            """
        let message = #"{"timestamp": {"sec": 5, "nsec": 7}, "frame_id": "c", "data": "/9j/4AA=", "format": "jpeg"}"#
        let found = try image("foxglove.CompressedImage", "jsonschema", Array(schema.utf8), "json", Array(message.utf8))
        #expect(found.image.encoding == .jpeg && found.data == bytes("FFD8FFE000"))
    }

    @Test func `ROS 1`() throws {
        let schema = "time timestamp\nstring frame_id\nuint8[] data\nstring format\n"
        var message = ByteList()
        message.add(UInt64(5))
        message.add("c")
        message.add(counted: bytes("0000000140010C01"))
        message.add("h265")
        let found = try image("foxglove_msgs/CompressedVideo", "ros1msg", Array(schema.utf8), "ros1", message.bytes)
        #expect(found.image.encoding == .video(.h265) && found.data == bytes("0000000140010C01"))
    }
}
