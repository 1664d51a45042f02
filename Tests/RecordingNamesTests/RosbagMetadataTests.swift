import ExportCore
import RecordingNames
import Testing

struct RosbagMetadataTests {
    private func read(_ paths: String, storage: String = "mcap") throws(ExportError) -> RosbagMetadata {
        let text = """
            rosbag2_bagfile_information:
              version: 5
              storage_identifier: \(storage)
              relative_file_paths: \(paths)
              duration: {nanoseconds: 1}
              topics_with_message_count:
                - topic_metadata: {name: /a, type: b, offered_qos_profiles: "- history: 3\\n"}
                  message_count: 4
            """
        return try RosbagMetadata.read(Array(text.utf8), file: "metadata.yaml")
    }

    @Test func `volumes are named in order`() throws {
        #expect(try read("[b_1.mcap, \"a_0.mcap\", sub/c.mcap]").volumes == ["b_1.mcap", "a_0.mcap", "sub/c.mcap"])
    }

    @Test(
        arguments: [
            "[../a.mcap]", "[sub/../../a.mcap]", "[/etc/a.mcap]", "[a.bag]", "[a.mcap.lz4]", "[.hidden.mcap]", "[a//b.mcap]", "[./a.mcap]",
            "[]", "a.mcap", "[[a.mcap]]", "[~]", "[a.mcap, a.mcap]", "[\"a\\0.mcap\"]",
        ])
    func `volumes that must not or can't be read are refused`(_ paths: String) throws {
        let error = #expect(throws: ExportError.self) { try read(paths) }
        #expect(error?.code == .datasetUnreadable)
        #expect(error?.location?.line == 4 || paths == "[]" || paths == "a.mcap")
    }

    @Test func `other storages and other files are refused`() throws {
        #expect(throws: ExportError.self) { try read("[a.mcap]", storage: "plugin") }
        #expect(throws: ExportError.self) { try RosbagMetadata.read(Array("a: 1".utf8), file: "metadata.yaml") }
        #expect(throws: ExportError.self) { try RosbagMetadata.read([], file: "metadata.yaml") }
        #expect(throws: ExportError.self) { try RosbagMetadata.read([0xFF, 0xFE, 0x00], file: "metadata.yaml") }
    }
}
