import Foundation
import Geometry

/// Masks drawn as text, a line a row, `#` for the pixels inside.
extension RunLengthMask {
    init(rows: [String]) throws {
        let grid = rows.map { Array($0) }
        let (width, height) = (grid[0].count, grid.count)
        var runs: [UInt32] = [0]
        var inside = false
        for x in 0..<width {
            for y in 0..<height {
                if (grid[y][x] == "#") != inside {
                    runs.append(0)
                    inside.toggle()
                }
                runs[runs.count - 1] += 1
            }
        }
        try self.init(width: width, height: height, runs: runs)
    }

    var rows: [String] {
        var grid = [[Character]](repeating: [Character](repeating: ".", count: width), count: height)
        forEachRun { start, count in
            for position in start..<(start + count) { grid[position % height][position / height] = "#" }
        }
        return grid.map { String($0) }
    }
}

/// Twice the area that a closed walk goes around, positive where it is clockwise as a picture is seen.
func doubleArea(_ polygon: [Double]) -> Double {
    var sum = 0.0
    for index in stride(from: 0, to: polygon.count, by: 2) {
        let next = (index + 2) % polygon.count
        sum += polygon[index] * polygon[next + 1] - polygon[next] * polygon[index + 1]
    }
    return sum
}

/// `Tests/run` names a Python that has COCO's own tools; without it, `swift test` alone checks what Swift can check.
let hasCOCOTools = ProcessInfo.processInfo.environment["EXPORTD_TEST_PYTHON"] != nil

/// What COCO's own tools find wrong with masks: lines of text, empty where they agree.
func cocoToolsDisagree(_ cases: [MaskCase]) throws -> String {
    let file = FileManager.default.temporaryDirectory.appending(path: "exportd-masks-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    try JSONEncoder().encode(cases).write(to: file)
    let process = Process()
    process.executableURL = URL(filePath: ProcessInfo.processInfo.environment["EXPORTD_TEST_PYTHON"] ?? "/usr/bin/python3")
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Peers/check_masks.py")
    process.arguments = [script.path(), file.path()]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? "" : String(decoding: data, as: UTF8.self)
}

/// Polygons, and what came of them.
struct MaskCase: Encodable {
    var width: Int
    var height: Int
    var polygons: [[Double]]
    var counts: String
    var runs: [UInt32]
    var area: Int
    var box: [Double]

    init(_ polygons: [[Double]], width: Int, height: Int) throws {
        let mask = try RunLengthMask(polygons: polygons, width: width, height: height)
        self.width = width
        self.height = height
        self.polygons = polygons
        counts = String(decoding: mask.cocoText, as: UTF8.self)
        runs = mask.runs
        area = mask.area
        box = mask.box.map { [$0.x, $0.y, $0.width, $0.height] } ?? [0, 0, 0, 0]
    }
}
