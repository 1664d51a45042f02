import Mustache

/// Parsed templates in which every value is escaped as `MarkupEscape` does it.
///
/// They are literals because an installed program is a single file without a folder of resources beside it.
public struct Templates: Sendable {
    private let library: MustacheLibrary

    /// Parses templates by name; it throws the library's own words where one is malformed, which the tests rule out.
    public init(_ sources: [(name: String, text: String)]) throws {
        MustacheContentTypes.register(MarkupEscape(), named: MarkupEscape.name)
        var library = MustacheLibrary()
        for (name, text) in sources {
            // A template called from another starts with the library's own escaping again, so each says which one it wants.
            try library.register("{{% CONTENT_TYPE:\(MarkupEscape.name)}}\n" + text, named: name)
        }
        self.library = library
    }

    /// The text that a template makes of a model.
    public func render(_ model: some Any, with name: String) -> String {
        library.render(model, withTemplate: name) ?? ""
    }
}
