import ExportCore
import FoundationEssentials
import Glibc
import Sidecars

/// What the commands print: data on standard output, everything else on standard error.
enum Output {
    /// A line of data.
    ///
    /// Characters that would move a terminal's cursor are shown as escapes.
    static func line(_ text: String = "") {
        write(printable(text) + "\n", to: STDOUT_FILENO)
    }

    /// Data as it is.
    static func raw(_ bytes: [UInt8]) {
        write(bytes, to: STDOUT_FILENO)
    }

    /// A document as JSON, with a line end behind it.
    static func json(_ document: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        write(Array(try encoder.encode(document)) + [UInt8(ascii: "\n")], to: STDOUT_FILENO)
    }

    /// A line for people, beside the data.
    static func note(_ text: String) {
        write(printable(text) + "\n", to: STDERR_FILENO)
    }

    /// A line that says why the command ends.
    static func error(_ text: String) {
        note(text)
    }

    /// All that an error says.
    static func error(_ error: ExportError) {
        note("exportctl: \(error)")
        guard error.details.count > 1 else { return }
        for detail in error.details { note(problem(detail)) }
    }

    /// One problem as compilers print them, so that editors find the place.
    static func problem(_ detail: ExportError.Detail) -> String {
        var text = ""
        if let location = detail.location {
            if let file = location.file {
                text += file
                if let line = location.line { text += ":\(line)" }
                if let column = location.column { text += ":\(column)" }
                text += ": "
            } else if let dataset = location.dataset {
                text += "\(dataset): "
            }
        }
        text += detail.message
        if let hint = detail.hint { text += " (\(hint))" }
        return text
    }

    /// A text in which nothing but line ends and tabs controls the terminal.
    static func printable(_ text: String) -> String {
        Sidecars.printable(text)
    }

    /// Writes to a descriptor; a reader that went away ends the program by SIGPIPE, as it should.
    static func write(_ text: String, to descriptor: Int32) {
        write(Array(text.utf8), to: descriptor)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let result = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
                if result < 0 {
                    if errno == EINTR { continue }
                    return
                }
                written += result
            }
        }
    }
}
