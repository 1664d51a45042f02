import Quality

extension Plot {
    /// How often values fall into bins of equal width.
    ///
    /// A bin that holds anything is seen, however small its share.
    static func histogram(_ histogram: Histogram, _ subject: PlotSubject, axisTitle: String, isNeverNegative: Bool) -> Plot {
        let frame = Frame.usual
        let filled = histogram.filledBins
        let start = histogram.start + Double(filled.lowerBound) * histogram.width
        // The first bin begins half its width before the least value.
        let edges = [isNeverNegative ? max(0, start) : start, histogram.start + Double(filled.upperBound) * histogram.width]
        let x = Axis(edges, title: axisTitle, quantity: .milliseconds, fitted: false)
        // Bins that would be narrower than can be seen are one bar.
        let least = 3.0
        let pitch = histogram.width / (x.high - x.low) * (frame.right - frame.left)
        let together = pitch.isFinite && pitch > 0 ? Int(min((least / pitch).rounded(.up), Double(max(1, filled.count)))) : 1
        let steps = stride(from: filled.lowerBound, to: filled.upperBound, by: max(1, together))
        let counts = steps.map { bin in
            histogram.counts[bin..<min(filled.upperBound, bin + together)].reduce(0) { $0.addingReportingOverflow($1).partialValue }
        }
        let y = Axis(counts.map(Double.init), title: "how often", quantity: .count, including: [0, 1], ticks: 4)
        var plot = Plot(subject, frame: frame, x: x, y: y)
        var bars = PathData()
        for (bin, count) in zip(steps, counts) where count > 0 {
            let end = min(filled.upperBound, bin + together)
            let from = frame.x(x, histogram.start + Double(bin) * histogram.width)
            let to = frame.x(x, histogram.start + Double(end) * histogram.width)
            let height = max(1.5, frame.bottom - frame.y(y, Double(count)))
            // A hair of background between wide bars; narrow ones touch.
            let gap = to - from > 4 ? 1.0 : 0
            let width = max(least, to - from - gap)
            bars.box(min(from, frame.right - width), frame.bottom - height, width: width, height: height)
        }
        plot.paths.append(Path(style: "bars", data: bars.text))
        let outside = histogram.below.addingReportingOverflow(histogram.above).partialValue
        if outside > 0 {
            plot.labels.append(
                Label(
                    style: "tick",
                    x: NumberText.place(frame.right),
                    y: NumberText.place(frame.top - 10),
                    anchor: "end",
                    text: "\(NumberText.whole(outside)) outside not drawn"
                )
            )
        }
        return plot
    }
}

extension Histogram {
    /// From the first to the last bin that holds anything; empty where none does.
    var filledBins: Range<Int> {
        guard width > 0, let first = counts.firstIndex(where: { $0 > 0 }), let last = counts.lastIndex(where: { $0 > 0 }) else {
            return 0..<0
        }
        return first..<last + 1
    }
}
