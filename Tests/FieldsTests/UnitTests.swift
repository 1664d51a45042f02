import ExportCore
import TestSupport
import Testing

@testable import Fields

@Suite struct `Sizes` {
    @Test(arguments: [
        ("0B", Int64(0)), ("1B", 1), ("512MiB", 536_870_912), ("2TiB", 2_199_023_255_552), ("1.5GB", 1_500_000_000), ("1kB", 1_000),
        ("1KiB", 1_024), ("0.1B", 0), ("8191PiB", 9_222_246_136_947_933_184),
    ])
    func `have units`(text: String, bytes: Int64) {
        #expect(ByteSize.parse(text) == bytes)
    }

    @Test(arguments: [
        "", "B", "5", "5 MiB", "-1B", "1mib", "1.B", ".5GB", "1..5GB", "8192PiB", "99999999999999999999B", "1e3B", "１B", "1.5.1B",
    ])
    func `in any other form are refused`(text: String) {
        #expect(ByteSize.parse(text) == nil)
    }

    @Test func `read back as they were written`() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<10_000 {
            let bytes = Int64.random(in: 0...Int64.max, using: &random) >> Int64.random(in: 0...62, using: &random)
            #expect(ByteSize.parse(ByteSize.text(bytes)) == bytes)
        }
        for unit in ByteSize.units { #expect(ByteSize.text(unit.bytes) == "1\(unit.name)") }
    }
}

@Suite struct `Lengths of time` {
    @Test(arguments: [
        ("30s", Int64(30_000_000_000)), ("24h", 86_400_000_000_000), ("1h30m", 5_400_000_000_000), ("0.5s", 500_000_000),
        ("7d", 604_800_000_000_000),
        ("2w", 1_209_600_000_000_000), ("1500ms", 1_500_000_000), ("1us", 1_000), ("0s", 0), ("1ns", 1),
    ])
    func `have units`(text: String, nanoseconds: Int64) {
        #expect(DurationText.parse(text) == nanoseconds)
    }

    @Test(arguments: ["", "s", "5", "1 h", "-1s", "1x", "1h30", "9999999999d", "1.s", "1H"])
    func `in any other form are refused`(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test func `read back as they were written`() {
        var random = SeededGenerator(seed: 8)
        for _ in 0..<10_000 {
            let nanoseconds = Int64.random(in: 0...Int64.max, using: &random) >> Int64.random(in: 0...62, using: &random)
            #expect(DurationText.parse(DurationText.text(nanoseconds: nanoseconds)) == nanoseconds)
            #expect(Duration.nanoseconds(nanoseconds).wholeNanoseconds == nanoseconds)
        }
        #expect(DurationText.text(nanoseconds: 5_400_000_000_000) == "1h30m")
    }
}

@Suite struct `Instants` {
    @Test(arguments: [
        ("1970-01-01", Int64(0)), ("1970-01-01T00:00:00Z", 0), ("2026-03-01T00:00:00Z", 1_772_323_200_000_000_000),
        ("2026-03-01T01:00:00+01:00", 1_772_323_200_000_000_000), ("2026-03-01 00:00:00.123456789z", 1_772_323_200_123_456_789),
        ("1969-12-31T23:59:59.5Z", -500_000_000), ("2024-02-29", 1_709_164_800_000_000_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000),
    ])
    func `are read to the nanosecond`(text: String, nanoseconds: Int64) {
        #expect(RFC3339.parse(text)?.nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-13-01", "2026-02-29", "2026-00-10", "2026-01-00", "2026-03-01T00:00:00", "2026-03-01T24:00:00Z",
        "2026-03-01T00:00Z",
        "2026-03-01T00:00:00.Z", "2026-03-01T00:00:00.1234567890Z", "2026-03-01T00:00:00+1:00", "2026-3-1", "9999-01-01", "0001-01-01",
        "2026-03-01x", "2026-03-01T00:00:00Zx",
    ])
    func `in any other form are refused`(text: String) {
        #expect(RFC3339.parse(text) == nil)
    }

    @Test func `read back as they were written`() {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<10_000 {
            let instant = Timestamp(nanoseconds: Int64.random(in: Int64.min...Int64.max, using: &random))
            // The first second of the range cannot be written and read again, because its start lies before the range.
            guard instant.nanoseconds > Int64.min + 1_000_000_000 else { continue }
            #expect(RFC3339.parse(instant.exactRFC3339) == instant)
        }
        #expect(Timestamp(nanoseconds: 1_772_323_200_120_000_000).exactRFC3339 == "2026-03-01T00:00:00.12Z")
    }
}

@Suite struct `A misspelt name` {
    private let names = ["rate_hz", "chunk_size", "strict_match", "images", "format", "action"]

    @Test(arguments: [
        ("rate_zh", "rate_hz"), ("rate-hz", "rate_hz"), ("Rate_Hz", "rate_hz"), ("rate", "rate_hz"), ("chunksize", "chunk_size"),
        ("imges", "images"), ("image", "images"), ("formt", "format"), ("fromat", "format"),
    ])
    func `leads to the nearest one`(text: String, name: String) {
        #expect(nearestName(to: text, among: names) == name)
    }

    @Test(arguments: ["", "x", "verbose", "zz", "compression"])
    func `that is near to none leads to none`(text: String) {
        #expect(nearestName(to: text, among: names) == nil)
    }

    @Test func `of any length costs nothing`() {
        #expect(nearestName(to: String(repeating: "a", count: 1_000_000), among: names) == nil)
    }
}
