/// What reading a YAML file came to.
public struct YAMLDocument: Hashable, Sendable {
    /// The file's one document; nil where it holds none (an empty file, or only comments) or could not be read to its end.
    public var root: Node?
    /// Everything that is wrong with its YAML, in the file's order.
    ///
    /// What is wrong with single keys leaves the rest of the tree standing, so that their problems can be reported
    /// together with these.
    public var problems: [Problem]
}

/// Reads plain YAML: UTF-8 (with or without a byte order mark, any line ends), one document, the types of the core
/// schema, text keys that are not repeated, aliases counted as what they stand for.
///
/// Custom tags and merge keys are refused.
public enum YAMLReader {
    /// Reads a file's bytes.
    public static func read(_ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) -> YAMLDocument {
        guard bytes.count <= limits.bytes else {
            let problem = Problem(
                at: Position(line: 1, column: 1),
                "The file has \(bytes.count) bytes; at most \(limits.bytes) are allowed.",
                hint: "Split it into several files."
            )
            return YAMLDocument(root: nil, problems: [problem])
        }
        var tree = TreeBuilder(limits: limits)
        if let failure = EventParser.parse(bytes, { event in tree.take(event) }) { tree.fail(failure) }
        return YAMLDocument(root: tree.failed ? nil : tree.root, problems: tree.problems)
    }
}
