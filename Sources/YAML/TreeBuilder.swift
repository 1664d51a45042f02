/// Puts libyaml's events together into a tree and counts what it grows to.
///
/// It keeps its own stack, so that nesting costs no stack of the program, and stops as soon as a limit is passed.
struct TreeBuilder {
    /// What has been found wrong so far.
    private(set) var problems: [Problem] = []
    /// The finished document.
    private(set) var root: Node?
    /// Whether reading had to stop, so that the tree is not the file's.
    private(set) var failed = false

    private let limits: YAMLLimits
    private var stack: [Collection] = []
    private var anchors: [String: Anchored] = [:]
    private var nodes = 0
    private var documents = 0

    init(limits: YAMLLimits) {
        self.limits = limits
    }

    /// A list or mapping that is not finished.
    private struct Collection {
        enum Key {
            case awaited
            case read(String, Position)
            /// The key was refused, so its value is dropped.
            case refused
        }

        var isMapping: Bool
        var position: Position
        var anchor: String?
        var items: [Node] = []
        var entries: [Entry] = []
        var keys: [String: Position] = [:]
        var key = Key.awaited
        /// How many nodes there were before this one.
        var before: Int
        /// The collections inside each other below this one.
        var height = 1
    }

    /// A finished node that aliases may stand for.
    private struct Anchored {
        var node: Node
        var nodes: Int
        var height: Int
    }

    /// Ends the reading with a problem.
    mutating func fail(_ problem: Problem) {
        problems.append(problem)
        failed = true
    }

    /// Takes the next event; answers whether more are wanted.
    mutating func take(_ event: Event) -> Bool {
        switch event.kind {
        case .documentStart:
            documents += 1
            if documents > 1 {
                fail(Problem(at: event.position, "A second YAML document begins here; a file holds one.", hint: "Write a file for each."))
            }
        case .alias(let name):
            takeAlias(name, at: event.position)
        case .scalar(let scalar, let tag, let anchor):
            guard count(1, at: event.position) else { break }
            let node = Node(.scalar(tagged(scalar, tag, at: event.position)), at: event.position)
            if let anchor { anchors[anchor] = Anchored(node: node, nodes: 1, height: 0) }
            place(node, height: 0)
        case .sequenceStart(let tag, let anchor):
            checkTag(tag, expected: "seq", at: event.position)
            open(isMapping: false, anchor: anchor, at: event.position)
        case .mappingStart(let tag, let anchor):
            checkTag(tag, expected: "map", at: event.position)
            open(isMapping: true, anchor: anchor, at: event.position)
        case .collectionEnd:
            close()
        }
        return !failed
    }

    private mutating func open(isMapping: Bool, anchor: String?, at position: Position) {
        guard stack.count < limits.depth else {
            fail(tooDeep(at: position))
            return
        }
        let before = nodes
        guard count(1, at: position) else { return }
        stack.append(Collection(isMapping: isMapping, position: position, anchor: anchor, before: before))
    }

    private mutating func close() {
        guard let done = stack.popLast() else { return }
        let node = Node(done.isMapping ? .mapping(done.entries) : .sequence(done.items), at: done.position)
        if let anchor = done.anchor { anchors[anchor] = Anchored(node: node, nodes: nodes - done.before, height: done.height) }
        place(node, height: done.height)
    }

    private mutating func takeAlias(_ name: String, at position: Position) {
        guard let anchored = anchors[name] else {
            fail(Problem(at: position, "The alias *\(name) stands for nothing: no finished value before it is named &\(name)."))
            return
        }
        guard stack.count + anchored.height <= limits.depth else {
            fail(tooDeep(at: position))
            return
        }
        guard count(anchored.nodes, at: position) else { return }
        place(anchored.node, height: anchored.height)
    }

    /// Puts a finished node where it belongs: into the innermost open collection, or at the top.
    private mutating func place(_ node: Node, height: Int) {
        guard let last = stack.indices.last else {
            root = node
            return
        }
        stack[last].height = max(stack[last].height, height + 1)
        guard stack[last].isMapping else {
            stack[last].items.append(node)
            return
        }
        switch stack[last].key {
        case .awaited:
            stack[last].key = key(node, in: stack[last].keys)
        case .read(let text, let position):
            stack[last].entries.append(Entry(key: text, at: position, value: node))
            stack[last].keys[text] = position
            stack[last].key = .awaited
        case .refused:
            stack[last].key = .awaited
        }
    }

    private mutating func key(_ node: Node, in known: [String: Position]) -> Collection.Key {
        guard case .scalar(let scalar) = node.content else {
            problems.append(Problem(at: node.position, "A key must be a text; here a list or a mapping stands as a key."))
            return .refused
        }
        if scalar.isPlain, scalar.text == "<<" {
            problems.append(
                Problem(at: node.position, "Merge keys (<<) are not part of YAML 1.2 and are refused.", hint: "Write the keys out.")
            )
            return .refused
        }
        if let first = known[scalar.text] {
            problems.append(
                Problem(
                    at: node.position,
                    "The key \(quoted(scalar.text)) stands here a second time; the first is on line \(first.line).",
                    hint: "Keep one of the two."
                )
            )
            return .refused
        }
        return .read(scalar.text, node.position)
    }

    private mutating func count(_ more: Int, at position: Position) -> Bool {
        guard more <= limits.nodes - nodes else {
            fail(
                Problem(
                    at: position,
                    "The file holds more than \(limits.nodes) keys and values, with every alias counted as what it stands for.",
                    hint: "Use globs in place of long lists, or split the file."
                )
            )
            return false
        }
        nodes += more
        return true
    }

    private func tooDeep(at position: Position) -> Problem {
        Problem(at: position, "Lists and mappings stand more than \(limits.depth) deep inside each other here.")
    }

    // MARK: Tags

    private static let core = "tag:yaml.org,2002:"

    /// A scalar as its tag says; only the tags of the core schema are known.
    private mutating func tagged(_ scalar: Scalar, _ tag: String?, at position: Position) -> Scalar {
        guard let tag else { return scalar }
        if tag == "!" || tag == Self.core + "str" { return Scalar(scalar.text, isPlain: false) }
        let plain = Scalar(scalar.text, isPlain: true)
        switch (tag, plain.meaning) {
        case (Self.core + "int", .integer), (Self.core + "float", .integer), (Self.core + "float", .decimal),
            (Self.core + "bool", .boolean),
            (Self.core + "null", .null):
            return plain
        default:
            refuse(tag, at: position)
            return scalar
        }
    }

    private mutating func checkTag(_ tag: String?, expected: String, at position: Position) {
        guard let tag, tag != "!", tag != Self.core + expected else { return }
        refuse(tag, at: position)
    }

    private mutating func refuse(_ tag: String, at position: Position) {
        let name = tag.hasPrefix(Self.core) ? "!!" + tag.dropFirst(Self.core.count) : tag
        problems.append(
            Problem(at: position, "The tag \(quoted(name)) is not known here or does not fit its value.", hint: "Leave the tag out.")
        )
    }
}
