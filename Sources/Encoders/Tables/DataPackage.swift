import Fields

/// `schema.json`: a Data Package that describes every table and column (specs.frictionlessdata.io, Tabular Data Package 1.0).
struct DataPackage {
    private let dialect: TableDialect
    private var resources: [FieldValue] = []

    init(dialect: TableDialect) {
        self.dialect = dialect
    }

    mutating func add(_ table: TableName, type: String, path: String, headers: [UnitedColumns.Header]) {
        var members = [
            FieldMember("name", .text(resourceName(table))), FieldMember("path", .text(path)),
            FieldMember("profile", .text("tabular-data-resource")),
            FieldMember("description", .text(ColumnMeaning.description(of: table, type: type))),
        ]
        if case .messages(let topic) = table {
            members += [FieldMember("topic", .text(topic)), FieldMember("messageType", .text(type))]
        }
        members += [
            FieldMember("format", .text(table.isLines && dialect.isJSON ? "jsonl" : dialect.isJSON ? "json" : "csv")),
            FieldMember(
                "mediatype",
                .text(table.isLines && dialect.isJSON ? "application/jsonl" : dialect.isJSON ? "application/json" : "text/csv")
            ),
            FieldMember("encoding", .text("utf-8")),
        ]
        if !dialect.isJSON {
            members.append(
                FieldMember(
                    "dialect",
                    ["delimiter": .text(","), "doubleQuote": .boolean(true), "lineTerminator": .text("\r\n"), "header": .boolean(true)]
                )
            )
        }
        let fields = headers.map { header in field(header, of: table, type: type) }
        members.append(
            FieldMember("schema", ["fields": .list(fields), "missingValues": dialect.isJSON ? .list([]) : .list([.text("")])])
        )
        resources.append(.object(members))
    }

    /// The whole document.
    var document: FieldValue {
        ["profile": .text("tabular-data-package"), "name": .text("tables"), "resources": .list(resources)]
    }

    /// Small letters, digits, `.`, `-` and `_`, as the rules for names want it; numbered, since topics may differ in other letters only.
    private func resourceName(_ table: TableName) -> String {
        switch table {
        case .datasets: "datasets"
        case .segments: "segments"
        case .samples: "samples"
        case .messages: "messages-\(resources.count - 1)"
        }
    }

    private func field(_ header: UnitedColumns.Header, of table: TableName, type: String) -> FieldValue {
        let meaning = ColumnMeaning(header, of: table, type: type)
        var members = [FieldMember("name", .text(header.name)), FieldMember("type", .text(fieldType(header.kind)))]
        if header.kind == .base64 { members.append(FieldMember("format", .text("binary"))) }
        if let unit = meaning.unit { members.append(FieldMember("unit", .text(unit))) }
        members.append(FieldMember("description", .text(meaning.description)))
        if isDigits(header.kind) {
            members.append(FieldMember("constraints", ["pattern": .text(dialect.isJSON ? "^-?[0-9]+$" : "^'?-?[0-9]+$")]))
        }
        return .object(members)
    }

    /// Whether a column holds integers as texts.
    private func isDigits(_ kind: CellKind) -> Bool {
        kind == .digits || (kind == .instant || kind == .duration) && (dialect.isJSON || isExcelSafe)
    }

    private var isExcelSafe: Bool {
        if case .csv(_, let isExcelSafe) = dialect { isExcelSafe } else { false }
    }

    private func fieldType(_ kind: CellKind) -> String {
        switch kind {
        case .boolean: "boolean"
        case .integer: "integer"
        case .digits: "string"
        case .number: "number"
        case .text, .base64: "string"
        case .instant, .duration: isDigits(kind) ? "string" : "integer"
        case .json: "array"
        case .mixed: "any"
        }
    }
}
