import ExportCore
import Files
import Glibc
import Jobs

/// A command about files, which the worker program carries out in place of this one: this program links no reader of
/// recordings and no codec, so that a broken file can harm nothing that holds a request.
enum WorkerTool {
    /// Becomes the worker program with a tool's arguments; its output and exit status are then this process's own.
    ///
    /// - Parameters:
    ///   - name: the tool's name, which is the command's name too.
    ///   - arguments: everything behind the command's name, not looked at here.
    /// - Throws: `ExportError` where there is no such program, or it can't be started.
    static func run(_ name: String, _ arguments: [String]) throws(ExportError) -> Never {
        let program = try WorkerSettings.installed(memory: 0).executable
        var strings: [UnsafeMutablePointer<CChar>?] = ([program, name] + arguments).map { strdup($0) }
        strings.append(nil)
        execv(program, strings)
        let failure = errno
        for string in strings { free(string) }
        throw FileError("run", program, errno: failure).exportError
    }
}
