/// Works out a constant expression of integers (IDL 4.2, 7.4.1.4.3).
struct IDLEvaluator {
    private let expression: IDLDeclarations.Expression
    private var position: Int

    init(_ expression: IDLDeclarations.Expression) {
        self.expression = expression
        position = expression.tokens.startIndex
    }

    /// The value; `lookUp` tells those of other constants.
    mutating func value(_ lookUp: (IDLDeclarations.Reference) throws(ROSError) -> Int) throws(ROSError) -> Int {
        let value = try binary(level: 0, depth: 0, lookUp)
        guard position == expression.tokens.endIndex else { throw failure }
        return value
    }

    /// Signs by how loosely they bind.
    private static let levels: [[String]] = [["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"]]

    private mutating func binary(
        level: Int,
        depth: Int,
        _ lookUp: (IDLDeclarations.Reference) throws(ROSError) -> Int
    ) throws(ROSError) -> Int {
        guard level < Self.levels.count else { return try unary(depth: depth, lookUp) }
        var left = try binary(level: level + 1, depth: depth, lookUp)
        while let sign = takeSign(among: Self.levels[level]) {
            let right = try binary(level: level + 1, depth: depth, lookUp)
            guard let value = Self.apply(sign, left, right) else { throw failure }
            left = value
        }
        return left
    }

    private mutating func unary(
        depth: Int,
        _ lookUp: (IDLDeclarations.Reference) throws(ROSError) -> Int
    ) throws(ROSError) -> Int {
        guard depth < IDLParser.maximumDepth, let token else { throw failure }
        position += 1
        switch (token.kind, token.text) {
        case (.integer(let value), _): return value
        case (.sign, "+"): return try unary(depth: depth + 1, lookUp)
        case (.sign, "-"):
            let value = try unary(depth: depth + 1, lookUp)
            guard value != .min else { throw failure }
            return -value
        case (.sign, "~"): return ~(try unary(depth: depth + 1, lookUp))
        case (.sign, "("):
            let value = try binary(level: 0, depth: depth + 1, lookUp)
            guard takeSign(among: [")"]) != nil else { throw failure }
            return value
        case (.sign, "::"), (.word, _):
            let isAbsolute = token.text == "::"
            if !isAbsolute { position -= 1 }
            var path: [String] = []
            repeat {
                guard let word = self.token, word.kind == .word else { throw failure }
                path.append(word.text)
                position += 1
            } while takeSign(among: ["::"]) != nil
            return try lookUp(.init(path: path, isAbsolute: isAbsolute, scope: expression.scope, line: token.line))
        default: throw failure
        }
    }

    private static func apply(_ sign: String, _ left: Int, _ right: Int) -> Int? {
        let result: (partialValue: Int, overflow: Bool)
        switch sign {
        case "|": return left | right
        case "^": return left ^ right
        case "&": return left & right
        case "<<": return (0..<63).contains(right) ? left << right : nil
        case ">>": return (0..<64).contains(right) ? left >> right : nil
        case "+": result = left.addingReportingOverflow(right)
        case "-": result = left.subtractingReportingOverflow(right)
        case "*": result = left.multipliedReportingOverflow(by: right)
        case "/": result = left.dividedReportingOverflow(by: right)
        default: result = left.remainderReportingOverflow(dividingBy: right)
        }
        return result.overflow ? nil : result.partialValue
    }

    private var token: IDLLexer.Token? { position < expression.tokens.endIndex ? expression.tokens[position] : nil }

    private mutating func takeSign(among signs: [String]) -> String? {
        guard let token, token.kind == .sign else { return nil }
        for sign in signs {
            // A shift is two signs side by side.
            let count = sign == "<<" || sign == ">>" ? 2 : 1
            guard expression.tokens[position...].prefix(count).map(\.text).joined() == sign else { continue }
            position += count
            return sign
        }
        return nil
    }

    private var failure: ROSError {
        let text = expression.tokens.prefix(40).map(\.text).joined(separator: " ")
        return ROSError(
            .definition,
            "Line \(expression.line) of the message definition (IDL) cannot be used: \"\(text)\" is not a whole number that fits."
        )
    }
}
