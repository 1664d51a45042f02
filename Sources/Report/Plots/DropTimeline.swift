import Markup
import Quality

extension Plot {
    /// A lane for each stream with a bar where frames are missing; the more are missing, the higher the bar.
    static func dropTimeline(
        _ lanes: [(stream: QualityStream, drops: [DropMark])],
        _ subject: PlotSubject,
        duration: Double,
        limit: Int
    ) -> Plot {
        let hasDrops = lanes.contains { !$0.drops.isEmpty }
        // Where nothing is missing, there is nothing to explain above the lanes.
        let (top, pitch, laneHeight) = (hasDrops ? 30.0 : 8.0, 30.0, 12.0)
        let first = top + 16
        let bottom = first + Double(lanes.count) * pitch
        let frame = Frame(left: 8, right: 392, top: top, bottom: bottom, height: bottom + 36)
        let x = Axis(
            lanes.flatMap { $0.drops.flatMap { [$0.fromSeconds, $0.toSeconds] } },
            title: "time in the recording",
            quantity: .seconds,
            including: [0, duration > 0 ? duration : 1],
            fitted: false
        )
        var plot = Plot(subject, frame: frame, x: x, y: nil)
        for (index, lane) in lanes.enumerated() {
            let base = first + Double(index) * pitch + laneHeight + 4
            var track = PathData()
            track.move(frame.left, base)
            track.line(frame.right, base)
            plot.paths.append(Path(style: "track", data: track.text))
            var bars = PathData()
            for drop in lane.drops.worst(limit) {
                let (from, to) = (frame.x(x, drop.fromSeconds), frame.x(x, drop.toSeconds))
                let height = laneHeight * (drop.missing > 4 ? 1 : drop.missing > 1 ? 0.7 : 0.4)
                bars.box(from, base - height, width: max(1.2, to - from), height: height)
            }
            plot.paths.append(Path(style: "drop", data: bars.text))
            let missing = lane.drops.reduce(0) { $0.addingReportingOverflow($1.missing).partialValue }
            // Where there is no beat, no frame can be said to be missing, and none to be there.
            let words = lane.drops.isEmpty ? lane.stream.dropRemark ?? "none missing" : "\(NumberText.whole(missing)) missing"
            plot.labels.append(
                Label(
                    style: "lane",
                    x: NumberText.place(frame.left),
                    y: NumberText.place(base - laneHeight - 3),
                    anchor: "start",
                    text: shortened(lane.stream.name, to: 48)
                )
            )
            plot.labels.append(
                Label(
                    style: "lane",
                    x: NumberText.place(frame.right),
                    y: NumberText.place(base - laneHeight - 3),
                    anchor: "end",
                    text: words
                )
            )
        }
        if hasDrops { plot.explain([("drop", "height: 1, 2–4, 5 or more frames missing")], frame: frame) }
        return plot
    }
}

extension Array where Element == DropMark {
    /// The gaps with the most missing frames, at most so many, in order of time.
    func worst(_ limit: Int) -> [DropMark] {
        let finite = filter { $0.fromSeconds.isFinite && $0.toSeconds.isFinite }
        guard finite.count > limit else { return finite }
        let ranked = finite.indices.sorted { (finite[$0].missing, $1) > (finite[$1].missing, $0) }
        return ranked.prefix(limit).sorted().map { finite[$0] }
    }
}
