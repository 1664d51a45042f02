import ROS
import Testing

@Suite struct `Message definitions` {
    @Test func `fields keep their order, types and shapes`() throws {
        let type = try definition(
            """
            # A comment
            bool a   # after a field
            byte[] b
            char[3] c
            float64[<=10] d
            string<=20 e
            wstring<=5[<=2] f
            uint64 g#right behind
            """
        ).root
        #expect(type.name == "test_msgs/Test")
        #expect(type.fields.map(\.name) == ["a", "b", "c", "d", "e", "f", "g"])
        #expect(
            type.fields.map(\.element) == [
                .primitive(.bool), .primitive(.uint8), .primitive(.uint8), .primitive(.float64), .string, .wideString, .primitive(.uint64),
            ]
        )
        #expect(type.fields.map(\.shape) == [.single, .sequence, .fixed(3), .sequence, .single, .sequence, .single])
    }

    @Test func `a byte is signed in ROS 1 and a char is not`() throws {
        let type = try definition("byte a\nchar b", "pkg/T", .ros1).root
        #expect(type.fields.map(\.element) == [.primitive(.int8), .primitive(.uint8)])
    }

    @Test func `constants are not fields, and a string constant of ROS 1 holds its number sign`() throws {
        let type = try definition("uint8 A=1 # one\nstring B =  some #text with = in it  \nint32 x", "pkg/T", .ros1).root
        #expect(type.fields.map(\.name) == ["x"])
        #expect(type.constants.map(\.name) == ["A", "B"])
        #expect(type.constants.map(\.value) == ["1", "some #text with = in it"])
    }

    @Test func `a string constant of ROS 2 stands in quotes`() throws {
        let type = try definition(#"string A="a # b" # comment"# + "\n" + #"string B='it\'s'"#).root
        #expect(type.constants.map(\.value) == ["a # b", "it's"])
    }

    @Test func `defaults of ROS 2 change nothing`() throws {
        let type = try definition("int32 x 5\nint32[] a [1, 2]\nstring s \"has # and = inside\"\nfloat64 y -1.5e3 # comment").root
        #expect(type.fields.map(\.name) == ["x", "a", "s", "y"])
        #expect(type.constants.isEmpty)
    }

    @Test func `something after a field's name is an error in ROS 1`() {
        #expect(throws: ROSError.self) { try definition("int32 x 5", "pkg/T", .ros1) }
    }

    @Test(arguments: ["\n", "\r\n", "\n\n", "\r\n \r\n"])
    func `line ends, blank lines and short separators are tolerated`(end: String) throws {
        let text = [
            "Header header", "pkg/Part part", "===", "MSG: std_msgs/msg/Header", "uint32 seq", "====================", "MSG: pkg/Part",
            "int8 a",
        ]
        let linked = try definition(text.joined(separator: end), "pkg/msg/Whole", .ros1)
        #expect(linked.types.map(\.name).prefix(3) == ["pkg/Whole", "std_msgs/Header", "pkg/Part"])
        #expect(linked.root.fields.map(\.element) == [.message(1), .message(2)])
        let closed = try definition(text.joined(separator: end) + end + "=====" + end, "pkg/Whole", .ros1)
        #expect(closed == linked)
    }

    @Test func `names are looked for as written, then in the same package, then anywhere`() throws {
        let linked = try definition(
            """
            Near a
            far/Far b
            far/msg/Far c
            Lonely d
            ===
            MSG: pkg/Near
            int8 x
            ===
            MSG: far/Far
            Near n
            ===
            MSG: far/Near
            int16 y
            ===
            MSG: other/Lonely
            int32 z
            """,
            "pkg/T"
        )
        #expect(linked.root.fields.map(\.element) == [.message(1), .message(2), .message(2), .message(4)])
        #expect(linked.types[2].fields[0].element == .message(3))
    }

    @Test func `a short name that two packages have is not guessed`() {
        let text = "Twin t\n===\nMSG: a/Twin\nint8 x\n===\nMSG: b/Twin\nint8 x"
        #expect(throws: ROSError(.definition, "The message definition pkg/T uses the type Twin, which its schema does not define.")) {
            try definition(text, "pkg/T")
        }
    }

    @Test func `a definition that is repeated counts once, and a different one of its name is an error`() throws {
        let part = "===\nMSG: pkg/Part\nint8 x # text may differ\n"
        #expect(
            try definition("Part p\n" + part + "===\nMSG: pkg/Part\n\nint8 x", "pkg/T").types.filter { $0.name == "pkg/Part" }.count == 1
        )
        #expect(throws: ROSError.self) { try definition("Part p\n" + part + "===\nMSG: pkg/Part\nint16 x", "pkg/T") }
    }

    @Test func `time stamps are there without a definition`() throws {
        let ros1 = try definition("time a\nduration[] b", "pkg/T", .ros1)
        let kinds = ros1.root.fields.map { field -> MessageDefinition.TimeKind? in
            guard case .message(let index) = field.element else { return nil }
            return ros1.types[index].time
        }
        #expect(kinds == [.instant, .duration])
        let ros2 = try definition("builtin_interfaces/Time a\nbuiltin_interfaces/msg/Duration b\ntime c")
        #expect(ros2.root.fields.map(\.element) == [.message(1), .message(2), .message(1)])
    }

    @Test(arguments: [
        "int32", "int32 5x", "int32[ x", "int32[-1] x", "int32[4294967296] x", "int32[<=] x", "int32<=5 x", "string< x", "nope x",
        "int32 x\nint32 x",
        "a/b/c/d x", "int32[] [] x", "===\nint8 x", "int8 x\n===\nMSG: NoPackage\nint8 y", "int8 a\n---\nint8 b",
        "IDL: a/msg/B\nmodule a {", "int8\u{E9} x",
        "int8 x\n===\nIDL: a/msg/B", "int32 x]", "[] x",
    ])
    func `what is no definition is refused with its line`(text: String) {
        let error = #expect(throws: ROSError.self) { try definition(text) }
        #expect(error?.kind == .definition)
        #expect(error?.message.isEmpty == false)
    }

    @Test(arguments: ["", "Image", "a/b/c/d", "foxglove.Image", "a//b", "/a/b"])
    func `a schema's name must be a message's`(name: String) {
        #expect(throws: ROSError.self) { try definition("int8 x", name) }
    }

    @Test func `messages that contain themselves are refused`() {
        #expect(throws: ROSError.self) { try definition("T[] x", "pkg/T") }
        #expect(throws: ROSError.self) { try definition("A a\n===\nMSG: pkg/A\nB b\n===\nMSG: pkg/B\nA[] a", "pkg/T") }
    }

    @Test(arguments: [(60, true), (64, true), (65, false), (4000, false), (10_000, false)])
    func `nesting has a limit`(depth: Int, isAllowed: Bool) {
        var text = "L1 x\n"
        for level in 1..<depth {
            text += "===\nMSG: pkg/L\(level)\n" + (level == depth - 1 ? "int8 x\n" : "L\(level + 1) x\n")
        }
        let linked = try? definition(text, "pkg/L0")
        #expect((linked != nil) == isAllowed)
    }

    @Test func `more definitions than any type has are refused`() {
        let text = (0..<5000).map { "===\nMSG: pkg/L\($0)\nint8 x\n" }.joined()
        #expect(throws: ROSError.self) { try definition("int8 x\n" + text, "pkg/T") }
    }
}
