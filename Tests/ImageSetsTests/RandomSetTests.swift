import ExportCore
import Geometry
import TestSupport
import Testing

@testable import ImageSets

/// Writes sets at random, as one program or another might, and knows what they say.
private struct RandomSet {
    var dice: SeededGenerator
    /// For each annotation its image, its shape and its annotator.
    private(set) var expected: [(image: Int, shape: AnnotationShape, annotator: String?)] = []
    let images = 5

    init(seed: UInt64) {
        dice = SeededGenerator(seed: seed)
    }

    private mutating func pick(_ range: Range<Int>) -> Int { Int.random(in: range, using: &dice) }

    private mutating func space() -> String { ["", "", "", " ", "\n\t", "  "][pick(0..<6)] }

    /// A number with its text, in one of the ways in which programs write numbers.
    private mutating func number() -> (Double, String) {
        let value = Double(pick(-50..<2_000)) + Double(pick(0..<1_000)) / 1_000
        let text: String =
            switch pick(0..<6) {
            case 0: String(Int(value))
            case 1: "\(value)"
            case 2: "\((value * 100).rounded() / 100)"
            case 3: "\(value / 3)"
            case 4: "\(value)e0"
            default: "\(Int(value)).\(pick(0..<10))000"
            }
        return (Double(text) ?? .nan, text)
    }

    private mutating func numbers(_ count: Int) -> ([Double], String) {
        var values: [Double] = []
        var texts: [String] = []
        for _ in 0..<count {
            let (value, text) = number()
            values.append(value)
            texts.append(space() + text + space())
        }
        return (values, "[" + texts.joined(separator: ",") + "]")
    }

    /// A polygon that has an area, whatever else it is.
    private mutating func polygon() -> ([Double], String) {
        var (values, text) = numbers(2 * pick(3..<40))
        values += [0, 0, 4_000, 0, 4_000, 4_000.25]
        text.removeLast()
        text += ",0,0,4000,0,4000,4000.25]"
        return (values, text)
    }

    private mutating func annotation(_ id: Int) throws -> String {
        let image = pick(1..<images + 1)
        var keys = [#""id":\#(space())\#(id)"#, #""image_id":\#(image)"#, #""category_id":\#(pick(1..<3))"#]
        let shape: AnnotationShape
        switch pick(0..<6) {
        case 0:
            let (corner, extent) = (numbers(2), (Double(pick(1..<900)), 12.5))
            let text = corner.1.dropLast() + ",\(Int(extent.0)),12.5]"
            let turned = pick(0..<2) == 0 ? 0.0 : 30.5
            keys += [#""type":"BBOX""#, #""bbox":\#(text)"#] + (turned == 0 ? [] : [#""rotation":30.5"#])
            shape = .box(PixelBox(x: corner.0[0], y: corner.0[1], width: extent.0, height: extent.1), rotation: turned)
        case 1:
            let (point, text) = numbers(2)
            keys += [#""type":"POINT""#, #""point":\#(text)"#]
            shape = .point(x: point[0], y: point[1])
        case 2:
            let parts = (0..<pick(1..<4)).map { _ in polygon() }
            keys += [#""type":"POLYGON""#, #""polygons":[\#(parts.map(\.1).joined(separator: "," + space()))]"#]
            shape = .polygons(parts.map(\.0))
        case 3:
            let (line, text) = numbers(2 * pick(2..<50))
            keys += [#""type":"POLYLINE""#, #""polyline":\#(text)"#]
            shape = .polyline(line)
        case 4:
            let points = numbers(4).0
            keys += [#""type":"KEYPOINT""#, #""keypoints":[\#(points[0]),\#(points[1]),2,\#(points[2]),\#(points[3]),0]"#]
            shape = .keypoints([points[0], points[1], 2, points[2], points[3], 0], box: nil)
        default:
            let runs = [pick(0..<4_000), pick(1..<2_000), 1]
            let all = (runs + [100 * 80 - runs.reduce(0, +)]).map(UInt32.init)
            keys += [#""type":"SEGMENTATION""#, #""rle":{"size":[80,100],"counts":\#(all.map(Int.init))}"#]
            shape = .mask(try RunLengthMask(width: 100, height: 80, runs: all), isCompressed: false)
        }
        var annotator: String?
        if pick(0..<2) == 0 {
            let name = "annotator \(pick(0..<3)) ✓"
            annotator = name
            keys.append(#""annotator":"\#(name)""#)
        }
        if pick(0..<4) == 0 { keys.append(#""unknown":{"a":[1,{"b":"\\\""}],"id":7}"#) }
        if pick(0..<3) == 0 { keys.shuffle(using: &dice) }
        expected.append((image, shape, annotator))
        return "{" + keys.map { space() + $0 }.joined(separator: space() + ",") + space() + "}"
    }

    mutating func document(_ count: Int) throws -> String {
        let annotations = try (1...count).map { try annotation($0) }.joined(separator: "," + space())
        let images = (1...images).map { #"{"id":\#($0),"file":"images/\#($0).png","width":100,"height":80}"# }
        let lists = [
            #""categories":[{"id":1,"name":"person","keypoints":["nose","tail"]},{"id":2,"name":"cup"}]"#,
            #""images":[\#(images.joined(separator: ","))]"#, #""annotations":[\#(annotations)]"#, #""schema":"image-annotations/1""#,
        ].shuffled(using: &dice)
        return "{" + lists.joined(separator: ",\n") + "}"
    }
}

@Suite struct RandomSetTests {
    @Test(arguments: 0..<60) func `any set that is right comes back number by number`(seed: UInt64) throws {
        var random = RandomSet(seed: seed)
        let set = try TemporarySet(try random.document(40))
        let read = try set.table()
        #expect(read.summary.annotationFaults.isEmpty, "\(read.summary.annotationFaults)")
        #expect(read.summary.annotations == 40 && read.images.count == random.images)
        for (image, annotations) in read.images {
            let own = random.expected.filter { $0.image == Int(image.id) }
            #expect(annotations.map(\.shape) == own.map(\.shape))
            #expect(annotations.map { $0.details?.annotator } == own.map(\.annotator))
        }
        let survey = try ImageSetSurvey.read(set.file, cancellation: Cancellation())
        #expect(survey.annotations == 40 && survey.images == random.images)
        #expect(survey.annotators == Set(random.expected.compactMap(\.annotator)))
    }

    @Test(arguments: 0..<300) func `a damaged set is read, or refused by all in the same way`(seed: UInt64) throws {
        var random = RandomSet(seed: seed)
        var bytes = Array(try random.document(8).utf8)
        var dice = SeededGenerator(seed: seed ^ 0xABCD)
        let pieces = [
            "NaN", "-", "1e999", "{", "}", "[", "]", "\"", "\\u12", "99999999999999999999", ",", ":", "0", "e", " ", "true", "\u{0}", "é",
        ]
        for _ in 0..<Int.random(in: 1...4, using: &dice) {
            let place = Int.random(in: 0..<bytes.count, using: &dice)
            let piece = pieces[Int.random(in: 0..<pieces.count, using: &dice)]
            switch Int.random(in: 0..<5, using: &dice) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
            case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...9, using: &dice)))
            case 2: bytes.insert(contentsOf: Array(bytes[place..<min(bytes.count, place + 30)]), at: place)
            case 3: bytes.insert(contentsOf: Array(piece.utf8), at: place)
            default: bytes.replaceSubrange(place...place, with: Array(piece.utf8).prefix(1))
            }
        }
        let set = try TemporarySet(bytes)
        var refused = (table: false, survey: false)
        do {
            let read = try set.table()
            for (_, annotations) in read.images { for annotation in annotations { #expect(annotation.shape.isFinite) } }
        } catch let error as ImageSetError {
            refused.table = true
            #expect(!error.reason.isEmpty && error.exportError.code == .datasetUnreadable)
        }
        do {
            _ = try ImageSetSurvey.read(set.file, cancellation: Cancellation())
        } catch is ImageSetError {
            refused.survey = true
        }
        #expect(refused.table == refused.survey, "the catalogue and the export must take the same files")
    }
}

extension AnnotationShape {
    fileprivate var isFinite: Bool {
        switch self {
        case .box(let box, let rotation): box.isProper && rotation.isFinite
        case .point(let x, let y): x.isFinite && y.isFinite
        case .polygons(let parts): parts.allSatisfy { $0.count >= 6 && $0.allSatisfy(\.isFinite) }
        case .polyline(let points): points.allSatisfy(\.isFinite)
        case .keypoints(let points, _): points.allSatisfy(\.isFinite)
        case .mask(let mask, _): mask.runs.reduce(0) { $0 + Int($1) } == mask.width * mask.height
        }
    }
}
