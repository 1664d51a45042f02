import Files
import Foundation
import Testing

/// A folder that goes when the test is over.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "exportd-test-\(UUID().uuidString)").path()
        try FileSystem.makeDirectories(path)
    }

    deinit {
        try? FileSystem.removeTree(path)
    }

    func bytes(_ name: String) throws -> [UInt8] {
        try FileSystem.read("\(path)/\(name)", limit: .max)
    }
}

/// `Tests/run` names a Python that has the official readers; without it, `swift test` alone checks what Swift can check.
let hasReaders = ProcessInfo.processInfo.environment["EXPORTD_TEST_PYTHON"] != nil

/// Runs Python with the official readers and gives its status and all that it printed.
func python(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: ProcessInfo.processInfo.environment["EXPORTD_TEST_PYTHON"] ?? "/usr/bin/python3")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}

/// Has the readers compare all tables of a folder with what is expected of them.
func expectReadersAgree(_ folder: TemporaryFolder, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Peers/check_parquet.py")
    let result = try python([script.path(), folder.path])
    #expect(result.status == 0, "\(result.output)", sourceLocation: sourceLocation)
}
