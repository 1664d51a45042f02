import CLinux
import Glibc

/// System calls on paths.
///
/// All of them throw `FileError` with the operation, the path and the kernel's reason.
public enum FileSystem {
    /// What the kernel says about a path, without following a symbolic link in its last component.
    public static func status(of path: String) throws(FileError) -> FileStatus {
        var result = stat()
        guard lstat(path, &result) == 0 else { throw FileError("look at", path, errno: errno) }
        return FileStatus(result)
    }

    /// Whether something stands at a path, be it a dangling symbolic link.
    public static func exists(_ path: String) -> Bool {
        var result = stat()
        return lstat(path, &result) == 0
    }

    /// The names in a directory, sorted by bytes, without `.` and `..`.
    public static func list(_ path: String) throws(FileError) -> [String] {
        guard let directory = opendir(path) else { throw FileError("list", path, errno: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                guard errno == 0 else { throw FileError("list", path, errno: errno) }
                break
            }
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Whether a directory holds nothing.
    public static func isEmptyDirectory(_ path: String) throws(FileError) -> Bool {
        guard let directory = opendir(path) else { throw FileError("list", path, errno: errno) }
        defer { closedir(directory) }
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                guard errno == 0 else { throw FileError("list", path, errno: errno) }
                return true
            }
            let isItself = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                bytes.starts(with: [UInt8(ascii: "."), 0]) || bytes.starts(with: [UInt8(ascii: "."), UInt8(ascii: "."), 0])
            }
            if !isItself { return false }
        }
    }

    /// Makes a directory and those above it; one that is there already is fine.
    public static func makeDirectories(_ path: String, mode: UInt32 = 0o755) throws(FileError) {
        if mkdir(path, mode) == 0 { return }
        switch errno {
        case EEXIST:
            var result = stat()
            if stat(path, &result) == 0, result.st_mode & S_IFMT == S_IFDIR { return }
            throw FileError("make directory", path, errno: EEXIST)
        case ENOENT:
            let parent = FileSystem.parent(of: path)
            guard parent != path else { throw FileError("make directory", path, errno: ENOENT) }
            try makeDirectories(parent, mode: mode)
            if mkdir(path, mode) != 0, errno != EEXIST { throw FileError("make directory", path, errno: errno) }
        default:
            throw FileError("make directory", path, errno: errno)
        }
    }

    /// Renames, replacing what stands at the new name.
    public static func rename(_ old: String, to new: String) throws(FileError) {
        guard Glibc.rename(old, new) == 0 else { throw FileError("rename to \(new)", old, errno: errno) }
    }

    /// Makes a second name for a file; fails where the new name exists.
    public static func link(_ old: String, to new: String) throws(FileError) {
        guard Glibc.link(old, new) == 0 else { throw FileError("link to \(new)", old, errno: errno) }
    }

    /// Removes a file's name; one that is gone already is fine.
    public static func removeFile(_ path: String) throws(FileError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileError("remove", path, errno: errno) }
    }

    /// Removes a file or a directory with all that it holds, following no symbolic link; one that is gone already is fine.
    public static func removeTree(_ path: String) throws(FileError) {
        guard let status = try statusIfPresent(of: path) else { return }
        if status.kind == .directory {
            for name in try list(path) { try removeTree("\(path)/\(name)") }
            guard rmdir(path) == 0 || errno == ENOENT else { throw FileError("remove directory", path, errno: errno) }
        } else {
            try removeFile(path)
        }
    }

    /// What the kernel says about a path, or nil where nothing stands there.
    public static func statusIfPresent(of path: String) throws(FileError) -> FileStatus? {
        do throws(FileError) {
            return try status(of: path)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    /// The size of all regular files below a directory, following no symbolic link.
    public static func treeBytes(_ path: String) throws(FileError) -> Int64 {
        let status = try status(of: path)
        guard status.kind == .directory else { return status.kind == .regular ? status.bytes : 0 }
        var bytes: Int64 = 0
        for name in try list(path) { bytes += try treeBytes("\(path)/\(name)") }
        return bytes
    }

    /// Reads a whole file of at most `limit` bytes; a longer one is an error (EFBIG).
    ///
    /// - Parameter nofollow: as for `OpenFile.reading`.
    public static func read(_ path: String, limit: Int, nofollow: Bool = false) throws(FileError) -> [UInt8] {
        let file = try OpenFile.reading(path, nofollow: nofollow)
        let bytes = try file.read(upTo: limit == .max ? limit : limit + 1)
        guard bytes.count <= limit else { throw FileError("read", path, errno: EFBIG) }
        return bytes
    }

    /// Writes a file so that its name shows either the old content or the whole new one, whatever happens: temporary name
    /// beside it, flush, rename, flush of the directory.
    ///
    /// Never writes through a symbolic link.
    public static func writeAtomically(_ path: String, _ bytes: [UInt8], mode: UInt32 = 0o644) throws(FileError) {
        let temporary = "\(parent(of: path))/.\(name(of: path).prefix(180)).\(getpid()).\(uniqueNumber()).tmp"
        do throws(FileError) {
            let file = try OpenFile.creating(temporary, mode: mode)
            // The umask must not decide who may read what the contract says is readable.
            guard fchmod(file.descriptor, mode) == 0 else { throw FileError("set the mode of", temporary, errno: errno) }
            try file.write(bytes)
            try file.synchronize()
            try file.closeChecked()
            try rename(temporary, to: path)
        } catch {
            unlink(temporary)
            throw error
        }
        try synchronizeDirectory(parent(of: path))
    }

    /// Waits until a directory's entries are on its storage.
    public static func synchronizeDirectory(_ path: String) throws(FileError) {
        let directory = try OpenFile(path, flags: O_RDONLY | O_DIRECTORY)
        try directory.synchronize()
    }

    /// Waits until everything that was written to a path's file system is on its storage: of many files, much sooner than one
    /// after the other.
    public static func synchronizeFileSystem(of path: String) throws(FileError) {
        let file = try OpenFile(path, flags: O_RDONLY)
        guard flush_file_system(file.descriptor) == 0 else { throw FileError("flush the file system of", path, errno: errno) }
    }

    /// The directory that holds a path.
    public static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// A path's last component.
    public static func name(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[path.utf8.index(after: slash)...])
    }

    /// The absolute path without symbolic links, `.` or `..`; the path must exist.
    public static func realPath(_ path: String) throws(FileError) -> String {
        guard let resolved = realpath(path, nil) else { throw FileError("resolve", path, errno: errno) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// A path made absolute against the working directory, without touching the file system.
    public static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let directory = buffer.withUnsafeMutableBufferPointer { pointer in
            getcwd(pointer.baseAddress, pointer.count).map { String(cString: $0) }
        }
        return "\(directory ?? "")/\(path)"
    }
}
