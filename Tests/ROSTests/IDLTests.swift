import ROS
import Testing

private func idl(_ text: String, _ name: String = "p/msg/T") throws(ROSError) -> MessageDefinition {
    try MessageDefinition(idl: text, name: name)
}

@Suite struct `Definitions in IDL` {
    /// As rosidl generates them, in the form that rosbag2 stores.
    private static let generated = """
        ================================================================================
        IDL: p/msg/T
        // generated from rosidl_adapter/resource/msg.idl.em
        #include "builtin_interfaces/msg/Time.idl"
        #include "p/msg/Inner.idl"

        module p {
          module msg {
            typedef double double__9[9];
            typedef p::msg::Inner p__msg__Inner__2[2];
            module T_Constants {
              @verbatim (language="comment", text="a" "\\n" "b")
              const int32 LIMIT = 5;
              const string NAME = "a # b";
            };
            @verbatim (language="comment", text=
              "about" "\\n" "it")
            struct T {
              builtin_interfaces::msg::Time stamp;
              @unit (value="m")
              double__9 matrix;
              p__msg__Inner__2 inner;
              sequence<octet, 16> blob;
              sequence<p::msg::Inner> more;
              string<10> name;
              unsigned long long big;
              wstring wide;
              @default (value=5)
              short last, least;
            };
          };
        };

        ================================================================================
        IDL: p/msg/Inner
        module p { module msg {
          typedef double double__9[9];
          enum Mode { @value(0) OFF, ON };
          struct Inner { boolean on; Mode mode; long values[T_Constants::LIMIT - 3]; };
        }; };
        ================================================================================
        IDL: builtin_interfaces/msg/Time
        module builtin_interfaces { module msg {
          /* seconds
             and the rest */
          struct Time { long sec; unsigned long nanosec; };
        }; };
        """

    @Test(arguments: ["p/msg/T", "p/T", "p::msg::T"])
    func `what rosidl generates is read`(name: String) throws {
        let type = try idl(Self.generated, name)
        #expect(type.root.name == "p/T")
        #expect(type.root.fields.map(\.name) == ["stamp", "matrix", "inner", "blob", "more", "name", "big", "wide", "last", "least"])
        #expect(type.root.fields[1].shape == .fixed(9))
        #expect(type.root.fields[1].element == .primitive(.float64))
        #expect(type.root.fields[3].shape == .sequence)
        #expect(type.root.constants.map(\.name) == ["LIMIT", "NAME"])
        #expect(type.root.constants.map(\.value) == ["5", "a # b"])
        let inner = try #require(type.types.first { $0.name == "p/Inner" })
        #expect(inner.fields.map(\.shape) == [.single, .single, .fixed(2)])
        #expect(type.types.first { $0.name == "builtin_interfaces/Time" }?.time == .instant)
    }

    @Test func `CRLF and a text without separators are read`() throws {
        let text = Self.generated.split(separator: "\n").filter { !$0.hasPrefix("===") && !$0.hasPrefix("IDL:") }.joined(separator: "\r\n")
        #expect(try idl(text).root.fields.count == 10)
    }

    @Test(arguments: [
        ("union U switch(long) { case 0: long a; }; struct T { U u; };", "union"),
        ("struct T { map<string, long> m; };", "map"), ("struct T { wchar c; };", "wchar"), ("struct T { long double d; };", "long double"),
        ("typedef sequence<long> S; struct T { sequence<S> s; };", "sequence of sequences"),
        ("struct T { sequence<sequence<long>> s; };", "sequence of sequences"),
        ("struct T { long a[4294967295][2]; };", "length"), ("struct T { long a[0]; };", "length"),
        ("struct T { long a[N]; };", "constant"),
        ("typedef A B; typedef B A; struct T { A a; };", "alias of itself"),
        ("const long A = B; const long B = A; struct T { long x[A]; };", "itself"),
        ("struct T { T t; };", "contains itself"), ("struct T : T { long a; };", "built on"),
        ("struct T { Missing m; };", "does not define"),
        ("struct T { long a; }; struct T { short a; };", "differently"), ("@autoid(HASH) struct T { long a; };", "hashid"),
        ("struct T { long a", "missing"), ("struct T { string s = \"", "in quotes"), ("/* ", "comment"),
        ("struct U { long a; };", "does not define"),
        ("struct T { long a; long a; };", "two fields"), ("@bit_bound(8) enum E { A }; struct T { E e; };", "8 bits"),
        ("\u{7}", "character"),
        ("const long A = 1 << 70; struct T { long x[A]; };", "whole number"),
        ("const long A = 1 / 0; struct T { long x[A]; };", "whole number"),
    ])
    func `what cannot be read is refused in words`(text: String, words: String) {
        let error = #expect(throws: ROSError.self) { try idl(text, "T") }
        #expect(error?.kind == .definition)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func `what a message does not use does it no harm`() throws {
        #expect(try idl("union U switch(long) { case 0: long a; }; struct T { long a; };", "T").root.fields.count == 1)
    }

    @Test func `constants made of constants cost what they are long`() throws {
        // Worked out naively, the last would take 2^30 steps.
        var text = "const long C0 = 1;"
        for index in 1...30 { text += "const long C\(index) = C\(index - 1) + C\(index - 1);" }
        #expect(try idl(text + "struct T { octet a[C20]; };", "T").root.fields[0].shape == .fixed(1 << 20))
    }

    @Test func `bounds and aliases are worked out once, however many members share them`() throws {
        // Worked out for each member, a text of 30 KB would take many million steps, behind a chain of aliases more still.
        let sum = "1" + String(repeating: "+1", count: 500)
        let names = (0..<4000).map { "m\($0)" }.joined(separator: ",")
        let shared = try idl("struct T { sequence<octet, \(sum)> \(names); };", "T")
        #expect(shared.root.fields.count == 4000)
        let aliases = (1...30).map { "typedef A\($0 - 1) A\($0)[\(sum)-500];" }.joined()
        let aliased = try idl("typedef octet A0; \(aliases) struct T { A30 \(names); };", "T")
        #expect(aliased.root.fields.last?.shape == .fixed(1))
        let again = "typedef sequence<octet, \(sum)> " + Array(repeating: "a", count: 4000).joined(separator: ",") + ";"
        #expect(try idl(again + "struct T { a x; };", "T").root.fields[0].shape == .sequence)
    }

    @Test func `a text longer than any definition is refused before it is read`() {
        let text = String(repeating: "#", count: MessageDefinition.maximumTextSize + 1)
        #expect(throws: ROSError.self) { try idl(text, "T") }
        #expect(throws: ROSError.self) { try MessageDefinition(text: text, name: "p/T", dialect: .ros2) }
    }

    @Test func `nesting has a limit everywhere`() {
        let depth = 10_000
        let texts = [
            String(repeating: "module m {", count: depth),
            "struct T { " + String(repeating: "sequence<", count: depth) + "long x; };",
            "struct T { long x[" + String(repeating: "(", count: 900) + "1" + String(repeating: ")", count: 900) + "]; };",
            "struct T { long x" + String(repeating: "[1]", count: depth) + "; };",
            (0..<depth).map { "struct S\($0) { S\($0 + 1) s; };" }.joined() + "struct S\(depth) { long x; }; struct T { S0 s; };",
        ]
        for text in texts { #expect(throws: ROSError.self) { try idl(text, "T") } }
    }

    @Test func `extensible structures may leave fields out and add others`() throws {
        let text = """
            @appendable struct Part { long a; @optional long b; double c; };
            @mutable struct T { @id(7) Part part; long x; @optional string s; sequence<Part> parts; long last; };
            """
        let type = try idl(text, "T")
        // XCDR2, parameters: DHEADER; member 7 (appendable: length 8, a 5, b absent, nothing more); member 8 as 4 bytes;
        // member 99 that nobody knows; member 11 last.
        let payload = bytes(
            "000b0000 2c000000 07000040 0c000000 05000000 05000000 00 000000 08000020 06000000 63000020 ffffffff 0b000020 09000000"
        )
        #expect(
            try decode(type, payload)
                == .message([.init("part", .message([.init("a", .integer(5))])), .init("x", .integer(6)), .init("last", .integer(9))])
        )
        #expect(try numbers(type, "part.a", payload) == [5])
        #expect(try numbers(type, "part.b", payload) == [])
        #expect(try numbers(type, "part.c", payload) == [])
        #expect(try numbers(type, "last", payload) == [9])
        #expect(try strings(type, "s", payload) == [])
        #expect(try numbers(type, "parts.c", payload) == [])
        // The same with the flag that an unknown field must be understood.
        var strict = payload
        strict[4 + 4 + 20 + 8 + 3] |= 0x80
        #expect(throws: ROSError.self) { try decode(type, strict) }
    }

    @Test func `wide strings are told apart by where the message ends`() throws {
        let type = try idl("module p { module msg { struct T { wstring a; octet n; wstring b; }; }; };")
        // 2 bytes a character: "hé" then 5, "x"; 4 bytes a character: the same.
        let narrow = bytes("00010000 02000000 6800 e900 05 000000 01000000 7800")
        let wide = bytes("00010000 02000000 68000000 e9000000 05 000000 01000000 78000000")
        for payload in [narrow, wide] {
            #expect(try strings(type, "a", payload) == ["hé"])
            #expect(try numbers(type, "n", payload) == [5])
            #expect(try strings(type, "b", payload) == ["x"])
            #expect(try decode(type, payload)["b"] == .string("x"))
        }
    }
}
