import ExportCore
import Foundation
import Inspection
import Testing

@Suite struct InspectionTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func `the summary says what a person wants to know`() throws {
        let text = try inspect(scratch.file(SmallRecording.bytes()), .summary).text
        for part in [
            "profile      ros1", "messages     12", "duration     2.50 s", "2023-11-14T22:13:20.123456789Z (1700000000123456789)",
            "index        complete", "chunks       2, ", "none overlap in time", "compression  none: 2 chunks", "2.00 Hz", "500.0 ms",
            "demo/Values", "notes.txt", "metadata “weather”", "    with rain", "No problems seen.",
        ] {
            #expect(text.contains(part), "\(part) is not in\n\(text)")
        }
    }

    @Test func `the summary as JSON has the same as exact numbers`() throws {
        let document = try object(inspect(scratch.file(SmallRecording.bytes()), .json, verifying: true).text)
        #expect(document["messages"] as? Int == 12)
        #expect(document["start_ns"] as? String == "1700000000123456789")
        #expect(document["duration_ns"] as? String == "2500000000")
        #expect(document["is_verified"] as? Bool == true)
        let topics = try #require(document["topics"] as? [[String: Any]])
        #expect(topics.map { $0["name"] as? String } == ["/bare", "/values"])
        #expect(topics[0]["bytes"] as? Int == 12)
        #expect(topics[1]["rate_hz"] as? Double == 2)
        #expect(topics[1]["largest_gap_ns"] as? String == "500000000")
        let metadata = try #require(document["metadata"] as? [[String: Any]])
        #expect(metadata[0]["values"] as? [String: String] == ["sky": "grey\nwith rain"])
    }

    @Test func `verification finds nothing wrong with a sound file`() throws {
        let result = try inspect(scratch.file(SmallRecording.bytes()), .summary, verifying: true)
        #expect(result.problems == [])
        #expect(result.text.contains("No problems: every message was read"))
    }

    @Test(arguments: 0..<4) func `verification finds every changed byte behind the magic`(part: Int) throws {
        let sound = SmallRecording.bytes()
        var missed: [Int] = []
        // One byte in four, to be quick.
        for place in stride(from: 8 + part, to: sound.count, by: 16) {
            let path = try scratch.file(SmallRecording.bytes { $0[place] ^= 0x20 })
            do {
                if try inspect(path, .summary, verifying: true).problems.isEmpty { missed.append(place) }
            } catch is any ExportErrorConvertible {
                continue
            }
        }
        #expect(missed.isEmpty, "bytes \(missed)")
    }

    @Test func `a wrong checksum of the whole data is found although each chunk is right`() throws {
        let sound = SmallRecording.bytes()
        // A letter of the library's name, which no other checksum covers.
        let place = try #require(sound.firstRange(of: Array("a test".utf8))?.lowerBound)
        let path = try scratch.file(SmallRecording.bytes { $0[place] = 0x41 })
        #expect(try inspect(path, .summary).problems == [])
        let problems = try inspect(path, .summary, verifying: true).problems
        #expect(problems.count == 1)
        #expect(problems.first?.contains("checksum of the data as a whole") == true)
    }

    @Test func `a file that is cut anywhere is summed up with what is wrong`() throws {
        let sound = SmallRecording.bytes()
        for count in stride(from: 9, to: sound.count, by: 7) {
            let path = try scratch.file(Array(sound.prefix(count)))
            let result = try inspect(path, .summary, verifying: true)
            #expect(!result.problems.isEmpty, "\(count) bytes")
            #expect(result.text.contains("problem"))
        }
    }

    @Test func `decoded messages keep every value exactly`() throws {
        let lines = try inspect(scratch.file(SmallRecording.bytes()), .decoded(topic: "values")).text.split(separator: "\n")
        #expect(lines.count == 6)
        #expect(
            lines[1] == #"""
                {"topic":"/values","log_time":"1700000000623456789","publish_time":"1700000000623456796","sequence":1,"data":{"large":"-9223372036854775808","larger":"18446744073709551615","small":-7,"nothing":null,"tenth":0.1,"data":"AQL/","words":"say \"hi\"\n","when":"1700000000000000001","lasting":"-999999995"}}
                """#
        )
        for line in lines { _ = try object(String(line)) }
    }

    @Test func `a topic that is not there, or has no schema, is refused in words`() throws {
        let path = try scratch.file(SmallRecording.bytes())
        #expect { try inspect(path, .decoded(topic: "/nope")) } throws: { error in
            ExportError(error).code == .topicMissing && ExportError(error).hint?.contains("/values") == true
        }
        #expect { try inspect(path, .decoded(topic: "/bare")) } throws: { ExportError($0).message.contains("/bare") }
    }

    @Test func `texts from a file can't control the terminal`() throws {
        let sound = SmallRecording.bytes()
        let place = try #require(sound.firstRange(of: Array("a test".utf8))?.lowerBound)
        let text = try inspect(scratch.file(SmallRecording.bytes { $0[place] = 0x1B }), .summary).text
        #expect(!text.contains("\u{1B}"))
        #expect(text.contains("\\u{1b} test"))
    }

    @Test func `a cancelled inspection stops`() throws {
        let path = try scratch.file(SmallRecording.bytes())
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(throws: (any Error).self) {
            try Inspection(path: path, kind: .summary, cancellation: cancellation).run(to: TextOutput { _ in })
        }
    }
}
