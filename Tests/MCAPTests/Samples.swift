import Compression

/// A small recording that has some of everything: two topics, three chunks that overlap in time, times that are equal and
/// times that go back, an empty message, an attachment and metadata, definitions in the chunks as recorders write them.
func smallRecording(_ packing: RecordingBuilder.Packing, hasIndex: Bool = true) -> RecordingBuilder {
    var builder = RecordingBuilder()
    builder.schema(7, "a/msg/B", inFile: false)
    builder.channel(0, "/zero", schema: 7, inFile: false)
    builder.channel(300, "/none", schema: 0, inFile: false)
    for part in 0..<3 as Range<UInt64> {
        builder.chunk(.init(packing: packing, hasIndex: hasIndex)) { chunk in
            chunk.raw(RecordingBuilder.schemaRecord(7, "a/msg/B"))
            chunk.raw(RecordingBuilder.channelRecord(0, "/zero", schema: 7))
            chunk.raw(RecordingBuilder.channelRecord(300, "/none", schema: 0))
            chunk.message(0, at: 100 + 10 * part, Array(repeating: UInt8(part), count: 20))
            chunk.message(300, at: 100, [])
            chunk.message(0, at: 125 - part, [1, 2, UInt8(part)])
            chunk.message(300, at: 100 + 10 * part, [UInt8(part)])
        }
        if part == 0 {
            builder.raw(record(0x0C, text("notes") + counted(text("weather") + text("rain"))))
            builder.raw(attachmentRecord("log.txt", Array("hello".utf8)))
        }
    }
    return builder
}

func attachmentRecord(_ name: String, _ data: [UInt8], crcDelta: UInt32 = 0) -> [UInt8] {
    let content = number(UInt64(5)) + number(UInt64(6)) + text(name) + text("text/plain") + number(UInt64(data.count)) + data
    return record(9, content + number(CRC32.of(content) &+ crcDelta))
}
