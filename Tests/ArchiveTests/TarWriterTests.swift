import Archive
import Foundation
import Testing

private struct OutputRefused: Error {}

/// A tar of the given entries.
private func tar(_ entries: [(path: String, content: [UInt8])], links: [(path: String, target: String)] = []) throws -> [UInt8] {
    final class Bytes { var all: [UInt8] = [] }
    let bytes = Bytes()
    let writer = try TarWriter { bytes.all.append(contentsOf: $0) }
    for (path, content) in entries {
        try writer.begin(path, bytes: Int64(content.count))
        try content.withUnsafeBytes { try writer.write($0) }
    }
    for (path, target) in links { try writer.link(path, to: target) }
    try writer.finish()
    return bytes.all
}

/// The output of a program that is given the archive as a file.
private func run(_ program: String, _ arguments: [String], on archive: [UInt8]) throws -> String {
    let file = FileManager.default.temporaryDirectory.appending(path: "exportd-tar-\(UUID().uuidString).tar")
    try Data(archive).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments.map { $0 == "ARCHIVE" ? file.path : $0 }
    process.environment = ["LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(program) \(String(decoding: output, as: UTF8.self))")
    return String(decoding: output, as: UTF8.self)
}

private let python = """
    import sys, tarfile
    for m in tarfile.open(sys.argv[1], 'r:'):
        print(m.name, m.size, oct(m.mode), m.uid, m.gid, repr(m.uname), repr(m.gname), m.mtime, tarfile.open(sys.argv[1]).extractfile(m).read().hex())
    """

private let awkward: [String] = [
    "top/plain.txt", "top/with space and 'quotes' and \"more\".txt", "top/line\nbreak", "top/back\\slash", "top/-rf", "top/*?[a]",
    "top/厨房/抓取.json",
    "top/\u{1F916}/é.csv", "top/" + String(repeating: "d", count: 120) + "/" + String(repeating: "f", count: 180),
    "top/" + (0..<20).map { "厨房\($0)" }.joined(separator: "/") + "/" + String(repeating: "长", count: 80),
]

@Suite struct TarWriterTests {
    @Test func `Python reads every name, owner, time and content back`() throws {
        let entries = awkward.enumerated().map { ($1, [UInt8](repeating: UInt8($0), count: $0 * 171)) }
        let output = try run("/usr/bin/env", ["python3", "-c", python, "ARCHIVE"], on: tar(entries))
        let expected = entries.map { path, content in
            "\(path) \(content.count) 0o644 0 0 '' '' 315532800 \(content.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())\n"
        }
        #expect(output == expected.joined())
    }

    @Test func `GNU tar lists every name without a word of complaint`() throws {
        let output = try run("/usr/bin/tar", ["--quoting-style=literal", "-tf", "ARCHIVE"], on: tar(awkward.map { ($0, [1, 2, 3]) }))
        #expect(output == awkward.map { $0 + "\n" }.joined())
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/bsdtar")))
    func `bsdtar lists every name`() throws {
        let names = awkward.filter { !$0.contains("\n") && !$0.contains("\\") }
        let output = try run("/usr/bin/bsdtar", ["-tf", "ARCHIVE"], on: tar(names.map { ($0, [1, 2, 3]) }))
        #expect(output == names.map { $0 + "\n" }.joined())
    }

    @Test func `a further name unpacks as a hard link, with GNU tar, bsdtar and Python`() throws {
        let long = "pkg/images/" + String(repeating: "长", count: 60) + ".jpg"
        let archive = try tar([(long, [1, 2, 3])], links: [("pkg/yolo/images/train/" + String(repeating: "n", count: 120), long)])
        let check = """
            import os, subprocess, sys, tarfile, tempfile
            for unpack in (["tar", "-xf"], ["bsdtar", "-xf"], None):
                with tempfile.TemporaryDirectory() as folder:
                    if unpack is None:
                        with tarfile.open(sys.argv[1]) as archive: archive.extractall(folder)
                    elif subprocess.run(["which", unpack[0]], capture_output=True).returncode == 0:
                        subprocess.run([*unpack, sys.argv[1], "-C", folder], check=True)
                    else: continue
                    files = [os.path.join(d, f) for d, _, fs in os.walk(folder) for f in fs]
                    assert len(files) == 2 and len({os.stat(f).st_ino for f in files}) == 1, files
                    assert all(open(f, "rb").read() == bytes([1, 2, 3]) for f in files)
            print("linked")
            """
        #expect(try run("/usr/bin/env", ["python3", "-c", check, "ARCHIVE"], on: archive) == "linked\n")
    }

    @Test(arguments: [("a", "../x"), ("../x", "a"), ("b", "/etc/passwd")])
    func `a further name that leads out of the folder is refused`(path: String, target: String) throws {
        #expect(throws: ArchiveError.self) { try tar([("a", [])], links: [(path, target)]) }
    }

    @Test func `the same entries make the same bytes`() throws {
        let entries = awkward.map { ($0, Array($0.utf8)) }
        #expect(try tar(entries) == tar(entries))
    }

    @Test(arguments: ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "./a"])
    func `a path that could lead out of the folder is refused`(path: String) throws {
        #expect(throws: ArchiveError.self) { try tar([(path, [])]) }
    }

    @Test func `a path with a NUL inside is refused`() throws {
        #expect(throws: ArchiveError.self) { try tar([("a\0b", [])]) }
    }

    @Test func `content must be as long as was announced`() throws {
        let writer = try TarWriter { _ in }
        try writer.begin("a", bytes: 3)
        let error = #expect(throws: ArchiveError.self) { try [1, 2, 3, 4].withUnsafeBytes { try writer.write($0) } }
        #expect(error?.description == "Could not add to a in an archive: its content is longer than was announced.")
        #expect(throws: ArchiveError.self) { try writer.begin("b", bytes: 0) }
        #expect(throws: ArchiveError.self) { try writer.finish() }
    }

    @Test func `what the output throws comes out`() throws {
        let writer = try TarWriter { _ in throw OutputRefused() }
        #expect(throws: OutputRefused.self) {
            try writer.begin("a", bytes: 1 << 20)
            try [UInt8](repeating: 0, count: 1 << 20).withUnsafeBytes { try writer.write($0) }
            try writer.finish()
        }
    }

    @Test func `a size beyond eight gigabytes stands in the header`() throws {
        final class Bytes { var all: [UInt8] = [] }
        let bytes = Bytes()
        let writer = try TarWriter { bytes.all.append(contentsOf: $0) }
        try writer.begin("big", bytes: 9_000_000_000)
        let zeros = [UInt8](repeating: 0, count: 512)
        try zeros.withUnsafeBytes { try writer.write($0) }
        #expect(String(decoding: bytes.all, as: UTF8.self).contains("size=9000000000\n"))
    }
}
