import Quality

/// `alignment_stats.csv` and `frame_drop_stats.csv`: a row for each dataset and stream.
enum StatisticsTable {
    static func name(_ kind: QualityReport.Kind) -> String {
        switch kind {
        case .timeAlignment: "alignment_stats.csv"
        case .frameDrops: "frame_drop_stats.csv"
        }
    }

    static func columns(_ kind: QualityReport.Kind) -> [String] {
        switch kind {
        case .timeAlignment:
            [
                "dataset", "stream", "reference", "messages", "rate_hz", "nominal_rate_hz", "matched", "missing", "offset_mean_ms",
                "offset_std_ms",
                "offset_p50_ms", "offset_p95_ms", "offset_p99_ms", "offset_max_ms", "lag_ms", "drift_ppm", "regressions", "latency_mean_ms",
                "latency_std_ms", "latency_p50_ms", "latency_p95_ms", "latency_max_ms",
            ]
        case .frameDrops:
            [
                "dataset", "stream", "frames", "nominal_rate_hz", "mean_rate_hz", "interval_p50_ms", "interval_p95_ms", "interval_p99_ms",
                "interval_max_ms", "jitter_ms", "drops", "frames_missing", "drop_ratio", "bursts", "longest_burst", "duplicates",
                "regressions",
                "undecodable", "verdict", "breaches", "recording_verdict",
            ]
        }
    }

    static func row(_ kind: QualityReport.Kind, _ recording: QualityRecording, _ stream: QualityStream) -> [String] {
        switch kind {
        case .timeAlignment: alignment(recording, stream)
        case .frameDrops: drops(recording, stream)
        }
    }

    private static func alignment(_ recording: QualityRecording, _ stream: QualityStream) -> [String] {
        let (offsets, latency) = (stream.offsets, stream.latency)
        let distribution = offsets?.distribution
        var cells = [
            CSVFile.cell(recording.dataset), CSVFile.cell(stream.name), CSVFile.cell(recording.reference ?? ""), String(stream.messages),
        ]
        cells += [stream.meanRate, stream.nominalRate].map(CSVFile.number)
        cells += [offsets?.matched, offsets?.missing].map(CSVFile.number)
        cells += [
            distribution?.mean, distribution?.standardDeviation, distribution?.p50, distribution?.p95, distribution?.p99,
            distribution?.maximum,
            offsets?.lagMilliseconds, offsets?.driftPPM,
        ].map(CSVFile.number)
        cells.append(String(stream.regressions))
        cells += [latency?.mean, latency?.standardDeviation, latency?.p50, latency?.p95, latency?.maximum].map(CSVFile.number)
        return cells
    }

    private static func drops(_ recording: QualityRecording, _ stream: QualityStream) -> [String] {
        let (intervals, drops) = (stream.intervals, stream.drops)
        var cells = [CSVFile.cell(recording.dataset), CSVFile.cell(stream.name), String(stream.messages)]
        cells += [
            stream.nominalRate, stream.meanRate, intervals?.p50, intervals?.p95, intervals?.p99, intervals?.maximum,
            stream.jitterMilliseconds,
        ].map(CSVFile.number)
        cells += [drops?.events, drops?.missing].map(CSVFile.number)
        cells.append(CSVFile.number(drops?.ratio))
        cells += [drops?.bursts, drops?.longestBurst, drops?.duplicates, stream.regressions, drops?.undecodable].map(CSVFile.number)
        cells += [stream.verdict.rawValue, stream.breaches.map(\.limit).joined(separator: " "), recording.verdict.rawValue]
        return cells
    }
}
