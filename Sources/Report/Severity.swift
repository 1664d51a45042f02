import Quality

/// How bad a recording or a stream is, so that the worst comes first; what is equally bad keeps the order of the names.
struct Severity: Comparable {
    private let ranks: [Double]

    init(_ recording: QualityRecording) {
        let worst = recording.streams.map(Severity.init).max()
        let breaches = recording.streams.reduce(recording.breaches.count) { $0 + $1.breaches.count }
        // A camera that sent nothing is worse than any number of broken limits.
        let isSilent = recording.streams.contains { $0.drops != nil && $0.messages == 0 }
        ranks =
            [recording.verdict.rank, isSilent ? .infinity : Double(breaches)] + (worst?.measures ?? [0, 0, 0]) + [
                Double(recording.notes.count)
            ]
    }

    init(_ stream: QualityStream) {
        // A stream that never met the reference, or has nothing at all, is worse than one that lies far from it.
        let absent: Double
        if stream.offsets != nil, !stream.isAlignable {
            // Behind all others: nothing can be said of it.
            ranks = [stream.verdict.rank, Double(stream.breaches.count), -1, 0, 0]
            return
        }
        if let offsets = stream.offsets {
            // In whole per cents, so that one frame more at an end does not outweigh how far the others lie.
            let share = Double(offsets.missing) / (Double(offsets.matched) + Double(offsets.missing))
            absent = offsets.matched == 0 ? 1 : (share * 100).rounded() / 100
        } else {
            absent = stream.messages == 0 ? 1 : stream.drops?.ratio ?? 0
        }
        let far = stream.offsets.map { $0.distribution?.p99 ?? 0 } ?? (stream.drops == nil ? 0 : stream.intervals?.maximum ?? 0)
        // A camera that sent nothing breaks one limit only, and is the worst of all.
        let broken = stream.drops != nil && stream.messages == 0 ? .infinity : Double(stream.breaches.count)
        ranks = [stream.verdict.rank, broken, absent, far, Double(stream.regressions)].map { $0.isNaN ? 0 : $0 }
    }

    private var measures: [Double] { Array(ranks.suffix(3)) }

    static func < (left: Severity, right: Severity) -> Bool {
        left.ranks.lexicographicallyPrecedes(right.ranks)
    }
}

extension QualityVerdict {
    fileprivate var rank: Double {
        switch self {
        case .passed: 0
        case .unjudged: 1
        case .failed: 2
        }
    }
}

/// The positions of the worst, worst first.
func worstFirst(_ severities: [Severity]) -> [Int] {
    severities.indices.sorted { left, right in
        if severities[left] == severities[right] { return left < right }
        return severities[left] > severities[right]
    }
}
