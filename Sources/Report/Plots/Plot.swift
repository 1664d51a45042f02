import Markup

/// What a plot shows, in words.
struct PlotSubject {
    /// Unique within the page.
    var identifier: String
    /// What is shown, such as `Interval over time`.
    var heading: String
    /// The stream or recording that it is shown of.
    var of: String
    /// What its file is called behind the name of the stream.
    var fileSuffix: String
    /// What a person would say who describes it to one who cannot see it.
    var description: String
}

/// A plot, laid out: what the template of an SVG writes down.
///
/// All places are in units of the view box.
struct Plot {
    /// A line of the grid with its label.
    struct GridLine {
        var at: String
        var label: String
        /// How the label is aligned, so that the outermost stay inside.
        var anchor = "middle"
    }

    /// A line or a band of the data.
    struct Path {
        var style: String
        var data: String
    }

    /// Words within the plot.
    struct Label {
        var style: String
        var x: String
        var y: String
        var anchor: String
        var text: String
    }

    /// What one style means.
    struct Key {
        var style: String
        var x: String
        var textX: String
        var meaning: String
    }

    /// Unique within the page.
    var identifier: String
    /// What it shows, such as `Interval over time`.
    var shortHeading: String
    /// What it is of: a stream, or a recording.
    var subjectName: String
    /// The same with the name of what it is a plot of.
    var heading: String
    /// What its file is called behind the name of the stream, such as `interval`.
    var fileSuffix: String
    /// What a person would say who describes it to one who cannot see it.
    var description: String

    var width = "400"
    var height: String
    /// With room for a heading above.
    var fileHeight: String
    var left: String
    var right: String
    var top: String
    var bottom: String
    /// Where the labels of the axes stand.
    var yLabelX: String
    var xLabelY: String
    var xTitleX: String
    var xTitleY: String
    var xTitle: String
    var yTitle: String
    var keyY: String
    var keyTextY: String

    var columns: [GridLine] = []
    var rows: [GridLine] = []
    var paths: [Path] = []
    var labels: [Label] = []
    var keys: [Key] = []

    /// The frame of a plot with two axes.
    struct Frame {
        var left = 46.0
        var right = 390.0
        var top = 34.0
        var bottom: Double
        var height: Double

        static let usual = Frame(bottom: 166, height: 204)

        func x(_ axis: Axis, _ value: Double) -> Double { left + axis.position(value) * (right - left) }
        func y(_ axis: Axis, _ value: Double) -> Double { bottom - axis.position(value) * (bottom - top) }
    }

    /// An empty plot over two axes; a plot of lanes has no vertical one.
    init(_ subject: PlotSubject, frame: Frame, x: Axis, y: Axis?) {
        identifier = subject.identifier
        shortHeading = subject.heading
        subjectName = shortened(subject.of)
        heading = "\(subject.heading): \(subjectName)"
        fileSuffix = subject.fileSuffix
        description = subject.description
        height = NumberText.place(frame.height)
        fileHeight = NumberText.place(frame.height + 34)
        left = NumberText.place(frame.left)
        right = NumberText.place(frame.right)
        top = NumberText.place(frame.top)
        bottom = NumberText.place(frame.bottom)
        yLabelX = NumberText.place(frame.left - 5)
        xLabelY = NumberText.place(frame.bottom + 14)
        xTitleX = NumberText.place((frame.left + frame.right) / 2)
        xTitleY = NumberText.place(frame.bottom + 30)
        xTitle = x.title
        yTitle = y?.title ?? ""
        keyY = NumberText.place(frame.top - 14)
        keyTextY = NumberText.place(frame.top - 10)
        columns = x.ticks.map { tick in
            let place = frame.x(x, tick.value)
            return GridLine(
                at: NumberText.place(place),
                label: tick.label,
                anchor: place > frame.right - 8 ? "end" : place < 20 ? "start" : "middle"
            )
        }
        rows = (y?.ticks ?? []).compactMap { tick in
            y.map { GridLine(at: NumberText.place(frame.y($0, tick.value)), label: tick.label) }
        }
    }

    /// Says what each style means, from right to left above the plot.
    mutating func explain(_ meanings: [(style: String, meaning: String)], frame: Frame) {
        var end = frame.right
        for (style, meaning) in meanings.reversed() {
            // Wide enough for any sans serif at this size.
            let start = end - Double(meaning.unicodeScalars.count) * 5.6
            keys.insert(
                Key(style: style, x: NumberText.place(start - 20), textX: NumberText.place(start - 4), meaning: meaning),
                at: 0
            )
            end = start - 28
        }
    }
}

/// The words of an SVG path, each place rounded to a tenth.
struct PathData {
    private(set) var text = ""

    mutating func move(_ x: Double, _ y: Double) {
        text += "M\(NumberText.place(x)) \(NumberText.place(y))"
    }

    mutating func line(_ x: Double, _ y: Double) {
        text += "L\(NumberText.place(x)) \(NumberText.place(y))"
    }

    mutating func box(_ x: Double, _ y: Double, width: Double, height: Double) {
        let (wide, high) = (NumberText.place(width), NumberText.place(height))
        move(x, y)
        text += "h\(wide)v\(high)h-\(wide)z"
    }
}
