import Mustache

/// The templates, parsed.
///
/// They are literals because an installed worker is a single file without a folder of resources beside it.
struct TemplateSet {
    private let library: MustacheLibrary

    /// Parses all templates; it throws the library's own words where one is malformed, which the tests rule out.
    init() throws {
        MustacheContentTypes.register(MarkupEscape(), named: MarkupEscape.name)
        var library = MustacheLibrary()
        for (name, text) in Self.sources {
            // A template called from another starts with the library's own escaping again, so each says which one it wants.
            try library.register("{{% CONTENT_TYPE:\(MarkupEscape.name)}}\n" + text, named: name)
        }
        self.library = library
    }

    /// The text that a template makes of a model.
    func render(_ model: some Any, with name: String) -> String {
        library.render(model, withTemplate: name) ?? ""
    }

    private static let sources = [
        ("page", PageTemplate.page),
        ("recording", PageTemplate.recording),
        ("figure", PageTemplate.figure),
        ("table", PageTemplate.table),
        ("imagePage", ImagePageTemplate.page),
        ("sample", ImagePageTemplate.sample),
        ("plot", PlotTemplate.plot),
        ("plotFile", PlotTemplate.file),
    ]
}
