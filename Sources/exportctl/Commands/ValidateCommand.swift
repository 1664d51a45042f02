import ArgumentParser
import ExportCore
import Requests

struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Checks requests without submitting them, and prints every problem with its place.",
        discussion: "Prints FILE:LINE:COLUMN: PROBLEM (HINT) on standard error for each problem and exits with 2 where there is one."
    )

    @Argument(help: ArgumentHelp("The requests; - reads standard input.", valueName: "request"))
    var requests: [String]

    @Flag(help: "Print the result as JSON on standard output.")
    var json = false

    /// What `--json` prints for one request.
    private struct Result: Encodable {
        var file: String
        var valid: Bool
        var problems: [ExportError.Detail]
    }

    func run() throws {
        var results: [Result] = []
        for path in requests {
            let name = path == "-" ? "standard input" : path
            do {
                _ = try RequestParser.parse(RequestFile.read(path), fileName: name)
                results.append(Result(file: name, valid: true, problems: []))
            } catch {
                let failure = ExportError(error)
                let problems =
                    failure.details.isEmpty ? [.init(failure.message, hint: failure.hint, location: failure.location)] : failure.details
                results.append(Result(file: name, valid: false, problems: problems))
            }
        }
        if json {
            try Output.json(results)
        } else {
            for result in results {
                for problem in result.problems { Output.note(Output.problem(problem)) }
                if result.valid { Output.line("\(result.file): valid") }
            }
        }
        if results.contains(where: { !$0.valid }) { throw ExitCode(ExitStatus.invalid) }
    }
}
