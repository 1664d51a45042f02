import Glibc
import Logging
import Service
import Synchronization
import Testing

/// A datagram socket as the service manager holds one.
private final class Listener {
    let path: String
    private let descriptor: Int32

    init(abstract: Bool) throws {
        let name = "exportd-test-\(getpid())-\(UInt64.random(in: .min ... .max))"
        path = abstract ? "@\(name)" : "/tmp/\(name)"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { target in
            target.copyBytes(from: bytes)
            if abstract { target[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(result == 0)
    }

    deinit {
        close(descriptor)
        if path.hasPrefix("/") { unlink(path) }
    }

    /// The next message; waits for it.
    func next() -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}

@Suite("The line to the service manager", .timeLimit(.minutes(1)))
struct ServiceManagerTests {
    @Test(arguments: [false, true]) func `every word reaches a real socket`(abstract: Bool) throws {
        let listener = try Listener(abstract: abstract)
        let manager = ServiceManager(socket: listener.path)
        manager.ready(status: "idle")
        #expect(listener.next() == "READY=1\nSTATUS=idle")
        manager.report("2 running")
        #expect(listener.next() == "STATUS=2 running")
        manager.ping()
        #expect(listener.next() == "WATCHDOG=1")
        manager.extendTimeout(by: .seconds(5))
        #expect(listener.next() == "EXTEND_TIMEOUT_USEC=5000000")
        manager.stopping(status: "draining")
        #expect(listener.next() == "STOPPING=1\nSTATUS=draining")
        manager.reloading()
        let words = listener.next().split(separator: "\n")
        #expect(words.first == "RELOADING=1")
        #expect(words.last?.hasPrefix("MONOTONIC_USEC=") == true)
    }

    @Test func `a status cannot bring in another assignment`() throws {
        let listener = try Listener(abstract: true)
        ServiceManager(socket: listener.path).report("job x\nREADY=1")
        #expect(listener.next() == "STATUS=job x\\nREADY=1")
    }

    @Test(arguments: [nil, "", "relative", "@", "/" + String(repeating: "x", count: 200), "/nowhere/at/all"])
    func `without a service manager nothing happens`(socket: String?) {
        ServiceManager(socket: socket).ready(status: "idle")
    }

    @Test func `a manager that does not read does not stop the service`() throws {
        let listener = try Listener(abstract: true)
        let manager = ServiceManager(socket: listener.path)
        for _ in 0..<10_000 { manager.ping() }
        #expect(listener.next() == "WATCHDOG=1")
    }

    @Test func `the watchdog pings only after the heart has answered`() async throws {
        let listener = try Listener(abstract: true)
        let beats = Mutex(0)
        let watchdog = Watchdog(manager: ServiceManager(socket: listener.path), interval: .milliseconds(20)) {
            beats.withLock { $0 += 1 }
        }
        let running = Task { await watchdog.run() }
        for _ in 0..<3 { #expect(listener.next() == "WATCHDOG=1") }
        #expect(beats.withLock { $0 } >= 3)
        running.cancel()
        await running.value
    }
}

@Suite("Log lines")
struct LogTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private func logger(_ style: ServiceLogHandler.Style, into lines: Lines) -> Logger {
        Logger(label: "test") { _ in ServiceLogHandler(style: style) { line in lines.all.withLock { $0.append(line) } } }
    }

    @Test func `the journal gets a priority, the message and its fields on one line`() {
        let lines = Lines()
        let logger = logger(.journal, into: lines)
        logger.warning("A worker failed.", metadata: ["job": "j-1", "reason": "it \"died\" of signal 11", "empty": ""])
        logger.info("Ready.")
        logger.debug("Not shown.")
        let expected = [
            "<4>A worker failed. empty=\"\" job=j-1 reason=\"it \\\"died\\\" of signal 11\"\n",
            "<6>Ready.\n",
        ]
        #expect(lines.all.withLock { $0 } == expected)
    }

    @Test func `people get time and level in words`() throws {
        let lines = Lines()
        logger(.plain, into: lines).error("No space.")
        let line = try #require(lines.all.withLock { $0 }.first)
        #expect(line.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ error: No space\.\n/) != nil)
    }

    @Test func `text of users cannot forge a line or drive a terminal`() {
        let lines = Lines()
        let hostile = "x\n<0>forged\r\u{1B}[2J\u{2028}\u{202E}\u{7}\u{9B}é字"
        logger(.journal, into: lines).info("Request \(hostile)", metadata: ["k\ney": "\(hostile)"])
        let line = lines.all.withLock { $0 }.joined()
        #expect(line.filter { $0 == "\n" }.count == 1)
        #expect(line.hasSuffix("\n"))
        #expect(
            line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0.value != 0x9B && $0.value != 0x202E || $0 == "\n" }
        )
        #expect(line.contains("x\\n<0>forged\\r\\u{1b}[2J\\u{2028}\\u{202e}\\u{7}\\u{9b}é字"))
    }
}
