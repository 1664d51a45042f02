public import ExportCore
public import Fields
import YAML

/// Reads requests: bytes that anyone may have written, to a typed request or to everything that is wrong with them.
public enum RequestParser {
    /// The most bytes that a request may have: 1 MiB.
    public static let maximumBytes = YAMLLimits().bytes

    /// Reads a request.
    ///
    /// - Parameters:
    ///   - bytes: The file's content.
    ///   - fileName: The file's name as its writer knows it, for the places of problems.
    /// - Throws: `request_invalid` with every problem in `details`, each with its line and column.
    public static func parse(_ bytes: [UInt8], fileName: String) throws(ExportError) -> Request {
        let document = YAMLReader.read(bytes)
        var problems = ProblemList(document.problems)
        var request: Request?
        if let root = document.root {
            request = RequestFields.shape.read(root, into: &problems)
        } else if document.problems.isEmpty {
            problems.add(
                at: Position(line: 1, column: 1),
                FieldPath(),
                "The file holds no request: it is empty.",
                hint: "A request needs at least exports with one format."
            )
        }
        if let error = problems.error(file: fileName, subject: "request") { throw error }
        guard let request else { throw ExportError(.internal, "The request \(fileName) could not be read, and nothing says why.") }
        return request
    }

    /// The request as YAML, without what is the default anyway; reads back as the same request.
    public static func text(_ request: Request) -> String {
        RequestFields.shape.written(request)?.yaml ?? ""
    }

    /// One line of help for each key of a request, of all kinds and formats.
    public static var rows: [FieldRow] { RequestFields.shape.rows }
}
