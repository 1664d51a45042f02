/// What a text in IDL declares, names not yet resolved: ROS 2 puts a message before what it is made of.
struct IDLDeclarations {
    /// A name as written, with the modules that it stands in.
    struct Reference: Hashable {
        /// `a::b::C` as its parts.
        let path: [String]
        /// Whether it begins with `::`.
        let isAbsolute: Bool
        let scope: [String]
        let line: Int
    }

    /// A constant expression: pieces of the text, evaluated where it is needed.
    struct Expression: Hashable {
        let tokens: ArraySlice<IDLLexer.Token>
        let scope: [String]
        let line: Int

        /// The expression as text, whatever line it stands on.
        var spelling: String { tokens.map(\.text).joined(separator: " ") }
    }

    /// A type as written.
    indirect enum TypeSpec: Hashable {
        /// A type of the language, by the name that ROS has for it.
        case builtin(String)
        case named(Reference)
        case sequence(TypeSpec, bound: Expression?, line: Int)

        /// The type as text, whatever line it stands on.
        var spelling: String {
            switch self {
            case .builtin(let name): name
            case .named(let reference): (reference.isAbsolute ? "::" : "") + reference.path.joined(separator: "::")
            case .sequence(let element, let bound, _): "<\(element.spelling) \(bound?.spelling ?? "")>"
            }
        }
    }

    /// A member of a structure, or the new name of a `typedef`.
    struct Declarator: Hashable {
        let name: String
        let type: TypeSpec
        /// The type as text, made once for all declarators of one type.
        let typeSpelling: String
        let dimensions: [Expression]
        var annotations = Annotations()
        let line: Int

        /// The declaration as text, whatever line it stands on.
        var spelling: String { "\(typeSpelling) \(name) \(dimensions.map(\.spelling)) \(annotations)" }
    }

    /// The annotations that decide how something is on the wire.
    struct Annotations: Hashable {
        var id: UInt32?
        var isOptional = false
        var extensibility: MessageDefinition.Extensibility?
        /// `@hashid` or `@autoid(HASH)`: ids made from names.
        var hashesNames = false
        /// `@bit_bound`: an enumeration of another size.
        var bitBound: Int?
    }

    struct Structure: Hashable {
        /// Modules and name.
        let path: [String]
        let base: Reference?
        let members: [Declarator]
        let annotations: Annotations
        let line: Int
    }

    struct Constant: Hashable {
        let type: TypeSpec
        let value: Expression
    }

    var structures: [Structure] = []
    /// By path joined with `/`.
    var typedefs: [String: Declarator] = [:]
    /// Enumerations' bits, by path joined with `/`.
    var enumerations: [String: Int] = [:]
    /// By path joined with `/`.
    var constants: [String: Constant] = [:]
    /// The constants' paths in the order of the text.
    var constantOrder: [[String]] = []
    /// Values of enumerators, by path joined with `/`.
    var enumerators: [String: Int] = [:]
    /// What cannot be used, by path joined with `/`: unions, bit sets.
    ///
    /// An error only for a message that uses it.
    var unusable: [String: String] = [:]
}
