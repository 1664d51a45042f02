import Markup
import Quality

/// A plot with the table of its values.
struct FigureModel {
    var plot: Plot
    /// The plot's own style: a timeline is wider than the others.
    var figureStyle: String
    var values: TableModel

    /// The drops of a recording's streams; nil where there is no stream to show.
    static func drops(_ streams: [QualityStream], in recording: QualityRecording, identifier: String, limit: Int) -> FigureModel? {
        let lanes = streams.compactMap { stream in stream.plots.map { (stream: stream, drops: $0.drops) } }
        guard !lanes.isEmpty else { return nil }
        let marks = lanes.flatMap { lane in lane.drops.map { (name: lane.stream.name, drop: $0) } }
        let shown = 100
        let ranked = marks.indices.sorted { (marks[$0].drop.missing, $1) > (marks[$1].drop.missing, $0) }.prefix(shown)
        let plot = Plot.dropTimeline(
            lanes,
            PlotSubject(
                identifier: identifier,
                heading: "Where frames are missing",
                of: recording.dataset,
                fileSuffix: "drops",
                description: "\(NumberText.counted(marks.count, "gap")) in \(NumberText.counted(lanes.count, "stream")) over "
                    + "\(NumberText.fixed(recording.durationSeconds, 1)) seconds; the report's table lists them."
            ),
            duration: recording.durationSeconds,
            limit: max(1, limit / max(1, lanes.count))
        )
        let values = TableModel(
            caption: "Gaps, most frames missing first",
            corner: "Stream",
            columns: [
                .init(heading: "Last frame before", unit: "s"), .init(heading: "First frame behind", unit: "s"), .init(heading: "Missing"),
            ],
            rows: marks.isEmpty
                ? [.init(rowHeading: "none", cells: Array(repeating: .number(NumberText.none), count: 3))]
                : ranked.map { index in
                    let (name, drop) = marks[index]
                    return .init(
                        rowHeading: shortened(name),
                        cells: [
                            .number(NumberText.fixed(drop.fromSeconds, 3)), .number(NumberText.fixed(drop.toSeconds, 3)),
                            .number(NumberText.whole(drop.missing)),
                        ]
                    )
                },
            remainder: marks.count > shown ? "The \(shown) largest of \(marks.count) gaps; frame_drops.csv lists all." : nil
        )
        return FigureModel(plot: plot, figureStyle: "wide", values: values)
    }

    /// The plots of one stream.
    static func plots(of stream: QualityStream, duration: Double, identifier: String, limit: Int) -> [FigureModel] {
        guard let plots = stream.plots else { return [] }
        var figures: [FigureModel] = []
        if !plots.offsets.isEmpty {
            figures.append(
                overTime(
                    plots.offsets,
                    quantity: Wording(heading: "Offset over time", name: "offset"),
                    level: stream.offsets?.distribution.map { ($0.mean, "mean") },
                    stream: stream,
                    duration: duration,
                    identifier: identifier + "o",
                    limit: limit
                )
            )
        }
        if let histogram = plots.offsetHistogram, !histogram.filledBins.isEmpty {
            figures.append(
                .histogram(histogram, heading: "Distribution of the offset", axis: "offset", stream: stream, identifier: identifier + "p")
            )
        }
        if !plots.intervals.isEmpty {
            figures.append(
                overTime(
                    plots.intervals,
                    quantity: Wording(heading: "Interval over time (jitter)", name: "interval"),
                    level: stream.nominalRate.flatMap { $0 > 0 ? (1_000 / $0, "nominal") : nil },
                    stream: stream,
                    duration: duration,
                    identifier: identifier + "i",
                    limit: limit
                )
            )
        }
        if let histogram = plots.intervalHistogram, !histogram.filledBins.isEmpty {
            figures.append(
                .histogram(
                    histogram,
                    heading: "Distribution of the interval",
                    axis: "interval",
                    stream: stream,
                    identifier: identifier + "h"
                )
            )
        }
        return figures
    }

    /// How a quantity over time is called.
    private struct Wording {
        var heading: String
        var name: String
    }

    private static func overTime(
        _ points: [PlotPoint],
        quantity: Wording,
        level: (value: Double, name: String)?,
        stream: QualityStream,
        duration: Double,
        identifier: String,
        limit: Int
    ) -> FigureModel {
        let finite = points.filter { $0.seconds.isFinite && $0.milliseconds.isFinite }
        let lowest = NumberText.fixed(finite.map(\.milliseconds).min(), 3)
        let highest = NumberText.fixed(finite.map(\.milliseconds).max(), 3)
        let plot = Plot.overTime(
            finite,
            PlotSubject(
                identifier: identifier,
                heading: quantity.heading,
                of: stream.name,
                fileSuffix: quantity.name,
                description: "A line from \(lowest) to \(highest) milliseconds; the report's table gives it in stretches of time."
            ),
            quantity: quantity.name,
            level: level,
            // Where nothing is far off, from zero all would be one flat line, and jitter is what it shows.
            fromZero: quantity.name != "interval" || (finite.map(\.milliseconds).max() ?? 0) > 1.5 * (stream.intervals?.p50 ?? 0),
            duration: duration,
            limit: limit
        )
        return FigureModel(plot: plot, figureStyle: "", values: .stretches(finite, caption: "\(quantity.heading), in milliseconds"))
    }

    private static func histogram(_ histogram: Histogram, heading: String, axis: String, stream: QualityStream, identifier: String)
        -> FigureModel
    {
        let outside = histogram.below + histogram.above
        let plot = Plot.histogram(
            histogram,
            PlotSubject(
                identifier: identifier,
                heading: heading,
                of: stream.name,
                fileSuffix: "\(axis)_histogram",
                description: "Bars \(NumberText.fixed(histogram.width, 3)) milliseconds wide"
                    + (outside > 0 ? "; \(NumberText.counted(outside, "value")) outside are not drawn." : ".")
            ),
            axisTitle: axis,
            isNeverNegative: axis == "interval"
        )
        return FigureModel(plot: plot, figureStyle: "", values: .bins(histogram, caption: "\(heading), in milliseconds"))
    }
}

extension TableModel {
    /// A line in at most twelve stretches of equal time.
    static func stretches(_ points: [PlotPoint], caption: String) -> TableModel {
        let count = 12
        let start = points.map(\.seconds).min() ?? 0
        let end = points.map(\.seconds).max() ?? 0
        let width = max((end - start) / Double(count), .leastNormalMagnitude)
        var stretches: [(count: Int, low: Double, high: Double, sum: Double)] = Array(
            repeating: (0, .infinity, -.infinity, 0),
            count: count
        )
        for point in points {
            let index = end > start ? Int(min(Double(count - 1), max(0, (point.seconds - start) / width))) : 0
            stretches[index].count += 1
            stretches[index].low = min(stretches[index].low, point.milliseconds)
            stretches[index].high = max(stretches[index].high, point.milliseconds)
            stretches[index].sum += point.milliseconds
        }
        return TableModel(
            caption: caption,
            corner: "From",
            columns: [
                .init(heading: "To", unit: "s"), .init(heading: "Points"), .init(heading: "Lowest"), .init(heading: "Mean"),
                .init(heading: "Highest"),
            ],
            rows: stretches.enumerated().filter { $0.element.count > 0 }.map { index, stretch in
                let from = start + Double(index) * width
                return Row(
                    rowHeading: NumberText.fixed(from, 2) + " s",
                    cells: [
                        .number(NumberText.fixed(end > start ? from + width : end, 2)), .number(NumberText.whole(stretch.count)),
                        .number(NumberText.fixed(stretch.low, 3)), .number(NumberText.fixed(stretch.sum / Double(stretch.count), 3)),
                        .number(NumberText.fixed(stretch.high, 3)),
                    ]
                )
            }
        )
    }

    /// A histogram in at most about twenty-five bins; neighbours are put together where it has more.
    static func bins(_ histogram: Histogram, caption: String) -> TableModel {
        let filled = histogram.filledBins
        let together = max(1, (filled.count + 24) / 25)
        var rows: [Row] = []
        func add(_ from: String, _ to: String, _ count: Int) {
            if count > 0 { rows.append(Row(rowHeading: from, cells: [.number(to), .number(NumberText.whole(count))])) }
        }
        let first = NumberText.fixed(histogram.start, 3)
        let last = NumberText.fixed(histogram.start + Double(histogram.counts.count) * histogram.width, 3)
        add("below", first, histogram.below)
        for begin in stride(from: filled.lowerBound, to: filled.upperBound, by: together) {
            let end = min(filled.upperBound, begin + together)
            add(
                NumberText.fixed(histogram.start + Double(begin) * histogram.width, 3),
                NumberText.fixed(histogram.start + Double(end) * histogram.width, 3),
                histogram.counts[begin..<end].reduce(0, +)
            )
        }
        add(last, "above", histogram.above)
        return TableModel(
            caption: caption,
            corner: "From",
            columns: [.init(heading: "To"), .init(heading: "How often")],
            rows: rows
        )
    }
}
