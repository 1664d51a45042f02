import ExportCore
import Files
import Formats
import Foundation
import MCAP
import Plans

@testable import Playback

/// A folder that goes when the test is over.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "exportd-playback-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func make(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        return "\(path)/\(name)"
    }
}

/// A message with what identifies it, whatever its channel's id.
struct Message: Hashable, Comparable {
    var topic: String
    var time: UInt64
    var publish: UInt64
    var sequence: UInt32
    var data: [UInt8]

    static func < (left: Message, right: Message) -> Bool { left.time < right.time }
}

/// A recording that a test writes.
struct Volume {
    struct Topic {
        var id: UInt16
        var name: String
        var schema: Schema?
        var encoding = "json"
        var metadata: [String: String] = [:]
    }

    var topics: [Topic]
    /// Chunks in the order of the file.
    var chunks: [[(topic: UInt16, time: UInt64, data: [UInt8])]] = []
    var attachments: [(name: String, time: UInt64)] = []
    var compression = MCAPWriter.Compression.zstd
    var profile = "ros2"

    func write(_ path: String) throws {
        let writer = try MCAPWriter(
            path: path,
            profile: profile,
            settings: .init(compression: compression),
            cancellation: Cancellation()
        )
        for topic in topics {
            if let schema = topic.schema { try writer.add(schema) }
            try writer.add(
                Channel(
                    id: topic.id,
                    schemaID: topic.schema?.id ?? 0,
                    topic: topic.name,
                    messageEncoding: topic.encoding,
                    metadata: topic.metadata
                )
            )
        }
        try writer.addMetadata(name: "recorder", ["host": "robot"])
        for (name, time) in attachments {
            try writer.attach(name: name, mediaType: "text/plain", logTime: time, createTime: 7, Array(name.utf8).span.bytes)
        }
        var sequence: UInt32 = 0
        for chunk in chunks {
            for message in chunk {
                sequence += 1
                let head = MessageHead(
                    channelID: message.topic,
                    sequence: sequence,
                    logTime: message.time,
                    publishTime: message.time &+ 3
                )
                try writer.write(head, message.data.span.bytes)
            }
            try writer.closeChunk()
        }
        _ = try writer.finish()
    }
}

/// A recording's volumes in a folder, as a plan describes it.
struct Fixture {
    let folder: TemporaryFolder
    var volumes: [String] = []
    var segments: [Segment] = []
    var annotation: String?

    init(_ volumes: [Volume]) throws {
        folder = try TemporaryFolder()
        for (index, volume) in volumes.enumerated() {
            self.volumes.append("data_\(index).mcap")
            try volume.write("\(folder.path)/data_\(index).mcap")
        }
    }

    /// Damages a chunk of the first volume: where it is compressed so that it can't be decompressed any more.
    ///
    /// - Returns: the chunks as they were.
    @discardableResult
    func damage(chunk number: Int?, keepingDataChecksum: Bool) throws -> [StoredChunk] {
        let path = "\(folder.path)/data_0.mcap"
        let file = try MCAPFile(path: path)
        var bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
        if let number {
            let chunk = file.storedChunk(number)
            // The frame's magic, or a byte of the last message.
            let place = chunk.compression.isEmpty ? chunk.place.upperBound - 1 : chunk.place.upperBound - chunk.storedSize
            bytes[place] ^= 0xFF
        }
        if !keepingDataChecksum {
            let checksum = file.dataSection.place.upperBound + 9
            bytes.replaceSubrange(checksum..<(checksum + 4), with: [0, 0, 0, 0])
        }
        try Data(bytes).write(to: URL(filePath: path))
        return Array(file.storedChunks)
    }

    var dataset: PlannedDataset {
        var files = volumes.map { SourceFile(path: $0, bytes: 1, modified: Timestamp(nanoseconds: 0)) }
        if let annotation {
            try? Data(annotation.utf8).write(to: URL(filePath: "\(folder.path)/annotation.json"))
            files.append(SourceFile(path: "annotation.json", bytes: Int64(annotation.utf8.count), modified: Timestamp(nanoseconds: 0)))
        }
        return PlannedDataset(
            id: DatasetID("site/one"),
            layout: .rosbag2,
            store: folder.path,
            files: files,
            volumes: volumes.count,
            fingerprint: "f",
            metadata: DatasetMetadata(),
            segments: segments,
            range: nil,
            topics: [],
            robotMapping: nil
        )
    }

    mutating func annotate(_ ranges: [ClosedRange<Int64>]) throws {
        segments = ranges.enumerated().compactMap { index, range in
            TimeRange(start: Timestamp(nanoseconds: range.lowerBound), end: Timestamp(nanoseconds: range.upperBound))
                .map { Segment(range: $0, task: "task \(index + 1)") }
        }
        annotation = "{\"subtasks\": \(ranges.count)}"
    }

    func work(_ name: String, cancellation: Cancellation = Cancellation()) throws -> PlaybackWork {
        PlaybackWork(dataset: dataset, folder: try folder.make(name), cancellation: cancellation)
    }

    /// Exports as one file.
    func full(_ options: MCAPOptions = MCAPOptions(), as name: String = "out") throws -> (summary: FullPlayback.Summary, file: Output) {
        let work = try work(name)
        let summary = try FullPlayback(work, options).write(name: "recording.mcap")
        return (summary, try Output("\(work.folder)/recording.mcap"))
    }

    /// Exports in parts.
    func parts(_ options: MCAPChunksOptions, as name: String = "out") throws -> (parts: [PlaybackParts.Part], files: [Output]) {
        let work = try work(name)
        let parts = try PlaybackParts(work, options).write()
        return (parts, try parts.map { try Output("\(work.folder)/\($0.file)") })
    }

    /// The recording's messages by time, those of the same time in the order of the files.
    func messages() throws -> [Message] {
        var all: [Message] = []
        for volume in volumes { all += try Output("\(folder.path)/\(volume)").content.map(\.message) }
        return all.sorted()
    }
}

/// A file that was written, read back.
struct Output {
    let path: String
    let file: MCAPFile
    /// All messages by log time.
    let content: [(channel: UInt16, message: Message)]

    init(_ path: String) throws {
        self.path = path
        let file = try MCAPFile(path: path)
        var content: [(channel: UInt16, message: Message)] = []
        var byScan = 0
        try file.forEachInLogOrder(ofChannels: nil, from: nil, to: nil) { _, head, data in
            let message = Message(
                topic: file.channels[head.channelID]?.topic ?? "?",
                time: head.logTime,
                publish: head.publishTime,
                sequence: head.sequence,
                data: data.withUnsafeBytes { Array($0) }
            )
            content.append((head.channelID, message))
        }
        try file.forEachMessage(ofChannels: Set(file.channels.keys)) { _, _, _ in byScan += 1 }
        self.file = file
        self.content = content
        isConsistent = byScan == content.count && UInt64(byScan) == file.messageCounts.values.reduce(0, +) && file.problems.isEmpty
    }

    /// Whether index, statistics and a scan agree, and nothing is wrong with the file.
    let isConsistent: Bool

    var bytes: [UInt8] { (try? Data(contentsOf: URL(filePath: path))).map { [UInt8]($0) } ?? [] }
    var topics: Set<String> { Set(file.channels.values.map(\.topic)) }
    var attachments: [String] { file.attachments.map(\.name) }

    /// The recording's messages, without the annotation's.
    var recorded: [Message] { content.map(\.message).filter { $0.topic != AnnotationTrack.topic } }

    /// The annotation's messages.
    var annotations: [(time: UInt64, state: [String: Any])] {
        content.map(\.message).filter { $0.topic == AnnotationTrack.topic }.map { message in
            (message.time, (try? JSONSerialization.jsonObject(with: Data(message.data))) as? [String: Any] ?? [:])
        }
    }

    /// The messages that a metadata record lists.
    func listed(_ name: String) throws -> [(channel: UInt16, topic: String, logTime: UInt64, sequence: UInt32, repeatedAt: UInt64?)] {
        try file.metadata.filter { $0.name == name }.flatMap { entry in
            let text = try file.values(of: entry)["messages"] ?? ""
            let rows = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]] ?? []
            return rows.map { row in
                (
                    UInt16(row["channel"] as? Int ?? 0), row["topic"] as? String ?? "", UInt64(row["log_time"] as? String ?? "") ?? 0,
                    UInt32(row["sequence"] as? Int ?? 0), (row["repeated_at"] as? String).flatMap { UInt64($0) }
                )
            }
        }
    }

    /// The recording's messages without those listed as repeats: of each channel the first ones at their time.
    func original() throws -> [Message] {
        var left: [String: Int] = [:]
        for row in try listed("exportd.repeats") { left["\(row.channel) \(row.repeatedAt ?? 0)", default: 0] += 1 }
        var rest: [Message] = []
        for (channel, message) in content {
            let key = "\(channel) \(message.time)"
            if let count = left[key], count > 0 { left[key] = count - 1 } else { rest.append(message) }
        }
        guard left.values.allSatisfy({ $0 == 0 }) else { throw ExportError(.internal, "Repeats are listed that are not there.") }
        return rest.filter { $0.topic != AnnotationTrack.topic }
    }
}

extension MCAPOptions {
    init(_ change: (inout MessageSelection) -> Void) {
        self.init()
        change(&messages)
    }
}

extension MCAPChunksOptions {
    init(duration: Int64? = nil, size: Int64? = nil, _ change: (inout MessageSelection) -> Void = { _ in }) {
        self.init()
        maximumDuration = duration.map { .nanoseconds($0) }
        maximumSize = size
        change(&messages)
    }
}
