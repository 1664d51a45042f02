import ExportCore
import GRDB
import Sidecars

extension JobState {
    /// Whether a job may go from this state to another.
    func allows(_ next: JobState) -> Bool {
        switch (self, next) {
        case (.pending, .processing), (.pending, .failed), (.pending, .cancelled): true
        case (.processing, .pending), (.processing, .completed), (.processing, .failed), (.processing, .cancelled): true
        case (.failed, .pending), (.cancelled, .pending): true
        default: false
        }
    }
}

// How a job changes: every change of state goes through `transition`, which checks it and writes its event.
extension Ledger {
    /// Moves a job to another state in a transaction of its own.
    ///
    /// - Parameter body: changes what else must change, and says why, for the job's events.
    func change(
        _ id: JobID,
        to state: JobState,
        by actor: String = Ledger.daemon,
        _ body: (inout Job, Database) throws -> String
    ) throws(LedgerError) -> Job {
        try write(closing: state.isTerminal) { db in try transition(id, to: state, by: actor, db, body) }
    }

    /// Moves a job to another state, or throws where its state does not allow that.
    func transition(
        _ id: JobID,
        to state: JobState,
        by actor: String = Ledger.daemon,
        _ db: Database,
        _ body: (inout Job, Database) throws -> String
    ) throws -> Job {
        var job = try fetch(id, db)
        let before = job.state
        guard before.allows(state) else {
            throw LedgerError(.illegalTransition, "The job \(id) is \(before.rawValue); it cannot become \(state.rawValue).")
        }
        job.state = state
        job.updated = clock()
        // A clock that was set back under a job makes its time nothing, and not less.
        if state.isTerminal { job.finished = max(job.updated, job.started ?? job.created) }
        let reason = try body(&job, db)
        try JobRow(job).update(db)
        try record(job, from: before, actor: actor, reason: reason, db)
        try settle(job, actor: actor, reason: reason, db)
        if state == .failed, let error = job.error, error.code == .notPermitted {
            let actor = job.submitter.map { Actor(uid: $0.uid, name: $0.name) } ?? Actor(uid: job.uid, name: job.user)
            try audit(.denied, actor, job.kind ?? "request", subject: job.request, job: id, reason: error.message, db)
        }
        try announce(job, db)
        return job
    }

    /// Changes what is known of a running job.
    func amend(_ id: JobID, _ body: (inout Job, Database) throws -> Void) throws(LedgerError) -> Job {
        try write(closing: false) { db in
            var job = try fetch(id, db)
            guard job.state == .processing else {
                throw LedgerError(.illegalTransition, "The job \(id) is \(job.state.rawValue); it makes no progress.")
            }
            try body(&job, db)
            job.updated = clock()
            try JobRow(job).update(db)
            return job
        }
    }

    /// Adds to a job's past.
    func record(_ job: Job, from: JobState?, actor: String, reason: String, _ db: Database) throws {
        try db.execute(
            cached: "INSERT INTO job_events (job, time_ns, from_state, to_state, actor, reason) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [job.id.text, job.updated.nanoseconds, from?.rawValue, job.state.rawValue, actor, reason]
        )
    }
}

extension Job {
    /// What a failure changes besides the state.
    ///
    /// - Returns: why, for the job's events.
    mutating func fail(_ error: ExportError) -> String {
        self.error = error
        rest(exports: .failed)
        return error.message
    }

    /// What a cancellation changes besides the state.
    ///
    /// - Returns: why, for the job's events.
    mutating func cancel() -> String {
        rest(exports: .cancelled)
        return "The job was cancelled."
    }

    /// What the end or a pause of the work changes besides the state.
    ///
    /// Nothing of the job is published, so its exports share its state. What was encoded stays in the work folder.
    mutating func rest(exports state: JobState) {
        nextTry = nil
        progress.etaSeconds = nil
        progress.current = nil
        for index in exports.indices { exports[index].state = state }
    }
}
