import ExportCore
import Samples

/// Which instruction holds at each tick of an episode: that of the innermost segment around it.
struct FrameTasks {
    /// The instructions in the order in which they come up.
    private(set) var tasks: [String] = []
    private var numbers: [Int] = []

    init(_ episode: Episode) {
        guard !episode.nested.isEmpty else {
            tasks = [episode.segment.task]
            return
        }
        var known: [String: Int] = [:]
        for tick in 0..<episode.count {
            let time = Timestamp(nanoseconds: episode.time(tick))
            let inner = episode.nested.filter { $0.range.start <= time && time <= $0.range.end && !$0.task.isEmpty }
                .min { $0.range.nanoseconds < $1.range.nanoseconds }
            let task = inner?.task ?? episode.segment.task
            let number = known[task] ?? tasks.count
            if number == tasks.count {
                known[task] = number
                tasks.append(task)
            }
            numbers.append(number)
        }
    }

    func number(atTick tick: Int) -> Int {
        numbers.isEmpty ? 0 : numbers[tick]
    }
}
