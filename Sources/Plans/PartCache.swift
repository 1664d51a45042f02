import ExportCore
public import Files
import Glibc

/// Finished parts kept for later jobs, at `<path>/<aa>/<key>/`, where `aa` are the key's first two digits.
///
/// Bounded in size: what has not been used for longest goes first. The cache may be deleted at any time; an entry that
/// is not whole is removed and otherwise ignored.
public struct PartCache: Hashable, Sendable {
    /// The folder of the cache.
    public let path: String
    /// The most bytes that the entries may come to.
    public let maximumBytes: Int64

    /// The cache at a path, of at most so many bytes.
    public init(path: String, maximumBytes: Int64) {
        self.path = path
        self.maximumBytes = maximumBytes
    }

    private func entryPath(_ key: PartKey) -> String {
        "\(path)/\(key.text.prefix(2))/\(key.text)"
    }

    /// Gives a job the finished part of an earlier one, by hard links where the file systems allow it, else by copies, and
    /// marks it as used now.
    /// - Returns: Whether the job has the part.
    /// - Throws: `FileError` where the work folder can't take it; a fault of the cache is only a miss.
    public func adopt(_ key: PartKey, into work: WorkFolder) throws(FileError) -> Bool {
        if work.hasPart(key) { return true }
        let entry = entryPath(key)
        guard FileSystem.exists(entry) else { return false }
        guard let contents = checkedContents(of: key) else {
            remove(entry)
            return false
        }
        let folder = try work.beginPart(key)
        for file in contents.files.map(\.path) + [WorkFolder.contentsName, WorkFolder.partRecordName] {
            do throws(FileError) {
                try FileSystem.makeDirectories(FileSystem.parent(of: "\(folder)/\(file)"), mode: 0o750)
                try duplicate("\(entry)/\(file)", to: "\(folder)/\(file)")
            } catch {
                try FileSystem.removeTree(folder)
                // Another job's eviction may have taken the entry away; that is a miss, a full work folder is not.
                if error.isFull { throw error }
                return false
            }
        }
        try work.place(key, from: folder)
        markUsed(entry)
        return true
    }

    /// Moves a finished part of a job that has ended into the cache.
    ///
    /// A part that is not there, or that the cache has already, changes nothing.
    public func keep(_ key: PartKey, from work: WorkFolder) throws(FileError) {
        let part = work.partPath(key)
        let entry = entryPath(key)
        guard work.hasPart(key) else { return }
        if FileSystem.exists(entry) { return markUsed(entry) }
        try FileSystem.makeDirectories(FileSystem.parent(of: entry), mode: 0o750)
        do throws(FileError) {
            try FileSystem.rename(part, to: entry)
        } catch {
            if error.isExisting { return }
            guard error.errno == EXDEV else { throw error }
            let copy = "\(FileSystem.parent(of: entry))/\(UniqueName.make(".\(key.text).tmp"))"
            do throws(FileError) {
                try copyTree(part, to: copy)
                try FileSystem.rename(copy, to: entry)
            } catch {
                try FileSystem.removeTree(copy)
                if !error.isExisting { throw error }
            }
        }
        markUsed(entry)
    }

    /// Removes the entries that have not been used for longest until the rest fits, and leftovers of interrupted work.
    /// - Parameter limit: The bytes that may stay; the cache's own limit where nil, 0 to empty it.
    /// - Returns: The bytes that were removed.
    @discardableResult
    public func evict(to limit: Int64? = nil) throws(FileError) -> Int64 {
        guard FileSystem.exists(path) else { return 0 }
        var entries: [(path: String, bytes: Int64, used: Int64)] = []
        for group in try FileSystem.list(path) {
            guard let status = try FileSystem.statusIfPresent(of: "\(path)/\(group)"), status.kind == .directory else { continue }
            for name in try FileSystem.list("\(path)/\(group)") {
                let place = "\(path)/\(group)/\(name)"
                guard let status = try FileSystem.statusIfPresent(of: place) else { continue }
                if let key = PartKey(name), let contents = checkedContents(of: key) {
                    entries.append((place, contents.bytes, status.modified.nanoseconds))
                } else if PartKey(name) != nil || isAbandoned(status) {
                    remove(place)
                }
            }
        }
        var total = entries.reduce(Int64(0)) { $0 &+ $1.bytes }
        var removed: Int64 = 0
        for entry in entries.sorted(by: { $0.used < $1.used }) {
            guard total > limit ?? maximumBytes else { break }
            remove(entry.path)
            total -= entry.bytes
            removed += entry.bytes
        }
        return removed
    }

    /// The files of an entry, or nil where it is not whole: a file is missing or has another size, the record is damaged,
    /// or the list leads out of the entry.
    private func checkedContents(of key: PartKey) -> PartContents? {
        let entry = entryPath(key)
        guard let contents = try? WorkFile.read(PartContents.self, from: "\(entry)/\(WorkFolder.contentsName)"),
            let record = try? WorkFile.read(PartRecord.self, from: "\(entry)/\(WorkFolder.partRecordName)"), record.key == key
        else { return nil }
        for file in contents.files {
            let steps = file.path.split(separator: "/", omittingEmptySubsequences: false)
            guard !steps.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }), file.bytes >= 0,
                let status = try? FileSystem.status(of: "\(entry)/\(file.path)"), status.kind == .regular, status.bytes == file.bytes
            else { return nil }
        }
        return contents
    }

    /// Whether a temporary folder is too old to belong to a copy that still runs.
    private func isAbandoned(_ status: FileStatus) -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) - status.modified.nanoseconds / 1_000_000_000 > 24 * 3600
    }

    /// Takes an entry out of sight, so that nobody adopts it half removed, and then removes it.
    ///
    /// An entry that cannot be removed stays for the next time.
    private func remove(_ entry: String) {
        let hidden = "\(FileSystem.parent(of: entry))/\(UniqueName.make(".evicted"))"
        do throws(FileError) {
            try FileSystem.rename(entry, to: hidden)
            try FileSystem.removeTree(hidden)
        } catch {
            return
        }
    }

    /// The folder's modification time is the time of last use.
    private func markUsed(_ entry: String) {
        utimensat(AT_FDCWD, entry, nil, AT_SYMLINK_NOFOLLOW)
    }

    /// A hard link, or a copy where the file systems differ or allow no more links.
    private func duplicate(_ source: String, to target: String) throws(FileError) {
        do throws(FileError) {
            try FileSystem.link(source, to: target)
        } catch {
            guard [EXDEV, EPERM, EMLINK, ENOTSUP].contains(error.errno) else { throw error }
            try copyFile(source, to: target)
        }
    }

    private func copyTree(_ source: String, to target: String) throws(FileError) {
        try FileSystem.makeDirectories(target, mode: 0o750)
        for name in try FileSystem.list(source) {
            switch try FileSystem.status(of: "\(source)/\(name)").kind {
            case .directory: try copyTree("\(source)/\(name)", to: "\(target)/\(name)")
            default: try copyFile("\(source)/\(name)", to: "\(target)/\(name)")
            }
        }
    }

    private func copyFile(_ source: String, to target: String) throws(FileError) {
        let input = try OpenFile.reading(source, nofollow: true)
        let output = try OpenFile.creating(target, mode: 0o640)
        while true {
            let bytes = try input.read(upTo: 1 << 20)
            if bytes.isEmpty { break }
            try output.write(bytes)
        }
        try output.synchronize()
        try output.closeChecked()
    }
}
