import ROS
import Testing

private let mixText = """
    std_msgs/Header header
    string[] name
    float64[] position
    string label
    bool flag
    int64 big
    uint8[3] rgb
    geometry_msgs/Point32[] points
    DURATION wait
    ===
    MSG: std_msgs/Header
    STAMP
    string frame_id
    ===
    MSG: geometry_msgs/Point32
    float32 x
    float32 y
    float32 z
    """

private func mix(_ dialect: MessageDefinition.Dialect) throws -> MessageDefinition {
    let (stamp, duration) =
        dialect == .ros1 ? ("uint32 seq\ntime stamp", "duration") : ("builtin_interfaces/Time stamp", "builtin_interfaces/Duration")
    return try definition(
        mixText.replacing("STAMP", with: stamp).replacing("DURATION", with: duration),
        "test_msgs/Mix",
        dialect
    )
}

/// One message in three serialisations, as PyPI rosbags writes them.
private let mixPayloads: [(MessageDefinition.Dialect, String)] = [
    (
        .ros1,
        """
        0700000059898767009c7125040000006261736502000000010000006102000000626302000000000000000000e03f00000000000002c0010000007801fbffff\
        ffffffffff0102ff020000000000803f0000004000004040000080bf000000000000003fffffffff0065cd1d
        """
    ),
    (
        .ros2,
        """
        0001000059898767009c712505000000626173650000000002000000020000006100000003000000626300000200000000000000000000000000e03f00000000\
        000002c00200000078000100fbffffffffffffff0102ff00020000000000803f0000004000004040000080bf000000000000003fffffffff0065cd1d
        """
    ),
    (
        .ros2,
        """
        000000006787895925719c00000000056261736500000000000000020000000261000000000000036263000000000002000000003fe0000000000000c0020000\
        000000000000000278000100fffffffffffffffb0102ff00000000023f8000004000000040400000bf800000000000003f000000ffffffff1dcd6500
        """
    ),
]

@Suite struct `Messages on the wire` {
    @Test(arguments: 0..<3)
    func `a whole message is decoded`(index: Int) throws {
        let (dialect, hex) = mixPayloads[index]
        let message = try decode(mix(dialect), bytes(hex))
        #expect(message["header"]?["stamp"] == .time(1_736_935_769_628_202_496))
        #expect(message["header"]?["frame_id"] == .string("base"))
        #expect(message["name"] == .list([.string("a"), .string("bc")]))
        #expect(message["position"] == .list([.float64(0.5), .float64(-2.25)]))
        #expect(message["label"] == .string("x"))
        #expect(message["flag"] == .bool(true))
        #expect(message["big"] == .integer(-5))
        #expect(message["rgb"] == .bytes([1, 2, 255]))
        guard case .list(let points)? = message["points"] else { throw ROSError(.payload, "no points") }
        #expect(points.map { $0["z"] } == [.float32(3), .float32(0.5)])
        #expect(message["wait"] == .duration(-500_000_000))
    }

    @Test(arguments: 0..<3)
    func `single fields are read by their paths`(index: Int) throws {
        let (dialect, hex) = mixPayloads[index]
        let (type, payload) = (try mix(dialect), bytes(hex))
        #expect(try time(type, "header.stamp", payload) == 1_736_935_769_628_202_496)
        #expect(try time(type, "wait", payload) == -500_000_000)
        #expect(try strings(type, "header.frame_id", payload) == ["base"])
        #expect(try strings(type, "name", payload) == ["a", "bc"])
        #expect(try numbers(type, "position", payload) == [0.5, -2.25])
        #expect(try numbers(type, "flag", payload) == [1])
        #expect(try numbers(type, "big", payload) == [-5])
        #expect(try numbers(type, "points.x", payload) == [1, -1])
        #expect(try numbers(type, "points.z", payload) == [3, 0.5])
        #expect(try numbers(type, "header.stamp.sec", payload) == [1_736_935_769])
        #expect(try payload[range(type, "rgb", payload)] == [1, 2, 255])
        #expect(try String(decoding: payload[range(type, "label", payload)], as: UTF8.self) == "x")
    }

    @Test(arguments: 0..<3)
    func `a message cut anywhere is an error, never a value`(index: Int) throws {
        let (dialect, hex) = mixPayloads[index]
        let (type, payload) = (try mix(dialect), bytes(hex))
        for count in 0..<payload.count {
            #expect(throws: ROSError.self) { try decode(type, Array(payload[..<count])) }
        }
    }

    @Test func `bytes after a message are an error unless they are padding`() throws {
        let ros1 = try definition("uint8 x", "p/T", .ros1)
        #expect(try decode(ros1, [5])["x"] == .unsigned(5))
        #expect(throws: ROSError.self) { try decode(ros1, [5, 0]) }
        let ros2 = try definition("uint8 x")
        #expect(try decode(ros2, [0, 1, 0, 3, 5, 0, 0, 0])["x"] == .unsigned(5))
        #expect(throws: ROSError.self) { try decode(ros2, [0, 1, 0, 0, 5, 0, 0, 0, 0]) }
    }

    @Test func `an empty message takes one byte in CDR and none in ROS 1`() throws {
        #expect(try decode(definition("", "std_msgs/Empty"), [0, 1, 0, 0, 0]) == .message([]))
        #expect(try decode(definition("", "std_msgs/Empty", .ros1), []) == .message([]))
        let nested = try definition("Empty e\nuint8 x\n===\nMSG: test_msgs/Empty\n")
        #expect(try numbers(nested, "x", [0, 1, 0, 0, 9, 7]) == [7])
    }

    @Test func `an empty sequence is not followed by its elements' padding`() throws {
        let type = try definition("float64[] a\nuint8 b\nfloat64[0] c\nuint8 d")
        #expect(try numbers(type, "b", [0, 1, 0, 0, 0, 0, 0, 0, 3, 4]) == [3])
        #expect(try numbers(type, "d", [0, 1, 0, 0, 0, 0, 0, 0, 3, 4]) == [4])
    }

    @Test func `a string of length zero without its NUL is empty`() throws {
        let type = try definition("string s\nuint8 x")
        #expect(try decode(type, [0, 1, 0, 0, 0, 0, 0, 0, 9])["s"] == .string(""))
        #expect(try decode(type, [0, 1, 0, 0, 1, 0, 0, 0, 0, 9])["s"] == .string(""))
    }

    @Test func `strings that are not UTF-8 are repaired`() throws {
        #expect(try strings(definition("string s", "p/T", .ros1), "s", bytes("02000000 41FF")) == ["A\u{FFFD}"])
    }

    @Test func `wide strings have characters of two or of four bytes`() throws {
        let type = try definition("wstring w\nuint32 x")
        let narrow = bytes("00010000 03000000 4100 e900 226f 0000 07000000")
        let wide = bytes("00010000 03000000 41000000 e9000000 226f0000 07000000")
        for payload in [narrow, wide] {
            #expect(try strings(type, "w", payload) == ["A\u{E9}\u{6F22}"])
            #expect(try numbers(type, "x", payload) == [7])
        }
        #expect(
            try strings(definition("wstring[] w"), "w", bytes("00000000 00000002 00000001 0041 0000 00000002 0042 0043")) == ["A", "BC"]
        )
    }

    @Test func `XCDR 2 aligns to four bytes and delimits collections`() throws {
        let type = try definition("uint8 a\nfloat64 b\nstring[] s\nP[2] p\nuint8 last\n===\nMSG: test_msgs/P\nuint16 x\nstring n")
        let payload = bytes(
            """
            00070000 01000000 000000000000f83f
            11000000 02000000 02000000 6100 0000 01000000 00 000000
            13000000 0500 0000 02000000 7800 0600 03000000 797a00 09
            """
        )
        #expect(try numbers(type, "b", payload) == [1.5])
        #expect(try strings(type, "s", payload) == ["a", ""])
        #expect(try numbers(type, "p.x", payload) == [5, 6])
        #expect(try strings(type, "p.n", payload) == ["x", "yz"])
        #expect(try numbers(type, "last", payload) == [9])
        #expect(try decode(type, payload)["last"] == .unsigned(9))
    }

    @Test(arguments: [0x04, 0x05, 0x0C, 0x55] as [UInt8])
    func `other encapsulations are refused by number`(identifier: UInt8) throws {
        let type = try definition("uint8 x")
        let error = #expect(throws: ROSError.self) { try decode(type, [0, identifier, 0, 0, 1, 0, 0, 0]) }
        #expect(error?.kind == .encoding)
        #expect(error?.message.contains("0x00") == true)
    }

    @Test(arguments: ["header", "nope", "position.x", "", ".", "points.", "header.stamp.nope"])
    func `a path that leads to no numbers is refused`(path: String) throws {
        let type = try mix(.ros2)
        let error = #expect(throws: ROSError.self) { try numbers(type, path, bytes(mixPayloads[1].1)) }
        #expect(error?.kind == .field)
    }

    @Test func `fields are read as what they are only`() throws {
        let (type, payload) = (try mix(.ros2), bytes(mixPayloads[1].1))
        #expect(throws: ROSError.self) { try strings(type, "position", payload) }
        #expect(throws: ROSError.self) { try time(type, "position", payload) }
        #expect(throws: ROSError.self) { try range(type, "position", payload) }
        #expect(throws: ROSError.self) { try range(type, "points.x", payload) }
        #expect(throws: ROSError.self) { try numbers(type, "label", payload) }
    }

    @Test(arguments: [
        "float64[] x", "string[] x", "uint8[] x", "string x", "wstring x", "P[] x\n===\nMSG: test_msgs/P\nstring s",
        "E[] x\n===\nMSG: test_msgs/E\n",
    ])
    func `a huge count is an error and allocates nothing`(text: String) throws {
        let type = try definition(text)
        #expect(throws: ROSError.self) { try decode(type, bytes("00010000 ffffffff 00000000 00000000")) }
        let after = try definition(text.replacing("x", with: "x\nuint8 y", maxReplacements: 1))
        #expect(throws: ROSError.self) { try numbers(after, "y", bytes("00010000 ffffffff 00000000 00000000")) }
    }

    @Test func `arrays of nothing are bounded although they take no bytes`() throws {
        let type = try definition("E[] x\nuint8 y\n===\nMSG: p/E\n", "p/T", .ros1)
        let payload = bytes("ffffffff 05")
        #expect(try numbers(type, "y", payload) == [5])
        #expect(throws: ROSError.self) { try decode(type, payload) }
        #expect(try decode(type, bytes("02000000 05"))["x"] == .list([.message([]), .message([])]))
    }

    @Test func `fixed arrays of arrays without end are an error at once`() throws {
        var text = "L1[4000000000] x\n"
        for level in 1..<20 { text += "===\nMSG: p/L\(level)\nL\(level + 1)[4000000000] x\n" }
        for (leaf, dialect) in [
            ("", MessageDefinition.Dialect.ros1), ("uint8 b", .ros1), ("string s", .ros1), ("uint8 b", .ros2), ("string s", .ros2),
            ("", .ros2),
        ] {
            let type = try definition(text + "===\nMSG: p/L20\n" + leaf, "p/L0", dialect)
            #expect(throws: ROSError.self) { try decode(type, [0, 1, 0, 0] + [UInt8](repeating: 0, count: 1000)) }
        }
    }
}
