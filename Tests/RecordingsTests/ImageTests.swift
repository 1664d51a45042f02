import Foundation
import Recordings
import Testing

@Suite struct `Pictures in messages` {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private struct Found {
        let image: ImagePayload
        let data: [UInt8]
        let size: [Int]?
    }

    private func compressed(_ format: String, _ data: [UInt8]) throws -> Found {
        var volume = VolumeWriter()
        volume.schema(1, "sensor_msgs/CompressedImage", "ros1msg", Messages.compressedImage)
        volume.channel(1, schema: 1, "/c", "ros1")
        volume.message(1, log: 1, Messages.compressedImage(format, data))
        let found = try folder.recording(volume).map("/c") { reader, payload in
            let image = try reader.image(in: payload)
            let size = image.size(in: payload).map { [$0.width, $0.height] }
            return Found(image: image, data: image.withBytes(in: payload) { Array($0) }, size: size)
        }
        return try #require(found.first)
    }

    private func raw(width: UInt32, height: UInt32, _ encoding: String, step: UInt32, bytes: Int) throws -> ImagePayload? {
        var volume = VolumeWriter()
        volume.schema(1, "sensor_msgs/Image", "ros1msg", Messages.image)
        volume.channel(1, schema: 1, "/c", "ros1")
        volume.message(1, log: 1, Messages.image(width: width, height: height, encoding, step: step, Array(repeating: 0, count: bytes)))
        return try folder.recording(volume).map("/c") { try $0.image(in: $1) }.first
    }

    @Test(
        arguments: [
            ("png", "FFD8FFE0", .jpeg), ("", "89504E470D0A1A0A", .png), ("jpeg", "524946460000000057454250", .webp),
            ("", "52494646", .unknown),
            ("", "0000001C 66747970 61766966 00000000 61766966 6D696631", .avif),
            ("jpeg", "00000018 66747970 6D696631 00000000 6D696631 61766966", .avif),
            ("", "00000018 66747970 69736F6D 00000000 69736F6D 6D703432", .unknown),
            ("", "0000000167420028", .video(.h264)), ("", "00000109F0", .video(.h264)), ("", "000000000167420028", .video(.h264)),
            ("", "0000000140010C01", .video(.h265)), ("", "0000012601AF", .video(.h265)),
            // Bytes that can be of one kind only outweigh the format.
            ("h265", "0000000167420028", .video(.h264)), ("h264", "0000000140010C01", .video(.h265)),
            ("", "00000001020180", .video(.h265)), ("h264", "00000001020180", .video(.h264)), ("hevc", "000000010605FF", .video(.h265)),
            ("", "000000010605FF", .video(.h264)),
            ("av1", "12000A0B00000004", .unknown), ("av1", "12000A0100", .video(.av1)), ("", "12000A0100", .unknown),
            ("vp9", "82498342", .video(.vp9)), ("", "82498342", .unknown), ("vp9", "42498342", .unknown),
            ("", "000000", .unknown), ("", "00000001", .unknown), ("", "", .unknown),
            ("jpeg", "00112233", .unknown), ("", "FFD8", .unknown), ("", "000001FF01", .unknown),
        ] as [(String, String, ImagePayload.Encoding)]
    )
    func `pictures are told by their first bytes`(format: String, hex: String, encoding: ImagePayload.Encoding) throws {
        let found = try compressed(format, bytes(hex))
        #expect(found.image.encoding == encoding)
        #expect(found.image.format == format)
        #expect(found.data == bytes(hex))
    }

    @Test func `the size of a JPEG and of a PNG is read from its header`() throws {
        #expect(try compressed("jpeg", bytes("FFD8 FFC0 000B 08 01E0 0280 01 01 11 00")).size == [640, 480])
        #expect(try compressed("jpeg", bytes("FFD8 FFC0 000B 08 01E0 0280")).size == nil)
        #expect(try compressed("png", bytes("89504E470D0A1A0A 0000000D 49484452 00000280 000001E0 0802000000")).size == [640, 480])
        #expect(try compressed("png", bytes("89504E470D0A1A0A 0000000D 49484452 00000000 000001E0")).size == nil)
        #expect(try compressed("png", bytes("89504E470D0A1A0A 0000000D")).size == nil)
    }

    @Test func `a compressed depth image says how it is packed and what its values mean`() throws {
        let head = bytes("00000000 0000C842 00000040")
        let png = bytes("89504E470D0A1A0A 0000000D 49484452 00000280 000001E0 1000000000")
        let plain = try compressed("16UC1; compressedDepth", head + png)
        #expect(plain.image.encoding == .compressedDepth(.init(compression: .png, values: .millimetres)))
        #expect(plain.data == png)
        #expect(plain.size == [640, 480])
        let inverse = try compressed("32FC1; compressedDepth png", head + png)
        #expect(inverse.image.encoding == .compressedDepth(.init(compression: .png, values: .inverse(a: 100, b: 2))))
        let rvl = try compressed("16UC1; compressedDepth rvl", head + bytes("80020000 E0010000 00112233"))
        #expect(rvl.image.encoding == .compressedDepth(.init(compression: .rvl, values: .millimetres)))
        #expect(rvl.size == [640, 480])
        for data in [[1, 2], head, head + [1, 2, 3]] {
            #expect(try compressed("16UC1; compressedDepth rvl", data).image.encoding == .unknown)
        }
        #expect(try compressed("8UC1; compressedDepth png", head + png).image.encoding == .unknown)
    }

    @Test func `raw pictures say how their pixels lie`() throws {
        let image = try #require(try raw(width: 3, height: 2, "bgr8", step: 12, bytes: 30))
        #expect(image.count == 24)
        guard case .raw(let pixels) = image.encoding else { throw CocoaError(.coderReadCorrupt) }
        #expect((pixels.width, pixels.height, pixels.step, pixels.encoding, pixels.isBigEndian) == (3, 2, 12, "bgr8", true))
        #expect(pixels.bytesPerPixel == 3)
    }

    @Test(
        arguments: [
            (3, 2, "bgr8", 8, 16), (3, 2, "bgr8", 9, 17), (0, 2, "bgr8", 9, 18), (3, 0, "bgr8", 9, 18), (.max, .max, "16UC1", .max, 100),
            (3, 2, "own", 2, 100), (3, .max, "mono8", 3, 100), (4, 4, "nv12", 4, 23), (3, 4, "nv12", 3, 24), (4, 3, "nv21", 4, 19),
            (4, 4, "nv24", 4, 47), (.max, .max, "nv24", .max, 100),
        ] as [(UInt32, UInt32, String, UInt32, Int)]
    )
    func `a raw picture that does not fit its bytes is refused`(width: UInt32, height: UInt32, encoding: String, step: UInt32, count: Int) {
        #expect(throws: RecordingError.self) { try raw(width: width, height: height, encoding, step: step, bytes: count) }
    }

    @Test(arguments: [("nv12", 24), ("nv21", 24), ("nv24", 48), ("uyvy", 32)])
    func `the rows of all planes belong to a raw picture`(encoding: String, count: Int) throws {
        let image = try #require(try raw(width: 4, height: 4, encoding, step: encoding == "uyvy" ? 8 : 4, bytes: 60))
        #expect(image.count == count)
    }

    @Test func `messages of other types hold no pictures`() throws {
        var volume = VolumeWriter()
        volume.schema(1, "p/A", "ros1msg", "uint8[] data")
        volume.channel(1, schema: 1, "/c", "ros1")
        volume.message(1, log: 1, [0, 0, 0, 0])
        #expect(throws: RecordingError.self) { try folder.recording(volume).map("/c") { try $0.image(in: $1) } }
    }
}
