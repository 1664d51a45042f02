import ExportCore
import Files
import Glibc

/// The program for commands about one recording, which carries them out in place of this one: this program links no reader
/// of recordings, so that a broken file can harm nothing that holds a request.
enum RecordingProgram {
    private static let name = "recording-tool"

    /// The names of the commands that it carries out.
    static let commands: Set = ["inspect", "recover"]

    /// Becomes that program with a command's arguments; its output and exit status are then this process's own.
    ///
    /// - Parameters:
    ///   - command: the command's name.
    ///   - arguments: everything behind the command's name, not looked at here.
    /// - Throws: `ExportError` where there is no such program, or it can't be started.
    static func run(_ command: String, _ arguments: [String]) throws(ExportError) -> Never {
        let folder: String
        do throws(FileError) { folder = FileSystem.parent(of: try FileSystem.realPath("/proc/self/exe")) } catch { throw error.exportError }
        let program = "\(folder)/\(name)"
        var strings: [UnsafeMutablePointer<CChar>?] = ([program, command] + arguments).map { strdup($0) }
        strings.append(nil)
        execv(program, strings)
        var failure = FileError("run", program, errno: errno).exportError
        failure.hint = "Install \(name) beside exportctl."
        for string in strings { free(string) }
        throw failure
    }
}
