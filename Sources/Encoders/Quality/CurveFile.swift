import ExportCore
import Quality

/// What a part leaves to be drawn: the lists and histograms of its streams' plots, one behind the other, each with its length in front.
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
            append(plots.offsetHistogram, to: &bytes)
            append(plots.intervalHistogram, to: &bytes)
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
            plots.offsetHistogram = try histogram(bytes, &place)
            plots.intervalHistogram = try histogram(bytes, &place)
            recording.streams[index].plots = plots
        }
        guard place == bytes.count else { throw damaged }
    }

    private static func append<Element: BitwiseCopyable>(_ list: [Element], to bytes: inout [UInt8]) {
        withUnsafeBytes(of: list.count) { bytes.append(contentsOf: $0) }
        list.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    /// Its counts, of which there are some, those outside in front; none where there is no histogram.
    private static func append(_ histogram: Histogram?, to bytes: inout [UInt8]) {
        append(histogram.map { [$0.below, $0.above] + $0.counts } ?? [], to: &bytes)
        append(histogram.map { [$0.start, $0.width] } ?? [], to: &bytes)
    }

    private static func histogram(_ bytes: [UInt8], _ place: inout Int) throws(ExportError) -> Histogram? {
        let counts: [Int] = try list(bytes, &place)
        let scale: [Double] = try list(bytes, &place)
        if counts.isEmpty, scale.isEmpty { return nil }
        guard counts.count > 2, scale.count == 2 else { throw damaged }
        return Histogram(start: scale[0], width: scale[1], counts: Array(counts[2...]), below: counts[0], above: counts[1])
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
