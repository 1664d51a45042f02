import Fields
import Files
import Requests
import Testing

/// The top of the checkout, seen from this file.
private let root = FileSystem.parent(of: FileSystem.parent(of: FileSystem.parent(of: #filePath)))

@Suite struct `The schema of requests` {
    @Test func `is the one in the examples`() throws {
        let shipped = try FileSystem.read("\(root)/examples/export-request.schema.json", limit: 1 << 20)
        #expect(
            String(decoding: shipped, as: UTF8.self) == RequestSchema.json(),
            "Run: exportctl schema > examples/export-request.schema.json"
        )
    }

    @Test func `has help for every key, once`() {
        let rows = RequestParser.rows
        #expect(Set(rows).count == rows.count)
        #expect(rows.map(\.path).contains("exports[].mapping.<name>[].topic"))
        #expect(RequestParser.rows.first { $0.path == "exports[].rate_hz" }?.defaultText == "30")
    }
}

@Test func `every example request is valid`() throws {
    let folder = "\(root)/examples/requests"
    let names = try FileSystem.list(folder).filter { $0.hasSuffix(".yaml") }
    #expect(!names.isEmpty)
    for name in names { _ = try RequestParser.parse(FileSystem.read("\(folder)/\(name)", limit: 1 << 20), fileName: name) }
}
