import ExportCore
import Files
import Formats
import Foundation
import Packaging
import Plans
import Requests
import Testing

/// A folder of a test's own, removed with it.
final class Scratch {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/exportd-packaging-\(UUID().uuidString)"
        try FileSystem.makeDirectories("\(path)/tree")
        try FileSystem.makeDirectories("\(path)/out")
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var tree: String { "\(path)/tree" }
    var out: String { "\(path)/out" }

    /// Writes a file of the export.
    func add(_ name: String, _ content: [UInt8]) throws {
        try FileSystem.makeDirectories(FileSystem.parent(of: "\(tree)/\(name)"))
        try FileSystem.writeAtomically("\(tree)/\(name)", content)
    }

    /// A destination of its own.
    func folder(_ name: String) throws -> String {
        try FileSystem.makeDirectories("\(path)/\(name)")
        return "\(path)/\(name)"
    }
}

/// Bytes that do not compress.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}

func exampleDataset(_ index: Int) throws -> PlannedDataset {
    var metadata = DatasetMetadata()
    metadata.project = "kitchen"
    metadata.annotator = "s01"
    metadata.qualityLevel = .good
    metadata.qualityScore = 88
    let start = Timestamp(nanoseconds: 1_767_225_600_000_000_000 + Int64(index) * 1_000_000_000)
    let end = Timestamp(nanoseconds: start.nanoseconds + 5_000_000_000)
    var segment = Segment(range: try #require(TimeRange(start: start, end: end)), task: "pick the \"red\" cup")
    segment.taskZH = "拿起红色杯子"
    return PlannedDataset(
        id: DatasetID("kitchen/pick_\(index)"),
        layout: .folder,
        store: "/somewhere",
        files: [SourceFile(path: "kitchen/pick_\(index)/data.mcap", bytes: 1234, modified: start)],
        volumes: 1,
        fingerprint: "f\(index)",
        metadata: metadata,
        segments: [segment],
        range: nil,
        topics: [],
        robotMapping: nil
    )
}

func exampleManifest(datasets: Int = 2) throws -> Manifest {
    var plan = Plan(
        job: try #require(JobID("20260301-000000-abcdef")),
        name: "nightly",
        title: "Nightly kitchen set",
        package: .tarGzip,
        exports: [.hdf5(HDF5Options())]
    )
    plan.datasets = try (0..<datasets).map(exampleDataset)
    plan.warnings = [Warning("annotation_gap", "A gap between segments was left out.", dataset: plan.datasets.first?.id)]
    let key = try #require(PartKey(String(repeating: "a", count: 64)))
    let record = PartRecord(
        key: key,
        episodes: 3,
        frames: 450,
        bytesRead: 10,
        bytesWritten: 20,
        warnings: [Warning("recording_truncated", "The recording ends early.")],
        streams: [
            StreamReport(
                dataset: DatasetID("kitchen/pick_0"),
                topic: "/joint_states",
                feature: "observation.state",
                ticks: 450,
                meanMilliseconds: 1.5,
                p95Milliseconds: 4.25,
                maxMilliseconds: .infinity,
                heldTicks: 1,
                droppedTicks: 2
            )
        ],
        detail: "{}"
    )
    for dataset in plan.datasets.indices {
        plan.parts.append(PlannedPart(index: dataset, export: 0, key: key, dataset: dataset, estimate: PartEstimate()))
    }
    let skipped = SkippedDataset(id: DatasetID("kitchen/bad"), error: ExportError(.datasetUnreadable, "kitchen/bad/data.mcap is empty."))
    return Manifest(plan: plan, export: 0, parts: [record], skipped: [skipped])
}

/// Runs a program and gives what it wrote to both its outputs.
func run(_ program: String, _ arguments: [String], expecting expected: Int32 = 0) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    var environment = ProcessInfo.processInfo.environment
    environment["LC_ALL"] = "C.UTF-8"
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == expected, "\(program): \(output)")
    return output
}
