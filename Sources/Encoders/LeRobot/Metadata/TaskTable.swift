/// The instructions of a dataset, numbered in the order in which they first come up.
struct TaskTable {
    private(set) var tasks: [String] = []
    private var numbers: [String: Int] = [:]

    /// The number of an instruction, which is a new one where it has not come up before.
    mutating func number(of task: String) -> Int {
        if let number = numbers[task] { return number }
        numbers[task] = tasks.count
        tasks.append(task)
        return tasks.count - 1
    }
}
