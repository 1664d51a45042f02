import Quality
import TestSupport

/// Reports of made-up recordings that say what real ones say: some with drops and bursts, some that drift, most in order.
enum SyntheticReports {
    static func make(_ kind: QualityReport.Kind, recordings: Int, points: Int = 2_000) -> QualityReport {
        var generator = SeededGenerator(seed: 7)
        // Beyond ten, recordings repeat under other names: what is tested is how many there are.
        let different = (0..<min(10, recordings)).map { recording(kind, $0, points: points, &generator) }
        return QualityReport(
            kind: kind,
            settings: [
                .init(name: "clock", value: "log_time"),
                .init(
                    name: kind == .frameDrops ? "limits.max_gap_ms" : "reference",
                    value: kind == .frameDrops ? "500" : "/camera_01/color/image_raw"
                ),
            ],
            recordings: (0..<recordings).map { number in
                var recording = different[number % different.count]
                recording.dataset = "kitchen_run_\(number)"
                return recording
            }
        )
    }

    private static func recording(_ kind: QualityReport.Kind, _ number: Int, points: Int, _ generator: inout SeededGenerator)
        -> QualityRecording
    {
        let names = [
            "/camera_01/color/image_raw", "/camera_02/color/image_raw", "/camera_03/color/image_raw/compressed", "/wrist/depth/image_raw",
        ]
        let duration = min(64, Double(points) / 15) + Double.random(in: 0...2, using: &generator)
        let bad = number % 5 == 3
        var streams = names.enumerated().map { place, name in
            kind == .frameDrops
                ? drops(name, duration: duration, losses: bad && place < 2 ? 0.08 : place == 2 ? 0.002 : 0, points: points, &generator)
                : offsets(name, duration: duration, drift: bad && place > 0 ? 40 : 0.2, isReference: place == 0, points: points, &generator)
        }
        if kind == .timeAlignment {
            streams.append(offsets("/joint_states", duration: duration, drift: 0, isReference: false, points: points, &generator))
        }
        let verdict: QualityVerdict = kind == .timeAlignment ? .unjudged : streams.contains { $0.verdict == .failed } ? .failed : .passed
        return QualityRecording(
            dataset: "kitchen_run_\(number)",
            startNanoseconds: 1_772_323_200_000_000_000,
            durationSeconds: duration,
            reference: kind == .timeAlignment ? names[0] : nil,
            verdict: verdict,
            streams: streams,
            notes: bad ? ["align_result.csv disagrees with the data in 3 of 1920 rows."] : []
        )
    }

    private static func drops(_ name: String, duration: Double, losses: Double, points: Int, _ generator: inout SeededGenerator)
        -> QualityStream
    {
        let frames = Int(duration * 30)
        var stream = QualityStream(name: name, messages: 0)
        var plots = QualityPlots()
        var intervals: [Double] = []
        var last = 0.0
        var missing = 0
        var run = 0
        for frame in 1..<frames {
            if Double.random(in: 0...1, using: &generator) < (run > 0 ? min(0.6, losses * 8) : losses) {
                run += 1
                continue
            }
            let time = Double(frame) / 30 + generator.normal() * 0.0011
            intervals.append((time - last) * 1_000)
            plots.intervals.append(PlotPoint(seconds: time, milliseconds: (time - last) * 1_000))
            if run > 0 { plots.drops.append(DropMark(fromSeconds: last, toSeconds: time, missing: run)) }
            missing += run
            run = 0
            last = time
        }
        stream.messages = intervals.count + 1
        stream.nominalRate = 30
        stream.meanRate = Double(intervals.count) / duration
        stream.intervals = distribution(intervals)
        stream.jitterMilliseconds = 1.15
        stream.drops = DropSummary(
            events: plots.drops.count,
            missing: missing,
            ratio: Double(missing) / Double(frames),
            bursts: plots.drops.count { $0.missing > 1 },
            longestBurst: plots.drops.map(\.missing).max() ?? 0
        )
        plots.intervalHistogram = histogram(intervals)
        stream.verdict = plots.drops.count > 10 ? .failed : .passed
        if plots.drops.count > 10 { stream.breaches = [LimitBreach(limit: "max_drops", allowed: 10, found: Double(plots.drops.count))] }
        plots.intervals = Array(plots.intervals.prefix(points))
        stream.plots = plots
        return stream
    }

    private static func offsets(
        _ name: String,
        duration: Double,
        drift: Double,
        isReference: Bool,
        points: Int,
        _ generator: inout SeededGenerator
    ) -> QualityStream {
        let frames = Int(duration * 30)
        var stream = QualityStream(name: name, messages: frames)
        stream.nominalRate = 30
        stream.meanRate = 29.99
        var plots = QualityPlots()
        let intervals = (0..<frames).map { _ in 33.333 + generator.normal() * 1.1 }
        plots.intervals = intervals.enumerated().prefix(points).map { PlotPoint(seconds: Double($0.offset) / 30, milliseconds: $0.element) }
        plots.intervalHistogram = histogram(intervals)
        stream.intervals = distribution(intervals)
        stream.latency = distribution([4.1, 4.4, 4.2, 5.0])
        if !isReference {
            let values = (0..<frames).map { frame in 4.2 + Double(frame) / 30 * drift / 1_000 * 20 + generator.normal() * 0.8 }
            stream.offsets = OffsetSummary(
                matched: frames - 4,
                missing: 4,
                distribution: distribution(values),
                lagMilliseconds: 4.2,
                driftPPM: drift
            )
            plots.offsets = values.enumerated().prefix(points).map { PlotPoint(seconds: Double($0.offset) / 30, milliseconds: $0.element) }
            plots.offsetHistogram = histogram(values)
        }
        stream.plots = plots
        return stream
    }

    static func distribution(_ values: [Double]) -> Distribution {
        let sorted = values.sorted()
        func rank(_ percent: Int) -> Double { sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * percent / 100)] }
        let mean = values.reduce(0, +) / Double(max(1, values.count))
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count))
        return Distribution(
            mean: mean,
            standardDeviation: variance.squareRoot(),
            p50: rank(50),
            p95: rank(95),
            p99: rank(99),
            maximum: sorted.last ?? 0
        )
    }

    static func histogram(_ values: [Double], bins: Int = 60) -> Histogram {
        let low = values.min() ?? 0
        let width = max(1e-6, ((values.max() ?? 1) - low) / Double(bins))
        var histogram = Histogram(start: low, width: width, counts: Array(repeating: 0, count: bins))
        for value in values { histogram.counts[min(bins - 1, Int((value - low) / width))] += 1 }
        return histogram
    }
}

extension SeededGenerator {
    fileprivate mutating func normal() -> Double {
        (0..<6).reduce(-3.0) { sum, _ in sum + Double.random(in: 0...1, using: &self) } * 1.4
    }
}
