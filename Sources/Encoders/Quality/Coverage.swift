import Quality

/// Whether streams last as long as their recording: what lacks at an end is no gap between frames, and must be told all the same.
struct Coverage {
    /// The recording's ends; nil where a clock's steps leave them in the dark.
    private let ends: (start: Int64, end: Int64)?

    /// So much, in seconds, may a stream be shorter at either end.
    private static let most = 1.0

    /// - Parameters:
    ///   - start: when the recording begins, in nanoseconds.
    ///   - end: when it ends.
    ///   - streams: what was found of its streams by the same clock.
    init(from start: Int64, to end: Int64, streams: [QualityStream]) {
        let steps = streams.contains { $0.intervals?.maximum ?? 0 > Double(Rhythm.longestInterval) / 1e6 }
        ends = steps ? nil : (start, end)
    }

    /// Sentences on the ends of the recording at which a stream has nothing.
    ///
    /// - Parameters:
    ///   - times: nanoseconds, in any order.
    ///   - consequence: what that means, as the end of a sentence.
    func notes(on name: String, _ times: [Int64], consequence: String) -> [String] {
        guard let ends, let first = times.min(), let last = times.max() else { return [] }
        func seconds(_ from: Int64, _ to: Int64) -> String? {
            let seconds = QualityPlots.seconds(to, since: from)
            return seconds > Self.most ? String((seconds * 10).rounded() / 10) : nil
        }
        return [
            seconds(ends.start, first).map { "\(name) begins \($0) s after the recording: \(consequence)." },
            seconds(last, ends.end).map { "\(name) stops \($0) s before the recording ends: \(consequence)." },
        ].compactMap(\.self)
    }
}
