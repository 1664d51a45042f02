public import ExportCore
public import Fields
import YAML

/// A format that samples streams onto a tick grid, and so has the keys for that.
public protocol SampledFormat: FormatOptions {
    /// Rate, clock, tolerance and strictness.
    var sampling: SamplingOptions { get set }
    /// Topics to features, in place of the rule by names and of the robot's profile.
    var mapping: FeatureMapping? { get set }
    /// What stands in for a missing action.
    var action: ActionSource { get set }
    /// The instruction for recordings without annotated segments and without a task in `dataset.yaml`.
    var defaultTask: String? { get set }
}

extension SampledFormat {
    /// The keys that say what the features are made of; they are the same in all formats that have them.
    public static var featureFields: [Field<Self>] {
        [
            Field(
                "mapping",
                \.mapping,
                FeatureMapping.shape,
                default: "the robot's profile, else the rule by topic names",
                "Which topics make up which features."
            ),
            Field(
                "action",
                \.action,
                .choice(),
                "What stands in for an action that no topic carries; topics leaves it out with a warning."
            ),
            Field(
                "default_task",
                \.defaultTask,
                .text("a task", upTo: 1_000),
                default: "none",
                "The instruction for recordings without annotated segments and without a task in dataset.yaml."
            ),
        ]
    }

    /// The keys of the sampling; they are the same in all formats that have them.
    public static var samplingFields: [Field<Self>] {
        [
            Field("rate_hz", \.sampling.rate, .rate(upTo: 10_000), "Ticks a second; tick k lies k / rate_hz after the segment's start."),
            Field(
                "strict_match",
                \.sampling.strictMatch,
                .boolean,
                "Keep only ticks for which every stream has a sample within tolerance; false holds the nearest sample instead."
            ),
            Field("sampling", \.sampling.method, .choice(), "How a stream's value at a tick is found; linear is for numbers only."),
            Field("clock", \.sampling.clock, .choice(), "Which of a message's times counts."),
            Field("tolerance", \.sampling.tolerance, .tolerance, "How far a sample may lie from its tick, in milliseconds."),
        ]
    }
}

extension Shape where Value == SyncTolerance {
    /// `auto`, or milliseconds.
    static var tolerance: Shape<SyncTolerance> {
        let most = 60_000.0
        let expected = "auto, or a number of milliseconds from 0 to 60000"
        return Shape(
            expected: expected,
            schema: [
                "anyOf": .list([
                    ["type": .text("string"), "const": .text("auto")],
                    ["type": .text("number"), "minimum": .integer(0), "maximum": number(most)],
                ])
            ],
            read: { node, path, problems in
                if case .scalar(let scalar) = node.content {
                    if scalar.meaning == .text, scalar.text == "auto" { return .auto }
                    if let value = scalar.finiteNumber, value >= 0, value <= most {
                        return .nanoseconds(Int64((value * 1_000_000).rounded()))
                    }
                }
                problems.add(node, path, expected: expected)
                return nil
            },
            write: { tolerance in
                switch tolerance {
                case .auto: .text("auto")
                case .nanoseconds(let value): number(Double(value) / 1_000_000)
                }
            }
        )
    }
}
