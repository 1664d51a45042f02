import ExportCore
import Fields
import YAML

extension TimeSelection {
    /// `recording`, `segments`, or a mapping with `from` and `to`.
    static let shape = Shape<TimeSelection>.words(["recording": .recording, "segments": .segments], or: window)

    private static let window = Shape<Window>.set(
        FieldSet(defaults: Window()) {
            Field("from", \.from, .timePoint, default: "the recording's start", "The first instant, which is taken.")
            Field("to", \.to, .timePoint, default: "behind the recording's end", "The first instant that is not taken any more.")
        } check: { window, node, path, problems in
            switch (window.from, window.to) {
            case (nil, nil):
                problems.add(node, path, expected: "a mapping with from, to or both", hint: "Remove the key, or fill it.")
            case (.offset(let from), .offset(let to)) where to <= from:
                problems.add(at: node.position, path.key("to"), "\(path.key("to")) must be later than \(path.key("from")).")
            case (.instant(let from), .instant(let to)) where to <= from:
                problems.add(at: node.position, path.key("to"), "\(path.key("to")) must be later than \(path.key("from")).")
            case (_, .offset(0)):
                problems.add(at: node.position, path.key("to"), "\(path.key("to")) is the recording's start, so that nothing is taken.")
            default: break
            }
        }
    ).map(
        { window, _, _, _ in TimeSelection.window(from: window.from, to: window.to) },
        back: { selection in
            guard case .window(let from, let to) = selection else { return nil }
            return Window(from: from, to: to)
        }
    )

    /// A window as it is written.
    private struct Window {
        var from: Point?
        var to: Point?
    }
}

extension Shape where Value == TimeSelection.Point {
    /// The least number that is taken for nanoseconds since 1970: twelve days of them.
    ///
    /// A smaller one is more likely a number of seconds whose unit was forgotten.
    private static var leastInstant: Int64 { 1_000_000_000_000_000 }

    /// A length of time after the recording's start, an instant with its time zone, or nanoseconds since 1970.
    fileprivate static var timePoint: Shape<TimeSelection.Point> {
        let expected =
            "a length of time after the recording's start such as 12.5s, a time such as 2026-03-01T12:00:00Z, or nanoseconds since 1970"
        return Shape(
            expected: expected,
            schema: [
                "anyOf": .list([
                    ["type": .text("string")], ["type": .text("integer"), "minimum": .integer(leastInstant)],
                ])
            ],
            read: { node, path, problems in
                var hint: String?
                if case .scalar(let scalar) = node.content {
                    switch scalar.meaning {
                    case .integer(let value) where value >= leastInstant: return .instant(Timestamp(nanoseconds: value))
                    case .integer, .decimal: hint = "Write the unit behind the number: \(scalar.text.prefix(40))s for seconds."
                    case .text:
                        if let nanoseconds = DurationText.parse(scalar.text) { return .offset(nanoseconds) }
                        if let instant = RFC3339.parse(scalar.text) { return .instant(instant) }
                        if RFC3339.parse(scalar.text + "Z") != nil {
                            hint = "Say which time zone is meant: Z for UTC, or an offset such as +01:00."
                        }
                    default: break
                    }
                }
                problems.add(node, path, expected: expected, hint: hint)
                return nil
            },
            write: { point in
                switch point {
                case .offset(let nanoseconds): .text(DurationText.text(nanoseconds: nanoseconds))
                case .instant(let instant):
                    instant.nanoseconds >= leastInstant ? .integer(instant.nanoseconds) : .text(instant.exactRFC3339)
                }
            }
        )
    }
}
