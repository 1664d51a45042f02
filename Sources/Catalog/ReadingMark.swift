import ExportCore
import Files
import FoundationEssentials
import Glibc

/// Remembers beside the index which dataset a scan is reading, so that a recording that brings its reader down does so
/// twice and no more: the scan after that notes it as a dataset with a problem and goes on.
///
/// Only for the holder of the scan lock. The mark is not flushed to storage, since a process that dies leaves what it has
/// written to the kernel.
struct ReadingMark {
    /// A dataset as it was when it was read, and how often it has been tried.
    private struct Mark: Codable {
        var store: String
        var location: String
        var stamp: String
        var attempt: Int
    }

    /// How often a dataset is tried that brings its reader down.
    static let mostAttempts = 2

    private let path: String
    /// What the scan before this one was reading when it died.
    private let left: Mark?

    /// Reads the mark that a scan before may have left.
    init(index: String) {
        path = index + ".reading"
        let bytes = try? FileSystem.read(path, limit: 1 << 16)
        left = bytes.flatMap { try? JSONDecoder().decode(Mark.self, from: Data($0)) }
    }

    /// Marks a dataset as being read.
    ///
    /// - Returns: false where it has been tried often enough, so that it must not be read.
    func begin(_ place: CatalogIndex.Place, stamp: String) throws -> Bool {
        var mark = Mark(store: place.store, location: place.location, stamp: stamp, attempt: 1)
        if let left, left.store == mark.store, left.location == mark.location, left.stamp == stamp { mark.attempt = left.attempt + 1 }
        guard mark.attempt <= ReadingMark.mostAttempts else { return false }
        let file = try OpenFile(path, flags: O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
        try file.write(Array(JSONEncoder().encode(mark)))
        return true
    }

    /// Takes the mark away: the scan ended, be it with an error.
    func end() {
        // A mark that stays costs one reading of a good dataset at most.
        try? FileSystem.removeFile(path)
    }
}
