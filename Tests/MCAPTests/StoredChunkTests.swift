import MCAP
import Testing

/// Chunks as they are stored.
@Suite struct StoredChunkTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test(arguments: RecordingBuilder.Packing.allCases)
    func `chunks tell their place, times, sizes and messages, and their bytes are the file's`(packing: RecordingBuilder.Packing) throws {
        let builder = smallRecording(packing)
        let bytes = builder.finished()
        for parts in [RecordingBuilder.Parts.all, []] {
            let file = try scratch.open(builder.finished(parts))
            #expect(file.storedChunks.count == file.storedChunkCount)
            #expect(file.storedChunkCount > 1)
            var messages: [Reading] = []
            for chunk in file.storedChunks {
                #expect(chunk.isReadable)
                #expect(chunk.compression == packing.name)
                #expect(bytes[chunk.place.lowerBound] == 6)
                #expect(chunk.place.upperBound == chunk.indexPlace.lowerBound)
                #expect(packing != .none || chunk.uncompressedSize == UInt64(chunk.storedSize))
                file.withStoredChunk(chunk.number) { record, indexes in
                    #expect(record.withUnsafeBytes { [UInt8]($0) } == Array(bytes[chunk.place]))
                    #expect(indexes.withUnsafeBytes { [UInt8]($0) } == Array(bytes[chunk.indexPlace]))
                }
                var own: [Reading] = []
                #expect(try file.forEachMessage(inChunk: chunk.number) { _, head, data in own.append(Reading(head, data)) })
                #expect(own.map(\.logTime).min() == chunk.startTime)
                #expect(own.map(\.logTime).max() == chunk.endTime)
                #expect(chunk.messageCounts == own.reduce(into: [:]) { $0[$1.channel, default: 0] += 1 })
                messages += own
            }
            #expect(messages == builder.messages.map(\.reading))
        }
    }

    @Test func `the data of a sound file lies between the magic and its end`() throws {
        let builder = smallRecording(.lz4)
        let bytes = builder.finished()
        let file = try scratch.open(bytes)
        #expect(file.dataSection.isSound)
        #expect(file.dataSection.place.lowerBound == 8)
        #expect(bytes[file.dataSection.place.upperBound] == 0x0F)
        let data = file.withFileBytes(file.dataSection.place) { $0.withUnsafeBytes { [UInt8]($0) } }
        #expect(data == Array(bytes[file.dataSection.place]))
    }

    @Test func `data that a new summary alone would not make sound is not called so`() throws {
        let builder = smallRecording(.lz4)
        #expect(try !scratch.open(builder.finished([])).dataSection.isSound)
        #expect(try !scratch.open(builder.finished(withDataEnd: false)).dataSection.isSound)
        #expect(try !scratch.open(builder.finished(summaryCRCDelta: 1)).dataSection.isSound)
        #expect(try !scratch.open(smallRecording(.lz4, hasIndex: false).finished()).dataSection.isSound)
        var outside = smallRecording(.lz4)
        outside.message(0, at: 130)
        #expect(try !scratch.open(outside.finished()).dataSection.isSound)
    }

    @Test func `a chunk that is cut or damaged is not readable`() throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        builder.chunk(.init(packing: .zstd, damage: { $0[0] ^= 0xFF })) { $0.message(1, at: 1) }
        builder.chunk(.init(compressionName: "brotli")) { $0.message(1, at: 2) }
        builder.chunk(.init(packing: .lz4)) { $0.message(1, at: 3) }
        let whole = try scratch.open(builder.finished())
        #expect(try !whole.forEachMessage(inChunk: 0) { _, _, _ in })
        #expect(whole.storedChunks.map(\.isReadable) == [false, false, true])
        #expect(whole.storedChunks.map(\.compression) == ["zstd", "brotli", "lz4"])
        let last = whole.storedChunk(2)
        let cut = try scratch.open(builder.finished().prefix(last.place.upperBound - 3))
        #expect(cut.storedChunks.map(\.isReadable) == [false, false, false])
    }
}
