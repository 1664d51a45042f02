import Encoding
import ExportCore
import Files
import Formats
import Plans
import Playback

/// Recordings in pieces, each an MCAP file that plays alone.
///
/// A part of the work is one recording with all its pieces; assembling names them after their dataset and lists them all in
/// `parts.csv`.
struct MCAPChunksEncoder: Encoder {
    /// What a part leaves for assembly.
    struct Detail: Codable, Sendable {
        /// The pieces in order.
        var pieces: [PlaybackParts.Part]
    }

    static let version = 4

    let options: MCAPChunksOptions

    func estimate(_ dataset: PlannedDataset) throws(ExportError) -> PartEstimate {
        try PlaybackEstimate.of(dataset, options)
    }

    func encode(_ dataset: PlannedDataset, in context: PartContext) throws -> EncodedPart<Detail> {
        let read = try PlaybackEstimate.of(dataset, options).bytesRead
        let faces = try options.faceBlur.map { try MessageSurvey(dataset, options.messages, $0, in: context).survey() }
        let playback = try PlaybackParts(PlaybackWork(dataset: dataset, in: context, bytesRead: read), options, transform: faces)
        let pieces = try playback.write()
        var part = EncodedPart(
            episodes: dataset.segments.count,
            frames: 0,
            bytesRead: read,
            warnings: playback.warnings,
            streams: [],
            detail: Detail(pieces: pieces)
        )
        try faces?.report(in: &part, dataset: dataset.id, folder: context.folder)
        return part
    }

    func assemble(_ parts: [FinishedPart<Detail>], in context: AssemblyContext) throws {
        try FaceBlurTable.assemble(parts, to: context.folder)
        var table = PieceTable()
        for part in parts {
            let name = try OutputName.path(of: part.dataset.id)
            try FileSystem.makeDirectories(FileSystem.parent(of: "\(context.folder)/\(name)"))
            for piece in part.detail.pieces {
                try context.cancellation.check()
                let file = "\(name)_\(piece.file)"
                try FileSystem.link("\(part.folder)/\(piece.file)", to: "\(context.folder)/\(file)")
                table.add(piece, file: file)
            }
        }
        try FileSystem.writeAtomically("\(context.folder)/parts.csv", table.bytes)
    }
}

/// `parts.csv`: a row for each piece (RFC 4180).
private struct PieceTable {
    private(set) var bytes = [UInt8]("part,first_ns,last_ns,messages,bytes,repeated,annotations\r\n".utf8)

    mutating func add(_ piece: PlaybackParts.Part, file: String) {
        let numbers = [
            piece.first.map { String($0) } ?? "", piece.last.map { String($0) } ?? "", String(piece.messages), String(piece.bytes),
            String(piece.repeated), String(piece.annotations),
        ]
        bytes += Array("\(Self.quoted(file)),\(numbers.joined(separator: ","))\r\n".utf8)
    }

    private static func quoted(_ text: String) -> String {
        guard text.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
