public import ExportCore
public import YAML

/// Collects everything that is wrong with a file, so that its writer hears of all of it at once.
public struct ProblemList: Sendable {
    /// The problems, in the order in which they were found.
    public private(set) var problems: [Problem] = []

    /// No problems yet, or those that reading the YAML has brought.
    public init(_ problems: [Problem] = []) {
        self.problems = problems
    }

    /// Adds a sentence about a place.
    public mutating func add(at position: Position, _ path: FieldPath, _ message: String, hint: String? = nil) {
        problems.append(Problem(at: position, path: path.description, message, hint: hint))
    }

    /// Adds a sentence of the form "PATH must be EXPECTED; found WHAT STANDS THERE".
    public mutating func add(_ node: Node, _ path: FieldPath, expected: String, hint: String? = nil) {
        let subject = path.description.isEmpty ? "The file" : path.description
        add(at: node.position, path, "\(subject) must be \(expected); found \(node.described).", hint: hint)
    }
}

extension ProblemList {
    /// The most problems that one error lists; the rest is counted.
    public static let listed = 200

    /// All problems as one error, or nil where there are none.
    ///
    /// The message says how many there are and the first of them; `details` holds all, in the file's order.
    ///
    /// - Parameters:
    ///   - file: The file's name as its writer knows it.
    ///   - subject: What the file is, as in "The *request* has 3 problems".
    public func error(file: String, subject: String) -> ExportError? {
        let sorted = problems.enumerated().sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }.map(\.element)
        guard let first = sorted.first else { return nil }
        var details = sorted.prefix(Self.listed).map { problem in
            ExportError.Detail(problem.message, hint: problem.hint, location: location(of: problem, in: file))
        }
        if sorted.count > Self.listed {
            details.append(ExportError.Detail("\(sorted.count - Self.listed) further problems are not listed."))
        }
        guard sorted.count > 1 else {
            return ExportError(
                .requestInvalid,
                first.message,
                hint: first.hint,
                location: location(of: first, in: file),
                details: details
            )
        }
        let hint = (first.hint.map { $0 + " " } ?? "") + "The others are in the details."
        return ExportError(
            .requestInvalid,
            "The \(subject) has \(sorted.count) problems. The first: \(first.message)",
            hint: hint,
            location: location(of: first, in: file),
            details: details
        )
    }

    private func location(of problem: Problem, in file: String) -> ExportError.Location {
        var export: Int?
        if let match = problem.path.wholeMatch(of: /exports\[([0-9]+)\].*/) { export = Int(match.1) }
        return ExportError.Location(file: file, line: problem.position.line, column: problem.position.column, export: export)
    }
}
