import Dispatch
import ExportCore
import Files
import Glibc
import Sidecars
import Synchronization
import Testing

@testable import Spool

@Suite struct ClaimTests {
    private let scratch: Scratch
    private let claimer: Claimer

    init() throws {
        scratch = try Scratch()
        claimer = Claimer(scratch.layout)
    }

    private func candidates() throws -> [Candidate] {
        var scanner = InboxScanner(scratch.layout, settle: .zero)
        return try scanner.scan().candidates
    }

    private func claimOne() throws -> ClaimOutcome {
        try claimer.claim(try #require(try candidates().first))
    }

    private func refusal(_ outcome: ClaimOutcome) throws -> RefusedRequest {
        guard case .refused(let refused) = outcome else {
            throw ExportError(.internal, "expected a refusal, got \(outcome)")
        }
        return refused
    }

    private func claimed(_ outcome: ClaimOutcome) throws -> ClaimedRequest {
        guard case .claimed(let claimed) = outcome else {
            throw ExportError(.internal, "expected a claim, got \(outcome)")
        }
        return claimed
    }

    @Test func `a claimed request is read whole and gone from the inbox`() throws {
        try FileSystem.makeDirectories("\(scratch.layout.inbox)/team")
        try scratch.drop("team/nightly.yaml", "kind: preview\n")
        let request = try claimed(claimOne())
        #expect(request.request == "team/nightly.yaml")
        #expect(request.text == Array("kind: preview\n".utf8))
        #expect(request.owner == geteuid())
        #expect(try FileSystem.list("\(scratch.layout.inbox)/team").isEmpty)
        #expect(FileSystem.exists("\(scratch.layout.claimed)/\(request.job)/request/team/nightly.yaml"))
    }

    @Test func `of requests claimed together each gets what it deserves`() throws {
        try FileSystem.makeDirectories("\(scratch.layout.inbox)/team")
        try scratch.put("a.yaml", "kind: preview\n")
        try scratch.put("gone.yaml")
        symlink("a.yaml", "\(scratch.layout.inbox)/link.yaml")
        try scratch.drop("team/b.yaml", "kind: export\n")
        let found = try candidates().sorted { $0.path.text < $1.path.text }
        try FileSystem.removeFile("\(scratch.layout.inbox)/gone.yaml")
        let outcomes = try claimer.claim(found).map { try $0.get() }
        #expect(found.map(\.path.text) == ["a.yaml", "gone.yaml", "link.yaml", "team/b.yaml"])
        let (first, last) = (try claimed(outcomes[0]), try claimed(outcomes[3]))
        #expect(first.text == Array("kind: preview\n".utf8))
        #expect(outcomes[1] == .nothing)
        #expect(try refusal(outcomes[2]).isMoved)
        #expect(last.request == "team/b.yaml")
        #expect(try Set(claimer.unfinished()) == [first.job, last.job, try refusal(outcomes[2]).job])
        #expect(try scratch.inbox() == ["team"])
    }

    @Test func `where claims cannot be kept all requests stay in the inbox`() throws {
        try scratch.put("a.yaml")
        try scratch.put("b.yaml")
        let found = try candidates()
        try FileSystem.removeTree(scratch.layout.claimed)
        for outcome in claimer.claim(found) {
            #expect(throws: FileError.self) { try outcome.get() }
        }
        #expect(try scratch.inbox() == ["a.yaml", "b.yaml"])
    }

    @Test func `an empty request and one of exactly the limit are taken`() throws {
        let small = Claimer(scratch.layout, limit: 10)
        try scratch.put("a.yaml", "")
        try scratch.put("b.yaml", "0123456789")
        for candidate in try candidates() { _ = try claimed(small.claim(candidate)) }
        try scratch.put("c.yaml", "0123456789A")
        #expect(try refusal(small.claim(try #require(try candidates().first))).error.message.contains("at most 10"))
    }

    @Test(
        "what is no plain file is refused, moved aside, and said to be so",
        arguments: [
            ("fifo", "FIFO"), ("socket", "FIFO"), ("link", "symbolic link"), ("dangling", "symbolic link"), ("folder", "folder"),
            ("big", "at most"), ("hard", "hard links"),
        ]
    )
    func refusals(what: String, words: String) throws {
        let path = "\(scratch.layout.inbox)/x.yaml"
        switch what {
        case "fifo": mkfifo(path, 0o644)
        case "socket": mknod(path, S_IFSOCK | 0o644, 0)
        case "link": symlink("/etc/passwd", path)
        case "dangling": symlink("nowhere", path)
        case "folder":
            try FileSystem.makeDirectories("\(path)/inner")
        case "big": try scratch.put("x.yaml", String(repeating: "x", count: 5 << 20))
        default:
            try scratch.put("x.yaml")
            try FileSystem.link(path, to: "\(scratch.path)/other")
        }
        let refused = try refusal(claimOne())
        #expect(refused.error.code == .requestUnreadable)
        #expect(refused.error.message.contains(words))
        #expect(refused.error.hint != nil)
        #expect(refused.request == "x.yaml")
        #expect(refused.isMoved)
        #expect(try scratch.inbox().isEmpty)
        // Between the claim and the ledger's entry a crash changes nothing.
        #expect(try claimer.reclaim(refused.job) == .refused(refused))
        try claimer.close(refused.job)
        #expect(try FileSystem.list(scratch.layout.rejected) == ["\(refused.job)-x.yaml"])
        #expect(try claimer.unfinished().isEmpty)
        #expect(FileSystem.exists("/etc/passwd"))
    }

    @Test(
        "a name that can't be shown or carry a sidecar is refused under one that can",
        arguments: [
            ([0x78, 0xFF, 0x2E, 0x79, 0x6D, 0x6C], "x\u{FFFD}.yml"), ([0x61, 0x0A, 0x62, 0x2E, 0x79, 0x61, 0x6D, 0x6C], "a\\u{a}b.yaml"),
            (Array(String(repeating: "n", count: 250).utf8) + Array(".yaml".utf8), String(repeating: "n", count: 200) + ".yaml"),
        ] as [([UInt8], String)]
    )
    func names(bytes: [UInt8], shown: String) throws {
        let raw = EntryName(bytes: bytes)
        try Folder(scratch.layout.inbox).write(raw, [], mode: 0o644)
        let refused = try refusal(claimOne())
        #expect(refused.request == shown)
        #expect(try scratch.inbox().isEmpty)
        try SidecarStore(scratch.layout).write(status(refused.request, .failed, error: refused.error))
        #expect(try scratch.inbox().count == 2)
        try claimer.close(refused.job)
        let rejected = try Folder(scratch.layout.rejected)
        let kept = try rejected.list().map(\.name)
        #expect(kept.count == 1)
        for name in kept { try rejected.remove(name) }
    }

    @Test(.enabled(if: geteuid() != 0, "root may read and move everything"))
    func `a request that the daemon may not take is reported once, and again when it changed`() throws {
        let team = "\(scratch.layout.inbox)/team"
        try FileSystem.makeDirectories(team)
        try scratch.put("team/x.yaml")
        chmod(team, 0o555)
        defer { chmod(team, 0o755) }
        let refused = try refusal(claimOne())
        #expect(!refused.isMoved)
        #expect(refused.error.code == .requestUnreadable)
        #expect(refused.error.message.contains("can't be taken out of its folder"))
        #expect(try claimOne() == .nothing)
        #expect(try claimer.unfinished().isEmpty)
        try scratch.put("team/x.yaml", "kind: preview\n")
        #expect(try !refusal(claimOne()).isMoved)
        #expect(try FileSystem.list(team) == ["x.yaml"])
        chmod(team, 0o755)
        _ = try claimed(claimOne())
    }

    @Test(.enabled(if: geteuid() != 0, "root may read and move everything"))
    func `a request that the daemon may not read is moved aside`() throws {
        try scratch.put("x.yaml")
        chmod("\(scratch.layout.inbox)/x.yaml", 0)
        let refused = try refusal(claimOne())
        #expect(refused.isMoved)
        #expect(refused.error.hint?.contains("chmod g+r") == true)
        try claimer.close(refused.job)
        #expect(try FileSystem.list(scratch.layout.rejected) == ["\(refused.job)-x.yaml"])
    }

    @Test func `of many claimers one wins, and nothing is left behind by the others`() throws {
        for number in 0..<40 { try scratch.put("r\(number).yaml", "# \(number)\n") }
        let found = try candidates()
        let wins = Mutex<[ClaimedRequest]>([])
        let failures = Mutex<[String]>([])
        let layout = scratch.layout
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            let claimer = Claimer(layout)
            for candidate in found {
                do {
                    if case .claimed(let request) = try claimer.claim(candidate) { wins.withLock { $0.append(request) } }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        #expect(failures.withLock { $0 }.isEmpty)
        let all = wins.withLock { $0 }
        #expect(all.count == 40)
        #expect(Set(all.map(\.request)).count == 40)
        #expect(all.allSatisfy { String(decoding: $0.text, as: UTF8.self) == "# \($0.request.dropFirst().dropLast(5))\n" })
        #expect(try claimer.unfinished().count == 40)
        #expect(try scratch.inbox().isEmpty)
    }

    @Test func `a request that was removed in time is no request`() throws {
        try scratch.put("x.yaml")
        let candidate = try #require(try candidates().first)
        try FileSystem.removeFile("\(scratch.layout.inbox)/x.yaml")
        #expect(try claimer.claim(candidate) == .nothing)
        #expect(try claimer.unfinished().isEmpty)
    }

    @Test func `what replaced a request after it was found is what is claimed`() throws {
        try scratch.put("x.yaml", "old")
        let candidate = try #require(try candidates().first)
        try scratch.drop("x.yaml", "new")
        #expect(try claimed(claimer.claim(candidate)).text == Array("new".utf8))
    }

    @Test func `a crash before the rename leaves the request in the inbox and nothing to clear`() throws {
        try scratch.put("x.yaml")
        let candidate = try #require(try candidates().first)
        let job = try claimer.makeFolders(for: candidate.path, now: .now())
        #expect(try claimer.unfinished() == [job])
        #expect(try claimer.reclaim(job) == .nothing)
        #expect(try claimer.unfinished().isEmpty)
        _ = try claimed(claimOne())
    }

    @Test func `a crash between the rename and the ledger loses nothing`() throws {
        try FileSystem.makeDirectories("\(scratch.layout.inbox)/team")
        try scratch.put("team/x.yaml", "kind: export\n")
        let path = try #require(try candidates().first).path
        let job = try claimer.makeFolders(for: path, now: .now())
        let source = try Folder("\(scratch.layout.inbox)/team")
        #expect(try claimer.move(path, from: source, to: job))
        let again = Claimer(scratch.layout)
        #expect(try again.unfinished() == [job])
        let request = try claimed(again.reclaim(job))
        #expect(request.job == job)
        #expect(request.request == "team/x.yaml")
        #expect(request.text == Array("kind: export\n".utf8))
        #expect(try claimed(again.reclaim(job)) == request)
    }

    @Test func `a rename whose answer was lost is known by its result`() throws {
        try scratch.put("x.yaml")
        let path = try #require(try candidates().first).path
        let job = try claimer.makeFolders(for: path, now: .now())
        let source = try Folder(scratch.layout.inbox)
        #expect(try claimer.move(path, from: source, to: job))
        #expect(try claimer.move(path, from: source, to: job))
    }

    @Test func `looking again at a claim never removes what lies in its folder`() throws {
        try scratch.put("x.yaml")
        let request = try claimed(claimOne())
        let folder = "\(scratch.layout.claimed)/\(request.job)"
        try FileSystem.makeDirectories("\(folder)/package/inner")
        try FileSystem.rename("\(folder)/request/x.yaml", to: "\(folder)/kept")
        #expect(try claimer.reclaim(request.job) == .nothing)
        #expect(FileSystem.exists("\(folder)/kept"))
        #expect(FileSystem.exists("\(folder)/package/inner"))
    }

    @Test func `closing a job removes a good request and its folders, any number of times`() throws {
        try scratch.put("x.yaml")
        let request = try claimed(claimOne())
        try claimer.close(request.job)
        try claimer.close(request.job)
        #expect(try FileSystem.list(scratch.layout.claimed).isEmpty)
        #expect(try FileSystem.list(scratch.layout.rejected).isEmpty)
    }

    @Test func `a team folder that became a symbolic link is not followed`() throws {
        try FileSystem.makeDirectories("\(scratch.layout.inbox)/team")
        try scratch.put("team/x.yaml")
        let candidate = try #require(try candidates().first)
        try FileSystem.rename("\(scratch.layout.inbox)/team", to: "\(scratch.path)/theirs")
        symlink("\(scratch.path)/theirs", "\(scratch.layout.inbox)/team")
        #expect(try claimer.claim(candidate) == .nothing)
        #expect(FileSystem.exists("\(scratch.path)/theirs/x.yaml"))
    }

    @Test func `job ids carry their time and differ`() {
        let now = Timestamp(nanoseconds: 1_795_367_700_000_000_000)
        let ids = Set((0..<100).map { _ in JobID.new(at: now) })
        #expect(ids.count > 90)
        #expect(ids.allSatisfy { $0.text.hasPrefix("20261122-171500-") && $0.text.utf8.count == 22 })
    }
}
