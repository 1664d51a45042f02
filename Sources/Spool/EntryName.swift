/// The name of one entry of a folder, as the kernel keeps it: any bytes but NUL and `/`.
public struct EntryName: Hashable, Sendable {
    /// The bytes of the name, without the terminating NUL.
    let bytes: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The longest name that Linux file systems take, in bytes.
    static let maximumBytes = 255

    /// The longest ending that a sidecar puts in the place of `.yaml`.
    private static let longestSidecarEnding = ".status.json"

    /// Whether a file of this name in the inbox is a request.
    ///
    /// Requests end in `.yaml` or `.yml`. Names that begin with a dot are other people's unfinished work, as are those
    /// that end in `~`, `.tmp`, `.part` and the like; sidecars end in `.json`.
    var isRequest: Bool {
        !isHidden && requestEnding != nil
    }

    /// Whether the name begins with a dot.
    var isHidden: Bool {
        bytes.first == UInt8(ascii: ".")
    }

    /// The ending that makes it a request, or nil where it has none.
    private var requestEnding: String? {
        [".yaml", ".yml"].first { bytes.count > $0.utf8.count && bytes.suffix($0.utf8.count).elementsEqual($0.utf8) }
    }

    /// The name without the ending that makes it a request.
    var stem: [UInt8] {
        Array(bytes.dropLast(requestEnding?.utf8.count ?? 0))
    }

    /// The name as text, or nil where it is not UTF-8 or holds control characters.
    var text: String? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return text.unicodeScalars.allSatisfy { !Self.isControl($0) } ? text : nil
    }

    /// Whether `NAME.status.json` would be a name, too.
    var canCarrySidecar: Bool {
        bytes.count - (requestEnding?.utf8.count ?? 0) + Self.longestSidecarEnding.utf8.count <= Self.maximumBytes
    }

    /// A name that can be shown, stored and given to a sidecar, equal to the name itself wherever that can.
    var presentable: String {
        if let text, canCarrySidecar { return text }
        let ending = requestEnding ?? ""
        var shown = ""
        for scalar in String(decoding: bytes.dropLast(ending.utf8.count), as: UTF8.self).unicodeScalars {
            let piece = Self.isControl(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
            guard shown.utf8.count + piece.utf8.count <= 200 else { break }
            shown += piece
        }
        return shown + ending
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    /// Calls a function with the name as a C string.
    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        var terminated = bytes.map(CChar.init(bitPattern:))
        terminated.append(0)
        return terminated.withUnsafeBufferPointer { pointer in
            // The buffer holds at least the NUL, so it has an address.
            body(pointer.baseAddress!)
        }
    }
}

/// Where in the inbox something lies: in the inbox itself, or in a team's folder one level down.
public struct InboxPath: Hashable, Sendable {
    /// The team's folder, or nil for the inbox itself.
    let team: EntryName?
    /// The name in that folder.
    let name: EntryName

    init(team: EntryName? = nil, name: EntryName) {
        self.team = team
        self.name = name
    }

    /// The path below the inbox as it can be shown and stored, such as `team/nightly.yaml`.
    public var text: String {
        team.map { "\($0.presentable)/\(name.presentable)" } ?? name.presentable
    }

    /// A path from its text, or nil where the text is none: one or two names with a slash between.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count) else { return nil }
        for part in parts {
            guard !part.isEmpty, part != ".", part != "..", part.utf8.count <= EntryName.maximumBytes, !part.utf8.contains(0) else {
                return nil
            }
        }
        self.init(team: parts.count == 2 ? EntryName(String(parts[0])) : nil, name: EntryName(String(parts[parts.count - 1])))
    }
}

extension InboxPath: CustomStringConvertible {
    /// The path as it can be shown.
    public var description: String { text }
}
