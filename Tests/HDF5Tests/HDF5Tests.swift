import ExportCore
import Files
import Foundation
import HDF5
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
}

private func writeSample(_ path: String) throws {
    let file = try HDF5File(creating: path)
    let episode = try file.root.makeGroup("data").makeGroup("episode_001")
    try episode.setAttribute("task", "Take the cup — 拿杯子")
    try episode.setAttribute("score", 87.5)
    try episode.setAttribute("start_ns", Int64(1_772_331_301_000_000_001))
    let state = try episode.write("observation.state", [Float(1), 2, 3, 4, 5, 6], shape: [2, 3])
    try state.setAttribute("names", ["a", "b", "ü"])
    try episode.write("observation.gripper", [Float](), shape: [2, 0]).setAttribute("names", [String]())
    let frames = try episode.makeByteSequences("observation.images.front", count: 2)
    for (position, bytes) in [[UInt8](repeating: 0xFF, count: 70_000), [0, 1, 0, 0]].enumerated() {
        try bytes.withUnsafeBytes { try frames.writeByteSequence(at: position, $0) }
    }
    try file.flush()
}

/// What h5py makes of a file, asked in Python.
private func h5py(_ path: String, _ expression: String) throws -> String? {
    let process = Process()
    process.executableURL = URL(filePath: ProcessInfo.processInfo.environment["EXPORTD_TEST_PYTHON"] ?? "/usr/bin/python3")
    process.arguments = ["-c", "import h5py,sys\nf=h5py.File(sys.argv[1])\nprint((\(expression)))", path]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
}

/// `Tests/run` names a Python that has the official readers; without it, `swift test` alone checks what Swift can check.
private let hasH5py = ProcessInfo.processInfo.environment["EXPORTD_TEST_PYTHON"] != nil

@Suite struct HDF5Tests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: [1, 400])
    func `a file of many pictures has no room beyond its end`(count: Int) throws {
        let path = "\(folder.path)/long.hdf5"
        let picture = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        do {
            let file = try HDF5File(creating: path)
            let frames = try file.root.makeByteSequences("frames", count: count)
            for position in 0..<count { try picture.withUnsafeBytes { try frames.writeByteSequence(at: position, $0) } }
            try file.flush()
        }
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_size > count * picture.count)
        #expect(status.st_blocks * 512 < status.st_size + (1 << 20))
        if hasH5py {
            #expect(
                try h5py(path, "len(f['frames']), all(bytes(x) == bytes(i * 7 & 255 for i in range(50000)) for x in f['frames'][:3])")
                    == "(\(count), True)"
            )
        }
    }

    @Test func `the same content is the same bytes`() throws {
        try writeSample("\(folder.path)/a.hdf5")
        try writeSample("\(folder.path)/b.hdf5")
        #expect(try FileSystem.read("\(folder.path)/a.hdf5", limit: .max) == FileSystem.read("\(folder.path)/b.hdf5", limit: .max))
    }

    @Test(.enabled(if: hasH5py)) func `h5py reads arrays, attributes and byte sequences as they were written`() throws {
        let path = "\(folder.path)/a.hdf5"
        try writeSample(path)
        let episode = "f['data/episode_001']"
        #expect(
            try h5py(path, "\(episode)['observation.state'][:].tolist(), \(episode)['observation.state'].dtype.name")
                == "([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], 'float32')"
        )
        #expect(
            try h5py(path, "\(episode).attrs['task'], float(\(episode).attrs['score']), int(\(episode).attrs['start_ns'])")
                == "('Take the cup — 拿杯子', 87.5, 1772331301000000001)"
        )
        #expect(try h5py(path, "list(\(episode)['observation.state'].attrs['names'])") == "['a', 'b', 'ü']")
        #expect(try h5py(path, "\(episode)['observation.gripper'].shape") == "(2, 0)")
        #expect(
            try h5py(path, "[len(x) for x in \(episode)['observation.images.front']], bytes(\(episode)['observation.images.front'][1])")
                == "([70000, 4], b'\\x00\\x01\\x00\\x00')"
        )
    }

    @Test(.enabled(if: hasH5py)) func `h5py reads truth values, lists of texts and rows in chunks as its own`() throws {
        let path = "\(folder.path)/t.hdf5"
        do {
            let file = try HDF5File(creating: path)
            try file.root.setAttribute("sim", false)
            try file.root.setAttribute("compress", true)
            try file.root.writeTexts("train", ["demo_0", "démo_12"])
            try file.root.writeTexts("valid", [])
            let rows = try file.root.makeDataset("rows", of: UInt8.self, shape: [3, 2], storage: .chunked(rows: 1))
            try rows.writeRows(first: 1, [7, 8, 9, 0] as [UInt8])
            try file.flush()
        }
        #expect(try h5py(path, "bool(f.attrs['sim']), bool(f.attrs['compress']), f.attrs['sim'].dtype.name") == "(False, True, 'bool')")
        #expect(try h5py(path, "[x.decode() for x in f['train'][:]], f['valid'].shape") == "(['demo_0', 'démo_12'], (0,))")
        #expect(try h5py(path, "f['rows'][:].tolist(), f['rows'].chunks") == "([[0, 0], [7, 8], [9, 0]], (1, 2))")
    }

    @Test(.enabled(if: hasH5py)) func `a group copied to another file keeps what it holds`() throws {
        try writeSample("\(folder.path)/a.hdf5")
        let target = "\(folder.path)/merged.hdf5"
        do {
            let merged = try HDF5File(creating: target)
            let source = try HDF5File(reading: "\(folder.path)/a.hdf5").root.group("data")
            try merged.root.makeGroup("data").copy("episode_001", from: source, as: "episode_007")
            try merged.flush()
        }
        #expect(
            try h5py(target, "len(f['data/episode_007/observation.images.front'][0]), float(f['data/episode_007'].attrs['score'])")
                == "(70000, 87.5)"
        )
    }

    @Test func `a file that exists is not overwritten and the library's words are passed on`() throws {
        let path = "\(folder.path)/a.hdf5"
        try writeSample(path)
        let error = #expect(throws: HDF5Error.self) { try HDF5File(creating: path) }
        #expect(error?.description.contains(path) == true)
        #expect(error?.reason.isEmpty == false)
        #expect(error?.exportError.code == .ioError)
    }

    @Test func `what is no HDF5 file is refused with its name`() throws {
        let path = "\(folder.path)/no.hdf5"
        try FileSystem.writeAtomically(path, Array("not a file of that kind".utf8))
        let error = #expect(throws: HDF5Error.self) { try HDF5File(reading: path) }
        #expect(error?.description.contains(path) == true)
    }

    @Test func `compressed rows come back whole`() throws {
        let path = "\(folder.path)/z.hdf5"
        do {
            let file = try HDF5File(creating: path)
            let dataset = try file.root.makeDataset("x", of: UInt8.self, shape: [5, 2, 3], storage: .deflated(rows: 2))
            try dataset.writeRows(first: 0, [UInt8](repeating: 1, count: 18))
            try dataset.writeRows(first: 3, [UInt8](repeating: 2, count: 12))
            try file.flush()
        }
        if hasH5py { #expect(try h5py(path, "f['x'][:].sum(axis=(1,2)).tolist()") == "[6, 6, 6, 12, 12]") }
    }
}
