import ExportCore
import Formats
import Plans
import Recordings

/// Writes every message of the topics that were asked for, each topic's by log time.
///
/// Topics are read together, in the order in which they were logged, so that each chunk of the recording is decompressed once.
struct MessageTables {
    /// Topics that are read together: each has a file open and rows held.
    private static let atOnce = 128

    let recording: Recording
    let dataset: DatasetID
    let options: TableOptions
    let folder: String
    let cancellation: Cancellation
    private(set) var warnings: [Warning] = []
    private(set) var tables: [PartTable] = []

    init(recording: Recording, dataset: DatasetID, options: TableOptions, folder: String, cancellation: Cancellation) {
        self.recording = recording
        self.dataset = dataset
        self.options = options
        self.folder = folder
        self.cancellation = cancellation
    }

    /// - Parameter progress: told the share of the messages that are done.
    mutating func write(_ filter: TopicFilter, progress: (Double) -> Void) throws {
        for name in filter.missing(among: recording.topics.map(\.name)) {
            warnings.append(
                Warning("topic_missing", "The recording has no topic \(name), so there are no messages of it.", dataset: dataset)
            )
        }
        let topics = recording.topics.filter { filter.takes($0.name) && $0.isDecodable }
        let total = topics.reduce(0.0) { $0 + Double($1.messages) }
        var done = 0
        for first in stride(from: 0, to: topics.count, by: Self.atOnce) {
            try write(Array(topics[first..<min(first + Self.atOnce, topics.count)])) {
                done += 1
                if done % 1_024 == 0 { progress(min(Double(done) / max(total, 1), 1)) }
            }
        }
    }

    private mutating func write(_ topics: [Topic], step: () -> Void) throws {
        var streams: [MessageStream] = []
        for topic in topics {
            streams.append(try MessageStream(topic, of: recording, number: tables.count + streams.count, folder: folder, options: options))
        }
        var queue = TimeQueue(streams.map { $0.nextTime })
        while let index = queue.first {
            try cancellation.check()
            try streams[index].writeNext(of: recording, dataset: dataset)
            queue.replaceFirst(with: streams[index].nextTime)
            step()
        }
        for stream in streams {
            warnings += stream.warnings(of: dataset)
            tables.append(try stream.finish())
        }
    }
}

/// One topic's messages on their way into its table.
private struct MessageStream {
    private let topic: Topic
    private let reader: TopicReader
    private let times: MessageTimes
    private let row: RowBuilder
    private let flattener: MessageFlattener
    private var next = 0
    private var unreadable = 0
    private var firstFailure: String?

    init(_ topic: Topic, of recording: Recording, number: Int, folder: String, options: TableOptions) throws {
        self.topic = topic
        reader = try TopicReader(recording, topic)
        times = try recording.index(of: topic, clock: .logTime)
        row = try RowBuilder(
            .messages(topic: topic.name),
            type: topic.type,
            folder: folder,
            fileName: "messages-\(number)",
            dialect: options.dialect
        )
        flattener = MessageFlattener(arrayColumns: options.contents.arrayColumns, binary: options.contents.binary)
        MessageColumn.put(into: row, dataset: nil, logTime: 0, publishTime: 0, sequence: 0, stamp: nil)
        row.dropRow()
    }

    /// When the next message was logged; nil where there is none.
    var nextTime: Int64? { next < times.times.count ? times.times[next] : nil }

    /// Writes the next message's row; one that cannot be read is counted.
    mutating func writeNext(of recording: Recording, dataset: DatasetID) throws {
        let location = times.locations[next]
        next += 1
        do {
            try recording.withPayload(of: topic, at: location) { payload in
                let message = try reader.value(in: payload)
                MessageColumn.put(
                    into: row,
                    dataset: dataset,
                    logTime: payload.logTime,
                    publishTime: payload.publishTime,
                    sequence: payload.sequence,
                    stamp: try reader.stamp(in: payload)
                )
                flattener.put(message, behind: MessageColumn.count, into: row)
                try row.endRow()
            }
        } catch let error as RecordingError where !error.isCancellation {
            row.dropRow()
            unreadable += 1
            firstFailure = firstFailure ?? error.description
        }
    }

    func finish() throws -> PartTable { try row.finish() }

    func warnings(of dataset: DatasetID) -> [Warning] {
        var warnings = row.warnings(of: topic.name)
        if unreadable > 0 {
            warnings.append(
                Warning(
                    "messages_unreadable",
                    "\(unreadable) of \(times.times.count) messages on \(topic.name) cannot be read and are left out. \(firstFailure ?? "")"
                )
            )
        }
        return warnings.map { Warning($0.code, $0.message, dataset: dataset) }
    }
}

/// The columns that every message's row begins with.
enum MessageColumn {
    static let names = ["dataset", "log_time_ns", "publish_time_ns", "sequence", "header_stamp_ns"]
    static var count: Int { names.count }

    static func put(into row: RowBuilder, dataset: DatasetID?, logTime: Int64, publishTime: Int64, sequence: UInt32, stamp: Int64?) {
        row.put(names[0], at: 0, .text) { if let dataset { $0.text(dataset.text) } }
        row.put(names[1], at: 1, .instant) { $0.nanoseconds(logTime) }
        row.put(names[2], at: 2, .instant) { $0.nanoseconds(publishTime) }
        row.put(names[3], at: 3, .integer) { $0.unsigned(UInt64(sequence)) }
        row.put(names[4], at: 4, .instant) { if let stamp { $0.nanoseconds(stamp) } }
    }
}

/// Positions by the times that they stand for, the earliest first; of equal ones the smallest position.
struct TimeQueue {
    private var heap: [(time: Int64, index: Int)]

    /// - Parameter times: the time of each position; nil where it has none.
    init(_ times: [Int64?]) {
        heap = times.enumerated().compactMap { index, time in time.map { ($0, index) } }
        for place in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(place) }
    }

    var first: Int? { heap.first?.index }

    /// Gives the first position its next time, or takes it away.
    mutating func replaceFirst(with time: Int64?) {
        guard let first else { return }
        if let time {
            heap[0] = (time, first)
        } else {
            heap.swapAt(0, heap.count - 1)
            heap.removeLast()
        }
        sink(0)
    }

    private mutating func sink(_ start: Int) {
        var place = start
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count && heap[child] < heap[least] { least = child }
            if least == place { return }
            heap.swapAt(place, least)
            place = least
        }
    }
}
