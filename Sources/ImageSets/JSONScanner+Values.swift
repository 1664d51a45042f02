/// Values that are taken where they are of the right kind, and skipped where they are of another.
extension JSONScanner {
    /// A text; nil and skipped where something else stands there or it is longer than a name may be.
    mutating func text() throws(Fault) -> String? {
        guard let token = try token(), token.range.count <= ImageSetLimits.nameBytes else { return nil }
        return decoded(token)
    }

    /// A text as it stands in the file; nil and skipped where something else stands there.
    @inline(__always)
    mutating func token() throws(Fault) -> Text? {
        guard peek() == UInt8(ascii: "\"") else {
            try skip()
            return nil
        }
        return try string()
    }

    /// A text of an annotation that is neither empty nor longer than a name may be; nil and skipped where none stands there.
    @inline(__always)
    mutating func name() throws(Fault) -> Text? {
        guard let token = try token(), !token.range.isEmpty, token.range.count <= ImageSetLimits.nameBytes else { return nil }
        return token
    }

    /// A number; nil and skipped where something else stands there.
    @inline(__always)
    mutating func numberIfAny() throws(Fault) -> Double? {
        guard isNumber() else {
            try skip()
            return nil
        }
        return try number()
    }

    /// A whole number; nil and skipped where something else stands there.
    @inline(__always)
    mutating func integer() throws(Fault) -> Int64? {
        if let value = plainInteger() { return value }
        // Whole numbers beyond 2^53 are not told apart by most programs that write JSON.
        guard let value = try numberIfAny(), value.magnitude <= 9_007_199_254_740_992 else { return nil }
        return Int64(exactly: value)
    }

    /// A text, or a whole number as one.
    mutating func word() throws(Fault) -> String? {
        if isNumber() { return try integer().map(String.init) }
        return try text()
    }

    /// A truth value, or a number that is 0 or not.
    mutating func flag() throws(Fault) -> Bool {
        if isNumber() { return try number() != 0 }
        let isTrue = peek() == UInt8(ascii: "t")
        try skip()
        return isTrue
    }

    /// Where an object stands; nil where it is empty, too long or no object.
    mutating func attributes() throws(Fault) -> Range<Int>? { try content(in: UInt8(ascii: "{")) }

    /// Where a list stands; nil where it is empty, too long or no list.
    mutating func tags() throws(Fault) -> Range<Int>? { try content(in: UInt8(ascii: "[")) }

    private mutating func content(in bracket: UInt8) throws(Fault) -> Range<Int>? {
        let isRight = peek() == bracket
        let range = try skipped(depth: 4)
        return isRight && range.count > 2 && range.count <= ImageSetLimits.attributeBytes ? range : nil
    }

    /// Calls `element` at each element of a list, which it must read or skip; skips what is no list.
    mutating func list(_ element: (inout JSONScanner) throws(Fault) -> Void) throws(Fault) {
        guard peek() == UInt8(ascii: "[") else { return try skip() }
        try beginArray()
        var isFirst = true
        while try nextElement(isFirst: &isFirst) { try element(&self) }
    }

    /// Calls `member` at each value of an object, which it must read or skip; skips what is no object.
    mutating func object(_ member: (inout JSONScanner, Text) throws(Fault) -> Void) throws(Fault) {
        guard peek() == UInt8(ascii: "{") else { return try skip() }
        try beginObject()
        var isFirst = true
        while let key = try nextKey(isFirst: &isFirst) { try member(&self, key) }
    }
}
