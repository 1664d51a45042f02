import Quality

extension QualityVerdict {
    /// The verdict as a person reads it.
    var words: String {
        switch self {
        case .unjudged: "not judged"
        case .passed: "passed"
        case .failed: "failed"
        }
    }
}

extension LimitBreach {
    /// The broken limit in words: `max_gap_ms is 812.00, at most 500.00 is allowed`.
    var words: String {
        // What breaks a limit by a hair must not look as if it did not.
        let isNear = Self.number(found) == Self.number(allowed)
        let bound = limit.hasPrefix("min_") ? "at least" : "at most"
        return "\(limit): \(isNear ? Self.number(found, 6) : Self.number(found)), \(bound) \(Self.number(allowed))"
    }

    /// A number without zeros at its end.
    private static func number(_ value: Double, _ decimals: Int? = nil) -> String {
        var text = NumberText.fixed(value, decimals ?? (abs(value) < 1 ? 4 : 2))
        guard text.contains("."), !text.contains("e") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }
}

extension QualityReport.Kind {
    /// What the page is called.
    var heading: String {
        switch self {
        case .timeAlignment: "Time alignment"
        case .frameDrops: "Frame drops"
        }
    }

    /// What is wrong with the worst stream, in a few words.
    func words(for stream: QualityStream) -> String {
        switch self {
        case .frameDrops:
            guard stream.messages > 0 else { return "no frame at all" }
            let limits = stream.breaches.map(\.words).joined(separator: "; ")
            guard let drops = stream.drops, drops.events > 0 else { return limits }
            let lost =
                "\(NumberText.counted(drops.missing, "frame")) missing (\(NumberText.percent(drops.ratio))\u{A0}%) in \(NumberText.counted(drops.events, "gap"))"
            return limits.isEmpty ? lost : "\(lost), \(limits)"
        case .timeAlignment:
            guard let offsets = stream.offsets, offsets.matched > 0 else { return "never near the reference" }
            let share = NumberText.percent(Double(offsets.matched) / Double(offsets.matched + offsets.missing))
            let largest = NumberText.fixed(offsets.distribution?.p99, 1)
            var words = "\(share)\u{A0}% of the reference's frames matched, offset p99 \(largest)\u{A0}ms"
            if let lag = offsets.lagMilliseconds { words += ", lag \(NumberText.fixed(lag, 1))\u{A0}ms" }
            if let drift = offsets.driftPPM { words += ", drift \(NumberText.fixed(drift, 1))\u{A0}ppm" }
            return words
        }
    }

    /// The table beside the page that holds everything.
    var tableName: String {
        switch self {
        case .timeAlignment: "alignment_stats.csv"
        case .frameDrops: "frame_drop_stats.csv"
        }
    }

    /// What the quantities mean.
    var explanations: [Explanation] {
        switch self {
        case .timeAlignment:
            [
                Explanation(
                    term: "Offset",
                    meaning:
                        "the stream's time less the time of the reference frame that it was matched with; p50 to max are of its size, whatever its sign"
                ),
                Explanation(
                    term: "Matched, missing",
                    meaning: "reference frames for which the stream has a message within tolerance, and those for which it has none"
                ),
                Explanation(
                    term: "Lag",
                    meaning: "by how much the stream stays behind the reference all along, found by robust regression"
                ),
                Explanation(term: "Drift", meaning: "how much faster the stream's clock runs than the reference's, in parts per million"),
                Explanation(term: "Latency", meaning: "log time less the stamp in the message's header"),
                Explanation(term: "Regressions", meaning: "how often a stream's clock goes backwards"),
            ]
        case .frameDrops:
            [
                Explanation(
                    term: "Drop",
                    meaning: "a gap between two frames that is long enough for at least one frame to be missing in it"
                ),
                Explanation(
                    term: "Missing",
                    meaning: "frames that the gaps would hold at the stream's nominal rate, and their share of all that there should be"
                ),
                Explanation(
                    term: "Nominal rate",
                    meaning: "the rate that the stream is meant to have, from the usual distance of its frames; drops do not change it"
                ),
                Explanation(term: "Jitter", meaning: "standard deviation of the intervals that are no gaps"),
                Explanation(term: "Burst", meaning: "frames missing in a row"),
                Explanation(
                    term: "Duplicates, undecodable",
                    meaning:
                        "frames that repeat the one before them, and frames that cannot be decoded; – where the frames' content was not read"
                ),
                Explanation(term: "Regressions", meaning: "how often a stream's clock goes backwards"),
            ]
        }
    }
}

/// What a quantity means.
struct Explanation {
    var term: String
    var meaning: String
}
