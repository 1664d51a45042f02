import Bytes
import Compression

/// The stored records of a chunk on their way to a decompressor, read through a window where there is one.
struct CheckedInput: CompressedInput {
    private let file: MCAPFile
    private let bytes: UnsafeRawBufferPointer
    private let place: Range<Int>
    private let window: FileWindow?
    private let extendsData: Bool

    /// - Parameters:
    ///   - place: where the records lie in the file.
    ///   - window: what they are read through; `nil` = where they are mapped.
    ///   - extendsData: whether the checksum of the data as a whole goes on over them.
    init(_ file: MCAPFile, _ bytes: UnsafeRawBufferPointer, _ place: Range<Int>, _ window: FileWindow?, extendsData: Bool) {
        (self.file, self.bytes, self.place, self.window, self.extendsData) = (file, bytes, place, window, extendsData)
    }

    var count: Int { place.count }

    func withBytes<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let range = (place.lowerBound + range.lowerBound)..<(place.lowerBound + range.upperBound)
        func take(_ piece: UnsafeRawBufferPointer) -> R {
            if extendsData { file.dataChecksum?.extend(over: piece, from: range.lowerBound, bytes) }
            return body(piece)
        }
        return window?.withBytes(range, take) ?? take(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }
}
