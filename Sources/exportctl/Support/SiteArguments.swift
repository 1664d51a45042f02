import ArgumentParser
import Configuration
import ExportCore
import Files

/// Which site a command works on.
struct SiteArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The configuration file.",
            discussion: "Default: \(SiteConfiguration.standardPath) if it is there, else ./spool and ./examples/store.",
            valueName: "file"
        )
    )
    var config: String?

    /// The site's configuration.
    func load() throws(ExportError) -> SiteConfiguration {
        if let config { return try SiteConfiguration.load(config) }
        return try SiteConfiguration.load(FileSystem.exists(SiteConfiguration.standardPath) ? SiteConfiguration.standardPath : nil)
    }
}
