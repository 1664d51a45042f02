import Files
import Media
import Recordings
import Samples
import Testing

@Suite struct DepthPayloadTests {
    private func depth(_ format: String, _ data: [UInt8]) throws -> DepthImage? {
        let recording = try VideoRecording([data], format: format)
        let reader = try TopicReader(recording.recording, recording.topic)
        return try recording.recording.withPayload(of: recording.topic, at: recording.locations[0]) { payload in
            let image = try reader.image(in: payload)
            return try image.withBytes(in: payload) { try DepthImage(image, bytes: $0) }
        }
    }

    /// A = 12 and B = 2, then 0 0 5 6 0 in RVL.
    private let message: [UInt8] =
        [0, 0, 0, 0, 0, 0, 0x40, 0x41, 0, 0, 0, 0x40] + [5, 0, 0, 0, 1, 0, 0, 0] + [0x00, 0x21, 0xA1, 0x22]

    @Test func `compressed depth becomes millimetres or metres by what its source was`() throws {
        #expect(try depth("16UC1; compressedDepth rvl", message)?.values == .millimetres([0, 0, 5, 6, 0]))
        guard case .metres(let metres) = try depth("32FC1; compressedDepth rvl", message)?.values else {
            Issue.record("no metres")
            return
        }
        #expect(metres[2...3].elementsEqual([4, 3]))
    }

    @Test func `colour pictures hold no depth`() throws {
        #expect(try depth("jpeg", [0xFF, 0xD8, 0xFF, 0xE0]) == nil)
        #expect(throws: MediaError.self) { try depth("16UC1; compressedDepth rvl", Array(message.dropLast(2))) }
    }
}
