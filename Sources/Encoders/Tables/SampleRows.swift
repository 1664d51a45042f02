import ExportCore
import Media
import Plans
import Recordings
import Samples

/// Writes the numbers of all features at every tick of an episode, a row for each tick.
///
/// Pictures are not written; of a camera the time says which frame belongs to the tick.
final class SampleRows: EpisodeSink {
    private static let names = ["dataset", "episode", "segment", "task", "tick", "timestamp_ns"]

    private let row: RowBuilder
    private let dataset: DatasetID
    private let samples: SampledRecording
    private let episode: Episode
    /// Its number in the dataset, from 1.
    private let number: Int
    /// Its segment's number in the table of segments; nil where nothing is annotated.
    private let segment: Int?
    private let cameraTimes: [[Int64]]
    /// For each numeric feature the values of ticks that lack another's: an action that is the next state comes a tick late.
    private var held: [[[Double]]]
    private var tick = 0
    private let nodes: [[Int?]]
    private let cameraNodes: [Int?]

    init(row: RowBuilder, dataset: PlannedDataset, samples: SampledRecording, episode: Episode, number: Int) {
        self.row = row
        self.dataset = dataset.id
        self.samples = samples
        self.episode = episode
        self.number = number
        segment = dataset.segments.firstIndex { $0.range == episode.segment.range && $0.sequence == episode.segment.sequence }.map {
            $0 + 1
        }
        cameraTimes = samples.captureTimes(of: episode)
        held = samples.numerics.map { _ in [] }
        // The names come first, so that the columns stand in this order whatever comes first.
        for (index, name) in Self.names.enumerated() { _ = row.field(name, at: index) }
        var place = Self.names.count
        nodes = samples.numerics.map { feature in
            guard !feature.columns.isEmpty, let node = row.field(feature.name, at: place) else { return [] }
            place += 1
            return Self.distinct(feature.columns).enumerated().map { row.field($1, at: $0, of: node) }
        }
        cameraNodes = samples.cameras.map { camera in
            guard let node = row.field(camera.name, at: place) else { return nil }
            place += 1
            return row.field("time_ns", at: 0, of: node)
        }
    }

    func write(_ values: [Double], of feature: Int, tick: Int) throws {
        held[feature].append(values)
        while held.indices.allSatisfy({ nodes[$0].isEmpty || !held[$0].isEmpty }) { try writeRow() }
    }

    func write(_ picture: ImagePayload, bytes: UnsafeRawBufferPointer, of camera: Int, tick: Int) throws {}

    func write(_ picture: Picture, of camera: Int, tick: Int) throws {}

    /// Writes the ticks of an episode that has no numbers, only cameras.
    func finish(_ cancellation: Cancellation) throws {
        while tick < episode.count {
            try cancellation.check()
            try writeRow()
        }
    }

    private func writeRow() throws {
        row.put(Self.names[0], at: 0, .text) { $0.text(dataset.text) }
        row.put(Self.names[1], at: 1, .integer) { $0.integer(Int64(number)) }
        row.put(Self.names[2], at: 2, .integer) { if let segment { $0.integer(Int64(segment)) } }
        row.put(Self.names[3], at: 3, .text) { $0.text(episode.segment.task) }
        row.put(Self.names[4], at: 4, .integer) { $0.integer(Int64(tick)) }
        row.put(Self.names[5], at: 5, .instant) { $0.nanoseconds(episode.time(tick)) }
        for feature in held.indices where !nodes[feature].isEmpty {
            let values = held[feature].removeFirst()
            for (node, value) in zip(nodes[feature], values) {
                if let node { row.put(node, .number) { $0.number(value) } }
            }
        }
        for (node, times) in zip(cameraNodes, cameraTimes) {
            if let node { row.put(node, .instant) { $0.nanoseconds(times[tick]) } }
        }
        try row.endRow()
        tick += 1
    }

    /// Joints of one name are told apart by a number.
    private static func distinct(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.map { name in
            var candidate = name
            var number = 2
            while !seen.insert(candidate).inserted {
                candidate = "\(name)_\(number)"
                number += 1
            }
            return candidate
        }
    }
}
