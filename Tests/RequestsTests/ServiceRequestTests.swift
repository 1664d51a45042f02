import ExportCore
import Fields
import Formats
import Requests
import Testing

private func parse(_ text: String) throws(ExportError) -> Request {
    try RequestParser.parse(Array(text.utf8), fileName: "x.yaml")
}

@Suite struct `Requests about the service` {
    @Test func `history is asked for by all its conditions`() throws {
        let request = try parse(
            """
            kind: history
            filter: {from: 2026-03-01, to: 2026-04-01, formats: [hdf5], states: [failed], users: [alice], projects: [kit*], text: cup, limit: 7}
            output: csv
            """
        )
        guard case .history(let history) = request else { throw ExportError(.internal, "It was read as something else.") }
        #expect(history.output == .csv)
        #expect(history.filter.formats == [.hdf5] && history.filter.states == [.failed] && history.filter.users == ["alice"])
        #expect(history.filter.projects == ["kit*"] && history.filter.text == "cup" && history.filter.limit == 7)
        #expect(try parse("kind: history").kind == .history)
        let error = try #require(throws: ExportError.self) {
            try parse("kind: history\nfilter: {text: ab, states: [done], from: 2026, to: 1}")
        }
        #expect(error.details.count == 4)
    }

    @Test(arguments: [
        "{kind: quota, action: set, user: alice, exports: 5, bytes: 2TiB, window: weekly, reason: More.}",
        "{kind: quota, action: set, user: system, exports: unlimited}", "{kind: quota, action: set, user: default, bytes: configured}",
        "{kind: quota, action: adjust, user: alice, exports: -5, bytes: -2GiB, reason: Ran twice.}",
        "{kind: quota, action: reset, user: alice, reason: A new project.}", "{kind: quota, action: show}", "{kind: quota, action: list}",
        "{kind: queue, action: retry_failed, title: Again}", "{kind: history, filter: {datasets: [a]}, output: table}",
        "{on_behalf_of: alice, exports: [{format: hdf5}]}",
    ])
    func `what is written reads back the same`(text: String) throws {
        let request = try parse(text)
        #expect(try parse(RequestParser.text(request)) == request)
    }

    @Test func `quota says what each action needs`() throws {
        func problems(_ text: String) -> [String] {
            do throws(ExportError) {
                _ = try parse("{kind: quota, \(text)}")
                return []
            } catch {
                return error.details.map(\.message)
            }
        }
        #expect(problems("action: set, exports: 3") == ["The action set needs a user, or default or system."])
        #expect(problems("action: set, user: a") == ["The action set needs exports, bytes or window."])
        #expect(problems("action: set, user: a, exports: -1") == ["A limit of exports can't be below nothing."])
        #expect(problems("action: adjust, user: a, exports: unlimited, reason: x").count == 1)
        #expect(problems("action: adjust, user: system, bytes: 1GiB").count == 2)
        #expect(problems("action: reset, user: a, exports: 1").count == 2)
        #expect(problems("action: show, bytes: 1GiB, window: daily").count == 2)
        #expect(problems("action: set, user: a, bytes: 5").first?.contains("a size with a unit") == true)
        #expect(problems("user: a").first?.contains("action is missing") == true)
    }

    @Test func `sizes may have a sign`() {
        #expect(SignedSize.parse("-2GiB") == -2_147_483_648)
        #expect(SignedSize.parse("+1kB") == 1_000)
        #expect(SignedSize.parse("--1kB") == nil)
        #expect(SignedSize.text(-2_147_483_648) == "-2GiB")
    }
}
