import Requests
import Testing

@testable import Jobs

@Suite struct SpeedTests {
    @Test func `how fast packages were made is known to the next daemon`() {
        let (before, after) = (PackagingSpeed(), PackagingSpeed(weightPerSecond: 1))
        before.note(123, of: .tarGzip)
        let news = before.takeNews()
        #expect(news.count == 1)
        #expect(before.takeNews().isEmpty)
        after.restore(news)
        #expect(after.weightPerSecond == 123)
        #expect(after.weightPerSecond(of: .directory) == 1)
        after.restore(news.mapValues { _ in .nan })
        #expect(after.weightPerSecond == 123)
    }
}
