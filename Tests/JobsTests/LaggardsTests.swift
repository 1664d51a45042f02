import ExportCore
import Jobs
import Testing

@Suite struct LaggardsTests {
    private func jobs(_ numbers: Range<Int>) throws -> [JobID] {
        try numbers.map { try #require(JobID("job-\($0 + 100)")) }
    }

    @Test func `who can't be helped comes again only after everyone else`() throws {
        var laggards = Laggards()
        let all = try jobs(0..<5)
        for job in all.reversed() { laggards.add(job) }
        let turns = (0..<4).map { _ in laggards.next(2) }
        #expect(turns == [[all[0], all[1]], [all[2], all[3]], [all[4], all[0]], [all[1], all[2]]])
    }

    @Test func `nobody is given twice at once`() throws {
        var laggards = Laggards()
        let all = try jobs(0..<3)
        var turns = [laggards.next(2)]
        for job in all { laggards.add(job) }
        turns += [laggards.next(10), laggards.next(10)]
        #expect(turns == [[], all, all])
    }

    @Test func `a job is told apart from one that lags already, and from one that does not`() throws {
        var laggards = Laggards()
        let job = try jobs(0..<1)[0]
        #expect(!laggards.contains(job))
        let news = [laggards.add(job), laggards.add(job)]
        #expect(news == [true, false])
        #expect(laggards.contains(job))
        laggards.remove(job)
        #expect(!laggards.contains(job))
        let turn = laggards.next(1)
        #expect(turn.isEmpty)
    }
}
