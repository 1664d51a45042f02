import Encoding
import ExportCore
import Formats
import Quality

/// Holds streams and recordings against the limits.
struct LimitCheck {
    private let limits: FrameDropsOptions.Limits

    init(_ options: FrameDropsOptions) {
        limits = options.limits
    }

    /// The limits as a report shows them.
    var settings: [QualityReport.Setting] {
        let numbers: [(String, Double?)] = [
            ("min_rate_hz", limits.minRate), ("max_gap_ms", limits.maxGap), ("max_drops", limits.maxDrops.map(Double.init)),
            ("max_drop_ratio", limits.maxDropRatio), ("max_regressions", limits.maxRegressions.map(Double.init)),
            ("max_duplicates", limits.maxDuplicates.map(Double.init)), ("max_undecodable", limits.maxUndecodable.map(Double.init)),
            ("min_duration_s", limits.minDuration),
        ]
        return numbers.compactMap { name, value in value.map { .init(name: "limits.\(name)", value: Self.words($0)) } }
    }

    /// Gives a stream its verdict.
    ///
    /// A stream below two frames has neither rate nor gap; it breaks `min_rate_hz` where that is above zero, since a camera
    /// that sends nothing is the worst of all.
    func judge(_ stream: inout QualityStream) {
        var breaches: [LimitBreach] = []
        func most(_ name: String, _ allowed: Double?, _ found: Double?) {
            guard let allowed, let found, found > allowed else { return }
            breaches.append(LimitBreach(limit: name, allowed: allowed, found: found))
        }
        let rate = stream.meanRate ?? 0
        if let least = limits.minRate, rate < least { breaches.append(LimitBreach(limit: "min_rate_hz", allowed: least, found: rate)) }
        most("max_gap_ms", limits.maxGap, stream.intervals?.maximum)
        most("max_drops", limits.maxDrops.map(Double.init), stream.drops.map { Double($0.events) })
        most("max_drop_ratio", limits.maxDropRatio, stream.drops?.ratio)
        most("max_regressions", limits.maxRegressions.map(Double.init), Double(stream.regressions))
        most("max_duplicates", limits.maxDuplicates.map(Double.init), stream.drops?.duplicates.map(Double.init))
        most("max_undecodable", limits.maxUndecodable.map(Double.init), stream.drops?.undecodable.map(Double.init))
        stream.breaches = breaches
        stream.verdict = breaches.isEmpty ? .passed : .failed
    }

    /// Gives a recording its verdict, from its own limits and its streams'.
    func judge(_ recording: inout QualityRecording) {
        if let least = limits.minDuration, recording.durationSeconds < least {
            recording.breaches.append(LimitBreach(limit: "min_duration_s", allowed: least, found: recording.durationSeconds))
        }
        let isBroken = !recording.breaches.isEmpty || recording.streams.contains { $0.verdict == .failed }
        recording.verdict = isBroken ? .failed : recording.streams.isEmpty ? .unjudged : .passed
    }

    /// Fails the job where a recording breaks a limit; the report is published nevertheless.
    ///
    /// - Throws: `RefusedExport` of `dataset_unreadable`, the contract's code for datasets that an export cannot take, with a
    ///   detail for each.
    static func refuse(_ recordings: [QualityRecording]) throws(RefusedExport) {
        let failed = recordings.filter { $0.verdict == .failed }
        guard let first = failed.first else { return }
        let details = failed.map { recording in
            ExportError.Detail(
                "\(recording.dataset) breaks \(words(of: recording)).",
                location: .init(dataset: DatasetID(recording.dataset))
            )
        }
        let error = ExportError(
            .datasetUnreadable,
            "\(failed.count) of \(recordings.count) recordings break the limits of frame_drops; the first is \(first.dataset): \(words(of: first)).",
            hint: "The report lies with the job's packages all the same. Leave these recordings out, or widen the limits.",
            location: .init(dataset: DatasetID(first.dataset)),
            details: details
        )
        throw RefusedExport(error)
    }

    private static func words(of recording: QualityRecording) -> String {
        let own = recording.breaches.map { words($0) }
        let streams = recording.streams.flatMap { stream in stream.breaches.map { "\(words($0)) on \(stream.name)" } }
        let all = own + streams
        return all.prefix(5).joined(separator: "; ") + (all.count > 5 ? "; and \(all.count - 5) more" : "")
    }

    private static func words(_ breach: LimitBreach) -> String {
        "\(breach.limit) (\(words(breach.found)), allowed \(words(breach.allowed)))"
    }

    /// A number with at most three places, and none where it is whole.
    private static func words(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return String((value * 1000).rounded() / 1000)
    }
}
