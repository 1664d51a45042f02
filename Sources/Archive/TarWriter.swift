internal import CArchive

/// Writes a tar archive whose bytes follow from its entries alone: regular files of mode 0644 that belong to user and
/// group 0 without names, all of one fixed time, in the order in which they come, and further names of these files.
///
/// The format is ustar, with pax headers (POSIX.1-2001) for just those entries whose path or size ustar cannot hold, so
/// that every tar reads it.
public final class TarWriter {
    /// The modification time of every entry: 1980-01-01T00:00:00Z.
    ///
    /// It is the earliest that zip files can hold, too; some tools warn of the year 1970.
    public static let modificationSeconds = 315_532_800

    private let archive: OpaquePointer
    private let entry: OpaquePointer
    private let output: Output
    private let locale: locale_t
    private var remaining: Int64 = 0
    private var path: String?

    /// An archive whose bytes go to `output`, piece by piece.
    ///
    /// - Parameter output: takes the bytes; what it throws comes out of the call that led to it.
    public init(output: @escaping (UnsafeRawBufferPointer) throws -> Void) throws {
        // libarchive translates paths from the encoding of the locale, which for Swift's strings must be UTF-8.
        guard let locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil) else {
            throw ArchiveError(operation: "begin an archive", reason: "this system has no locale C.UTF-8")
        }
        guard let archive = archive_write_new() else {
            freelocale(locale)
            throw ArchiveError(operation: "begin an archive", reason: "libarchive got no memory")
        }
        guard let entry = archive_entry_new() else {
            archive_write_free(archive)
            freelocale(locale)
            throw ArchiveError(operation: "begin an archive", reason: "libarchive got no memory")
        }
        self.locale = locale
        self.archive = archive
        self.entry = entry
        self.output = Output(take: output)
        try check(archive_write_set_format_pax_restricted(archive), "begin an archive")
        try check(archive_write_add_filter_none(archive), "begin an archive")
        // No blocking to tape records: the bytes go on as they come, without a copy.
        try check(archive_write_set_bytes_per_block(archive, 0), "begin an archive")
        let result = archive_write_open(
            archive,
            Unmanaged.passUnretained(self.output).toOpaque(),
            nil,
            { _, context, bytes, count in
                guard let context, let bytes else { return -1 }
                let output = Unmanaged<Output>.fromOpaque(context).takeUnretainedValue()
                do {
                    try output.take(UnsafeRawBufferPointer(start: bytes, count: count))
                    return la_ssize_t(count)
                } catch {
                    output.failure = error
                    return -1
                }
            },
            nil
        )
        try check(result, "begin an archive")
    }

    deinit {
        // Without this, freeing an unfinished archive would write its end.
        archive_write_fail(archive)
        archive_entry_free(entry)
        archive_write_free(archive)
        freelocale(locale)
    }

    /// Begins an entry; the one before it must be complete.
    ///
    /// - Parameters:
    ///   - path: relative, with `/` between its components, of any length.
    ///   - bytes: how many bytes of content `write` will be given.
    public func begin(_ path: String, bytes: Int64) throws {
        try add(path, bytes: bytes, linkedTo: nil)
    }

    /// Adds a further name of a file, a hard link; it has no content of its own.
    ///
    /// - Parameters:
    ///   - path: relative, with `/` between its components, of any length.
    ///   - target: the path of an entry that came before, which is where tars look for the file.
    public func link(_ path: String, to target: String) throws {
        try add(path, bytes: 0, linkedTo: target)
    }

    private func add(_ path: String, bytes: Int64, linkedTo target: String?) throws {
        try requireComplete()
        guard Self.isSafe(path), target.map(Self.isSafe) ?? true, bytes >= 0 else {
            throw ArchiveError(operation: "add \(path) to an archive", reason: "its path could lead out of the folder it is unpacked in")
        }
        archive_entry_clear(entry)
        // AE_IFREG, whose macro is a cast that Swift does not import.
        archive_entry_set_filetype(entry, 0o100000)
        archive_entry_set_perm(entry, 0o644)
        archive_entry_set_uid(entry, 0)
        archive_entry_set_gid(entry, 0)
        archive_entry_set_mtime(entry, Self.modificationSeconds, 0)
        archive_entry_set_size(entry, bytes)
        let previous = uselocale(locale)
        defer { uselocale(previous) }
        archive_entry_set_pathname(entry, path)
        if let target { archive_entry_set_hardlink(entry, target) }
        try check(archive_write_header(archive, entry), "add \(path) to an archive")
        self.path = path
        remaining = bytes
    }

    /// Adds content to the entry that was begun last.
    ///
    /// - Throws: `ArchiveError` where it is more than was announced.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard !bytes.isEmpty else { return }
        guard bytes.count <= remaining else {
            throw ArchiveError(operation: "add to \(path ?? "nothing") in an archive", reason: "its content is longer than was announced")
        }
        let written = archive_write_data(archive, bytes.baseAddress, bytes.count)
        guard written == bytes.count else {
            try check(written < 0 ? Int32(clamping: written) : ARCHIVE_FATAL, "add to \(path ?? "nothing") in an archive")
            return
        }
        remaining -= Int64(bytes.count)
    }

    /// Ends the archive, so that nothing can be added any more.
    public func finish() throws {
        try requireComplete()
        try check(archive_write_close(archive), "end an archive")
    }

    private func requireComplete() throws(ArchiveError) {
        guard remaining == 0 else {
            throw ArchiveError(operation: "add \(path ?? "nothing") to an archive", reason: "\(remaining) bytes of its content are missing")
        }
    }

    /// Whether a path stays below the folder in which the archive is unpacked, on any system.
    private static func isSafe(_ path: String) -> Bool {
        var path = path
        return path.withUTF8 { path in
            var start = 0
            for end in 0...path.count where end == path.count || path[end] == UInt8(ascii: "/") {
                let step = path[start..<end]
                guard !step.isEmpty, !step.elementsEqual(".".utf8), !step.elementsEqual("..".utf8) else { return false }
                start = end + 1
            }
            return !path.contains(0)
        }
    }

    /// A warning of libarchive is an error here: it means that an entry is not what it was said to be.
    private func check(_ result: Int32, _ operation: String) throws {
        if let failure = output.failure {
            output.failure = nil
            throw failure
        }
        guard result == ARCHIVE_OK else {
            throw ArchiveError(operation: operation, reason: archive_error_string(archive).map { String(cString: $0) } ?? "error \(result)")
        }
    }

    /// What libarchive's callback reaches through its context pointer.
    private final class Output {
        let take: (UnsafeRawBufferPointer) throws -> Void
        var failure: (any Error)?

        init(take: @escaping (UnsafeRawBufferPointer) throws -> Void) {
            self.take = take
        }
    }
}
