import ExportCore
import Foundation
import Media

/// A folder that goes when the test is over.
final class TemporaryFolder {
    private let url = FileManager.default.temporaryDirectory.appending(path: "exportd-media-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func path(_ name: String) -> String { url.appending(path: name).path() }

    func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url.appending(path: name))) }
}

/// A committed file of Tests/Fixtures.
func fixture(_ name: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/\(name)")
}

/// A picture of packed RGB.
func rgbPicture(_ bytes: [UInt8], width: Int, height: Int) throws -> Picture {
    try bytes.withUnsafeBytes { try Picture($0, layout: .rgb, width: width, height: height, step: 3 * width) }
}

/// Picture `number` of `VideoSample`, as a camera sends it.
func sample(_ number: Int) throws -> Picture {
    let picture = try rgbPicture(VideoSample.original(number), width: VideoSample.width, height: VideoSample.height)
    let jpeg = try JPEGEncoder().encode(picture)
    return try jpeg.withUnsafeBytes { try ImageDecoder(.jpeg).decode($0) }
}

/// Writes a video of the pictures with these numbers.
func write(_ numbers: [Int], to path: String, _ settings: VideoSettings, rate: Hertz) throws {
    let writer = try VideoWriter(path, settings, width: VideoSample.width, height: VideoSample.height, rate: rate)
    for number in numbers { try writer.append(try sample(number)) }
    try writer.finish()
}

/// The numbers that a video's pictures show, each with its time.
func shown(_ path: String) throws -> [(number: Int?, nanoseconds: Int64?)] {
    let decoder = try VideoFileDecoder(path)
    var shown: [(Int?, Int64?)] = []
    while let frame = try decoder.next() { shown.append((try VideoSample.number(in: frame.picture), frame.nanoseconds)) }
    return shown
}

/// All packets of a video file.
func packets(_ path: String) throws -> [VideoFile.Packet] {
    let file = try VideoFile(path)
    var packets: [VideoFile.Packet] = []
    while let packet = try file.next() { packets.append(packet) }
    return packets
}

/// The peak signal-to-noise ratio in decibels.
func decibels(_ left: [UInt8], _ right: [UInt8]) -> Double {
    var sum = 0
    for (left, right) in zip(left, right) { sum += (Int(left) - Int(right)) * (Int(left) - Int(right)) }
    return 10 * log10(255 * 255 * Double(left.count) / Double(max(sum, 1)))
}

/// The mean of each colour.
func means(_ rgb: [UInt8]) -> [Double] {
    var sums = [0, 0, 0]
    for (position, value) in rgb.enumerated() { sums[position % 3] += Int(value) }
    return sums.map { 3 * Double($0) / Double(rgb.count) }
}

let bothCodecs = [VideoSettings.lerobotAV1, VideoSettings.lerobotH264]
extension Hertz {
    /// A rate that tests know to be one.
    static func whole(_ rate: Int64) -> Hertz { Hertz(microhertz: 1_000_000 * rate)! }
}
