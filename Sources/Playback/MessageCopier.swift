import ExportCore
import MCAP
import Recordings

/// Hands the wanted messages of a recording on, in the order of its files: whole chunks where all of a chunk is wanted, and
/// message by message where only some of it is.
struct MessageCopier {
    let source: PlaybackSource
    let cancellation: Cancellation
    /// Chunks by time, for each volume that has chunks.
    private let tables: [ChunkTable?]

    init(_ source: PlaybackSource, cancellation: Cancellation) {
        self.source = source
        self.cancellation = cancellation
        tables = source.volumes.map { $0.chunked.map(ChunkTable.init) }
    }

    /// What is wanted: some stretches of all taken channels, and of some channels more.
    struct Wanted {
        /// The stretches.
        let windows: TimeWindows
        /// The stretches of the channels that differ, under the ids of the file that is written.
        let extended: [UInt16: TimeWindows]
        /// The stretches of any channel.
        let hull: TimeWindows

        init(_ windows: TimeWindows, extended: [UInt16: TimeWindows] = [:]) {
            self.windows = windows
            self.extended = extended
            hull = extended.values.reduce(windows) { $0.union($1) }
        }

        func windows(of channel: UInt16) -> TimeWindows { extended[channel] ?? windows }
    }

    /// Hands on all that is wanted.
    ///
    /// - Parameters:
    ///   - skipped: the position of a volume whose messages are there already.
    ///   - progress: told the share that is done, 0 to 1, after each chunk.
    func copy(
        _ wanted: Wanted,
        into sink: some MessageSink,
        skipping skipped: Int? = nil,
        progress: (Double) -> Void = { _ in }
    ) throws {
        for (place, volume) in source.volumes.enumerated() where place != skipped && !volume.taken.isEmpty {
            let ranges = wanted.hull.ranges
            for (part, range) in ranges.enumerated() {
                if let file = volume.chunked, let table = tables[place] {
                    let numbers = table.chunks(in: range)
                    for (done, number) in numbers.enumerated() {
                        try cancellation.check()
                        try copy(number, of: file, volume, wanted, within: range, into: sink)
                        let share = (Double(part) + Double(done) / Double(numbers.count)) / Double(ranges.count)
                        progress((Double(place) + share) / Double(source.volumes.count))
                    }
                } else {
                    try volume.forEachMessage(in: range) { head, data in
                        try pass(head, data, volume, wanted, within: range, into: sink)
                    }
                }
            }
        }
    }

    /// Whether a chunk can be copied as it is where all its times are wanted: whole, indexed, compressed as asked, and
    /// without channels that are not taken.
    func isWhole(_ chunk: StoredChunk, _ volume: PlaybackSource.Volume) -> Bool {
        guard chunk.isReadable, volume.ids.areKept, source.fits(compression: chunk.compression), let counts = chunk.messageCounts else {
            return false
        }
        return counts.allSatisfy { $0.value == 0 || volume.taken.contains($0.key) && !volume.changing.contains($0.key) }
    }

    /// The chunks of the only volume by when they begin; nil where the recording has several volumes or none with chunks.
    var onlyTable: OnlyTable? {
        guard source.volumes.count == 1, let file = source.volumes[0].chunked, let table = tables[0] else { return nil }
        return OnlyTable(file: file, volume: source.volumes[0], table: table)
    }

    /// The chunks of a recording's only volume.
    struct OnlyTable {
        let file: MCAPFile
        let volume: PlaybackSource.Volume
        let table: ChunkTable
    }

    /// Whether chunks overlap so much that reading them stretch by stretch would mean to read them again and again.
    var isTangled: Bool {
        tables.contains { ($0?.averageOverlap ?? 0) > 80 }
    }

    private func copy(
        _ number: Int,
        of file: MCAPFile,
        _ volume: PlaybackSource.Volume,
        _ wanted: Wanted,
        within range: ClosedRange<UInt64>,
        into sink: some MessageSink
    ) throws {
        let chunk = file.storedChunk(number)
        let span = file.timeSpan(ofChunk: number)
        if let counts = chunk.messageCounts {
            let some = counts.contains { channel, count in
                count > 0 && volume.taken.contains(channel)
                    && (volume.ids.channels[channel].map { wanted.windows(of: $0).overlaps(span) } ?? false)
            }
            if !some { return }
            if range.lowerBound <= span.lowerBound, span.upperBound <= range.upperBound, isWhole(chunk, volume),
                counts.keys.allSatisfy({ wanted.windows(of: $0).covers(span) })
            {
                // One that can't be read would spoil the copy for other readers; what is wrong becomes a warning.
                if try file.check(chunk: number) { try sink.copy(chunk, of: file) }
                return
            }
        }
        try file.forEachMessage(inChunk: number) { location, head, data in
            guard volume.taken.contains(head.channelID), isWanted(head, volume, wanted, within: range) else { return }
            try volume.pass(head, data, at: location) { try pass($0, $1, volume, wanted, within: range, into: sink) }
        }
    }

    private func isWanted(
        _ head: MessageHead,
        _ volume: PlaybackSource.Volume,
        _ wanted: Wanted,
        within range: ClosedRange<UInt64>
    ) -> Bool {
        guard range.contains(head.logTime), let id = volume.ids.channels[head.channelID] else { return false }
        return wanted.windows(of: id).contains(head.logTime)
    }

    @inline(__always)
    private func pass(
        _ head: MessageHead,
        _ data: RawSpan,
        _ volume: PlaybackSource.Volume,
        _ wanted: Wanted,
        within range: ClosedRange<UInt64>,
        into sink: some MessageSink
    ) throws {
        guard let id = volume.ids.channels[head.channelID], isWanted(head, volume, wanted, within: range) else { return }
        var head = head
        head.channelID = id
        try sink.write(head, data)
    }
}

extension PlaybackSource.Volume {
    /// Reads the taken messages by log time within a stretch, both ends included, changed where they have to be.
    func forEachMessage(in range: ClosedRange<UInt64>, _ body: (MessageHead, RawSpan) throws -> Void) throws {
        let end = range.upperBound == .max ? nil : range.upperBound + 1
        try volume.forEachInLogOrder(ofChannels: taken, from: range.lowerBound, to: end) { location, head, data in
            try pass(head, data, at: location, to: body)
        }
    }
}
