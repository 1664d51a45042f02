import Files
import Glibc

/// What a file tool prints: data on standard output, everything else on standard error.
enum ToolOutput {
    /// Data; a reader that went away ends the program by SIGPIPE, as it should.
    static func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        try write(bytes, to: STDOUT_FILENO, named: "standard output")
    }

    /// A line beside the data.
    static func note(_ text: String) {
        // There is nobody to tell that this could not be said.
        try? Array((text + "\n").utf8).withUnsafeBytes { try write($0, to: STDERR_FILENO, named: "standard error") }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, named name: String) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let result = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            if result < 0 {
                if errno == EINTR { continue }
                throw FileError("write", name, errno: errno)
            }
            written += result
        }
    }
}
