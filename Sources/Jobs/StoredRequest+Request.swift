import ExportCore
import FoundationEssentials
import Ledger
import Requests

extension StoredRequest {
    /// The request as it was understood when it was accepted; what it never was is read again, for its problems.
    ///
    /// - Parameter fileName: The request's name, for the places of problems.
    func request(fileName: String) throws(ExportError) -> Request {
        if let typed, let request = try? JSONDecoder().decode(Request.self, from: Data(typed.utf8)) { return request }
        return try RequestParser.parse(text, fileName: fileName)
    }
}

extension Request {
    /// The typed request as the ledger keeps it.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// The request's wish for datasets and packages, where it has one.
    var export: ExportRequest? {
        switch self {
        case .export(let request), .preview(let request): request
        case .cancel, .retry, .history, .quota, .queue: nil
        }
    }
}
