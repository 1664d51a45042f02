public import ExportCore
import FoundationEssentials

extension JobID {
    /// A new name for a job: the time of acceptance in UTC and six random hexadecimal digits.
    public static func new(at now: Timestamp) -> JobID {
        let seconds = now.nanoseconds / 1_000_000_000
        // `2026-11-22T17:15:00Z` for every instant that a timestamp can hold.
        let digits = Date(timeIntervalSince1970: Double(seconds)).formatted(Date.ISO8601FormatStyle()).filter(\.isNumber)
        let random = String(UInt32.random(in: 0x100_0000..<0x200_0000), radix: 16).dropFirst()
        // Digits, hyphens and hexadecimal letters are all that a job id may hold.
        return JobID("\(digits.prefix(8))-\(digits.dropFirst(8).prefix(6))-\(random)")!
    }
}
