import ArgumentParser
import Configuration
import Fields
import Requests

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints the JSON Schema of requests, for editors.",
        discussion: "With --help-text, prints every key of a request with what it may hold and its default, for people."
    )

    @Flag(help: "Print the keys as text for people instead.")
    var helpText = false

    @Flag(help: "Print the keys of the configuration file as text for people instead.")
    var configuration = false

    func run() {
        if configuration || helpText {
            for row in configuration ? SiteConfiguration.rows : RequestParser.rows { Output.line(row.text) }
        } else {
            Output.raw(Array(RequestSchema.json().utf8))
        }
    }
}
