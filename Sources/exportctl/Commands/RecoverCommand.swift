import ArgumentParser

struct RecoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Makes a sound recording of one that is cut off or damaged.",
        discussion: "`exportctl recover --help` lists the options."
    )

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("The damaged recording, the new file, and options.", valueName: "files"))
    var arguments: [String] = []

    func run() throws {
        try RecordingProgram.run("recover", arguments)
    }
}
