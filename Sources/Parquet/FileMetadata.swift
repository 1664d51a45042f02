internal import ExportCore

/// One column chunk with its place in the file.
struct PlacedChunk {
    var chunk: EncodedChunk
    var offset: Int64
}

/// What the footer tells of one row group.
struct RowGroupMetadata {
    var rows: Int
    /// The chunks in the order of the schema's leaves.
    var chunks: [PlacedChunk]
}

/// The footer of a file (`FileMetaData` in parquet.thrift).
struct FileMetadata {
    let schema: ParquetSchema
    let leaves: [Leaf]
    var rowGroups: [RowGroupMetadata]
    var keyValues: [(key: String, value: String)]

    /// The footer as the file ends with it: the structure, its size and the format's mark.
    func encoded() -> [UInt8] {
        var writer = ThriftWriter()
        writer.element { file in
            file.int32(1, 2)
            file.list(2, of: .structure, count: schema.elementCount)
            schema.writeElements(to: &file)
            file.int64(3, rowGroups.reduce(0) { $0 + Int64($1.rows) })
            file.list(4, of: .structure, count: rowGroups.count)
            for (ordinal, group) in rowGroups.enumerated() { write(group, ordinal: ordinal, to: &file) }
            if !keyValues.isEmpty {
                file.list(5, of: .structure, count: keyValues.count)
                for (key, value) in keyValues {
                    file.element { pair in
                        pair.text(1, key)
                        pair.text(2, value)
                    }
                }
            }
            file.text(6, "exportd version \(Version.current)")
            file.list(7, of: .structure, count: leaves.count)
            // Each column has the order that its type defines.
            for _ in leaves { file.element { $0.structure(1) { _ in } } }
        }
        return writer.bytes
    }

    private func write(_ group: RowGroupMetadata, ordinal: Int, to file: inout ThriftWriter) {
        file.element { row in
            row.list(1, of: .structure, count: group.chunks.count)
            for (leaf, placed) in zip(leaves, group.chunks) { write(placed, of: leaf, to: &row) }
            row.int64(2, group.chunks.reduce(0) { $0 + $1.chunk.uncompressedBytes })
            row.int64(3, Int64(group.rows))
            row.int64(5, group.chunks.first?.offset ?? 4)
            row.int64(6, group.chunks.reduce(0) { $0 + $1.chunk.compressedBytes })
            // The format counts row groups in 16 bits here, and lets the number be left out.
            if let ordinal = Int16(exactly: ordinal) { row.int16(7, ordinal) }
        }
    }

    private func write(_ placed: PlacedChunk, of leaf: Leaf, to row: inout ThriftWriter) {
        let chunk = placed.chunk
        row.element { column in
            column.int64(2, 0)
            column.structure(3) { data in
                data.int32(1, leaf.physical.rawValue)
                let encodings = [Encoding.plain, Encoding.runLengths] + (chunk.indexPages > 0 ? [Encoding.dictionaryIndices] : [])
                data.list(2, of: .int32, count: encodings.count)
                for encoding in encodings { data.element(encoding) }
                data.list(3, of: .binary, count: leaf.path.count)
                for name in leaf.path { data.element(Array(name.utf8)) }
                data.int32(4, chunk.codec)
                data.int64(5, chunk.valueCount)
                data.int64(6, chunk.uncompressedBytes)
                data.int64(7, chunk.compressedBytes)
                data.int64(9, placed.offset + chunk.dictionaryBytes)
                if chunk.dictionaryBytes > 0 { data.int64(11, placed.offset) }
                data.structure(12) { statistics in
                    statistics.int64(3, chunk.nullCount)
                    if let maximum = chunk.maximum { statistics.binary(5, maximum) }
                    if let minimum = chunk.minimum { statistics.binary(6, minimum) }
                    if chunk.maximum != nil { statistics.boolean(7, true) }
                    if chunk.minimum != nil { statistics.boolean(8, true) }
                }
                writePageCounts(of: chunk, to: &data)
            }
        }
    }

    private func writePageCounts(of chunk: EncodedChunk, to data: inout ThriftWriter) {
        let counts: [(type: Int32, encoding: Int32, pages: Int32)] = [
            (2, Encoding.plain, chunk.dictionaryBytes > 0 ? 1 : 0),
            (0, Encoding.dictionaryIndices, chunk.indexPages),
            (0, Encoding.plain, chunk.plainPages),
        ]
        let present = counts.filter { $0.pages > 0 }
        data.list(13, of: .structure, count: present.count)
        for count in present {
            data.element { page in
                page.int32(1, count.type)
                page.int32(2, count.encoding)
                page.int32(3, count.pages)
            }
        }
    }
}
