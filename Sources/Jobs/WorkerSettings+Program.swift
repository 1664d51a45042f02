public import ExportCore
import Files

extension WorkerSettings {
    /// The worker that is installed beside the running program.
    ///
    /// - Parameters:
    ///   - path: Another worker program, where one is wanted.
    ///   - memory: The most bytes of private memory that a worker may use.
    /// - Throws: `internal` where there is no such program.
    public static func installed(at path: String? = nil, memory: Int64) throws(ExportError) -> WorkerSettings {
        let program: String
        do throws(FileError) {
            if let path {
                program = FileSystem.absolute(path)
            } else {
                program = try "\(FileSystem.parent(of: FileSystem.realPath("/proc/self/exe")))/export-worker"
            }
            guard try FileSystem.status(of: FileSystem.realPath(program)).kind == .regular else {
                throw FileError("run", program, errno: 13)
            }
        } catch {
            throw ExportError(.internal, "There is no worker program. \(error)", hint: "Install export-worker beside exportd.")
        }
        var settings = WorkerSettings(executable: program)
        settings.arguments = ["--memory-limit", String(memory)]
        return settings
    }
}
