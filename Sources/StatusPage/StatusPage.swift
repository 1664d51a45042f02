import Checksums
import ExportCore
import FoundationEssentials
import Markup

/// `status/index.html`: the service on one page that a browser opens straight from the share.
///
/// Everything is in the file; the script only filters what stands there and loads the file again. Values come from
/// requests of anyone: all of them are escaped, and the page's content policy lets nothing run but its own script.
public struct StatusPage: Sendable {
    /// No page is longer; what would make it so is cut and counted.
    public static let maximumBytes = 1 << 20

    private let templates: Templates
    private let policy: String

    /// Parses the page's template.
    public init() throws {
        templates = try Templates([("page", PageTemplate.page), ("job", PageTemplate.job)])
        let style = try Self.hash(PageStyle.text)
        let script = try Self.hash(PageScript.text)
        policy = "default-src 'none'; style-src 'sha256-\(style)'; script-src 'sha256-\(script)'; base-uri 'none'; form-action 'none'"
    }

    /// The page of a snapshot, as UTF-8.
    public func html(_ snapshot: ServiceSnapshot) -> [UInt8] {
        var snapshot = snapshot
        while true {
            let bytes = Array(templates.render(PageModel(snapshot, policy: policy).named, with: "page").utf8)
            let rows = snapshot.recent.count + snapshot.queue.count + snapshot.running.count + snapshot.quota.count
            if bytes.count <= Self.maximumBytes || rows == 0 { return bytes }
            snapshot.recent.removeLast(halved(snapshot.recent.count))
            snapshot.queue.removeLast(halved(snapshot.queue.count))
            snapshot.quota.removeLast(halved(snapshot.quota.count))
            snapshot.running.removeLast(halved(snapshot.running.count))
        }
    }

    /// `status/queue.json` of a snapshot.
    public static func json(_ snapshot: ServiceSnapshot) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(snapshot)) + [UInt8(ascii: "\n")]
    }

    private func halved(_ count: Int) -> Int { (count + 1) / 2 }

    private static func hash(_ text: String) throws -> String {
        let digest = try Array(text.utf8).withUnsafeBytes { try SHA256.digest(of: $0) }
        return Data(digest.bytes).base64EncodedString()
    }
}
