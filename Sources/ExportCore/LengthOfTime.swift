/// Lengths of time as people read them, on the page and in the terminal alike.
public enum LengthOfTime {
    /// Seconds with their two largest units, such as `2 h 5 min`.
    public static func text(_ seconds: Int) -> String {
        if seconds < 60 { return "\(max(0, seconds)) s" }
        if seconds < 3_600 { return "\(seconds / 60) min \(seconds % 60) s" }
        if seconds < 86_400 { return "\(seconds / 3_600) h \(seconds % 3_600 / 60) min" }
        return "\(seconds / 86_400) d \(seconds % 86_400 / 3_600) h"
    }

    /// The same of what is left, such as `30 s left`.
    public static func left(_ seconds: Int) -> String {
        "\(seconds < 1 ? "less than 1 s" : text(seconds)) left"
    }
}
