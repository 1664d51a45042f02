import ExportCore
import Markup

/// The page's values in words.
///
/// A template looks for a name that an inner value lacks in the outer ones, so names of different levels differ.
struct PageModel {
    struct Job {
        var jobID: String
        var name: String
        var formTitle: String?
        var user: String
        var what: String
        var state: String
        var badge: String
        var urgency: String?
        var when: String
        var whenExact: String
        var percent: String?
        var left: String?
        var doneOf: String?
        var current: String?
        var position: String?
        var size: String?
        var packages: String?
        var message: String?
        var warned: String?
    }

    struct Allowance {
        struct Bar {
            var unit: String
            var text: String
            var share: String?
            var barStyle: String
        }

        var scope: String
        var resets: String
        var bars: [Bar]
    }

    struct Fact {
        var term: String
        var value: String
        var factStyle: String
    }

    let policy: String
    let version: String
    let written: String
    let writtenExact: String
    let problems: [String]
    let hasProblems: Bool
    let facts: [Fact]
    let running: [Job]
    let hasRunning: Bool
    let queue: [Job]
    let hasQueue: Bool
    let more: String?
    let recent: [Job]
    let hasRecent: Bool
    let quota: [Allowance]
    let hasQuota: Bool

    init(_ snapshot: ServiceSnapshot, policy: String) {
        self.policy = policy
        let health = snapshot.health
        version = health.version
        written = Words.minute(snapshot.writtenAt)
        writtenExact = snapshot.writtenAt
        problems = health.problems.prefix(20).map { shortened($0, to: 1_000) }
        hasProblems = !problems.isEmpty
        let isGood = problems.isEmpty && health.state == "serving"
        let running = snapshot.running.count
        // Short jobs run beside long ones, and requests about other jobs beside all.
        let beside = running - health.workers
        let busy = beside > 0 ? "\(health.workers) + \(beside)" : "\(running) of \(health.workers)"
        let pause = health.pause.map { "by \(shortened($0.actor, to: 64)) since \(Words.minute($0.since)) UTC" }
        var facts = [
            Fact(term: pause.map { "daemon, \($0)" } ?? "daemon", value: health.state, factStyle: isGood ? "good" : "bad"),
            Fact(term: "jobs running", value: busy, factStyle: ""),
            Fact(term: "jobs waiting", value: "\(snapshot.queueLength)", factStyle: ""),
            Fact(term: "parts in work", value: "\(health.busy)", factStyle: ""),
        ]
        if let free = health.freeBytes {
            facts.append(Fact(term: "free space", value: Words.bytes(free), factStyle: free < health.minimumFreeBytes ? "bad" : ""))
        }
        if let cache = health.cacheBytes { facts.append(Fact(term: "cache", value: Words.bytes(cache), factStyle: "")) }
        facts.append(Fact(term: "up since (UTC)", value: Words.minute(health.since), factStyle: "small"))
        self.facts = facts
        self.running = snapshot.running.map(Job.init)
        hasRunning = running > 0
        queue = snapshot.queue.map(Job.init)
        hasQueue = !queue.isEmpty
        let hidden = snapshot.queueLength - snapshot.queue.count
        more = hidden > 0 ? "\(hidden) more jobs wait behind these." : nil
        recent = snapshot.recent.map(Job.init)
        hasRecent = !recent.isEmpty
        quota = snapshot.quota.map(Allowance.init)
        hasQuota = !quota.isEmpty
    }
}

extension PageModel {
    /// The values by their names, as the template looks them up.
    var named: [String: Any] {
        var values = namedValues(self)
        for (name, jobs) in [("running", running), ("queue", queue), ("recent", recent)] { values[name] = jobs.map { namedValues($0) } }
        values["quota"] = quota.map { allowance in
            var values = namedValues(allowance)
            values["bars"] = allowance.bars.map { namedValues($0) }
            return values
        }
        return values
    }
}

extension PageModel.Job {
    init(_ entry: ServiceSnapshot.Entry) {
        jobID = entry.job.text
        name = shortened(entry.request)
        formTitle = entry.title.map { shortened($0) }
        user = shortened(entry.user, to: 64)
        let formats = entry.formats.prefix(8).joined(separator: ", ")
        // A file that answers a request has the request's kind for its format.
        let isPlain = entry.kind == "export" && !formats.isEmpty || entry.kind == formats
        what = isPlain ? formats : [entry.kind ?? "unknown", formats].filter { !$0.isEmpty }.joined(separator: ": ")
        state = entry.state
        badge = "badge \(entry.state)"
        urgency = entry.priority.map { "\($0) priority" }
        let instant = entry.finishedAt ?? entry.startedAt ?? entry.createdAt
        when = Words.minute(instant)
        whenExact = instant
        percent = entry.state == "processing" ? Words.percent(entry.percent) : nil
        left = entry.etaSeconds.map(LengthOfTime.left)
        let datasets = entry.datasetsTotal > 0 ? "\(entry.datasetsDone) of \(entry.datasetsTotal) datasets" : nil
        doneOf = datasets.map { "\(left == nil ? "" : " · ")\($0)" }
        current = entry.current.map { "\(left == nil && doneOf == nil ? "" : " · ")\(shortened($0))" }
        position = entry.queuePosition.map { "\($0 + 1)" }
        size = entry.bytes.map(Words.bytes)
        // Only letters, digits and hyphens are in a job's name.
        packages = entry.isPublished ? "../outbox/\(entry.job.text)/" : nil
        message = entry.message.map { shortened("\(entry.error.map { "\($0): " } ?? "")\($0)", to: 400) }
        warned = entry.warnings > 0 ? (entry.warnings == 1 ? "1 warning" : "\(entry.warnings) warnings") : nil
    }
}

extension PageModel.Allowance {
    init(_ quota: ServiceSnapshot.Quota) {
        scope = quota.scope == "system" ? "all users together" : shortened(quota.scope, to: 64)
        resets = quota.resetsAt.map { "begins anew \(Words.minute($0)) UTC" } ?? ""
        let exports = Self.bar(
            "exports",
            Int64(quota.usedExports),
            Int64(quota.reservedExports),
            quota.limitExports.map(Int64.init)
        ) { "\($0)" }
        bars = [exports, Self.bar("bytes", quota.usedBytes, quota.reservedBytes, quota.limitBytes, Words.bytes)]
    }

    private static func bar(_ unit: String, _ used: Int64, _ reserved: Int64, _ limit: Int64?, _ text: (Int64) -> String) -> Bar {
        var words = "\(text(used)) used"
        if reserved > 0 { words += ", \(text(reserved)) reserved" }
        guard let limit else { return Bar(unit: unit, text: "\(words), no limit", share: nil, barStyle: "") }
        words += " of \(text(limit))"
        let share = limit > 0 ? min(1, max(0, (Double(used) + Double(reserved)) / Double(limit))) : 1
        return Bar(unit: unit, text: words, share: Words.percent(share * 100), barStyle: share >= 0.9 ? "near" : "")
    }
}
