import ExportCore
import Fields
import YAML

/// The keys of `select:`.
enum SelectionFields {
    static let set = FieldSet(defaults: Selection()) {
        Field("projects", \.projects, .list(of: .text("a project name or glob")), default: "all", "Project names or globs.")
        Field(
            "datasets",
            \.datasets,
            .list(of: .text("a dataset id or glob", upTo: 1_000)),
            default: "all",
            "Dataset ids or globs; an id without a glob must exist."
        )
        Field("recorded", \.recorded, recorded, default: "any time", "When a dataset was recorded.")
        Field("annotators", \.annotators, .list(of: .text("an annotator's name or glob")), default: "all", "Annotator names or globs.")
        Field("quality", \.quality, .set(quality), default: "any", "How good a dataset is.")
        Field("review", \.review, .list(of: .choice()), default: "any", "Review states.")
        Field("robots", \.robots, .list(of: .text("a robot's name or glob")), default: "all", "Robot names or globs.")
        Field("tags", \.tags, .list(of: .text("a tag or glob")), default: "any", "Tags or globs, of which a dataset carries at least one.")
        Field("text", \.text, .text("a text"), default: "any", "Text that the task or an instruction contains, in capitals or not.")
        Field(
            "changed_since",
            \.changedSinceLastSuccess,
            changedSince,
            default: "any",
            "last-success: only datasets that are new or modified since the last completed job with this title."
        )
    }

    // MARK: quality

    private static let quality = FieldSet(defaults: QualityKeys()) {
        Field("levels", \.levels, .list(of: .choice()), default: "any", "Quality levels.")
        Field("min_score", \.minimumScore, .decimal(0...100), default: "none", "The least quality score.")
    }

    // MARK: changed_since

    private enum ChangedSince: String, CaseIterable {
        case lastSuccess = "last-success"
    }

    private static let changedSince = Shape<ChangedSince>.choice()
        .map({ _, _, _, _ in true }, back: { $0 ? ChangedSince.lastSuccess : nil })

    // MARK: recorded

    /// `recorded:` as it is written.
    private struct RecordedKeys {
        var from: Timestamp?
        var to: Timestamp?
        var last: Duration?
    }

    private static let recorded = Shape<RecordedKeys>.set(
        FieldSet(defaults: RecordedKeys()) {
            Field("from", \.from, .timestamp, default: "open", "The first instant.")
            Field("to", \.to, .timestamp, default: "open", "The first instant that is not taken any more; a date excludes that day.")
            Field("last", \.last, .duration(.seconds(1)...(.seconds(86_400 * 36_525))), "So long before the job was accepted.")
        } check: { keys, node, path, problems in
            switch (keys.from, keys.to, keys.last) {
            case (nil, nil, nil):
                problems.add(node, path, expected: "a mapping with from, to or both, or with last", hint: "Remove the key, or fill it.")
            case (nil, nil, _), (_, _, nil): break
            default:
                problems.add(at: node.position, path, "\(path) has last as well as from or to.", hint: "Keep last, or from and to.")
            }
            if let from = keys.from, let to = keys.to, to <= from {
                problems.add(at: node.position, path.key("to"), "\(path.key("to")) must be later than \(path.key("from")).")
            }
        }
    ).map(
        { keys, _, _, _ in
            if let last = keys.last { return Selection.Recorded.last(nanoseconds: last.wholeNanoseconds) }
            return .between(from: keys.from, to: keys.to)
        },
        back: { recorded in
            switch recorded {
            case .between(let from, let to): RecordedKeys(from: from, to: to)
            case .last(let nanoseconds): RecordedKeys(last: .nanoseconds(nanoseconds))
            }
        }
    )
}

/// `quality:` as it is written.
private struct QualityKeys {
    var levels: [QualityLevel] = []
    var minimumScore: Double?
}

extension Selection {
    /// The two conditions that stand together in the file.
    fileprivate var quality: QualityKeys {
        get { QualityKeys(levels: qualityLevels, minimumScore: minimumScore) }
        set {
            qualityLevels = newValue.levels
            minimumScore = newValue.minimumScore
        }
    }
}
