import Quality
import Testing

/// One setting of the grid.
struct Setting: CustomTestStringConvertible {
    var hertz: Double
    var jitter: Double
    var dropShare: Double
    var burst: Int
    var seconds: Double

    var testDescription: String { "\(hertz) Hz, jitter \(jitter), drops \(dropShare), burst \(burst), \(seconds) s" }
}

@Suite struct `On a grid of settings` {
    static let settings: [Setting] = [5.0, 15, 29.97, 30, 60, 100, 1000].flatMap { hertz in
        [0, 0.05, 0.15, 0.3].flatMap { jitter in
            [0, 0.01, 0.1, 0.3].flatMap { dropShare in
                [0, 7].map { burst in
                    Setting(hertz: hertz, jitter: jitter, dropShare: dropShare, burst: burst, seconds: max(4, 400 / hertz))
                }
            }
        }
    }

    @Test func `there are at least 200 settings`() {
        #expect(Self.settings.count >= 200)
    }

    @Test func `every drop is found, nothing else is called one, and the rate is the true one`() {
        for (seed, setting) in Self.settings.enumerated() {
            let stream = SyntheticStream(
                hertz: setting.hertz,
                seconds: setting.seconds,
                jitter: setting.jitter,
                dropShare: setting.dropShare,
                burst: setting.burst,
                seed: UInt64(seed)
            )
            let found = FrameGaps(times: stream.times)
            let drops = Dictionary(uniqueKeysWithValues: found.drops.map { ($0.before, $0.missing) })
            #expect(drops == stream.drops, "\(setting.testDescription): \(drops.count) of \(stream.drops.count)")
            let rate = found.rhythm?.rate ?? 0
            #expect(abs(rate / setting.hertz - 1) < 0.002, "\(setting.testDescription): \(rate)")
        }
    }
}

@Suite struct `Lag and drift` {
    @Test func `are found within a tenth of a millisecond and one part in a million, with lost frames on both sides`() throws {
        var settings = 0
        for (own, reference) in [(30.0, 30.0), (15, 30), (60, 30), (100, 100)] {
            for lag in [-9e6, -0.4e6, 0, 1.25e6, 4.9e6] {
                for drift in [0, 40e-6, -250e-6] {
                    // The more the frames are shaken, the longer it takes to know as well.
                    for (dropShare, jitter, seconds) in [(0, 0.002, 60.0), (0.3, 0.002, 60), (0, 0.01, 240), (0.3, 0.01, 240)] {
                        settings += 1
                        let seed = UInt64(settings)
                        let lagOf = lag * min(1, 30 / max(own, reference))
                        let first = SyntheticStream(hertz: reference, seconds: seconds, jitter: jitter, dropShare: dropShare, seed: seed)
                        let second = SyntheticStream(
                            hertz: own,
                            seconds: seconds,
                            jitter: jitter,
                            dropShare: dropShare,
                            burst: 9,
                            lag: lagOf,
                            drift: drift,
                            seed: seed + 1000
                        )
                        let found = try #require(StreamLag(of: second.times, against: first.times))
                        #expect(abs(found.lag - lagOf) < 0.1e6, "\(own) to \(reference) Hz, \(lagOf) ns, \(drift), \(dropShare), \(jitter)")
                        let foundDrift = try #require(found.drift)
                        #expect(abs(foundDrift - drift) < 1e-6, "\(own) to \(reference) Hz, \(lagOf) ns, \(drift), \(dropShare), \(jitter)")
                    }
                }
            }
        }
        #expect(settings == 240)
    }

    @Test func `survive jitter of a third of a frame on both sides, as well as the noise allows`() throws {
        for (number, drift) in [0, 100e-6, -30e-6].enumerated() {
            let seed = UInt64(number + 1)
            let first = SyntheticStream(hertz: 30, seconds: 600, jitter: 0.3, dropShare: 0.3, seed: seed)
            let second = SyntheticStream(hertz: 30, seconds: 600, jitter: 0.3, dropShare: 0.3, lag: 6e6, drift: drift, seed: seed + 50)
            let found = try #require(StreamLag(of: second.times, against: first.times))
            // 5.8 ms of jitter on each side over some 8,800 pairs: a lag known to 0.18 ms and a drift to 0.5 ppm.
            #expect(abs(found.lag - 6e6) < 0.6e6)
            #expect(abs(try #require(found.drift) - drift) < 1.5e-6)
        }
    }

    @Test func `are not told where rates do not go together or a stream has no beat`() {
        let camera = SyntheticStream(hertz: 30, seconds: 20, seed: 1).times
        #expect(StreamLag(of: SyntheticStream(hertz: 100, seconds: 20, seed: 2).times, against: camera) == nil)
        #expect(StreamLag(of: [], against: camera) == nil)
        #expect(StreamLag(of: [camera[0]], against: camera) == nil)
        #expect(StreamLag(of: camera, against: Array(repeating: camera[0], count: 50)) == nil)
    }
}
