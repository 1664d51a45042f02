import Checksums
import ExportCore
import Sidecars

/// The answer to a request that asks for something and makes no package: one file in the outbox.
struct AnswerFile: Sendable {
    /// Its name in the job's folder.
    var name: String
    /// Its content.
    var bytes: [UInt8]
    /// The file as the status tells it, under the name of the request's kind.
    var export: StatusDocument.Export

    init(_ kind: String, name: String, bytes: [UInt8]) throws {
        self.name = name
        self.bytes = bytes
        let digest = try SHA256.digest(of: bytes).hexadecimal
        export = StatusDocument.Export(format: kind, state: .completed, file: name, bytes: Int64(bytes.count), sha256: digest)
    }
}
