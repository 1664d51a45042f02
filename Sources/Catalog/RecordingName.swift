import ExportCore

/// What a recording's name says where it follows `{date}_{project}_{scene}_{task}_{staff_id}_{timestamp}`.
///
/// Its date and time are not read: they are known to be wrong on real robots, and the recording has its own clock.
struct RecordingName: Hashable {
    var project: String
    var scene: String
    var task: String
    var staff: String

    /// The parts of a name, or nil where it does not fit: six parts, a date of eight digits first, digits last.
    init?(_ name: String) {
        let parts = name.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 6, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        guard parts[0].utf8.count == 8, RecordingName.areDigits(parts[0]), RecordingName.areDigits(parts[5]) else { return nil }
        project = String(parts[1])
        scene = String(parts[2])
        task = String(parts[3])
        staff = String(parts[4])
    }

    private static func areDigits(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
