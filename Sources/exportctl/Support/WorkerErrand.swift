import Configuration
import ExportCore
import Jobs
import Plans
import Sidecars
import Spool

/// One command to one worker, for what is no job: a look at the catalogue.
struct WorkerErrand {
    /// The site as the caller may use it.
    let site: SiteSettings
    private let settings: WorkerSettings

    /// An errand at a site.
    init(_ configuration: SiteConfiguration) throws {
        site = SiteSettings(try configuration.forCaller())
        settings = try WorkerSettings.installed(memory: configuration.limits.workerMemory)
    }

    /// The worker program.
    var program: String { settings.executable }

    /// Carries out a command.
    ///
    /// - Throws: `ExportError` where it fails or the worker does.
    func perform(_ order: WorkerOrder) async throws -> WorkerEvent {
        let pool = WorkerPool(settings: settings, width: 1)
        let result: Result<WorkerEvent, any Error>
        do { result = .success(try await pool.perform(order, for: JobID.new(at: .now()))) } catch { result = .failure(error) }
        await pool.shutdown()
        do {
            return try result.get()
        } catch let failure as WorkerFailure {
            if case .reported(let error) = failure { throw error }
            throw ExportError(
                .internal,
                "The worker failed: \(failure).",
                hint: "A recording of the store may be at fault, or \(program) may not fit this program.",
                retryable: false
            )
        }
    }

    /// What the catalogue answers is of another kind than what was asked.
    static var mismatch: ExportError {
        ExportError(
            .internal,
            "The worker gave the answer of another command.",
            hint: "Programs of different versions may be installed."
        )
    }
}
