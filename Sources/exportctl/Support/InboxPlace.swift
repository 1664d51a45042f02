import ExportCore
import Files
import Sidecars
import Spool

/// A request's place in the inbox: where it is dropped, and where its sidecars appear.
struct InboxPlace: Hashable {
    /// The folder: the inbox, or a team's folder in it.
    let folder: String
    /// The request's name without `.yaml`.
    let name: String
    /// The path below the inbox without `.yaml`, as people call it.
    let label: String

    /// A place from what a person writes: `nightly`, `nightly.yaml` or `team/nightly`.
    ///
    /// - Throws: `ExportError` where that cannot be the name of a request.
    init(_ text: String, in spool: SpoolLayout) throws(ExportError) {
        var label = text
        for ending in [".yaml", ".yml"] where text.hasSuffix(ending) { label = String(text.dropLast(ending.count)) }
        let last = FileSystem.name(of: label)
        guard InboxPath(label) != nil, !last.hasPrefix("."), last.utf8.count <= 200, label == Output.printable(label) else {
            throw ExportError(
                .requestInvalid,
                "\"\(Output.printable(text))\" cannot be the name of a request.",
                hint: "Use a name of at most 200 bytes that does not begin with a dot, or TEAM/NAME."
            )
        }
        self.label = label
        name = last
        folder = label == last ? spool.inbox : "\(spool.inbox)/\(FileSystem.parent(of: label))"
    }

    /// Whether the request still waits to be taken.
    ///
    /// The directory is listed and never asked for one name: a network file system may remember for a minute that a name
    /// was not there.
    func look() throws(FileError) -> (isWaiting: Bool, hasStatus: Bool) {
        let names = try FileSystem.list(folder)
        return (names.contains { $0 == "\(name).yaml" || $0 == "\(name).yml" }, names.contains("\(name).status.json"))
    }

    /// The status sidecar, or nil where there is none.
    func status() throws -> StatusDocument? {
        guard try look().hasStatus else { return nil }
        do {
            return try StatusDocument(json: FileSystem.read("\(folder)/\(name).status.json", limit: 64 << 20, nofollow: true))
        } catch let error as FileError where error.isMissing {
            return nil
        }
    }

    /// Drops a request: written under a dot name, flushed, renamed, so that the daemon sees it whole or not at all.
    ///
    /// - Returns: The job that the sidecars at this place belong to until the new one is accepted.
    func submit(_ bytes: [UInt8]) throws -> JobID? {
        guard try !look().isWaiting else {
            throw ExportError(
                .ioError,
                "A request named \(label) waits in the inbox already.",
                hint: "Wait until it is taken, or choose another name with --name.",
                retryable: false
            )
        }
        // A sidecar that cannot be read is none of this job's.
        let previous = try? status()?.job
        try FileSystem.writeAtomically("\(folder)/\(name).yaml", bytes, mode: 0o640)
        return previous
    }
}
