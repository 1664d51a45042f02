import ArgumentParser
import Configuration
import ExportCore
import Manual
import Requests

struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Prints a manual page for man(1) to show.",
        discussion: """
            The pages come from the definitions by which commands, requests and configuration are read. That of the daemon is printed \
            by exportd --manual; the installer installs them all.
            """
    )

    enum Page: String, ExpressibleByArgument, CaseIterable {
        case exportctl
        case configuration = "exportd.yaml"
        case request = "export-request"
    }

    @Argument(help: "exportctl, exportd.yaml or export-request.")
    var page: Page

    func run() throws {
        let text =
            switch page {
            case .exportctl: try Self.exportctl()
            case .configuration: Self.configurationPage().text
            case .request: Self.requestPage().text
            }
        Output.raw(Array(text.utf8))
    }

    private static func exportctl() throws -> String {
        try ManualPage(
            program: Exportctl._dumpHelp(),
            section: 1,
            version: Version.current,
            files: [(SiteConfiguration.standardPath, "The configuration; without it the site is ./spool and ./examples/store.")],
            related: ["export-request(5)", "exportd.yaml(5)", "exportd(8)"]
        ).text
    }

    private static func configurationPage() -> ManualPage {
        ManualPage(
            format: "exportd.yaml",
            version: Version.current,
            title: "configuration of exportd",
            description: """
                One YAML file, read by exportd(8) at its start and on SIGHUP, and by exportctl(1). Every key has a default; a key that is \
                not known is an error. Sizes and lengths of time have units: 512MiB, 2TiB, 30s, 24h. Relative paths count from the \
                file's folder. exportd --check prints a configuration with all its defaults and says whether it can work.
                """,
            rows: SiteConfiguration.rows,
            example: """
                spool: /srv/export/spool
                stores: [/srv/recordings]
                ledger: /var/lib/exportd/ledger.sqlite
                workers: 2
                """,
            related: ["exportctl(1)", "export-request(5)", "exportd(8)"]
        )
    }

    private static func requestPage() -> ManualPage {
        ManualPage(
            format: "export-request",
            version: Version.current,
            title: "request for an export",
            description: """
                A YAML file of at most 1 MiB that is dropped into the inbox of exportd(8), best under a name that begins with a dot and \
                renamed then. NAME.status.json beside it tells what becomes of NAME.yaml; NAME.error.json is there exactly when it \
                failed. A key that is not known, a duplicate key or a value out of range is an error; all are reported together.

                exportctl validate checks a request without submitting it, and exportctl schema prints a JSON Schema for editors.
                """,
            rows: RequestParser.rows,
            example: """
                title: Kitchen set
                select:
                  projects: [kitchen]
                  review: [passed]
                exports:
                  - format: hdf5
                    rate_hz: 30
                """,
            related: ["exportctl(1)", "exportd.yaml(5)", "exportd(8)"]
        )
    }
}
