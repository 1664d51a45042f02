public import ExportCore
import Files
import FoundationEssentials
import Plans
import Synchronization

/// Why a worker did not carry out a command.
public enum WorkerFailure: Error, Sendable {
    /// The worker says itself what went wrong.
    case reported(ExportError)
    /// The program could not be started at all.
    case notStarted(ExportError)
    /// It ended in the middle of the command; `log` is the end of its standard error.
    case died(WorkerExit, log: String)
    /// It was killed because it said nothing for so long.
    case stalled(Duration, log: String)
    /// It wrote a line that is no reply; the line's beginning.
    case garbled(String)
}

/// How workers are started and how much patience they are given.
public struct WorkerSettings: Sendable {
    /// The program's path.
    public var executable: String
    /// Arguments for the program.
    public var arguments: [String] = []
    /// How long a worker may say nothing during a command before it is killed.
    public var stallLimit: Duration = .seconds(600)
    /// How long a worker that was asked to end (SIGTERM) may take before it is killed (SIGKILL).
    public var grace: Duration = .seconds(2)
    /// How long an idle worker is kept for the next command.
    public var idleLimit: Duration = .seconds(60)

    /// Workers of a program, with the default patience.
    public init(executable: String) {
        self.executable = executable
    }
}

/// One `export-worker` process: takes one command at a time and answers it.
final class Worker: Sendable {
    private struct Conversation {
        var id: Int
        var onProgress: @Sendable (WorkerProgress) -> Void
        var reply: CheckedContinuation<Result<WorkerEvent, WorkerFailure>, Never>
    }

    /// Why a living worker must not be used again.
    private enum Fault {
        case stalled
        case cancelled
        case garbled(String)
    }

    private struct State {
        var nextID = 1
        var conversation: Conversation?
        var lastHeard = ContinuousClock.now
        var fault: Fault?
        var end: Result<WorkerExit, FileError>?
    }

    private let settings: WorkerSettings
    private let process: WorkerProcess
    private let state: Shared

    /// What the process's thread and the worker's user share; apart from the worker, so that a forgotten worker is freed
    /// and its process ends.
    private final class Shared: Sendable {
        let state = Mutex(State())
    }

    /// Starts a worker process.
    init(settings: WorkerSettings, environment: [String]) {
        self.settings = settings
        let shared = Shared()
        state = shared
        process = WorkerProcess(
            executable: settings.executable,
            arguments: settings.arguments,
            environment: environment,
            onLine: { Self.receive($0, in: shared) },
            onEnd: { Self.ended($0, in: shared) }
        )
    }

    deinit {
        process.closeInput()
    }

    /// Whether it can take another command.
    var isUsable: Bool {
        !process.hasEnded && state.state.withLock { $0.end == nil && $0.fault == nil && $0.conversation == nil }
    }

    /// Carries out one command.
    ///
    /// Cancelling the task kills the worker.
    func perform(
        _ order: WorkerOrder,
        onProgress: @escaping @Sendable (WorkerProgress) -> Void
    ) async throws -> WorkerEvent {
        try Task.checkCancellation()
        let id = state.state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        let line: [UInt8]
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            line = try [UInt8](encoder.encode(WorkerCommand(id: id, order: order))) + [UInt8(ascii: "\n")]
        } catch {
            throw WorkerFailure.reported(ExportError(.internal, "A command for a worker could not be written: \(error)."))
        }
        let watch = Task { [weak self] in
            while let pause = self?.timeToStall() {
                try await Task.sleep(for: pause)
            }
        }
        defer { watch.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                begin(Conversation(id: id, onProgress: onProgress, reply: continuation), line: line)
            }
        } onCancel: {
            kill(.cancelled)
        }
        guard case .failure(.died(let exit, _)) = result else { return try result.get() }
        switch state.state.withLock({ $0.fault }) {
        case .stalled: throw WorkerFailure.stalled(settings.stallLimit, log: process.log)
        case .cancelled: throw CancellationError()
        case .garbled(let line): throw WorkerFailure.garbled(line)
        case nil: throw WorkerFailure.died(exit, log: process.log)
        }
    }

    /// Lets it end by itself: its input ends.
    func close() {
        process.closeInput()
    }

    /// Ends it.
    func kill() {
        kill(.cancelled)
    }

    private func kill(_ fault: Fault) {
        state.state.withLock { $0.fault = $0.fault ?? fault }
        process.terminate(grace: settings.grace)
    }

    private func begin(_ conversation: Conversation, line: [UInt8]) {
        let end: Result<WorkerExit, FileError>? = state.state.withLock { state in
            state.lastHeard = .now
            if state.end == nil { state.conversation = conversation }
            return state.end
        }
        if let end {
            conversation.reply.resume(returning: .failure(Self.failure(end)))
        } else {
            process.send(line)
        }
    }

    /// How long to wait before looking again whether the worker has stalled, or nil once it has been killed for it.
    private func timeToStall() -> Duration? {
        let left = state.state.withLock { $0.lastHeard } + settings.stallLimit - .now
        if left > .zero { return left }
        kill(.stalled)
        return nil
    }

    // MARK: On the process's thread

    private static func receive(_ line: [UInt8], in shared: Shared) {
        let reply: WorkerReply
        do {
            reply = try JSONDecoder().decode(WorkerReply.self, from: Data(line))
        } catch {
            let start = String(decoding: line.prefix(200), as: UTF8.self)
            shared.state.withLock { $0.fault = $0.fault ?? .garbled(start) }
            return finish(in: shared, with: .failure(.garbled(start)))
        }
        let progress = shared.state.withLock { state -> (@Sendable (WorkerProgress) -> Void)? in
            state.lastHeard = .now
            return state.conversation?.id == reply.id ? state.conversation?.onProgress : nil
        }
        guard let progress else { return }
        switch reply.event {
        case .progress(let value): progress(value)
        case .failed(let error): finish(in: shared, with: .failure(.reported(error)))
        case .scanned, .datasets, .faces, .planned, .encoded, .assembled: finish(in: shared, with: .success(reply.event))
        }
    }

    private static func ended(_ end: Result<WorkerExit, FileError>, in shared: Shared) {
        shared.state.withLock { $0.end = end }
        finish(in: shared, with: .failure(failure(end)))
    }

    private static func finish(in shared: Shared, with result: Result<WorkerEvent, WorkerFailure>) {
        let conversation = shared.state.withLock { state -> Conversation? in
            defer { state.conversation = nil }
            return state.conversation
        }
        conversation?.reply.resume(returning: result)
    }

    private static func failure(_ end: Result<WorkerExit, FileError>) -> WorkerFailure {
        switch end {
        case .success(let exit): .died(exit, log: "")
        case .failure(let error): .notStarted(error.exportError)
        }
    }
}
