import Checksums
import ExportCore
import Fields
import Files
import Formats
import FoundationEssentials
import Plans

/// Writes a manifest to a file while the package is made: JSON with its keys in order and one line for each dataset, file
/// and stream, so that neither writer nor reader needs to hold all of it.
final class ManifestWriter {
    private static let flushBytes = 1 << 18

    private let manifest: Manifest
    private let file: OpenFile
    private let encoder: JSONEncoder
    private var buffer: [UInt8] = []
    private var isFirstFile = true

    /// Creates the file at `path`, and writes all that comes before the list of files.
    init(_ manifest: Manifest, to path: String) throws {
        self.manifest = manifest
        file = try OpenFile.creating(path)
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        append("{\n")
        try list("datasets", manifest.datasets) { ManifestDataset($0) }
        try value("episodes", manifest.episodes)
        try value("exportd", manifest.exportd)
        append("  \"files\": [")
    }

    /// Adds a file to the list.
    func add(path: String, bytes: Int64, _ digest: SHA256Digest) throws {
        append(isFirstFile ? "\n    " : ",\n    ")
        isFirstFile = false
        // What the encoder would write, which for a hundred thousand files would take longer than all else that is done with them.
        if path.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            append("{\"bytes\":\(bytes),\"path\":\"")
            append(path)
            append("\",\"sha256\":\"")
            digest.appendHexadecimal(to: &buffer)
            append("\"}")
            if buffer.count >= Self.flushBytes { try flush() }
        } else {
            try append(ManifestFile(path: path, bytes: bytes, sha256: digest.hexadecimal))
        }
    }

    /// Writes all that comes after the list of files, and waits until it is on storage.
    func finish() throws {
        append(isFirstFile ? "],\n" : "\n  ],\n")
        let faces = manifest.parts.flatMap { $0.faceBlur ?? [] }
        if !faces.isEmpty { try list("face_blur", faces) { ManifestFaceBlur($0) } }
        try value("format", manifest.options.format)
        try value("frames", manifest.frames)
        try value("name", manifest.name)
        let options = ExportOptions.shape.written(manifest.options) ?? [:]
        append("  \"options\": \(options.compactJSON),\n")
        try value("schema", Manifest.schema)
        try list("skipped", manifest.skipped) { ManifestSkipped($0) }
        try list("streams", manifest.parts.lazy.flatMap(\.streams)) { ManifestStream($0) }
        if let title = manifest.title { try value("title", title) }
        try list("warnings", manifest.warnings, isLast: true) { $0 }
        append("}\n")
        try flush()
        try file.synchronize()
    }

    private func value(_ key: String, _ value: some Encodable) throws {
        append("  \"\(key)\": ")
        try append(value)
        append(",\n")
    }

    private func list<Element>(
        _ key: String,
        _ elements: some Sequence<Element>,
        isLast: Bool = false,
        row: (Element) -> some Encodable
    ) throws {
        append("  \"\(key)\": [")
        var isFirst = true
        for element in elements {
            append(isFirst ? "\n    " : ",\n    ")
            isFirst = false
            try append(row(element))
        }
        append((isFirst ? "]" : "\n  ]") + (isLast ? "\n" : ",\n"))
    }

    private func append(_ text: String) {
        buffer.append(contentsOf: text.utf8)
    }

    private func append(_ value: some Encodable) throws {
        buffer.append(contentsOf: try encoder.encode(value))
        if buffer.count >= Self.flushBytes { try flush() }
    }

    private func flush() throws {
        try file.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
