import Encoding
import ExportCore
import Files
import Foundation
import Plans
import Requests
import Testing

/// Copies the recording into its part, and lets a test do something meanwhile.
private struct CopyingEncoder: Encoder {
    static let version = 1
    var meanwhile: @Sendable () throws -> Void = {}

    func estimate(_ dataset: PlannedDataset) -> PartEstimate { PartEstimate(episodes: 1, frames: 1) }

    func encode(_ dataset: PlannedDataset, in context: PartContext) throws -> EncodedPart<Int> {
        let bytes = try FileSystem.read(dataset.volumePaths[0], limit: 1 << 20)
        try meanwhile()
        try FileSystem.writeAtomically("\(context.folder)/copy", bytes)
        return EncodedPart(episodes: 1, frames: 1, bytesRead: Int64(bytes.count), warnings: [], streams: [], detail: bytes.count)
    }

    func assemble(_ parts: [FinishedPart<Int>], in context: AssemblyContext) {}
}

@Suite final class PartWorkTests {
    private let root = FileManager.default.temporaryDirectory.appending(path: "encoding-tests-\(UUID().uuidString)").path()
    private let work: WorkFolder
    private let plan: Plan
    private var folder: String { "\(root)/store/kitchen/one" }
    private var recording: String { "\(folder)/data.mcap" }

    init() throws {
        work = WorkFolder(path: "\(root)/work/job-1")
        try work.create()
        let paths = ["kitchen/one/data.mcap", "kitchen/one/annotation.json"]
        try FileSystem.makeDirectories("\(root)/store/kitchen/one")
        let store = "\(root)/store"
        let files = try paths.map { path in
            try FileSystem.writeAtomically("\(store)/\(path)", Array("what was planned with".utf8))
            let status = try FileSystem.status(of: "\(store)/\(path)")
            return SourceFile(path: path, bytes: status.bytes, modified: status.modified)
        }
        let dataset = PlannedDataset(
            id: DatasetID("kitchen/one"),
            layout: .folder,
            store: store,
            files: files,
            volumes: 1,
            fingerprint: "f",
            metadata: DatasetMetadata(),
            segments: [],
            range: nil,
            topics: [],
            robotMapping: nil
        )
        var plan = Plan(job: try #require(JobID("job-1")), name: "nightly", title: nil, package: .tarGzip, exports: [])
        plan.datasets = [dataset]
        let key = try #require(PartKey(String(repeating: "a", count: 64)))
        plan.parts = [PlannedPart(index: 0, export: 0, key: key, dataset: 0, estimate: PartEstimate(episodes: 1, frames: 1))]
        self.plan = plan
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    private func encode(_ encoder: CopyingEncoder = CopyingEncoder()) throws -> PartSummary {
        try PartWork(plan: plan, work: work, cache: nil, threads: 1, cancellation: Cancellation()).encode(plan.parts[0], with: encoder) {
            _ in
        }
    }

    /// That the part is refused because of a file, and that nothing of it is left.
    private func expectRefusal(over path: String, of encoder: CopyingEncoder = CopyingEncoder()) throws {
        let error = try #require(throws: ExportError.self) { try encode(encoder) }
        #expect(error.code == .datasetUnreadable)
        #expect(error.message.contains(path), "\(error.message)")
        #expect(error.location?.dataset == plan.datasets[0].id)
        #expect(!work.hasPart(plan.parts[0].key))
        #expect(try FileSystem.list(work.partsPath).isEmpty)
    }

    @Test func `a dataset that is as it was planned becomes a part`() throws {
        #expect(try encode().bytesRead == 21)
        #expect(work.hasPart(plan.parts[0].key))
    }

    @Test func `a recording that was changed after the plan was made is refused`() throws {
        try FileSystem.writeAtomically(recording, Array("something else".utf8))
        try expectRefusal(over: recording)
    }

    @Test func `an annotation that is gone since the plan was made is told as that`() throws {
        try FileSystem.removeFile("\(folder)/annotation.json")
        try expectRefusal(over: "\(folder)/annotation.json")
    }

    @Test func `a recording that changes while it is read leaves no part under the old one's key`() throws {
        let path = recording
        try expectRefusal(over: path, of: CopyingEncoder { try FileSystem.writeAtomically(path, Array("another state".utf8)) })
    }

    @Test func `whatever an encoder says of a recording that was exchanged under it, that it was is what is told`() throws {
        let path = recording
        try expectRefusal(
            over: path,
            of: CopyingEncoder {
                try FileSystem.removeFile(path)
                throw ExportError(.internal, "The encoder does not know what to make of that.")
            }
        )
    }

    @Test func `a symbolic link in a file's place is not followed, be it to a file of the same size and time`() throws {
        let elsewhere = "\(root)/elsewhere.mcap"
        try FileSystem.rename(recording, to: elsewhere)
        try FileManager.default.createSymbolicLink(atPath: recording, withDestinationPath: elsewhere)
        try expectRefusal(over: recording)
    }

    @Test func `a symbolic link in the place of a dataset's folder is not followed`() throws {
        try FileSystem.rename("\(root)/store/kitchen", to: "\(root)/elsewhere")
        try FileManager.default.createSymbolicLink(atPath: "\(root)/store/kitchen", withDestinationPath: "\(root)/elsewhere")
        try expectRefusal(over: "\(root)/store/kitchen")
    }
}
