import Glibc

/// The names of files that are being written: hidden, so that no scan takes them, and short, so that they fit wherever
/// the final name does.
///
/// They are drawn at random: the inbox is open to everyone who may submit, and a name that can be foretold can be taken.
enum TemporaryName {
    private static let prefix = ".exportd-"
    private static let ending = ".tmp"

    /// A name that nobody has used.
    static func next() -> String { unused() + ending }

    /// A hidden name that nobody has used, for what stood in the way; it is kept, for whoever made it.
    static func aside() -> String { unused() + ".aside" }

    private static func unused() -> String {
        "\(prefix)\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 16))"
    }

    /// Whether a name is one of these, left behind by a crash where its writer is gone.
    static func matches(_ name: EntryName) -> Bool {
        name.bytes.starts(with: prefix.utf8) && name.bytes.suffix(ending.utf8.count).elementsEqual(ending.utf8)
    }
}
