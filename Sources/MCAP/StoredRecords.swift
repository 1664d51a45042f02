import Bytes
import Compression

/// The stored records of a chunk on their way to a decompressor, read through a window where there is one.
struct StoredRecords: CompressedInput {
    private let bytes: UnsafeRawBufferPointer
    private let place: Range<Int>
    private let window: FileWindow?

    /// - Parameters:
    ///   - place: where the records lie in the file.
    ///   - window: what they are read through; `nil` = where they are mapped.
    init(_ bytes: UnsafeRawBufferPointer, _ place: Range<Int>, _ window: FileWindow?) {
        (self.bytes, self.place, self.window) = (bytes, place, window)
    }

    var count: Int { place.count }

    func withBytes<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let range = (place.lowerBound + range.lowerBound)..<(place.lowerBound + range.upperBound)
        return window?.withBytes(range, body) ?? body(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }
}
