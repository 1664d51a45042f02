import ExportCore
import Files
import Formats
import Plans
import ROS
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
            streams.append(try MessageStream(topic, of: recording, number: tables.count + streams.count, folder: folder, dataset, options))
        }
        if recording.isReadableInLogOrder {
            try recording.forEachInLogOrder(of: topics) { index, read in
                try streams[index].write(read)
                step()
            }
        } else {
            try writeByIndex(topics, &streams, step: step)
        }
        for stream in streams {
            warnings += stream.warnings(of: dataset)
            tables.append(try stream.finish())
        }
    }

    /// Goes by the indexes of all topics, which are held in memory: volumes that overlap, databases, bags.
    private func writeByIndex(_ topics: [Topic], _ streams: inout [MessageStream], step: () -> Void) throws {
        let indexes = try topics.map { try recording.index(of: $0, clock: .logTime) }
        var next = [Int](repeating: 0, count: topics.count)
        var queue = TimeQueue(indexes.map(\.times.first))
        while let index = queue.first {
            try cancellation.check()
            let location = indexes[index].locations[next[index]]
            next[index] += 1
            try streams[index].write { use in try recording.withPayload(of: topics[index], at: location, use) }
            queue.replaceFirst(with: next[index] < indexes[index].times.count ? indexes[index].times[next[index]] : nil)
            step()
        }
    }
}

/// One topic's messages on their way into its table.
private struct MessageStream {
    private let topic: Topic
    private let reader: TopicReader
    private let row: RowBuilder
    private let flattener: MessageFlattener
    private let options: TableOptions
    private let head: MessageHeadCells
    private var values = FlatValues()
    private var columns: OutlineColumns?
    private var messages = 0
    private var unreadable = 0
    private var beyondTime = 0
    private var firstFailure: String?

    init(
        _ topic: Topic,
        of recording: Recording,
        number: Int,
        folder: String,
        _ dataset: DatasetID,
        _ options: TableOptions
    ) throws {
        self.topic = topic
        self.options = options
        reader = try TopicReader(recording, topic)
        row = try RowBuilder(
            .messages(topic: topic.name),
            type: topic.type,
            folder: folder,
            fileName: "messages-\(number)",
            dialect: options.dialect
        )
        flattener = MessageFlattener(arrayColumns: options.contents.arrayColumns, binary: options.contents.binary)
        head = MessageHeadCells(dataset: dataset, dialect: options.dialect, in: row)
    }

    /// Writes a message's row; one that cannot be read is counted.
    ///
    /// - Parameter read: hands the message's payload out.
    mutating func write(_ read: ((Payload) throws -> Void) throws -> Void) throws {
        messages += 1
        do {
            try read { payload in
                try put(payload)
                if payload.logTime == .max || payload.publishTime == .max { beyondTime += 1 }
            }
        } catch let error as RecordingError where !error.isCancellation {
            row.dropRow()
            unreadable += 1
            firstFailure = firstFailure ?? error.description
            return
        }
        try row.endRow()
    }

    private mutating func put(_ payload: Payload) throws {
        guard let outline = reader.readFlat(payload, into: &values, maximumMessages: options.contents.arrayColumns) else {
            let message = try reader.value(in: payload)
            let stamp = try reader.stamp(in: payload)
            row.withRow { head.put(payload, stamp: stamp, into: &$0) }
            return flattener.put(message, behind: MessageHeadCells.count, into: row)
        }
        let stamp = try outline.stamp(in: values) ?? reader.stamp(in: payload)
        row.withRow { row in
            head.put(payload, stamp: stamp, into: &row)
            if columns?.isOf(outline) != true {
                columns = OutlineColumns(
                    outline,
                    arrayColumns: options.contents.arrayColumns,
                    binary: options.contents.binary,
                    behind: MessageHeadCells.count,
                    in: &row
                )
            }
            payload.withUnsafeBytes { columns?.put(values, of: $0, into: &row) }
        }
    }

    func finish() throws -> PartTable { try row.finish() }

    func warnings(of dataset: DatasetID) -> [Warning] {
        var warnings = row.warnings(of: topic.name)
        if unreadable > 0 {
            warnings.append(
                Warning(
                    "messages_unreadable",
                    "\(unreadable) of \(messages) messages on \(topic.name) cannot be read and are left out. \(firstFailure ?? "")"
                )
            )
        }
        if beyondTime > 0 {
            warnings.append(
                Warning(
                    "times_beyond_range",
                    "\(topic.name): \(beyondTime) messages have a log or publish time beyond the year 2262, in whose place stands \(Int64.max)."
                )
            )
        }
        return warnings.map { Warning($0.code, $0.message, dataset: dataset) }
    }
}

/// The cells that every message's row begins with.
private struct MessageHeadCells {
    private static let columns: [(name: String, kind: CellKind)] = [
        ("dataset", .text), ("log_time_ns", .instant), ("publish_time_ns", .instant), ("sequence", .integer), ("header_stamp_ns", .instant),
    ]

    static var count: Int { columns.count }

    /// The dataset's cell, which is the same in each row.
    private let dataset: [UInt8]

    /// Makes the columns, so that a table without rows has them too; they are the first, in this order.
    init(dataset: DatasetID, dialect: TableDialect, in row: RowBuilder) {
        var cell = CellText(dialect)
        cell.text(dataset.text)
        self.dataset = cell.bytes
        row.withRow { row in
            for (index, column) in Self.columns.enumerated() {
                if let node = row.field(column.name, at: index, of: ColumnTree.root) { _ = row.position(of: node, column.kind) }
            }
        }
    }

    func put(_ payload: Payload, stamp: Int64?, into row: inout TableRow) {
        row.put(at: 0) { $0.raw(dataset) }
        row.put(at: 1) { $0.nanoseconds(payload.logTime) }
        row.put(at: 2) { $0.nanoseconds(payload.publishTime) }
        row.put(at: 3) { $0.unsigned(UInt64(payload.sequence)) }
        row.put(at: 4) { if let stamp { $0.nanoseconds(stamp) } }
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
