import ArgumentParser
import ExportCore
import Files
import Glibc
import Requests

/// A request as the user names it on the command line.
struct RequestFile {
    /// The file's path; `-` for standard input.
    let path: String
    /// Its content.
    let bytes: [UInt8]
    /// The request that it holds.
    let request: Request

    /// A request that was read before.
    init(path: String, bytes: [UInt8], request: Request) {
        self.path = path
        self.bytes = bytes
        self.request = request
    }

    /// Reads and checks a request; prints every problem where it is not valid.
    ///
    /// - Throws: `ExitCode` 2 where it is invalid, after every problem was printed; `ExportError` where it cannot be read.
    init(reading path: String) throws {
        self.path = path
        bytes = try Self.read(path)
        do throws(ExportError) {
            request = try RequestParser.parse(bytes, fileName: path == "-" ? "standard input" : path)
        } catch {
            for detail in error.details { Output.note(Output.problem(detail)) }
            throw ExitCode(ExitStatus.invalid)
        }
    }

    /// The bytes of a file, or of standard input for `-`; at most one more than a request may have.
    static func read(_ path: String) throws(FileError) -> [UInt8] {
        let file = try path == "-" ? OpenFile("/dev/stdin", flags: O_RDONLY) : OpenFile.reading(path)
        return try file.read(upTo: RequestParser.maximumBytes + 1)
    }

    /// The name that the request is submitted under, without `.yaml`; `request` for standard input.
    var name: String {
        if path == "-" { return "request" }
        let last = FileSystem.name(of: path)
        for ending in [".yaml", ".yml"] where last.hasSuffix(ending) && last.utf8.count > ending.utf8.count {
            return String(last.dropLast(ending.count))
        }
        return last
    }

    /// The request as one for exports.
    ///
    /// - Throws: `ExportError` where it is of another kind, which needs the daemon.
    func exports() throws(ExportError) -> ExportRequest {
        switch request {
        case .export(let request), .preview(let request): return request
        case .cancel, .retry, .history, .quota, .queue:
            throw ExportError(
                .requestInvalid,
                "The request \(path) is of kind \(request.kind.rawValue), which only the daemon can carry out.",
                hint: "Use `exportctl submit`.",
                location: .init(file: path)
            )
        }
    }
}
