import ExportCore
import Files

/// Rows of numbers of one width, one after another in a file of a part: what a feature's episodes come to before assembly.
///
/// Little-endian, as every machine that exportd runs on has them.
struct RowFile<Element: BitwiseCopyable> {
    let path: String
    /// Numbers in a row.
    let width: Int

    /// Bytes that are read or written at a time.
    private static var block: Int { 1 << 20 }

    /// Appends rows.
    final class Writer {
        private let file: OpenFile
        private var held: [Element] = []

        fileprivate init(_ path: String) throws(FileError) {
            file = try .creating(path)
            held.reserveCapacity(RowFile.block / MemoryLayout<Element>.stride)
        }

        func append(_ value: Element) throws {
            held.append(value)
            if held.count * MemoryLayout<Element>.stride >= RowFile.block { try flush() }
        }

        /// Writes what is still held; to be called before the file is read.
        func flush() throws {
            guard !held.isEmpty else { return }
            try held.withUnsafeBytes { try file.write($0) }
            held.removeAll(keepingCapacity: true)
        }
    }

    func makeWriter() throws(FileError) -> Writer { try Writer(path) }

    /// Reads rows in order, some at a time.
    final class Reader {
        private let file: OpenFile
        private let width: Int

        fileprivate init(_ path: String, width: Int) throws(FileError) {
            file = try .reading(path)
            self.width = width
        }

        func skip(rows: Int) throws(FileError) {
            try file.seek(to: Int64(rows * width * MemoryLayout<Element>.stride))
        }

        /// The next rows, one after another; fewer than asked for only at the end of the file.
        func read(rows: Int) throws(FileError) -> [Element] {
            let bytes = try file.read(upTo: rows * width * MemoryLayout<Element>.stride)
            return bytes.withUnsafeBytes { bytes in
                let count = bytes.count / MemoryLayout<Element>.stride
                return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
                    UnsafeMutableRawBufferPointer(buffer).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * MemoryLayout<Element>.stride)])
                    )
                    initialized = count
                }
            }
        }
    }

    func makeReader() throws(FileError) -> Reader { try Reader(path, width: width) }

    /// Goes through some rows, as Floats.
    func forEachRow(_ rows: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws -> Void) throws where Element: BinaryFloatingPoint {
        let reader = try makeReader()
        try reader.skip(rows: rows.lowerBound)
        var left = rows.count
        let step = max(1, Self.block / (width * MemoryLayout<Element>.stride))
        while left > 0 {
            let values = try reader.read(rows: min(step, left)).map { Float($0) }
            guard !values.isEmpty else { return }
            try values.withUnsafeBufferPointer { values in
                for row in stride(from: 0, to: values.count, by: width) {
                    try body(UnsafeBufferPointer(rebasing: values[row..<row + width]))
                }
            }
            left -= values.count / width
        }
    }
}
