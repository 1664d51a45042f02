public import Fields
import YAML

extension FeatureMapping {
    /// The features that a mapping may name, apart from cameras.
    static let numericFeatures = ["observation.state", "action", "observation.gripper"]
    /// What the name of every camera's feature begins with.
    static let imagePrefix = "observation.images."

    /// A mapping from features to their sources.
    public static let shape: Shape<FeatureMapping> = Shape<[String: [Source]]>
        .map(of: .list(of: .set(Source.fields), upTo: 64), key: featureRule)
        .map(
            { features, node, path, problems in
                checkImages(features, node, path, &problems) ? FeatureMapping(features: features) : nil
            },
            back: \.features
        )

    private static let featureRule = KeyRule(
        expected: "observation.state, action, observation.gripper, or observation.images.<camera> with a camera of a-z, 0-9 and _",
        pattern: "^(observation\\.state|action|observation\\.gripper|observation\\.images\\.[a-z0-9_]+)$",
        examples: numericFeatures
    ) { name in
        if numericFeatures.contains(name) { return true }
        let camera = name.dropFirst(imagePrefix.count).utf8
        return name.hasPrefix(imagePrefix) && !camera.isEmpty && camera.count <= 64 && camera.allSatisfy(isCameraCharacter)
    }

    private static func isCameraCharacter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "_")
    }

    /// A camera is one topic as it is: pictures can neither be concatenated nor picked apart by index.
    private static func checkImages(
        _ features: [String: [Source]],
        _ node: Node,
        _ path: FieldPath,
        _ problems: inout ProblemList
    ) -> Bool {
        var isFine = true
        for (name, sources) in features.sorted(by: { $0.key < $1.key }) where name.hasPrefix(imagePrefix) {
            let place = node.value(of: name)?.position ?? node.position
            if sources.count != 1 {
                problems.add(at: place, path.key(name), "\(path.key(name)) must have one topic; found \(sources.count).")
                isFine = false
            }
            if sources.contains(where: { $0.indices != nil || $0.names != nil || $0.scale != nil }) {
                problems.add(at: place, path.key(name), "\(path.key(name)) is a camera, so it takes no indices, names or scale.")
                isFine = false
            }
        }
        return isFine
    }
}

extension FeatureMapping.Source {
    /// The keys of one source.
    static let fields = FieldSet(defaults: FeatureMapping.Source(topic: "")) {
        Field(
            "topic",
            \.topic,
            .text("a topic", upTo: 255) { !$0.contains(" ") },
            required: true,
            "The topic, with or without its leading slash."
        )
        Field(
            "field",
            \.field,
            .text(
                "a path of field names such as pose.position.x",
                upTo: 255,
                pattern: "^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*$"
            ) {
                $0.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*/) != nil
            },
            default: "position for joint states, the picture for cameras",
            "The path to the field inside the message."
        )
        Field(
            "indices",
            \.indices,
            .list(of: .indexRange, upTo: 1_000),
            default: "all",
            "Which elements of an array field are taken, in order, counted from 0: numbers, and closed ranges such as \"3-5\"."
        )
        Field(
            "names",
            \.names,
            .list(of: .text("a name", upTo: 200), upTo: 10_000),
            default: "the recording's own",
            "Names of the elements taken."
        )
        Field("scale", \.scale, .decimal(-1e12...1e12), default: "1", "A factor on every value, such as 0.001 from millimetres to metres.")
    } check: { source, node, path, problems in
        if source.scale == 0 {
            problems.add(at: node.position, path.key("scale"), "\(path.key("scale")) is 0, which would turn every value into 0.")
        }
        guard let indices = source.indices, let names = source.names else { return }
        let elements = indices.reduce(0) { $0 + $1.count }
        if elements != names.count {
            problems.add(
                at: node.position,
                path.key("names"),
                "\(path.key("names")) has \(names.count) names for the \(elements) elements that indices takes."
            )
        }
    }
}

extension Shape where Value == ClosedRange<Int> {
    /// An index from 0, or a closed range of indices as a text such as `"3-5"`.
    static var indexRange: Shape<ClosedRange<Int>> {
        let expected = "an index from 0 to 65535, or a range of indices such as \"3-5\""
        return Shape(
            expected: expected,
            schema: [
                "anyOf": .list([
                    ["type": .text("integer"), "minimum": .integer(0), "maximum": .integer(65_535)],
                    ["type": .text("string"), "pattern": .text("^[0-9]{1,5}-[0-9]{1,5}$")],
                ])
            ],
            read: { node, path, problems in
                if case .scalar(let scalar) = node.content {
                    switch scalar.meaning {
                    case .integer(let index):
                        if (0...65_535).contains(index) { return Int(index)...Int(index) }
                    case .text:
                        if let match = scalar.text.wholeMatch(of: /([0-9]{1,5})-([0-9]{1,5})/), let first = Int(match.1),
                            let last = Int(match.2),
                            first <= last, last <= 65_535
                        {
                            return first...last
                        }
                    default: break
                    }
                }
                problems.add(node, path, expected: expected)
                return nil
            },
            write: { $0.count == 1 ? .integer(Int64($0.lowerBound)) : .text("\($0.lowerBound)-\($0.upperBound)") }
        )
    }
}
