import Glibc
import Synchronization

/// The names of files that are being written: hidden, so that no scan takes them, and short, so that they fit wherever
/// the final name does.
enum TemporaryName {
    private static let counter = Atomic<UInt64>(0)
    private static let prefix = ".exportd-"
    private static let ending = ".tmp"

    /// A name that no other call on this machine returns while this process lives.
    static func next() -> String {
        "\(prefix)\(getpid())-\(counter.wrappingAdd(1, ordering: .relaxed).oldValue)\(ending)"
    }

    /// Whether a name is one of these, left behind by a crash where its writer is gone.
    static func matches(_ name: EntryName) -> Bool {
        name.bytes.starts(with: prefix.utf8) && name.bytes.suffix(ending.utf8.count).elementsEqual(ending.utf8)
    }
}
