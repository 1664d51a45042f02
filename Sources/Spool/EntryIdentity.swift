import ExportCore
import Files

/// What identifies a file and its content, as far as a directory can tell: the file itself, its size and when it was
/// last written.
///
/// A name says nothing, because a rename over it leaves no trace.
public struct EntryIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
    /// Its size.
    public let bytes: Int64
    /// The modification time, by the clock of the file's server.
    let modified: Timestamp
}

extension FileStatus {
    /// What identifies the file and its content.
    var identity: EntryIdentity {
        EntryIdentity(device: device, inode: inode, bytes: bytes, modified: modified)
    }
}
