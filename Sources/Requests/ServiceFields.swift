import ExportCore
import Fields
import Formats
import YAML

/// The keys of requests about history, quota and queue.
enum ServiceFields {
    // MARK: history

    static let history = FieldSet(defaults: HistoryRequest()) {
        Field("title", \.title, RequestFields.title, default: "none", "A name for people.")
        Field("filter", \.filter, .set(conditions), default: "every job", "Which jobs: all conditions must hold, a list is a choice.")
        Field("output", \.output, .choice(), "How history.json, .csv or .txt is written; statistics.json holds sums, for administrators.")
    } check: { request, node, path, problems in
        var times = HistoryConditions()
        (times.from, times.to) = (request.filter.from, request.filter.to)
        guard request.output == .statistics, request.filter != times else { return }
        problems.add(at: node.position, path.key("filter"), "Statistics take no other conditions than from and to.")
    }

    private static let conditions = FieldSet(defaults: HistoryConditions()) {
        Field("from", \.from, .timestamp, default: "open", "Accepted at or after this instant.")
        Field("to", \.to, .timestamp, default: "open", "Accepted before this instant.")
        Field("formats", \.formats, .list(of: .choice()), default: "all", "Formats, of which a job has at least one.")
        Field("states", \.states, .list(of: .choice()), default: "all", "States.")
        Field("users", \.users, .list(of: .text("a user's name")), default: "all", "Names of users.")
        Field("projects", \.projects, .list(of: .text("a project name or glob")), default: "all", "Project names or globs.")
        Field(
            "datasets",
            \.datasets,
            .list(of: .text("a dataset id or glob", upTo: 1_000)),
            default: "all",
            "Dataset ids or globs that the job included."
        )
        Field(
            "text",
            \.text,
            .text("a text of at least 3 characters", pattern: "^.{3,}$") { $0.unicodeScalars.count >= 3 },
            default: "any",
            "Text in the request's name, its title or its error, in capitals or not."
        )
        Field("limit", \.limit, .integer(1...HistoryConditions.mostJobs), "The most jobs to list, newest first.")
    } check: { conditions, node, path, problems in
        guard let from = conditions.from, let to = conditions.to, to <= from else { return }
        problems.add(at: node.position, path.key("to"), "\(path.key("to")) must be later than \(path.key("from")).")
    }

    // MARK: quota

    static let quota = FieldSet(defaults: QuotaRequest(.show)) {
        Field("title", \.title, RequestFields.title, default: "none", "A name for people.")
        Field("action", \.action, .choice(), required: true, "What is asked for; set, adjust, reset and list are for administrators.")
        Field("user", \.user, .text("a user's name, default or system"), default: "whoever asks", "Whose quota it is about.")
        Field("exports", \.exports, amount(exportsAmount), default: "as it is", "The limit on exports, or what adjust adds to those used.")
        Field("bytes", \.bytes, amount(bytesAmount), default: "as it is", "The limit on bytes, or what adjust adds to those used.")
        Field("window", \.window, .choice(), default: "as it is", "How long usage counts.")
        Field("reason", \.reason, .text("a reason"), default: "none", "Why, for the record; adjust and reset need one.")
    } check: { request, node, path, problems in
        for problem in problemsOf(request) { problems.add(at: node.position, path.key(problem.key), problem.message) }
    }

    private static func problemsOf(_ request: QuotaRequest) -> [(key: String, message: String)] {
        var found: [(String, String)] = []
        let action = request.action.rawValue
        func refuse(_ key: String, _ isGiven: Bool) {
            if isGiven { found.append((key, "The action \(action) takes no \(key).")) }
        }
        func needUser() {
            switch request.user {
            case nil: found.append(("user", "The action \(action) needs a user."))
            case "default", "system":
                found.append(("user", "The action \(action) takes one user; default and system have no usage of their own."))
            default: break
            }
        }
        if request.action != .set { refuse("window", request.window != nil) }
        switch request.action {
        case .show, .list:
            if request.action == .list { refuse("user", request.user != nil) }
            refuse("exports", request.exports != nil)
            refuse("bytes", request.bytes != nil)
        case .set:
            if request.user == nil { found.append(("user", "The action set needs a user, or default or system.")) }
            if request.exports == nil, request.bytes == nil, request.window == nil {
                found.append(("exports", "The action set needs exports, bytes or window."))
            }
            for (key, setting) in [("exports", request.exports), ("bytes", request.bytes)] {
                if case .limit(let value) = setting, value < 0 { found.append((key, "A limit of \(key) can't be below nothing.")) }
            }
        case .adjust:
            needUser()
            if request.exports == nil, request.bytes == nil { found.append(("exports", "The action adjust needs exports or bytes.")) }
            for (key, setting) in [("exports", request.exports), ("bytes", request.bytes)] {
                if let setting, setting == .unlimited || setting == .configured {
                    found.append((key, "The action adjust needs a number of \(key), such as 5 or -5."))
                }
            }
            if request.reason == nil { found.append(("reason", "The action adjust needs a reason.")) }
        case .reset:
            needUser()
            refuse("exports", request.exports != nil)
            refuse("bytes", request.bytes != nil)
            if request.reason == nil { found.append(("reason", "The action reset needs a reason.")) }
        }
        return found
    }

    private struct Amount {
        var expected: String
        var schema: FieldValue
        var parse: @Sendable (Scalar) -> Int64?
        var write: @Sendable (Int64) -> FieldValue
    }

    private static let exportsAmount = Amount(
        expected: "a whole number, with a minus or not",
        schema: ["type": .text("integer")],
        parse: { scalar in
            guard case .integer(let value) = scalar.meaning, abs(value) <= 1_000_000_000 else { return nil }
            return Int64(value)
        },
        write: { .integer($0) }
    )

    private static let bytesAmount = Amount(
        expected: "a size with a unit, such as 512GiB or -2GiB",
        schema: ["type": .text("string"), "pattern": .text(SignedSize.pattern)],
        parse: { scalar in scalar.meaning == .text ? SignedSize.parse(scalar.text) : nil },
        write: { .text(SignedSize.text($0)) }
    )

    /// An amount, or one of two words.
    private static func amount(_ amount: Amount) -> Shape<LimitSetting> {
        let words: [(String, LimitSetting)] = [("unlimited", .unlimited), ("configured", .configured)]
        let expected = "\(amount.expected), unlimited or configured"
        return Shape(
            expected: expected,
            schema: ["anyOf": .list([amount.schema, ["type": .text("string"), "enum": .list(words.map { .text($0.0) })]])],
            read: { node, path, problems in
                guard case .scalar(let scalar) = node.content else {
                    problems.add(node, path, expected: expected)
                    return nil
                }
                if let word = words.first(where: { $0.0 == scalar.text }) { return word.1 }
                if let value = amount.parse(scalar) { return .limit(value) }
                problems.add(node, path, expected: expected)
                return nil
            },
            write: { setting in
                switch setting {
                case .unlimited: .text("unlimited")
                case .configured: .text("configured")
                case .limit(let value): amount.write(value)
                }
            }
        )
    }

    // MARK: queue

    static let queue = FieldSet(defaults: QueueRequest(.pause)) {
        Field("title", \.title, RequestFields.title, default: "none", "A name for people.")
        Field(
            "action",
            \.action,
            .choice(),
            required: true,
            "pause and resume the start of jobs, clear those that wait, purge also those that run, run again what failed."
        )
    }
}
