public import ExportCore
import GRDB

/// All that a job's sidecar tells, as it was at one instant.
public struct JobStanding: Sendable {
    /// The job.
    public var job: Job
    /// Whether no later request of the same name was accepted, so that the sidecars are still this job's.
    public var ownsSidecars: Bool
    /// How many jobs go before it; nil where it does not wait.
    public var queuePosition: Int?
    /// The user's usage, or that of all users where fewer exports of it are left.
    public var usage: QuotaUsage
    /// That the queue is paused; nil where it is not.
    public var pause: QueuePause?
}

extension Ledger {
    /// What the sidecars of jobs tell now, in the order of the ids; jobs that the ledger does not hold are left out.
    ///
    /// What they share is looked up once: a flood of requests asks this for each of them.
    public func standings(of ids: [JobID], _ policy: QuotaPolicy) throws(LedgerError) -> [JobStanding] {
        let found = try read { db in
            var usages: [String: QuotaUsage] = [:]
            let queue = try QueueState(db, now: clock().nanoseconds)
            let pause = try pause(db)
            return try ids.compactMap { id -> (JobStanding, Place)? in
                let row = try JobRow.fetchOne(db, cached: "SELECT * FROM jobs WHERE id = ?", arguments: [id.text])
                guard let job = row?.job else { return nil }
                let usage = try usages[job.user] ?? tighterUsage(of: job.user, policy, db)
                usages[job.user] = usage
                let standing = JobStanding(job: job, ownsSidecars: try ownsSidecars(job, db), usage: usage, pause: pause)
                return (standing, try place(of: job, in: queue, db))
            }
        }
        var standings: [JobStanding] = []
        for (standing, place) in found {
            var standing = standing
            standing.queuePosition = try position(place, of: standing.job.id)
            standings.append(standing)
        }
        return standings
    }
}
