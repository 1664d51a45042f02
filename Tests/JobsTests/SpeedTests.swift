import Formats
import Requests
import Testing

@testable import Jobs

@Suite struct SpeedTests {
    private let archives = WorkSpeeds.Work.packaging(.hdf5, .tarGzip)

    @Test func `how fast work was done is known to the next daemon`() {
        let (before, after) = (WorkSpeeds(), WorkSpeeds())
        before.note(123, of: archives, over: 1)
        let news = before.takeNews()
        #expect(before.takeNews().isEmpty)
        after.restore(news)
        #expect(after.speed(of: archives).bytesPerSecond == 123)
        after.restore(news.mapValues { _ in .nan })
        #expect(after.speed(of: archives).bytesPerSecond == 123)
    }

    @Test func `what is known of another format is better than a guess`() {
        let speeds = WorkSpeeds()
        let guess = speeds.speed(of: archives).bytesPerSecond
        speeds.note(123, of: .packaging(.csv, .tarGzip), over: 1)
        #expect(speeds.speed(of: archives).bytesPerSecond == 123)
        #expect(speeds.speed(of: .packaging(.hdf5, .directory)).bytesPerSecond > guess)
        let (pictures, video) = (LeRobotOptions(), LeRobotOptions())
        #expect(speeds.speed(of: .encoding(.lerobot(pictures))).doubt > 1)
        speeds.note(5, of: .encoding(.lerobot(video)), over: 1)
        #expect(speeds.speed(of: .encoding(.lerobot(pictures))).doubt < 1)
    }

    @Test func `a short job moves a speed by little`() {
        let speeds = WorkSpeeds()
        speeds.note(100, of: archives, over: 1)
        speeds.note(1, of: archives, over: 0.1)
        #expect((50...100).contains(speeds.speed(of: archives).bytesPerSecond))
        speeds.note(7, of: archives, over: 60)
        #expect(speeds.speed(of: archives).bytesPerSecond == 7)
        for odd in [0, -1, .nan, .infinity] { speeds.note(odd, of: archives, over: 60) }
        #expect(speeds.speed(of: archives).bytesPerSecond == 7)
    }
}
