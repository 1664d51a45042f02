/// A column of text or of bytes that is being filled.
public struct BytesColumn {
    let columns: ParquetColumns
    let field: Int
    let leaf: LeafEncoder

    /// Appends a row; the bytes are copied once, into the page.
    public func append(_ bytes: UnsafeRawBufferPointer) throws {
        try columns.checkOpen()
        try leaf.checkCell(bytes.count)
        try leaf.beginRow(bytes: 4 + bytes.count)
        leaf.appendLevels(repetition: 0, definition: leaf.leaf.definition)
        leaf.appendCounted(bytes)
        columns.rows[field] += 1
    }

    /// Appends a row of text.
    public func append(_ text: String) throws {
        var text = text
        try text.withUTF8 { try append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends a row without a value.
    ///
    /// - Throws: `ParquetError` where the column requires one.
    public func appendNull() throws {
        try columns.append(.null, to: field)
    }
}

/// A column of encoded pictures, structures of their bytes and a path, that is being filled.
public struct PictureColumn {
    let columns: ParquetColumns
    let field: Int
    let node: SchemaNode
    let bytes: LeafEncoder
    let path: LeafEncoder

    /// Appends a row; the picture's bytes are copied once, into the page.
    public func append(_ picture: UnsafeRawBufferPointer, path name: String? = nil) throws {
        try columns.checkOpen()
        try bytes.checkCell(picture.count)
        try bytes.beginRow(bytes: 4 + picture.count)
        try path.beginRow(bytes: 4 + (name?.utf8.count ?? 0))
        bytes.appendLevels(repetition: 0, definition: bytes.leaf.definition)
        bytes.appendCounted(picture)
        path.appendLevels(repetition: 0, definition: name == nil ? node.definition : path.leaf.definition)
        if var name { name.withUTF8 { path.appendCounted(UnsafeRawBufferPointer($0)) } }
        columns.rows[field] += 1
    }

    /// Appends a row without a picture.
    ///
    /// - Throws: `ParquetError` where the column requires one.
    public func appendNull() throws {
        try columns.append(.null, to: field)
    }
}
