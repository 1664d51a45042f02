import ArgumentParser

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows what is in a recording, checks it, or prints its messages.",
        discussion: "`exportctl inspect --help` lists the options."
    )

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("The recording, a file or a folder, and options.", valueName: "file"))
    var arguments: [String] = []

    func run() throws {
        try RecordingProgram.run("inspect", arguments)
    }
}
