import GRDB
import Glibc
import TestSupport
import Testing

@testable import Catalog

struct GlobTests {
    @Test func `patterns match as fnmatch(3) has it`() throws {
        let alphabet = Array("ab/-]!^[*?")
        var random = SeededGenerator(seed: 11)
        let database = try DatabaseQueue()
        try database.read { database in
            let statement = try database.makeStatement(sql: "SELECT ? GLOB ?")
            for _ in 0..<20_000 {
                let pattern = String((0..<Int.random(in: 1...7, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
                let text = String(
                    (0..<Int.random(in: 0...5, using: &random)).map { _ in alphabet.prefix(6).randomElement(using: &random) ?? "a" }
                )
                // Ranges of which the ends stand in no order differ between implementations, and nobody writes them.
                if pattern.contains("-") && pattern.contains("[") { continue }
                statement.setUncheckedArguments([text, Glob.sqlite(pattern)])
                let ours = try Bool.fetchOne(statement) ?? false
                #expect(ours == (fnmatch(pattern, text, FNM_NOESCAPE) == 0), "\(pattern) on \(text)")
            }
        }
    }

    private func matches(_ text: String, _ pattern: String) throws -> Bool {
        try DatabaseQueue().read { try Bool.fetchOne($0, sql: "SELECT ? GLOB ?", arguments: [text, Glob.sqlite(pattern)]) ?? false }
    }

    @Test func `ranges and negated sets work`() throws {
        #expect(try matches("run_3", "run_[0-5]"))
        #expect(try !matches("run_7", "run_[0-5]"))
        #expect(try matches("run_7", "run_[!0-5]"))
        #expect(try matches("run_7", "run_[^0-5]"))
        #expect(try !matches("Run_7", "run_*"))
        #expect(try matches("杯子", "?子"))
        #expect(try matches("a[b", "a[b"))
    }
}
