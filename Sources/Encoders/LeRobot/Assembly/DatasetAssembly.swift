import Encoding
import ExportCore
import Fields
import Files
import Formats
import FoundationEssentials
import Plans

/// Makes a dataset from finished parts: numbers episodes, frames and tasks through, places tables and videos, and writes
/// the metadata.
struct DatasetAssembly {
    let options: LeRobotOptions
    let context: AssemblyContext

    func assemble(_ parts: [FinishedPart<LeRobotEncoder.Detail>]) throws {
        let features = try commonFeatures(of: parts)
        let splits = SplitAssignment(options.splits)
        let chosen = try splits.datasets(parts.map { ($0.dataset.id.text, $0.record.frames) })
        var layout: any DatasetLayout =
            options.version.isV21
            ? try LayoutV21(folder: context.folder, features: features, options: options)
            : try LayoutV30(folder: context.folder, features: features, options: options)
        var run = Run(features: features)
        var ranges: [(name: String, episodes: Range<Int>)] = []
        let annotations = try LineFile("\(context.folder)/meta/exportd/annotations.jsonl")
        for (split, datasets) in chosen.enumerated() {
            let first = run.episodes
            for index in datasets { try add(parts[index], to: &layout, annotations, &run) }
            if !options.splits.isEmpty { ranges.append((splits.names[split], first..<run.episodes)) }
        }
        let ordered = chosen.flatMap { $0 }.map { parts[$0] }
        try layout.finish(tasks: run.tasks.tasks)
        let info = DatasetInfo(
            options: options,
            features: features,
            robotType: robotType(of: parts),
            episodes: run.episodes,
            frames: run.frames,
            tasks: run.tasks.tasks.count
        )
        try write("meta/info.json", info.document)
        if !options.version.isV21 { try write("meta/stats.json", try statistics(run, ordered)) }
        if options.hasModality { try write("meta/modality.json", features.modality) }
        try write("meta/exportd/conversion_report.json", ConversionReport(parts: ordered, hasVideo: options.images == .video).document)
        if !ranges.isEmpty { try writeSplits(ranges) }
        let card = DatasetCard(
            info: info,
            tasks: run.tasks.tasks,
            datasets: ordered.map(\.dataset.id),
            splits: ranges,
            previews: try placePreviews(of: ordered.first, features)
        )
        try FileSystem.writeAtomically("\(context.folder)/README.md", [UInt8](card.text.utf8))
    }

    /// What grows while parts are added.
    private struct Run {
        var tasks = TaskTable()
        var pooled: PooledStatistics
        var episodes = 0
        var frames = 0

        init(features: FeatureTable) {
            pooled = PooledStatistics(features)
        }
    }

    private func add(
        _ part: FinishedPart<LeRobotEncoder.Detail>,
        to layout: inout any DatasetLayout,
        _ annotations: LineFile,
        _ run: inout Run
    ) throws {
        let files = PartFiles(folder: part.folder)
        let rows = try PartRows(files, features: layout.features, options: options)
        let pixels = try JSONDecoder().decode([PixelStatistics].self, from: Data(try FileSystem.read(files.pixels, limit: 1 << 28)))
        run.pooled.add(pixels)
        var numberInPart = 0
        try EpisodeRecords(folder: part.folder).forEach { record in
            try context.cancellation.check()
            let numbers = record.tasks.map { run.tasks.number(of: $0) }
            let tasks = try rows.taskPositions(rows: record.length).map { numbers[$0] }
            var counts: [Int: Int] = [:]
            for task in tasks { counts[task, default: 0] += 1 }
            run.pooled.add(record, tasks: counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
            let episode = AssembledEpisode(
                index: run.episodes,
                firstFrame: run.frames,
                numberInPart: numberInPart,
                record: record,
                files: files,
                rows: rows,
                tasks: tasks
            )
            try layout.add(episode)
            try annotations.append(record.annotation(episode: run.episodes, dataset: part.dataset.id))
            run.episodes += 1
            run.frames += record.length
            numberInPart += 1
        }
    }

    /// - Throws: where the recordings' features differ, which one dataset cannot hold.
    private func commonFeatures(of parts: [FinishedPart<LeRobotEncoder.Detail>]) throws(ExportError) -> FeatureTable {
        let first = parts[0].detail
        for part in parts.dropFirst() {
            guard let difference = first.difference(to: part.detail) else { continue }
            throw .features(of: part.dataset.id, unlike: parts[0].dataset.id, difference)
        }
        return FeatureTable(
            numerics: first.numerics,
            cameras: first.cameras,
            copiedCameras: Set(parts.flatMap { part in part.detail.copiedCameras }),
            hasCaptureTimes: options.hasCaptureTimes && !first.cameras.isEmpty
        )
    }

    private func robotType(of parts: [FinishedPart<LeRobotEncoder.Detail>]) -> String? {
        if let type = options.robotType { return type }
        let types = Set(parts.map(\.dataset.metadata.robot))
        return types.count == 1 ? types.first ?? nil : nil
    }

    private func statistics(_ run: Run, _ parts: [FinishedPart<LeRobotEncoder.Detail>]) throws -> FieldValue {
        let features = try commonFeatures(of: parts)
        var members: [FieldMember] = []
        for (number, feature) in features.numerics.enumerated() {
            let statistics = try run.pooled.numeric(number) { body in
                for part in parts {
                    try context.cancellation.check()
                    let path = PartFiles(folder: part.folder).rows(feature: number)
                    switch options.stateType {
                    case .float32: try RowFile<Float>(path: path, width: feature.columns.count).forEachRow(0..<part.record.frames, body)
                    case .float64: try RowFile<Double>(path: path, width: feature.columns.count).forEachRow(0..<part.record.frames, body)
                    }
                }
            }
            members.append(FieldMember(feature.name, statistics.document(isPicture: false, withQuantiles: true)))
        }
        if features.hasCaptureTimes {
            members.append(FieldMember(FeatureTable.captureTimes, run.pooled.captures.document(isPicture: false, withQuantiles: true)))
        }
        for (number, camera) in features.cameras.enumerated() {
            members.append(FieldMember(camera.name, run.pooled.camera(number).document(isPicture: true, withQuantiles: true)))
        }
        for (name, statistics) in run.pooled.bookkeeping(rate: options.sampling.rate.value) {
            members.append(FieldMember(name, statistics.document(isPicture: false, withQuantiles: true)))
        }
        return .object(members)
    }

    /// Episodes of a split stand together, train first.
    private func writeSplits(_ ranges: [(name: String, episodes: Range<Int>)]) throws {
        let members = ranges.map { range in
            FieldMember(range.name, .text("\(range.episodes.lowerBound):\(range.episodes.upperBound)"))
        }
        try write("meta/exportd/splits.json", .object(members))
    }

    private func placePreviews(
        of part: FinishedPart<LeRobotEncoder.Detail>?,
        _ features: FeatureTable
    ) throws -> [(camera: String, paths: [String])] {
        guard let part else { return [] }
        let files = PartFiles(folder: part.folder)
        var previews: [(camera: String, paths: [String])] = []
        for (number, camera) in features.cameras.enumerated() {
            var paths: [String] = []
            for place in 0..<part.detail.previews {
                let path = "meta/exportd/preview/camera_\(number)_\(place).jpg"
                try FileSystem.makeDirectories("\(context.folder)/meta/exportd/preview")
                try FileSystem.link(files.preview(camera: number, place: place), to: "\(context.folder)/\(path)")
                paths.append(path)
            }
            previews.append((camera.name, paths))
        }
        return previews
    }

    private func write(_ name: String, _ document: FieldValue) throws {
        let path = "\(context.folder)/\(name)"
        try FileSystem.makeDirectories(FileSystem.parent(of: path))
        try FileSystem.writeAtomically(path, [UInt8]((document.json + "\n").utf8))
    }
}

/// An episode on its way into a dataset.
struct AssembledEpisode {
    var index: Int
    /// The number of its first frame in the dataset.
    var firstFrame: Int
    /// Its number in its part, by which the part's files are named.
    var numberInPart: Int
    var record: EpisodeRecord
    var files: PartFiles
    /// Its part's rows, of which those of the episodes before it have been read.
    var rows: PartRows
    /// The number of each frame's task.
    var tasks: [Int]

    /// The statistics of all features, in their order.
    func statistics(rate: Double) -> [FeatureStatistics] {
        var statistics = record.numerics
        if let captureTimes = record.captureTimes { statistics.append(captureTimes) }
        statistics += record.cameras
        statistics.append(FeatureStatistics(rangeFrom: 0, count: record.length, scale: 1 / rate))
        statistics.append(FeatureStatistics(rangeFrom: 0, count: record.length))
        statistics.append(FeatureStatistics(constant: Double(index), count: record.length))
        statistics.append(FeatureStatistics(rangeFrom: firstFrame, count: record.length))
        statistics.append(FeatureStatistics(numbers: tasks))
        return statistics
    }
}

/// How a version of the format lays out tables, videos and the metadata of episodes.
protocol DatasetLayout {
    var features: FeatureTable { get }
    mutating func add(_ episode: AssembledEpisode) throws
    mutating func finish(tasks: [String]) throws
}

/// A file of lines of JSON.
final class LineFile {
    private let file: OpenFile

    init(_ path: String) throws {
        try FileSystem.makeDirectories(FileSystem.parent(of: path))
        file = try .creating(path)
    }

    func append(_ line: FieldValue) throws {
        try file.write([UInt8]((line.compactJSON + "\n").utf8))
    }
}

extension LeRobotEncoder.Detail {
    fileprivate var names: FeatureNames {
        FeatureNames(numerics: numerics.map(\.name), cameras: cameras.map(\.name))
    }

    /// The cameras of which some video was not encoded here.
    fileprivate var copiedCameras: [String] {
        zip(cameras, videos).filter { $0.1.copied > 0 }.map(\.0.name)
    }

    /// What another recording's features have otherwise, as the rest of a sentence; nil where they are the same.
    func difference(to other: Self) -> String? {
        if let difference = names.difference(to: other.names) { return difference }
        for (a, b) in zip(numerics, other.numerics) where a.columns != b.columns {
            return "\(a.name) is \(b.columns.joined(separator: ", ")) in one and \(a.columns.joined(separator: ", ")) in the other"
        }
        for (a, b) in zip(cameras, other.cameras) where a != b {
            return "\(a.name) has \(b.width)×\(b.height) pixels in one and \(a.width)×\(a.height) in the other"
        }
        return nil
    }
}
