import Foundation

/// Why some bytes are no JSON, and where: what the decoder keeps to itself.
struct JSONFault: Hashable, Sendable {
    /// A sentence in the words of Foundation's reader.
    var reason: String
    /// The line, from 1, where the reader says a place.
    var line: Int?
    /// The column in that line, from 1, in bytes.
    var column: Int?

    /// Reads the bytes once more for the sake of the message; nil where nothing is wrong with them.
    init?(_ bytes: [UInt8]) {
        do {
            _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            return nil
        } catch {
            let words = (error as NSError).userInfo["NSDebugDescription"] as? String
            guard let words, let place = words.wholeMatch(of: /(.*) around character ([0-9]+)\./), let offset = Int(place.2) else {
                reason = words ?? "It is not valid JSON."
                return
            }
            reason = "\(place.1)."
            let before = bytes.prefix(offset)
            let newline = UInt8(ascii: "\n")
            line = before.count { $0 == newline } + 1
            column = before.count - (before.lastIndex(of: newline).map { $0 + 1 } ?? 0) + 1
        }
    }
}
