import Foundation

/// What the official reader in Python, and a walk over the bytes that is as strict as the specification, find in files.
enum OfficialReader {
    struct Finding: Decodable {
        var messages: Int
        var crc: UInt32
        var topics: [String: Int]
        var problems: [String]
    }

    /// `Tests/run` names a Python that has the official readers; without it, `swift test` alone checks what Swift can check.
    static let isThere = ProcessInfo.processInfo.environment["EXPORTD_TEST_PYTHON"] != nil

    static func check(_ paths: [String]) throws -> [Finding] {
        let process = Process()
        process.executableURL = URL(filePath: ProcessInfo.processInfo.environment["EXPORTD_TEST_PYTHON"] ?? "/usr/bin/python3")
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Readers/check_mcap.py")
        process.arguments = [script.path()] + paths
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode([Finding].self, from: data)
    }
}
