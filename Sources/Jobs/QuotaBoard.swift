import Configuration
import ExportCore
import Files
import Ledger
import Logging
import Sidecars
import Spool
import Synchronization

/// The public files about usage, `status/quota/<user>.json`: rewritten when what they say has changed, at most once a
/// second.
final class QuotaBoard: Sendable {
    private struct State {
        var changed: Set<String> = []
        var everything = true
        var written: [String: StatusDocument.Quota] = [:]
        var day: Int64?
    }

    private let folder: String
    private let logger: Logger
    private let state = Mutex(State())

    init(folder: String, logger: Logger) {
        self.folder = folder
        self.logger = logger
    }

    /// Notes that a user's usage may have changed.
    func note(_ user: String) {
        state.withLock { _ = $0.changed.insert(user) }
    }

    /// Notes that everyone's may have.
    func noteAll() {
        state.withLock { $0.everything = true }
    }

    /// Writes what has changed until the task is cancelled.
    func run(_ office: Office) async {
        while !Task.isCancelled {
            await write(office)
            try? await Task.sleep(for: .seconds(1))
        }
        await write(office)
    }

    /// Writes what has changed.
    func write(_ office: Office) async {
        let now = office.now()
        let (users, everything) = state.withLock { state in
            // With a new day a new window may have begun.
            if state.day != now.utcDay { state.everything = true }
            state.day = now.utcDay
            defer { (state.changed, state.everything) = ([], false) }
            return (state.changed, state.everything)
        }
        guard everything || !users.isEmpty else { return }
        let policy = office.configuration.quota
        do {
            let usage = try await office.onLedger { ledger in
                try everything ? ledger.allUsage(policy) : users.sorted().map { try ledger.usage(of: $0, policy) }
            }
            for entry in usage {
                guard let user = entry.user else { continue }
                let quota = StatusDocument.Quota(entry)
                guard state.withLock({ $0.written[user] != quota }) else { continue }
                let bytes = try QuotaDocument(user: user, quota, updatedAt: now.rfc3339).json()
                let path = "\(folder)/\(Self.fileName(of: user)).json"
                try await office.onSpool { [folder, layout = office.layout] in
                    // Where the spool's file system is away, its folders must not be made in the place where it is mounted.
                    try layout.check()
                    try FileSystem.makeDirectories(folder, mode: 0o755)
                    try FileSystem.writeAtomically(path, bytes, mode: 0o644)
                }
                state.withLock { $0.written[user] = quota }
            }
        } catch {
            // It is written with the next change; the sidecars tell the same.
            logger.debug("The files about usage could not be written.", metadata: ["reason": "\(ExportError(error))"])
            noteAll()
        }
    }

    /// A user's name as a file name: everything but letters, digits, `_`, `-`, `@` and inner dots is written as `%` and two
    /// hexadecimal digits.
    static func fileName(of user: String) -> String {
        var name = ""
        for byte in user.utf8 {
            let scalar = Unicode.Scalar(byte)
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            if isPlain || "_-@".unicodeScalars.contains(scalar) || (scalar == "." && !name.isEmpty) {
                name.unicodeScalars.append(scalar)
            } else {
                name += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return name
    }
}
