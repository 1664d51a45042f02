import Configuration
import ExportCore
import Jobs
import Logging
import Requests
import Sidecars

/// A request that a command carries out itself, with a display of how far it is; the first signal ends it.
struct ForegroundCommand {
    private let request: ForegroundRequest
    private let run: ForegroundRun
    private let display = ProgressDisplay()

    /// - Throws: `ExportError` where the request is of a kind that needs the daemon, or nothing can be run here.
    init(_ file: RequestFile, _ configuration: SiteConfiguration) throws {
        request = ForegroundRequest(try file.exports(), file: file.path, name: file.name, text: file.bytes)
        var logger = Logger(label: "exportctl") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        run = ForegroundRun(
            configuration: try configuration.forCaller(),
            worker: try WorkerSettings.installed(memory: configuration.limits.workerMemory),
            logger: logger
        )
    }

    /// Runs the selection and every check.
    func preview() async throws -> StatusDocument {
        defer { display.finish() }
        return try await Interruption.guarding { [run, request, display] in
            try await run.preview(request) { display.show($0, state: .processing) }
        }
    }

    /// Makes the packages, in a folder that does not exist yet.
    func export(to folder: String) async throws -> StatusDocument {
        defer { display.finish() }
        return try await Interruption.guarding { [run, request, display] in
            try await run.run(request, destination: folder) { display.show($0, state: .processing) }
        }
    }
}
