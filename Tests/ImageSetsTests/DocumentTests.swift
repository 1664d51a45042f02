import ExportCore
import Testing

@testable import ImageSets

@Suite struct DocumentTests {
    @Test(arguments: [
        ("", "the file is empty"), ("[]", "an object is expected"),
        (#"{"images":[],"annotations":[],"categories":[]}"#, "it names no schema"),
        (#"{"schema":"coco","images":[],"annotations":[],"categories":[]}"#, #"its schema is "coco""#),
        (#"{"schema":"image-annotations/1","images":[],"categories":[]}"#, "it has no list annotations"),
        (#"{"schema":"image-annotations/1","images":{},"annotations":[],"categories":[]}"#, "images must be a list"),
        (#"{"schema":"image-annotations/1","images":[],"images":[],"annotations":[],"categories":[]}"#, "stands twice"),
        (#"{"schema":"image-annotations/1","images":[],"annotations":[],"categories":[{"id":1}]}"#, "has no name"),
        (#"{"schema":"image-annotations/1","images":[],"annotations":[],"categories":[]} x"#, "follows the document's end"),
        (#"{"schema":"image-annotations/1","images":[,],"annotations":[],"categories":[]}"#, "a value is expected"),
        (#"{"schema":"image-annotations/1","x":01,"images":[],"annotations":[],"categories":[]}"#, "a value is expected"),
        (#"{"schema":"image-annotations/1","x":"\q","images":[],"annotations":[],"categories":[]}"#, "an escape"),
        (#"{"schema":"image-annotations/1","x":1.,"images":[],"annotations":[],"categories":[]}"#, "ends with its point"),
    ]) func `a file that is no set is refused with what is wrong`(json: String, reason: String) throws {
        let set = try TemporarySet(json)
        let error = #expect(throws: ImageSetError.self) { try set.table() }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
        #expect(error?.exportError.code == .datasetUnreadable)
    }

    @Test func `a file that is cut off anywhere is refused, and not read past its end`() throws {
        let whole = document(
            [
                annotation(#""type":"POLYGON","polygons":[[0,0,10.5,0,10,1e1]],"attributes":{"a":[true,null,"x\n\u00e9"]}"#, id: 1),
                annotation(#""type":"SEGMENTATION","rle":{"size":[80,100],"counts":"0P2"}"#, id: 2),
            ].joined(separator: ",")
        )
        let bytes = Array(whole.utf8)
        for count in 0..<bytes.count {
            let set = try TemporarySet(String(decoding: bytes[..<count], as: UTF8.self))
            let error = #expect(throws: ImageSetError.self) { try ImageSetSurvey.read(set.file, cancellation: Cancellation()) }
            let reason = error?.reason ?? ""
            #expect(count == 0 || reason.contains("cut off") || reason.contains("expected"), "\(reason) after \(count) bytes")
            if count % 7 == 0 { #expect(throws: ImageSetError.self) { try set.table() } }
        }
    }

    @Test func `values may lie deep in each other, but not without end`() throws {
        func nested(_ depth: Int) -> String {
            let inner = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            return #"{"x":\#(inner),"schema":"image-annotations/1","images":[],"annotations":[],"categories":[]}"#
        }
        _ = try TemporarySet(nested(60)).table()
        let error = #expect(throws: ImageSetError.self) { try TemporarySet(nested(1_000_000)).table() }
        #expect(error?.reason.contains("deep") == true)
    }

    @Test(arguments: [
        "0", "-0", "1", "0.1", "-0.5", "640", "0.30000000000000004", "123.456", "1e3", "1E-7", "12345678901234567890", "9007199254740993",
        "0.000000000000000000000001", "1.7976931348623157e308", "5e-324", "99999.9999", "1234567.891",
    ]) func `numbers are read as the nearest that there is, and written as short as they can be`(text: String) throws {
        let bytes = Array(text.utf8)
        let value = try bytes.withUnsafeBufferPointer { buffer in
            var scanner = JSONScanner(buffer)
            return try scanner.number()
        }
        #expect(value == Double(text))
        #expect(Double(DecimalText.shortest(value)) == value)
        #expect(DecimalText.shortest(value).utf8.count <= value.description.utf8.count)
    }

    @Test func `numbers are rounded to their places`() {
        var bytes: [UInt8] = []
        DecimalText.append(0.5, places: 6, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        DecimalText.append(-12.34567891, places: 4, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        DecimalText.append(7, places: 0, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "0.500000 -12.3457 7")
    }
}
