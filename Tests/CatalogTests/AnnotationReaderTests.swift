import ExportCore
import TestSupport
import Testing

@testable import Catalog

struct AnnotationReaderTests {
    private func read(_ text: String) throws(ExportError) -> Annotation {
        try AnnotationReader.read(Array(text.utf8), file: "annotation.json")
    }

    private func failure(_ text: String) -> ExportError? {
        do throws(ExportError) {
            _ = try read(text)
            return nil
        } catch {
            return error
        }
    }

    private func subtask(_ extra: String) -> String {
        #"{"subtasks": [{"start_timestamp": "1", "end_timestamp": "2", "description": "Go", \#(extra)}]}"#
    }

    @Test func `both published forms are read, to the nanosecond and in order of time`() throws {
        let annotation = try read(goodAnnotation)
        #expect(annotation.scene == "Lab")
        #expect(annotation.warnings.isEmpty)
        #expect(annotation.segments.map(\.task) == ["Pick up the CUP", "Place the cup"])
        let pick = annotation.segments[0]
        #expect(pick.range.start.nanoseconds == 1_760_000_000_000_000_001)
        #expect(pick.taskZH == "拿起杯子")
        #expect(pick.sequence == 1)
        #expect(pick.score == 87.5)
        #expect(pick.options.isEmpty)
        let place = annotation.segments[1]
        #expect(place.range.start.nanoseconds == 1_760_000_005_000_000_001)
        #expect(place.objectA == "cup" && place.objectB == "tray" && place.options == ["rightHand"])
        #expect(place.comment == nil && place.attempts == "success" && place.sequence == 2)
    }

    @Test func `the largest time survives and one more does not`() throws {
        let good = #"{"subtasks": [{"start_timestamp": 9223372036854775807, "end_timestamp": "9223372036854775807", "description": "Go"}]}"#
        #expect(try read(good).segments[0].range.start.nanoseconds == .max)
        let bad = #"{"subtasks": [{"start_timestamp": 9223372036854775808, "end_timestamp": "9223372036854775808", "description": "Go"}]}"#
        let error = try #require(failure(bad))
        #expect(error.details.count == 2)
        #expect(error.details[0].message.hasPrefix("subtasks[0].start_timestamp must be whole nanoseconds"))
        #expect(error.details[0].message.contains("9223372036854775808"))
    }

    @Test(arguments: ["1736935769628202496.5", "\"1736935769628202496.0\"", "\"\"", "\"soon\"", "-1", "true", "[]", "{}", "null", "1e400"])
    func `a time that is not whole nanoseconds is refused with its place`(_ value: String) throws {
        let error = try #require(failure(#"{"subtasks": [{"start_timestamp": \#(value), "end_timestamp": "2", "description": "Go"}]}"#))
        #expect(error.code == .datasetUnreadable)
        #expect(error.message.contains("subtasks[0].start_timestamp"))
        #expect(error.location?.file == "annotation.json")
    }

    @Test func `a number in exponent form means the number that it says`() throws {
        let annotation = try read(
            #"{"subtasks": [{"start_timestamp": 1736935769628202497e0, "end_timestamp": 1.736935769628202499e18, "description": "Go"}]}"#
        )
        #expect(annotation.segments[0].range.start.nanoseconds == 1_736_935_769_628_202_497)
        #expect(annotation.segments[0].range.end.nanoseconds == 1_736_935_769_628_202_499)
    }

    @Test func `all problems of an annotation are told together`() throws {
        let text = #"""
            {"subtasks": [{"start_timestamp": "5", "end_timestamp": "4", "description": "Go"}, 7,
              {"end_timestamp": "4", "description": 3}, {"start_timestamp": "1", "end_timestamp": "4", "description": "Fine"}]}
            """#
        let error = try #require(failure(text))
        #expect(
            error.details.map(\.message) == [
                "subtasks[0].end_timestamp lies before subtasks[0].start_timestamp: 4 < 5.", "subtasks[1] must be an object.",
                "subtasks[2].start_timestamp is missing.", "subtasks[2].description must be a text; found the number 3.",
            ]
        )
    }

    @Test func `what does not matter may be wrong, and is told`() throws {
        let annotation = try read(
            subtask(
                #""skill": 3, "sequence_id": 18446744073709551616, "options": "leftHand", "comment": null, "score": 400, "objecta": ["x"]"#
            )
        )
        #expect(annotation.segments[0].options == ["leftHand"])
        #expect(annotation.segments[0].sequence == nil)
        let warning = try #require(annotation.warnings.first)
        #expect(warning.code == "annotation_key_ignored")
        for key in ["skill", "sequence_id", "score", "objecta"] { #expect(warning.message.contains("subtasks[0].\(key)")) }
    }

    @Test func `a segment without words is kept with a warning`() throws {
        let annotation = try read(
            #"{"subtasks": [{"start_timestamp": "1", "end_timestamp": "1", "description": " "}, {"start_timestamp": "2", "end_timestamp": "3"}]}"#
        )
        #expect(annotation.segments.map(\.task) == ["", ""])
        #expect(annotation.warnings.map(\.code) == ["segment_without_description"])
    }

    @Test func `the older form holds one segment, if it has times`() throws {
        let annotation = try read(
            #"{"belong_to": "x", "sequence_id": 1, "start_timestamp": "10", "end_timestamp": "20", "description": "Go"}"#
        )
        #expect(annotation.segments.count == 1)
        let error = try #require(
            failure(#"{"belong_to": "x", "sequence_id": 1, "start_frame_id": 3, "end_frame_id": 9, "description": "Go"}"#)
        )
        #expect(error.code == .annotationMissing)
    }

    @Test func `an annotation without subtasks has no segments`() throws {
        #expect(try read("{}").segments.isEmpty)
        #expect(try read(#"{"subtasks": []}"#).segments.isEmpty)
        #expect(try read(#"{"subtasks": null}"#).segments.isEmpty)
        #expect(failure(#"{"subtasks": {"a": 1}}"#)?.message.contains("subtasks must be a list") == true)
    }

    @Test(arguments: ["", "[]", "7", "null", "{", #"{"subtasks": [}"#, #"{"a": 1} x"#, "\u{0}", #"{"a": "\ud800"#])
    func `what is no JSON object is refused`(_ text: String) throws {
        let error = try #require(failure(text))
        #expect(error.code == .datasetUnreadable)
        #expect(error.location?.file == "annotation.json")
    }

    @Test func `malformed JSON is placed`() throws {
        let error = try #require(failure("{\"scene\": \"Lab\",\n \"subtasks\": [1,,2]}"))
        #expect(error.location == ExportError.Location(file: "annotation.json", line: 2, column: 17))
        #expect(error.message.contains("Invalid value"))
        #expect(failure("{")?.message.contains("Unexpected end of file") == true)
    }

    @Test func `depth, size and number are bounded`() throws {
        #expect(failure(String(repeating: "[", count: 200_000)) != nil)
        #expect(failure(#"{"x": "# + String(repeating: #"{"x": "#, count: 5_000) + "1" + String(repeating: "}", count: 5_001)) != nil)
        let huge = [UInt8](repeating: UInt8(ascii: " "), count: AnnotationReader.sizeLimit + 1)
        #expect(throws: ExportError.self) { try AnnotationReader.read(huge, file: "a") }
        let many = #"{"subtasks": ["# + [String](repeating: "1", count: AnnotationReader.mostSegments + 1).joined(separator: ",") + "]}"
        #expect(failure(many)?.message.contains("more than \(AnnotationReader.mostSegments) subtasks") == true)
        let wrong = #"{"subtasks": ["# + [String](repeating: "1", count: 5_000).joined(separator: ",") + "]}"
        #expect(failure(wrong)?.details.count == 101)
    }

    @Test func `random damage never does more than fail`() {
        var random = SeededGenerator(seed: 4)
        let good = Array(goodAnnotation.utf8)
        for _ in 0..<300 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 40))
                }
            }
            do throws(ExportError) {
                for segment in try AnnotationReader.read(bytes, file: "a").segments { #expect(segment.range.start <= segment.range.end) }
            } catch {
                #expect(error.code == .datasetUnreadable || error.code == .annotationMissing)
            }
        }
    }
}
