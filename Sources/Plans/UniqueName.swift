import Glibc
import Synchronization

/// Names for temporary files and folders that no other thread, process or host makes.
enum UniqueName {
    private static let counter = Atomic<UInt64>(0)

    /// The prefix with process number, running number and random digits behind it.
    static func make(_ prefix: String) -> String {
        let number = counter.wrappingAdd(1, ordering: .relaxed).oldValue
        return "\(prefix)-\(getpid())-\(number)-\(String(UInt32.random(in: .min ... .max), radix: 16))"
    }
}
