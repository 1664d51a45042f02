import Catalog
import ExportCore

/// The input is an `annotation.json`: refused in words, or read as segments that an export can be made of.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = [UInt8](UnsafeRawBufferPointer(start: data, count: count))
    do {
        let annotation = try AnnotationReader.read(bytes, file: "annotation.json")
        precondition(annotation.segments.count <= AnnotationReader.mostSegments)
        for (before, after) in zip(annotation.segments, annotation.segments.dropFirst()) {
            precondition(before.range.start <= after.range.start, "Segments are out of order")
        }
        for segment in annotation.segments { precondition(segment.range.start <= segment.range.end, "A segment ends before it starts") }
    } catch {
        precondition(!error.message.isEmpty)
    }
    return 0
}
