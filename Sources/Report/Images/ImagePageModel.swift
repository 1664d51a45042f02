import Markup

/// The page of an export of image sets, as its template writes it.
struct ImagePageModel {
    var title: String
    var version: String
    var lead: [BreakableText]
    var facts: [PageModel.Fact]
    var samples: [SampleModel]
    var hasSamples: Bool
    var losses: TableModel?
    var tables: [TableModel]
}

/// A sample image, as its template writes it.
struct SampleModel {
    /// A class that the image shows, with its colour.
    struct Key {
        var className: String
        var colour: String
        var count: String
    }

    /// What is drawn of one annotation.
    struct Shape {
        var colour: String
        var className: String
        /// Filled outlines, as path data.
        var area: String?
        /// An open line, as path data.
        var line: String?
        /// Points, as path data of lines without length.
        var dots: String?
    }

    var identifier: String
    var caption: String
    var subtitle: String
    var description: String
    var width: String
    var height: String
    /// The width of lines, in the image's pixels.
    var stroke: String
    var dot: String
    /// The JPEG in base 64, its size before it is turned, and how it is turned.
    var picture: String?
    var pictureWidth: String
    var pictureHeight: String
    var turn: String
    var shapes: [Shape]
    var keys: [Key]
    var remainder: String?

    /// Colours that are told apart on most pictures; their order is that of the classes.
    private static let colours = 12

    init(_ sample: ImageReport.Sample, number: Int) {
        identifier = "s\(number)"
        caption = shortened(sample.name, to: 80)
        subtitle = "\(sample.width)×\(sample.height), \(sample.split), \(shortened(sample.dataset, to: 60))"
        width = String(sample.width)
        height = String(sample.height)
        let side = Double(max(sample.width, sample.height))
        stroke = NumberText.plain(max(side / 160, 0.02), 3)
        dot = NumberText.plain(max(side / 55, 0.05), 3)
        picture = sample.thumbnail.map(Base64.text)
        let liesDown = sample.orientation >= 5
        pictureWidth = liesDown ? height : width
        pictureHeight = liesDown ? width : height
        turn = Self.turn(sample.orientation, width: width, height: height)
        shapes = sample.shapes.map { shape in
            var area = ""
            var line = ""
            var dots = ""
            for drawing in shape.drawings {
                switch drawing {
                case .areas(let outlines): for outline in outlines { area += Self.path(outline) + "Z" }
                case .line(let points): line += Self.path(points)
                case .points(let points):
                    for index in stride(from: 0, to: points.count - 1, by: 2) {
                        dots += "M\(Self.place(points[index])) \(Self.place(points[index + 1]))h0"
                    }
                }
            }
            return Shape(
                colour: "k\(shape.classIndex % Self.colours)",
                className: shortened(shape.className, to: 80),
                area: area.isEmpty ? nil : area,
                line: line.isEmpty ? nil : line,
                dots: dots.isEmpty ? nil : dots
            )
        }
        var counts: [Int: (name: String, count: Int)] = [:]
        for shape in sample.shapes { counts[shape.classIndex, default: (shape.className, 0)].count += 1 }
        keys = counts.sorted { $0.key < $1.key }.prefix(12).map { index, value in
            Key(className: shortened(value.name, to: 40), colour: "k\(index % Self.colours)", count: NumberText.whole(value.count))
        }
        let words = counts.sorted { $0.key < $1.key }.prefix(12).map { "\($0.value.count) \(shortened($0.value.name, to: 40))" }
        description = words.isEmpty ? "no annotations" : words.joined(separator: ", ")
        remainder = sample.undrawn > 0 ? "\(NumberText.counted(sample.undrawn, "annotation")) more" : nil
    }

    /// What brings a picture of EXIF's orientation upright, in an upright frame of that size.
    private static func turn(_ orientation: Int, width: String, height: String) -> String {
        switch orientation {
        case 2: "matrix(-1 0 0 1 \(width) 0)"
        case 3: "matrix(-1 0 0 -1 \(width) \(height))"
        case 4: "matrix(1 0 0 -1 0 \(height))"
        case 5: "matrix(0 1 1 0 0 0)"
        case 6: "matrix(0 1 -1 0 \(width) 0)"
        case 7: "matrix(0 -1 -1 0 \(width) \(height))"
        case 8: "matrix(0 -1 1 0 0 \(height))"
        default: "matrix(1 0 0 1 0 0)"
        }
    }

    private static func path(_ points: [Double]) -> String {
        var text = ""
        for index in stride(from: 0, to: points.count - 1, by: 2) {
            text += "\(index == 0 ? "M" : "L")\(place(points[index])) \(place(points[index + 1]))"
        }
        return text
    }

    /// A place in the picture; what lies absurdly far outside is moved nearer.
    private static func place(_ value: Double) -> String {
        NumberText.place(min(max(value, -100_000), 100_000))
    }
}
