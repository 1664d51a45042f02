import MCAP

/// What is counted of each topic while its messages go by in log order.
struct TopicTallies {
    /// Times and sizes of some messages.
    struct Tally {
        private(set) var count: UInt64 = 0
        private(set) var bytes: UInt64 = 0
        private(set) var first: UInt64 = 0
        private(set) var last: UInt64 = 0
        private(set) var gap: (length: UInt64, start: UInt64) = (0, 0)

        fileprivate mutating func add(_ time: UInt64, _ size: Int) {
            if count == 0 {
                (first, last) = (time, time)
            } else if time < last {
                // Only where a chunk is earlier than it declares.
                first = min(first, time)
            } else {
                if time - last > gap.length { gap = (time - last, last) }
                last = time
            }
            count += 1
            bytes &+= UInt64(size)
        }
    }

    /// All messages, also of channels that nothing describes.
    private(set) var total = Tally()
    private let names: [String]
    private var tallies: [Tally]
    /// By channel: the topic's position; `names.count` for channels that nothing describes.
    private var positions = [Int](repeating: 0, count: Int(UInt16.max) + 1)

    init(_ file: MCAPFile) {
        names = Set(file.channels.values.map(\.topic)).sorted()
        tallies = Array(repeating: Tally(), count: names.count + 1)
        for channel in positions.indices { positions[channel] = names.count }
        let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0.element, $0.offset) })
        for channel in file.channels.values { positions[Int(channel.id)] = places[channel.topic] ?? names.count }
    }

    mutating func add(_ channel: UInt16, _ time: UInt64, bytes: Int) {
        total.add(time, bytes)
        tallies[positions[Int(channel)]].add(time, bytes)
    }

    /// The topics by name.
    func topics(of file: MCAPFile, withBytes: Bool) -> [RecordingSummary.Topic] {
        let byTopic = Dictionary(grouping: file.channels.values, by: \.topic)
        return zip(names, tallies).map { name, tally in
            let channels = (byTopic[name] ?? []).sorted { $0.id < $1.id }
            let schemas = channels.compactMap { file.schemas[$0.schemaID] }
            let span = tally.last - tally.first
            return RecordingSummary.Topic(
                name: name,
                type: Self.distinct(schemas.map(\.name)),
                schemaEncoding: Self.distinct(schemas.map(\.encoding)),
                messageEncoding: Self.distinct(channels.map(\.messageEncoding)),
                channels: channels.map(\.id),
                messages: tally.count,
                rateHz: span > 0 ? Double(tally.count - 1) / (Double(span) / 1e9) : nil,
                startNs: tally.count > 0 ? String(tally.first) : nil,
                endNs: tally.count > 0 ? String(tally.last) : nil,
                largestGapNs: tally.count > 1 ? String(tally.gap.length) : nil,
                largestGapStartNs: tally.gap.length > 0 ? String(tally.gap.start) : nil,
                bytes: withBytes ? tally.bytes : nil
            )
        }
    }

    private static func distinct(_ names: [String]) -> String {
        var seen: [String] = []
        for name in names where !seen.contains(name) { seen.append(name) }
        return seen.joined(separator: ", ")
    }
}
