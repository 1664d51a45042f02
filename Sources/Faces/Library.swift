import CFaces

/// Calls of the C++ side.
enum Library {
    private static let messageSize = 400

    /// What dlib and OpenCV call themselves.
    static var dlibVersion: String { String(cString: exportd_dlib_version()) }
    static var openCVVersion: String { String(cString: exportd_opencv_version()) }

    /// Makes a call that answers with a negative number where it fails.
    static func failure(_ operation: String, _ call: (exportd_message) -> Int32) -> FaceError? {
        var text = [CChar](repeating: 0, count: messageSize)
        let status = text.withUnsafeMutableBufferPointer { call(exportd_message(text: $0.baseAddress, capacity: $0.count)) }
        return status < 0 ? error(operation, text) : nil
    }

    /// Makes a call that answers with nothing where it fails.
    static func opening(_ operation: String, hint: String?, _ call: (exportd_message) -> OpaquePointer?) throws(FaceError) -> OpaquePointer
    {
        var text = [CChar](repeating: 0, count: messageSize)
        let made = text.withUnsafeMutableBufferPointer { call(exportd_message(text: $0.baseAddress, capacity: $0.count)) }
        guard let made else { throw FaceError(error(operation, text).description, hint: hint) }
        return made
    }

    /// Makes a call that lists faces.
    static func faces(
        _ operation: String,
        _ call: (UnsafeMutablePointer<exportd_face>?, Int32, exportd_message) -> Int32
    ) throws(FaceError) -> [FaceBox] {
        // Nobody films more; a detector that finds more has found noise, and all of them are taken.
        var capacity = 64
        while true {
            var found: Int32 = 0
            var faces = [exportd_face](repeating: exportd_face(), count: capacity)
            let error = faces.withUnsafeMutableBufferPointer { buffer in
                failure(operation) { message in
                    found = call(buffer.baseAddress, Int32(buffer.count), message)
                    return found
                }
            }
            if let error { throw error }
            if Int(found) <= capacity {
                return faces.prefix(Int(found)).map(FaceBox.init)
            }
            capacity = Int(found)
        }
    }

    private static func error(_ operation: String, _ text: [CChar]) -> FaceError {
        let words = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let line = words.split(whereSeparator: \.isNewline).joined(separator: " ")
        return FaceError("Could not \(operation): \(line.isEmpty ? "the library gives no reason" : line).")
    }
}

extension FaceBox {
    /// What a detector marked; of a head that looks to one side it marks eye, nose and mouth, and the box reaches on to the ear.
    fileprivate init(_ face: exportd_face) {
        let reach = abs(face.looks) * face.width / 2
        self.init(x: face.looks > 0 ? face.x - reach : face.x, y: face.y, width: face.width + reach, height: face.height)
    }
}
