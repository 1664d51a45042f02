internal import Compression
internal import ExportCore
internal import Files

/// A volume that was compressed as a whole, as rosbag2 does in its compression mode `file`, written out decompressed.
struct DecompressedCopy: ~Copyable {
    /// Where the decompressed bytes lie, as long as this value lives or they are open.
    let file: TemporaryFile
    /// What stopped the decompression early, where the volume is cut off or damaged.
    let failure: DecompressionError?

    static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    /// How far a volume may expand.
    struct Limits {
        /// Recordings shrink to a tenth, very dull ones to a hundredth; beyond this somebody wants the disk full.
        var expansion: Int64 = 1000
        /// What small files may expand to in any case, in bytes.
        var alwaysAllowed: Int64 = 1 << 30
        /// What is left on the disk for others, in bytes.
        var reserve: Int64 = 256 << 20

        func allowed(_ size: Int64) -> Int64 {
            let (product, overflow) = size.multipliedReportingOverflow(by: expansion)
            return overflow || product > .max - alwaysAllowed ? .max : product + alwaysAllowed
        }
    }

    private static let blockSize = 1 << 20

    /// Decompresses a volume.
    ///
    /// - Throws: `RecordingError` where there is no room or the volume expands beyond reason, `FileError`, `CancellationError`.
    init(
        of path: String,
        in directory: String = TemporaryFile.directory,
        limits: Limits = Limits(),
        cancellation: Cancellation
    ) throws {
        let source = try OpenFile.reading(path)
        let size = try source.status().bytes
        let target = try TemporaryFile(in: directory)
        let allowed = limits.allowed(size)
        var room = try FileSystem.freeBytes(at: directory) - limits.reserve
        var written: Int64 = 0
        failure = try ZstdDecompressor().decompressStream {
            try cancellation.check()
            return try source.read(upTo: Self.blockSize)
        } to: { bytes in
            written += Int64(bytes.count)
            room -= Int64(bytes.count)
            guard written <= allowed else {
                throw RecordingError(
                    .datasetUnreadable,
                    "\(path) holds more than \(limits.expansion) times its size when decompressed, which no recording does."
                )
            }
            guard room >= 0 else {
                throw RecordingError(
                    .storageFull,
                    "\(path) is compressed as a whole, and \(directory) has no room for its decompressed copy.",
                    hint: "Free some space, or set TMPDIR to a directory with more of it; the job can then be retried."
                )
            }
            try cancellation.check()
            try target.write(bytes)
        }
        file = target
    }
}
