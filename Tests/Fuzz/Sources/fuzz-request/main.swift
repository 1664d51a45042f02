import Requests

/// The input is a request as somebody dropped it: refused in words, or read as what it is written back as.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = [UInt8](UnsafeRawBufferPointer(start: data, count: count))
    guard let request = try? RequestParser.parse(bytes, fileName: "request.yaml") else { return 0 }
    let written = RequestParser.text(request)
    guard let again = try? RequestParser.parse(Array(written.utf8), fileName: "request.yaml") else {
        preconditionFailure("What was written of a request is refused: \(written)")
    }
    precondition(again == request, "A request changed by being written: \(written)")
    return 0
}
