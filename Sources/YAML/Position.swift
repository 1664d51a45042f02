/// A place in a text file.
///
/// Lines and columns count from 1; a column is one Unicode code point, a tab counts as one.
public struct Position: Hashable, Comparable, Codable, Sendable {
    /// The line, from 1.
    public var line: Int
    /// The column in that line, from 1.
    public var column: Int

    /// A place in a text file.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Places sort as they are read.
    public static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
