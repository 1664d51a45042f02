import ExportCore

/// The order in which waiting jobs are served.
///
/// The more urgent go first; among equally urgent ones users take turns, the one whose last turn lies longest back first;
/// the jobs of one user go in the order in which they came.
enum FairQueue {
    /// What the order depends on.
    struct Waiting: Hashable, Sendable {
        var id: JobID
        var sequence: Int64
        var uid: UInt32
        var priority: Int
    }

    /// All jobs in the order in which they will be served if nothing else comes.
    ///
    /// - Parameters:
    ///   - waiting: the jobs, in any order.
    ///   - turns: for each user the number of its last turn; users that had none are absent.
    static func order(_ waiting: [Waiting], turns: [UInt32: Int64]) -> [JobID] {
        var turns = turns
        var turn = turns.values.max() ?? 0
        var order: [JobID] = []
        order.reserveCapacity(waiting.count)
        let classes = Dictionary(grouping: waiting, by: \.priority)
        for priority in classes.keys.sorted(by: >) {
            // Each user's jobs, last first, so that the next one is popped from the end.
            var lines = Dictionary(grouping: classes[priority] ?? [], by: \.uid).mapValues { $0.sorted { $0.sequence > $1.sequence } }
            while !lines.isEmpty {
                let heads = lines.compactMap { uid, line in line.last.map { (uid: uid, turn: turns[uid] ?? 0, sequence: $0.sequence) } }
                guard let next = heads.min(by: { ($0.turn, $0.sequence) < ($1.turn, $1.sequence) }) else { break }
                if let job = lines[next.uid]?.popLast() { order.append(job.id) }
                if lines[next.uid]?.isEmpty == true { lines[next.uid] = nil }
                turn += 1
                turns[next.uid] = turn
            }
        }
        return order
    }

    /// One user's waiting jobs of one priority.
    struct Line: Hashable, Sendable {
        var uid: UInt32
        var priority: Int
        var count: Int
        /// The sequence number of the first of them.
        var first: Int64
    }

    /// How many jobs go before one of a line, told from the lengths of the lines alone: what `order` says, without looking
    /// at every job, since a flood of requests asks this for each of them.
    ///
    /// - Parameters:
    ///   - rank: how many jobs of its own line go before it.
    ///   - line: the line that it stands in.
    ///   - lines: all lines, the job's own among them.
    ///   - turns: for each user the number of its last turn; users that had none are absent.
    static func position(rank: Int, in line: Line, lines: [Line], turns: [UInt32: Int64]) -> Int {
        var turns = turns
        var turn = turns.values.max() ?? 0
        var before = 0
        let classes = Dictionary(grouping: lines.filter { $0.priority >= line.priority }, by: \.priority)
        for priority in classes.keys.sorted(by: >) {
            // Whose turn comes first in the first round comes first in every round.
            let round = (classes[priority] ?? []).sorted { (turns[$0.uid] ?? 0, $0.first) < (turns[$1.uid] ?? 0, $1.first) }
            guard priority == line.priority else {
                before += round.reduce(0) { $0 + $1.count }
                // Those with more jobs are served longer, so they had their last turn later.
                for (_, served) in round.enumerated().sorted(by: { ($0.element.count, $0.offset) < ($1.element.count, $1.offset) }) {
                    turn += 1
                    turns[served.uid] = turn
                }
                continue
            }
            var isAhead = true
            for other in round {
                if other.uid == line.uid {
                    isAhead = false
                    before += rank
                } else {
                    before += min(other.count, isAhead ? rank + 1 : rank)
                }
            }
        }
        return before
    }
}
