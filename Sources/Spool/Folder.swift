import Files
import Glibc

/// An open folder of the spool, and the system calls relative to it.
///
/// Users may replace a folder of theirs by a symbolic link at any moment. What is done relative to an open folder is done
/// in that folder, wherever its name points by then.
struct Folder: ~Copyable {
    /// The path that it was opened by, for messages.
    let path: String
    private let descriptor: Int32

    /// Opens a folder; a symbolic link in the last component is refused.
    init(_ path: String) throws(FileError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open folder", path, errno: errno) }
        self.path = path
        self.descriptor = descriptor
    }

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Opens a folder in this one; a symbolic link is refused.
    func folder(_ name: EntryName) throws(FileError) -> Folder {
        let inner = name.withCString { openat(descriptor, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        guard inner >= 0 else { throw FileError("open folder", shown(name), errno: errno) }
        return Folder(path: shown(name), descriptor: inner)
    }

    /// What the kernel says about the folder itself.
    func status() throws(FileError) -> FileStatus {
        var result = stat()
        guard fstat(descriptor, &result) == 0 else { throw FileError("look at", path, errno: errno) }
        return FileStatus(result)
    }

    /// What the kernel says about an entry, or nil where there is none.
    ///
    /// A symbolic link is not followed.
    func status(of name: EntryName) throws(FileError) -> FileStatus? {
        var result = stat()
        guard name.withCString({ fstatat(descriptor, $0, &result, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            if errno == ENOENT { return nil }
            throw FileError("look at", shown(name), errno: errno)
        }
        return FileStatus(result)
    }

    /// One name of a listing.
    struct Entry {
        var name: EntryName
        /// Whether it is a folder; nil where the file system does not say so in its listings.
        var isFolder: Bool?
    }

    /// All entries but `.` and `..`, sorted by their names' bytes.
    ///
    /// - Parameter isWanted: which of them to give; of a folder full of others only those are sorted.
    func list(where isWanted: (Entry) -> Bool = { _ in true }) throws(FileError) -> [Entry] {
        // A descriptor of its own, because reading moves a position that all duplicates share.
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw FileError("list", path, errno: errno) }
        guard let stream = fdopendir(copy) else {
            let reason = errno
            close(copy)
            throw FileError("list", path, errno: reason)
        }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw FileError("list", path, errno: errno) }
                break
            }
            let bytes = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if bytes == [UInt8(ascii: ".")] || bytes == [UInt8(ascii: "."), UInt8(ascii: ".")] { continue }
            let type = Int32(entry.pointee.d_type)
            let found = Entry(name: EntryName(bytes: bytes), isFolder: type == DT_UNKNOWN ? nil : type == DT_DIR)
            if isWanted(found) { entries.append(found) }
        }
        return entries.sorted { $0.name.bytes.lexicographicallyPrecedes($1.name.bytes) }
    }

    /// Opens a file to read it, without waiting for anything: a FIFO doesn't block, a terminal doesn't take over, a
    /// symbolic link is refused.
    func open(_ name: EntryName) throws(FileError) -> OpenFile {
        let file = name.withCString { openat(descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) }
        guard file >= 0 else { throw FileError("open", shown(name), errno: errno) }
        return OpenFile(adopting: file, path: shown(name))
    }

    /// Writes a file so that its name shows either what it showed before or the whole new content; replaces a symbolic
    /// link instead of following it, and moves a folder out of the way.
    ///
    /// Its bytes are on storage before the name shows them; that the name does is only once the folder is flushed.
    ///
    /// - Parameter mode: the mode that the file gets, whatever the umask.
    func write(_ name: EntryName, _ bytes: [UInt8], mode: UInt32) throws(FileError) {
        let temporary = EntryName(TemporaryName.next())
        let file = temporary.withCString { openat(descriptor, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode) }
        guard file >= 0 else { throw FileError("create", shown(temporary), errno: errno) }
        do throws(FileError) {
            let written = OpenFile(adopting: file, path: shown(temporary))
            guard fchmod(file, mode) == 0 else { throw FileError("set the mode of", written.path, errno: errno) }
            try written.write(bytes)
            try written.synchronize()
            try written.closeChecked()
            try pastFolder(name) { () throws(FileError) in try rename(temporary, to: self, as: name) }
        } catch {
            try? remove(temporary)
            throw error
        }
    }

    /// Renames an entry into another folder, replacing what stands there.
    func rename(_ name: EntryName, to folder: borrowing Folder, as newName: EntryName) throws(FileError) {
        let target = folder.descriptor
        let result = name.withCString { old in newName.withCString { new in renameat(descriptor, old, target, new) } }
        guard result == 0 else { throw FileError("rename to \(folder.shown(newName))", shown(name), errno: errno) }
    }

    /// Removes a file's name; one that is gone already is fine, and a folder is moved out of the way.
    func remove(_ name: EntryName) throws(FileError) {
        try pastFolder(name) { () throws(FileError) in
            guard name.withCString({ unlinkat(descriptor, $0, 0) }) == 0 || errno == ENOENT else {
                throw FileError("remove", shown(name), errno: errno)
            }
        }
    }

    /// Does something to a file's name, and where a folder stands there, gives that a hidden name first.
    ///
    /// Whoever may submit may make a folder of any name, and the daemon may rename it but not remove what is in it.
    private func pastFolder(_ name: EntryName, _ body: () throws(FileError) -> Void) throws(FileError) {
        do throws(FileError) {
            return try body()
        } catch {
            guard error.errno == EISDIR else { throw error }
        }
        try rename(name, to: self, as: EntryName(TemporaryName.aside()))
        try body()
    }

    /// Makes a folder in this one; fails where the name exists.
    func makeFolder(_ name: EntryName, mode: UInt32) throws(FileError) {
        guard name.withCString({ mkdirat(descriptor, $0, mode) }) == 0 else { throw FileError("make folder", shown(name), errno: errno) }
    }

    /// Waits until the folder's entries are on its storage.
    func synchronize() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError("flush", path, errno: errno) }
    }

    /// The path of an entry as it can be shown.
    func shown(_ name: EntryName) -> String {
        "\(path)/\(name.presentable)"
    }
}
