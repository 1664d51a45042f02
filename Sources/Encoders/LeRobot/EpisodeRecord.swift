import ExportCore
import Files
import FoundationEssentials

/// What a part keeps of an episode beside its rows, pictures and videos.
struct EpisodeRecord: Codable {
    /// Ticks.
    var length: Int
    /// The annotated segment.
    var segment: Segment
    /// The segments nested in it, where these set the task from frame to frame.
    var nested: [Segment]
    /// The time of the first tick and of the last.
    var first: Int64
    var last: Int64
    /// The instructions of its frames, in the order in which they come up.
    var tasks: [String]
    /// State, action and gripper, those without columns left out.
    var numerics: [FeatureStatistics]
    /// The time each camera's frame was taken, where that is a feature.
    var captureTimes: FeatureStatistics?
    /// One for each camera.
    var cameras: [FeatureStatistics]
    /// Bytes of the episode's video of each camera; empty in image mode.
    var videoBytes: [Int64]
}

/// The records of a part's episodes: a line of JSON each, so that assembly holds one at a time however many there are.
struct EpisodeRecords {
    private let path: String

    init(folder: String) {
        path = "\(folder)/episodes.jsonl"
    }

    /// Writes records as they come.
    final class Writer {
        private let file: OpenFile
        private let encoder: JSONEncoder

        fileprivate init(_ path: String) throws {
            file = try .creating(path)
            encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        }

        func append(_ record: EpisodeRecord) throws {
            try file.write([UInt8](try encoder.encode(record)) + [UInt8(ascii: "\n")])
        }
    }

    func makeWriter() throws -> Writer { try Writer(path) }

    /// Reads the records in order.
    func forEach(_ body: (EpisodeRecord) throws -> Void) throws {
        let file = try OpenFile.reading(path)
        let decoder = JSONDecoder()
        var pending: [UInt8] = []
        while true {
            let block = try file.read(upTo: 1 << 20)
            if block.isEmpty { break }
            pending += block
            var start = 0
            while let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) {
                try body(try decoder.decode(EpisodeRecord.self, from: Data(pending[start..<end])))
                start = end + 1
            }
            pending.removeFirst(start)
        }
    }
}
