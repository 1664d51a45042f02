import ArgumentParser
import ExportCore

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks the configuration, spool, stores, ledger, space, permissions and workers, and says what to repair.",
        discussion: "Exits with 1 where something must be repaired. Changes nothing."
    )

    @Flag(help: "Print as JSON.")
    var json = false

    @OptionGroup var site: SiteArguments

    func run() async throws {
        let findings = await Doctor(try site.load()).findings()
        if json {
            try Output.json(findings)
        } else {
            for finding in findings {
                let mark =
                    switch finding.state {
                    case .good: "ok     "
                    case .warning: "warning"
                    case .broken: "broken "
                    }
                Output.line("\(mark)  \(finding.subject): \(finding.message)")
                if let hint = finding.hint { Output.line("         \(hint)") }
            }
        }
        if findings.contains(where: { $0.state == .broken }) { throw ExitCode(ExitStatus.failed) }
    }
}
