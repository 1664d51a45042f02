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

        var line = PathData()
        for (index, point) in drawn.enumerated() {
            let (across, down) = (frame.x(x, point.seconds), frame.y(y, point.milliseconds))
            if index == 0 {
                line.move(across, down)
                // One point alone has no length; a line cap makes it a dot.
                if drawn.count == 1 { line.line(across + 0.1, down) }
            } else {
                line.line(across, down)
            }
        }
        var meanings: [(style: String, meaning: String)] = [("series", quantity)]
        if let level, level.value.isFinite {
            var across = PathData()
            across.move(frame.left, frame.y(y, level.value))
            across.line(frame.right, frame.y(y, level.value))
            plot.paths.append(Path(style: "level", data: across.text))
            meanings.append(("level", level.name))
        }
        plot.paths.append(Path(style: "series", data: line.text))
        plot.explain(meanings, frame: frame)
        return plot
    }
}
