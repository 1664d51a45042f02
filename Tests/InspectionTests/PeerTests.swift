import Foundation
import Inspection
import Testing

/// The listings against those of the format's own Python readers.
@Suite(.enabled(if: Python.path != nil, "set EXPORTD_TEST_PYTHON to a Python with the packages of Tests/requirements.txt"))
struct PeerTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `records and indexed messages are those that the Python readers give`() throws {
        try compare([scratch.file(SmallRecording.bytes())] + Python.write(in: scratch))
    }

    @Test(.enabled(if: Python.realRecordings != nil, "set EXPORTD_REAL_RECORDINGS to a folder of .mcap files"))
    func `real recordings are read as the Python readers read them`() throws {
        let folder = try #require(Python.realRecordings)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".mcap") }.sorted()
        // One that is cut has no equal: those readers refuse it.
        try compare(files.map { "\(folder)/\($0)" }.filter { !$0.contains("truncated") })
    }

    private func compare(_ paths: [String]) throws {
        var arguments: [String] = []
        for path in paths {
            arguments += [path, try scratch.file(Array(inspect(path, .records).text.utf8))]
            arguments.append(try scratch.file(Array(inspect(path, .indexed).text.utf8)))
        }
        #expect(try Python.run("compare_records.py", arguments) == paths.map { "\($0): equal, equal" })
    }
}

/// The Python that Tests/install-python set up.
enum Python {
    static var path: String? { ProcessInfo.processInfo.environment["EXPORTD_TEST_PYTHON"] }
    static var realRecordings: String? { ProcessInfo.processInfo.environment["EXPORTD_REAL_RECORDINGS"] }

    /// The lines that a script beside this file prints.
    static func run(_ script: String, _ arguments: [String]) throws -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: try #require(path))
        process.arguments = [URL(filePath: #filePath).deletingLastPathComponent().appending(path: script).path()] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Recordings of the official writer with each compression, and without chunks.
    static func write(in scratch: Scratch) throws -> [String] {
        let paths = try (0..<4).map { _ in try scratch.file([0]) }
        _ = try run("write_recordings.py", paths)
        return paths
    }
}
