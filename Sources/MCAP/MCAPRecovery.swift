import Bytes
import Compression
public import ExportCore
import Files
import Glibc

/// Makes a sound file of a damaged one: cut off, never closed, without an index, or damaged in the middle.
///
/// Chunks that are whole are carried over byte for byte; of a chunk that is cut, every message before the cut. Whatever can't
/// be carried over is in the report, and a file is only called recovered once it was read again from front to back.
public struct MCAPRecovery {
    /// Recovers a recording.
    ///
    /// The result gets its name only when it is complete and on its storage; before, it stands beside it under a hidden name.
    ///
    /// - Parameters:
    ///   - input: the damaged file, which isn't changed.
    ///   - output: the file to write.
    ///   - replacing: whether a file that is there already may be replaced.
    ///   - library: what the new header says of the program that wrote the file.
    ///   - cancellation: looked at in every loop.
    /// - Returns: what was kept and what was lost.
    /// - Throws: `FileError`, also where `output` exists; `MCAPError` where the input is no MCAP file, or where the result could
    ///   not be read back; `CancellationError`. Nothing is left behind then.
    public static func recover(
        from input: String,
        to output: String,
        replacing: Bool = false,
        library: String = "exportd",
        cancellation: Cancellation = Cancellation()
    ) throws -> RecoveryReport {
        let existing = try FileSystem.statusIfPresent(of: output)
        if let existing {
            guard replacing, existing.kind == .regular else { throw FileError("create", output, errno: EEXIST) }
            let original = try OpenFile.reading(input).status()
            guard (existing.device, existing.inode) != (original.device, original.inode) else {
                throw MCAPError(.notCopyable, output, "The damaged file can't be replaced by what is recovered from it.")
            }
        }
        let file = try MCAPFile(path: input, cancellation: cancellation)
        let parent = FileSystem.parent(of: output)
        let temporary = "\(parent)/.\(FileSystem.name(of: output).prefix(180)).\(getpid()).recovering"
        do {
            // Left by a process of the same number that was killed.
            try FileSystem.removeFile(temporary)
            let report = try write(file, to: temporary, library: library)
            if existing == nil {
                // Unlike a rename, a link never replaces what came there in the meantime.
                try FileSystem.link(temporary, to: output)
                try FileSystem.removeFile(temporary)
            } else {
                try FileSystem.rename(temporary, to: output)
            }
            try FileSystem.synchronizeDirectory(parent)
            return report
        } catch {
            try? FileSystem.removeFile(temporary)
            throw error
        }
    }

    private static func write(_ file: MCAPFile, to path: String, library: String) throws -> RecoveryReport {
        let settings = MCAPWriter.Settings(compression: compression(of: file), library: library)
        let writer = try MCAPWriter(path: path, profile: file.header.profile, settings: settings, cancellation: file.cancellation)
        var salvage = try Salvage(of: file, into: writer)
        var report = try file.mapped.withBytes { try salvage.run($0) }
        let written = try writer.finish()
        try OpenFile.reading(path).synchronize()
        try verify(path, written, file.cancellation)
        report.outputBytes = written.bytes
        report.messages = written.messageCount
        report.firstTime = written.timeRange?.first
        report.lastTime = written.timeRange?.last
        return report
    }

    /// What has to be written anew is compressed as its neighbours are.
    private static func compression(of file: MCAPFile) -> MCAPWriter.Compression {
        let first = file.mapped.withBytes { bytes in file.chunks.lazy.compactMap { $0.head(in: bytes)?.compression }.first }
        switch first {
        case .some(.none): return .none
        case .lz4: return .lz4
        default: return .zstd
        }
    }

    /// Reads the new file as any reader would, and compares all that it says about itself with what is in it.
    private static func verify(_ path: String, _ written: MCAPWriter.Written, _ cancellation: Cancellation) throws {
        let file = try MCAPFile(path: path, cancellation: cancellation)
        var counts: [UInt16: UInt64] = [:]
        try file.verify { _, head, _ in counts[head.channelID, default: 0] += 1 }
        guard file.problems.isEmpty, file.isCopyable, counts == written.messageCounts else {
            let problem = file.problems.first?.message ?? "Its index doesn't fit its messages."
            throw MCAPError(.unreadableChunk, path, "The recovered file could not be read back and was removed. \(problem)")
        }
    }
}
