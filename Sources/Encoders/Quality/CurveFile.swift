import ExportCore
import Quality

/// What a part leaves to be drawn: the lists of its streams' plots, one behind the other, each with its length in front.
///
/// Bytes as this machine has them in memory: a part is read where it was made.
enum CurveFile {
    static let name = "curves"

    static func bytes(of recording: QualityRecording) -> [UInt8] {
        var bytes: [UInt8] = []
        for plots in recording.streams.compactMap(\.plots) {
            append(plots.offsets, to: &bytes)
            append(plots.intervals, to: &bytes)
            append(plots.drops, to: &bytes)
        }
        return bytes
    }

    /// Puts the lists back into the plots that they belong to.
    static func restore(_ bytes: [UInt8], in recording: inout QualityRecording) throws(ExportError) {
        var place = 0
        for index in recording.streams.indices {
            guard var plots = recording.streams[index].plots else { continue }
            plots.offsets = try list(bytes, &place)
            plots.intervals = try list(bytes, &place)
            plots.drops = try list(bytes, &place)
            recording.streams[index].plots = plots
        }
        guard place == bytes.count else { throw damaged }
    }

    private static func append<Element: BitwiseCopyable>(_ list: [Element], to bytes: inout [UInt8]) {
        withUnsafeBytes(of: list.count) { bytes.append(contentsOf: $0) }
        list.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    private static func list<Element: BitwiseCopyable>(_ bytes: [UInt8], _ place: inout Int) throws(ExportError) -> [Element] {
        let size = MemoryLayout<Int>.size
        guard bytes.count - place >= size else { throw damaged }
        let start = place + size
        let count = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Int.self) }
        let stride = MemoryLayout<Element>.stride
        guard count >= 0, count <= (bytes.count - start) / stride else { throw damaged }
        place = start + count * stride
        return bytes.withUnsafeBytes { bytes in
            (0..<count).map { bytes.loadUnaligned(fromByteOffset: start + $0 * stride, as: Element.self) }
        }
    }

    private static var damaged: ExportError { ExportError(.internal, "The curves of a part are damaged.", hint: "Retry the job.") }
}
