/// `status/metrics.prom`: numbers in the text format that the node exporter's textfile collector reads.
public struct Metrics: Sendable {
    /// What a metric is.
    public enum Kind: String, Sendable {
        /// It only grows.
        case counter
        /// It goes up and down.
        case gauge
    }

    private var lines: [String] = []

    /// No metrics yet.
    public init() {}

    /// Adds a metric with all its samples; one without any is left out.
    ///
    /// - Parameters:
    ///   - name: its name without `exportd_`, of letters, digits and `_`.
    ///   - help: what it is, with its unit.
    ///   - samples: label values, in the order of `labels`, with the number that belongs to them.
    public mutating func add(_ name: String, _ kind: Kind, _ help: String, labels: [String] = [], _ samples: [([String], Double)]) {
        guard !samples.isEmpty else { return }
        lines.append("# HELP exportd_\(name) \(Self.escaped(help, quotes: false))")
        lines.append("# TYPE exportd_\(name) \(kind.rawValue)")
        for (values, number) in samples {
            let pairs = zip(labels, values).map { "\($0)=\"\(Self.escaped($1, quotes: true))\"" }
            lines.append("exportd_\(name)\(pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") \(Self.text(number))")
        }
    }

    /// Adds a metric with one sample; none where the number is nil.
    public mutating func add(_ name: String, _ kind: Kind, _ help: String, _ number: Double?) {
        if let number { add(name, kind, help, [([], number)]) }
    }

    /// The file, as UTF-8.
    public var bytes: [UInt8] {
        Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    private static func text(_ number: Double) -> String {
        if let whole = Int64(exactly: number) { return "\(whole)" }
        return number.isFinite ? "\(number)" : number.isNaN ? "NaN" : number > 0 ? "+Inf" : "-Inf"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
