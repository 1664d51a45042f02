import ArgumentParser

struct CatalogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog",
        abstract: "Shows what the stores hold.",
        subcommands: [CatalogScanCommand.self, CatalogListCommand.self, CatalogShowCommand.self],
        defaultSubcommand: CatalogListCommand.self
    )
}
