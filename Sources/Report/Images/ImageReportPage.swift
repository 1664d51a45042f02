import Markup

/// The page of an export of image sets: one file that needs no network, to be looked at before anyone trains on it.
public struct ImageReportPage {
    /// Rows of a table, which the page may not outgrow.
    private static let mostRows = 1_000

    private let report: ImageReport
    private let version: String
    private let templates: Templates

    /// A page of what an export holds.
    ///
    /// `version` is exportd's. It throws the template library's words where one of the built-in templates is malformed.
    public init(_ report: ImageReport, version: String) throws {
        self.report = report
        self.version = version
        templates = try TemplateSet.parsed()
    }

    /// The page, UTF-8 text of an HTML file.
    public func html() -> String {
        let model = ImagePageModel(
            title: "Annotated images",
            version: version,
            lead: lead.map { BreakableText($0) },
            facts: facts,
            samples: report.samples.enumerated().map { SampleModel($1, number: $0 + 1) },
            hasSamples: !report.samples.isEmpty,
            losses: report.losses.isEmpty ? nil : losses,
            tables: [
                table("classes", "Classes, in the order of their numbers", "Class", report.classes, isNumbered: true),
                table("splits", "Splits", "Split", report.splits),
                table("types", "Types of annotations", "Type", report.types),
                table("sets", "Image sets", "Set", report.datasets),
            ]
        )
        return templates.render(model, with: "imagePage")
    }

    private var lead: [String] {
        let (dropped, reduced) = (count(.dropped), count(.reduced))
        let formats = Set(report.losses.compactMap { $0.kind == .dropped || $0.kind == .reduced ? $0.format : nil }).sorted()
        let partly = formats.isEmpty ? "" : " What the files of \(formats.joined(separator: ", ")) cannot hold is below."
        if dropped == 0, reduced == 0 {
            return [report.summary, "Every annotation that was asked for is in the package as its set has it." + partly]
        }
        var sentences: [String] = []
        if dropped > 0 {
            sentences.append("\(NumberText.counted(dropped, "annotation")) \(dropped == 1 ? "is" : "are") not in the package.")
        }
        if reduced > 0 {
            sentences.append(
                "\(NumberText.counted(reduced, "annotation")) \(reduced == 1 ? "is" : "are") there in part or as another shape."
            )
        }
        return [report.summary, sentences.joined(separator: " ") + " The reasons are below." + partly]
    }

    /// Annotations that the package as a whole does not have, or not as they were.
    private func count(_ kind: ImageReport.Loss.Kind) -> Int {
        report.losses.reduce(0) { $0 + ($1.kind == kind && $1.format == nil ? $1.count : 0) }
    }

    private var facts: [PageModel.Fact] {
        let dropped = count(.dropped)
        return [
            .init(number: NumberText.whole(report.images), what: "images", factStyle: ""),
            .init(number: NumberText.whole(report.emptyImages), what: "images without annotation", factStyle: ""),
            .init(number: NumberText.whole(report.annotations), what: "annotations", factStyle: ""),
            .init(number: NumberText.whole(report.classes.count), what: "classes", factStyle: ""),
            .init(number: NumberText.whole(dropped), what: "annotations left out", factStyle: dropped > 0 ? "bad" : "good"),
        ]
    }

    private var losses: TableModel {
        let words: [ImageReport.Loss.Kind: String] = [.dropped: "left out", .reduced: "in part", .image: "note", .category: "note"]
        let nouns: [ImageReport.Loss.Kind: String] = [.image: "images", .category: "classes"]
        return TableModel(
            tableIdentifier: "losses",
            caption: "What is not as the sets have it",
            corner: "Reason",
            columns: [
                .init(heading: "Count"), .init(heading: "What", isOfWords: true), .init(heading: "Type", isOfWords: true),
                .init(heading: "Such as", isOfWords: true),
            ],
            rows: report.losses.prefix(Self.mostRows).map { loss in
                .init(
                    rowHeading: "\(nouns[loss.kind, default: "annotations"]) that \(loss.reason)" + (loss.format.map { " (\($0))" } ?? ""),
                    cells: [
                        .number(NumberText.whole(loss.count)), .word(words[loss.kind, default: ""]), .word(loss.type),
                        .words(loss.examples.prefix(2).map { shortened($0) }.joined(separator: "; ")),
                    ]
                )
            },
            remainder: remainder(report.losses.count)
        )
    }

    private func table(
        _ identifier: String,
        _ caption: String,
        _ corner: String,
        _ counts: [ImageReport.Count],
        isNumbered: Bool = false
    ) -> TableModel {
        TableModel(
            tableIdentifier: identifier,
            caption: caption,
            corner: corner,
            columns: (isNumbered ? [.init(heading: "Number")] : []) + [.init(heading: "Images"), .init(heading: "Annotations")],
            rows: counts.prefix(Self.mostRows).enumerated().map { index, count in
                .init(
                    rowHeading: shortened(count.name),
                    cells: (isNumbered ? [.number(String(index))] : [])
                        + [.number(NumberText.count(count.images)), .number(NumberText.count(count.annotations))]
                )
            },
            remainder: remainder(counts.count)
        )
    }

    private func remainder(_ count: Int) -> String? {
        count > Self.mostRows ? "\(count - Self.mostRows) more; export_report.json holds all." : nil
    }
}
