import MCAP
import Recordings

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
    private let volumes: [any RecordingVolume]
    private let names: [String]
    private var tallies: [Tally]
    /// For each volume, by channel: the topic's position; `names.count` for channels that nothing describes.
    private let positions: [[Int]]

    init(_ volumes: [any RecordingVolume]) {
        self.volumes = volumes
        let names = Set(volumes.flatMap { $0.channels.values.map(\.topic) }).sorted()
        let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0.element, $0.offset) })
        positions = volumes.map { volume in
            var positions = [Int](repeating: names.count, count: volume.channels.keys.max().map { Int($0) + 1 } ?? 0)
            for channel in volume.channels.values { positions[Int(channel.id)] = places[channel.topic] ?? names.count }
            return positions
        }
        self.names = names
        tallies = Array(repeating: Tally(), count: names.count + 1)
    }

    /// Counts a message of one of the volumes.
    mutating func add(_ volume: Int, _ channel: UInt16, _ time: UInt64, bytes: Int) {
        total.add(time, bytes)
        let isKnown = Int(channel) < positions[volume].count
        tallies[isKnown ? positions[volume][Int(channel)] : names.count].add(time, bytes)
    }

    /// The topics by name.
    func topics(withBytes: Bool) -> [RecordingSummary.Topic] {
        var byTopic: [String: [(channel: Channel, schema: Schema?)]] = [:]
        for volume in volumes {
            for channel in volume.channels.values.sorted(by: { $0.id < $1.id }) {
                byTopic[channel.topic, default: []].append((channel, volume.schemas[channel.schemaID]))
            }
        }
        return zip(names, tallies).map { name, tally in
            let channels = byTopic[name] ?? []
            let schemas = channels.compactMap(\.schema)
            let span = tally.last - tally.first
            return RecordingSummary.Topic(
                name: name,
                type: Self.distinct(schemas.map(\.name)),
                schemaEncoding: Self.distinct(schemas.map(\.encoding)),
                messageEncoding: Self.distinct(channels.map(\.channel.messageEncoding)),
                channels: volumes.count == 1 ? channels.map(\.channel.id) : nil,
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
        for name in names where !name.isEmpty && !seen.contains(name) { seen.append(name) }
        return seen.joined(separator: ", ")
    }
}
