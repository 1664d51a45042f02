import Fields

/// The JSON Schema of requests, for editors: printed from the same definitions that parse them.
public enum RequestSchema {
    /// The schema (draft 07, which editors' YAML plug-ins know best), with a line end behind it.
    public static func json() -> String {
        var members = [
            FieldMember("$schema", .text("http://json-schema.org/draft-07/schema#")), FieldMember("title", .text("exportd request")),
            FieldMember("description", .text("A request for exports, dropped into the inbox of exportd.")),
        ]
        if case .object(let shape) = RequestFields.shape.schema { members += shape }
        return FieldValue.object(members).json + "\n"
    }
}
