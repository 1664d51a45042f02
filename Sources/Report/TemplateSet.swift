import Markup

/// The templates of the report, parsed.
enum TemplateSet {
    static func parsed() throws -> Templates {
        try Templates([
            ("page", PageTemplate.page),
            ("recording", PageTemplate.recording),
            ("figure", PageTemplate.figure),
            ("table", PageTemplate.table),
            ("imagePage", ImagePageTemplate.page),
            ("sample", ImagePageTemplate.sample),
            ("plot", PlotTemplate.plot),
            ("plotFile", PlotTemplate.file),
        ])
    }
}
