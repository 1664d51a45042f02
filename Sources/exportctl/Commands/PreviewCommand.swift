import ArgumentParser

struct PreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Shows which datasets a request selects and what it would make of them, without the daemon.",
        discussion: "Runs the whole selection and every check and writes no package."
    )

    @Argument(help: "The request; - reads standard input.")
    var request: String

    @Flag(help: "Print the status document as JSON.")
    var json = false

    @OptionGroup var site: SiteArguments

    func run() async throws {
        let command = try ForegroundCommand(RequestFile(reading: request), site.load())
        try JobReport.printEnd(try await command.preview(), json: json)
    }
}
