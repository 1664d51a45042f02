import Quality

extension Plot {
    /// How often values fall into bins of equal width. A bin that holds anything is seen, however small its share.
    static func histogram(_ histogram: Histogram, _ subject: PlotSubject, axisTitle: String) -> Plot {
        let frame = Frame.usual
        let filled = histogram.filledBins
        let edges = [
            histogram.start + Double(filled.lowerBound) * histogram.width, histogram.start + Double(filled.upperBound) * histogram.width,
        ]
        let x = Axis(edges, title: axisTitle, quantity: .milliseconds, fitted: false)
        let y = Axis(histogram.counts.map(Double.init), title: "how often", quantity: .count, including: [0, 1], ticks: 4)
        var plot = Plot(subject, frame: frame, x: x, y: y)
        var bars = PathData()
        for bin in filled where histogram.counts[bin] > 0 {
            let from = frame.x(x, histogram.start + Double(bin) * histogram.width)
            let to = frame.x(x, histogram.start + Double(bin + 1) * histogram.width)
            let height = max(1.5, frame.bottom - frame.y(y, Double(histogram.counts[bin])))
            // A hair of background between wide bars; narrow ones touch.
            let gap = to - from > 4 ? 1.0 : 0
            bars.box(from, frame.bottom - height, width: max(0.5, to - from - gap), height: height)
        }
        plot.paths.append(Path(style: "bars", data: bars.text))
        return plot
    }
}

extension Histogram {
    /// From the first to the last bin that holds anything; empty where none does.
    var filledBins: Range<Int> {
        guard width > 0, let first = counts.firstIndex(where: { $0 > 0 }), let last = counts.lastIndex(where: { $0 > 0 }) else { return 0..<0 }
        return first..<last + 1
    }
}
