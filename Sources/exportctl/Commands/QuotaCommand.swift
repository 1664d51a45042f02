import ArgumentParser
import ExportCore
import Requests
import Sidecars

struct QuotaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quota",
        abstract: "Shows and changes how much users have used and may use.",
        subcommands: [
            QuotaShowCommand.self, QuotaListCommand.self, QuotaSetCommand.self, QuotaAdjustCommand.self, QuotaResetCommand.self,
        ],
        defaultSubcommand: QuotaShowCommand.self
    )
}

/// Usage for people and scripts.
enum QuotaReport {
    static func print(_ documents: [QuotaDocument], json: Bool) throws {
        if json { return Output.raw(try QuotaDocument.json(documents)) }
        var table = Table(["user", "window", "used", "reserved", "limit", "remaining", "bytes used", "reserved", "limit", "resets at"])
        for document in documents {
            let quota = document.quota
            table.add([
                document.user, quota.window, String(quota.used), String(quota.reserved), quota.limit.map(String.init) ?? "unlimited",
                quota.remaining.map(String.init) ?? "-", Wording.bytes(quota.bytes.used), Wording.bytes(quota.bytes.reserved),
                quota.bytes.limit.map(Wording.bytes) ?? "unlimited", quota.resetsAt ?? "never",
            ])
        }
        for line in table.lines { Output.line(line) }
    }
}

struct QuotaShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows your usage, or for administrators that of a user."
    )

    @Argument(help: "A user's name, or system for all together; yours where absent.")
    var user: String?

    @OptionGroup var answer: AnswerArguments
    @OptionGroup var site: SiteArguments

    func run() async throws {
        try QuotaReport.print(try await ServiceBook(site.load()).quota(of: user, timeout: answer.timeout), json: answer.json)
    }
}

struct QuotaListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the usage of all users, for administrators.")

    @OptionGroup var answer: AnswerArguments
    @OptionGroup var site: SiteArguments

    func run() async throws {
        try QuotaReport.print(try await ServiceBook(site.load()).quotas(timeout: answer.timeout), json: answer.json)
    }
}

struct QuotaSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Sets the limits of a user, of all who have none of their own (default), or of all together (system).",
        discussion: "What is set here comes before the configuration and lasts until it is set to configured."
    )

    @Argument(help: "A user's name, default or system.")
    var user: String

    @Option(help: ArgumentHelp("The most exports in a window.", valueName: "N|unlimited|configured"), transform: ServiceArgument.exports)
    var exports: LimitSetting?

    @Option(
        help: ArgumentHelp("The most bytes of packages in a window.", valueName: "size|unlimited|configured"),
        transform: ServiceArgument.bytes
    )
    var bytes: LimitSetting?

    @Option(help: "How long usage counts.")
    var window: QuotaWindow?

    @Option(help: "Why, for the record.")
    var reason: String?

    @OptionGroup var answer: AnswerArguments
    @OptionGroup var site: SiteArguments

    func validate() throws {
        if exports == nil, bytes == nil, window == nil { throw ValidationError("Give --exports, --bytes or --window.") }
    }

    func run() async throws {
        var request = QuotaRequest(.set)
        request.user = user
        request.exports = exports
        request.bytes = bytes
        request.window = window
        request.reason = reason
        try await ControlRequest(request: .quota(request), site: try site.load(), timeout: answer.timeout).run(json: answer.json)
    }
}

struct QuotaAdjustCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adjust",
        abstract: "Adds to what a user has used in the current window, or takes from it.",
        discussion: "A negative sum is a credit."
    )

    @Argument(help: "A user's name.")
    var user: String

    @Option(help: ArgumentHelp("Exports to add, as in --exports=5 or --exports=-5.", valueName: "±N"))
    var exports: Int?

    @Option(help: ArgumentHelp("Bytes to add, as in --bytes=-2GiB.", valueName: "±size"), transform: ServiceArgument.signedBytes)
    var bytes: Int64?

    @Option(help: "Why, for the record.")
    var reason: String

    @OptionGroup var answer: AnswerArguments
    @OptionGroup var site: SiteArguments

    func validate() throws {
        if exports == nil, bytes == nil { throw ValidationError("Give --exports or --bytes.") }
        if let exports, abs(exports) > 1_000_000_000 { throw ValidationError("--exports must be at most 1000000000.") }
    }

    func run() async throws {
        var request = QuotaRequest(.adjust)
        request.user = user
        request.exports = exports.map { .limit(Int64($0)) }
        request.bytes = bytes.map { .limit($0) }
        request.reason = reason
        try await ControlRequest(request: .quota(request), site: try site.load(), timeout: answer.timeout).run(json: answer.json)
    }
}

struct QuotaResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Sets what a user has used in the current window to nothing."
    )

    @Argument(help: "A user's name.")
    var user: String

    @Option(help: "Why, for the record.")
    var reason: String

    @OptionGroup var answer: AnswerArguments
    @OptionGroup var site: SiteArguments

    func run() async throws {
        var request = QuotaRequest(.reset)
        request.user = user
        request.reason = reason
        try await ControlRequest(request: .quota(request), site: try site.load(), timeout: answer.timeout).run(json: answer.json)
    }
}
