import Files

/// A program of the host that is given something on its standard input and has a limited time for it.
struct HelperProgram: Sendable {
    /// Its absolute path.
    let path: String
    /// What stands behind its name.
    let arguments: [String]
    /// Variables that it gets beside `PATH`.
    var environment: [String] = []

    /// Runs the program to its end, and ends it with everything that it started where it takes too long.
    ///
    /// - Returns: Why it is not known to have done its work, or nil where it ended with status 0.
    /// - Throws: `CancellationError`; the program is ended then.
    func run(input: [UInt8], limit: Duration) async throws -> String? {
        let (ends, end) = AsyncStream.makeStream(of: Result<WorkerExit, FileError>.self, bufferingPolicy: .bufferingOldest(1))
        let process = WorkerProcess(
            executable: path,
            arguments: arguments,
            environment: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] + environment,
            onLine: { _ in },
            onEnd: {
                end.yield($0)
                end.finish()
            }
        )
        process.send(input)
        process.closeInput()
        let alarm = Task {
            try await Task.sleep(for: limit)
            process.terminate(grace: .seconds(2))
            return true
        }
        defer { alarm.cancel() }
        var ended: Result<WorkerExit, FileError>?
        for await result in ends { ended = result }
        guard let ended else {
            process.terminate(grace: .seconds(2))
            throw CancellationError()
        }
        switch ended {
        case .failure(let error): return "\(error)"
        case .success(.exited(0)): return nil
        case .success(let exit):
            alarm.cancel()
            let ranOut = (try? await alarm.value) == true
            let log = process.log.split(separator: "\n").last.map { ": \($0.prefix(300))" } ?? ""
            return ranOut ? "\(path) did not end within \(limit.components.seconds) s." : "\(path) \(exit)\(log)"
        }
    }
}
