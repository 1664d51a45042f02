import Quality

extension Plot {
    /// Values over time as a line, with level lines of which each says what it is.
    static func overTime(
        _ points: [PlotPoint],
        _ subject: PlotSubject,
        quantity: String,
        level: (value: Double, name: String)?,
        fromZero: Bool,
        duration: Double,
        limit: Int
    ) -> Plot {
        let drawn = points.thinned(to: limit)
        let frame = Frame.usual
        let x = Axis(drawn.map(\.seconds), title: "time in the recording", quantity: .seconds, including: [0, duration], fitted: false)
        let anchors = (fromZero ? [0] : []) + (level.map { [$0.value] } ?? [])
        let y = Axis(drawn.map(\.milliseconds), title: quantity, quantity: .milliseconds, including: anchors, ticks: 4)
        var plot = Plot(subject, frame: frame, x: x, y: y)

        plot.paths.append(Path(style: "series", data: line(drawn, x, y, in: frame)))
        var meanings: [(style: String, meaning: String)] = [("series", quantity)]
        if let level, level.value.isFinite {
            var across = PathData()
            across.move(frame.left, frame.y(y, level.value))
            across.line(frame.right, frame.y(y, level.value))
            plot.paths.append(Path(style: "level", data: across.text))
            meanings.append(("level", level.name))
        }
        plot.explain(meanings, frame: frame)
        return plot
    }

    /// A line through points, which ends and begins anew where there are none for a while: nothing is known of what lies between.
    private static func line(_ points: [PlotPoint], _ x: Axis, _ y: Axis, in frame: Frame) -> String {
        let steps = zip(points, points.dropFirst()).map { $1.seconds - $0.seconds }.sorted()
        // Thinned points lie in pairs, one of them near, one far.
        let longest = max(steps.isEmpty ? 0 : 8 * steps[steps.count * 9 / 10], (x.high - x.low) / 200)
        var line = PathData()
        for (index, point) in points.enumerated() {
            let (across, down) = (frame.x(x, point.seconds), frame.y(y, point.milliseconds))
            func isApart(_ other: Int) -> Bool {
                guard points.indices.contains(other) else { return true }
                let step = points[max(index, other)].seconds - points[min(index, other)].seconds
                return step < 0 || step > longest
            }
            guard isApart(index - 1) else {
                line.line(across, down)
                continue
            }
            line.move(across, down)
            // One point alone has no length; a line cap makes it a dot.
            if isApart(index + 1) { line.line(across + 0.1, down) }
        }
        return line.text
    }
}
