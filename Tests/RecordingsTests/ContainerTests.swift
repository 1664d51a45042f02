import Checksums
import ExportCore
import Files
import Foundation
import MCAP
import Recordings
import Testing

/// `Tests/run` names a Python that has the official readers; without it, `swift test` alone checks what Swift can check.
private let python = ProcessInfo.processInfo.environment["EXPORTD_TEST_PYTHON"]

/// Containers that another project wrote, read as that project reads them.
@Suite(.enabled(if: python != nil, "needs EXPORTD_TEST_PYTHON, a Python with Tests/requirements.txt")) struct ContainerTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func `bags of every compression, with and without an index, hold what rosbags reads in them`() throws {
        let source = try generate("folder")
        for options in [["none"], ["lz4"], ["bz2"], ["none", "--unindexed"], ["lz4", "--unindexed"]] {
            let path = folder.url.appending(path: "\(options.joined()).bag").path()
            let expected = try convert(source, path, ["--to", "bag", "--chunk-size", "100000", "--compression"] + options)
            let recording = try Recording(volumes: [path])
            #expect(recording.warnings.map(\.code) == (options.count > 1 ? ["recording_unindexed"] : []))
            try check(recording, expected)
            #expect(recording.topic(named: "/tf_static")?.isLatched == true)
            #expect(!recording.topics.contains { !$0.isDecodable })
        }
    }

    @Test func `a compressed bag cut off anywhere gives the messages before the cut`() throws {
        let source = try generate("folder")
        for compression in ["lz4", "bz2"] {
            let path = folder.url.appending(path: "\(compression).bag").path()
            _ = try convert(source, path, ["--to", "bag", "--chunk-size", "20000", "--compression", compression])
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
            let whole = try messages(try Recording(volumes: [path]))
            var counts: [Int] = []
            for cut in stride(from: 5000, to: bytes.count, by: bytes.count / 40) {
                let recording = try Recording(volumes: [try folder.write(Array(bytes[..<cut]), "cut-\(cut).bag")])
                #expect(!recording.warnings.isEmpty)
                let found = try messages(recording)
                #expect(found == Array(whole.prefix(found.count)))
                counts.append(found.count)
            }
            #expect(counts == counts.sorted())
            #expect(Set(counts).count > 8)
        }
    }

    @Test func `rosbag2 folders of every storage, compression and version hold what rosbags reads in them`() throws {
        let source = try generate("rosbag2")
        let kinds = [
            ["db3", "--version", "8"], ["db3", "--compression", "message"], ["db3", "--compression", "file", "--volumes", "3"],
            ["mcap"], ["mcap", "--compression", "message"], ["mcap", "--compression", "file", "--volumes", "2"],
        ]
        for options in kinds {
            let bag = folder.url.appending(path: options.joined())
            let expected = try convert(source, bag.path(), ["--to"] + options)
            let names = try FileManager.default.contentsOfDirectory(atPath: bag.path()).filter { $0 != "metadata.yaml" }.sorted()
            let recording = try Recording(volumes: names.map { bag.appending(path: $0).path() })
            #expect(recording.warnings.isEmpty)
            try check(recording, expected)
            #expect(!recording.topics.contains { !$0.isDecodable })
            #expect(try FileManager.default.contentsOfDirectory(atPath: bag.path()).count == names.count + 1)
        }
    }

    // MARK: What is compared

    private struct Facts: Decodable {
        struct Topic: Decodable {
            let type: String
            let messages: UInt64
            let sha256: String
        }

        let messages: UInt64
        let first: Int64
        let last: Int64
        let topics: [String: Topic]
    }

    private func check(_ recording: Recording, _ expected: Facts) throws {
        #expect(recording.range?.start.nanoseconds == expected.first)
        #expect(recording.range?.end.nanoseconds == expected.last)
        #expect(recording.topics.reduce(0) { $0 + $1.messages } == expected.messages)
        let heard = recording.topics.filter { $0.messages > 0 }
        #expect(Set(heard.map(\.name)) == Set(expected.topics.keys))
        for topic in heard {
            let wanted = try #require(expected.topics[topic.name])
            #expect(topic.type == wanted.type.replacing("/msg/", with: "/"))
            #expect(topic.messages == wanted.messages)
            let index = try recording.index(of: topic, clock: .logTime)
            var digest = try SHA256()
            for (time, location) in zip(index.times, index.locations) {
                try digest.update(Array("\(time):".utf8))
                try recording.withPayload(of: topic, at: location) { payload in
                    #expect(payload.logTime == time)
                    try digest.update([UInt8](payload.withUnsafeBytes { Array($0) }))
                }
            }
            #expect(try digest.finish().hexadecimal == wanted.sha256, "\(topic.name)")
        }
    }

    /// All messages in the order of time, as text that identifies them.
    private func messages(_ recording: Recording) throws -> [String] {
        var found: [String] = []
        for volume in recording.volumes {
            try volume.forEachInLogOrder(ofChannels: Set(volume.channels.keys), from: 0, to: nil) { _, head, data in
                let sum = data.withUnsafeBytes { $0.reduce(UInt64(data.byteCount)) { $0 &* 31 &+ UInt64($1) } }
                found.append("\(head.logTime) \(head.channelID) \(sum)")
            }
        }
        return found
    }

    private func generate(_ layout: String) throws -> String {
        let options = ["--layout", layout, "--seconds", "1.5", "--size", "96x64", "--cameras", "1"]
        let place = try run("make_recording.py", [folder.url.appending(path: layout).path()] + options)
        let made = URL(filePath: String(decoding: place, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        let names = try FileManager.default.contentsOfDirectory(atPath: made.path()).filter { $0.hasSuffix(".mcap") }
        return made.appending(path: try #require(names.first)).path()
    }

    private func convert(_ source: String, _ target: String, _ options: [String]) throws -> Facts {
        try JSONDecoder().decode(Facts.self, from: try run("convert_recording.py", [source, target] + options))
    }

    private func run(_ script: String, _ arguments: [String]) throws -> Data {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(filePath: try #require(python))
        process.arguments = ["-B", tests.appending(path: "Generator/\(script)").path()] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(script) failed")
        return data
    }
}
