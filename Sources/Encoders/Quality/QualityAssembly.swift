import Encoding
import ExportCore
import Files
import FoundationEssentials
import Quality
import Report

/// Unites what the parts found: the statistics table, `report.json` and the page.
struct QualityAssembly {
    let kind: QualityReport.Kind
    let settings: [QualityReport.Setting]
    let context: AssemblyContext

    private static let partFile = "recording.json"
    private static let mostPartBytes = 1 << 30

    /// Leaves what was found of one recording in its part.
    static func write(_ recording: QualityRecording, to folder: String) throws {
        // The folder is of no part before it is complete, and is written to the disk as a whole.
        try OpenFile.creating("\(folder)/\(CurveFile.name)").write(CurveFile.bytes(of: recording))
        try OpenFile.creating("\(folder)/\(partFile)").write(try json(recording))
    }

    /// Writes the files of the export.
    ///
    /// Only the recordings that the page shows in full keep their curves, so that memory does not grow by them.
    ///
    /// - Parameter folders: of the parts, in order.
    /// - Returns: the recordings without their curves.
    func write(_ folders: [String]) throws -> [QualityRecording] {
        let table = try CSVFile("\(context.folder)/\(StatisticsTable.name(kind))", columns: StatisticsTable.columns(kind))
        var recordings: [QualityRecording] = []
        for folder in folders {
            try context.cancellation.check()
            var recording = try Self.read(folder)
            for stream in recording.streams { try table.append(StatisticsTable.row(kind, recording, stream)) }
            for index in recording.streams.indices { recording.streams[index].plots = nil }
            recordings.append(recording)
        }
        try table.finish()
        var report = QualityReport(kind: kind, settings: settings, recordings: recordings)
        try FileSystem.writeAtomically("\(context.folder)/report.json", try Self.json(report))
        for index in ReportPage.detailed(of: report) {
            try context.cancellation.check()
            var recording = try Self.read(folders[index])
            try CurveFile.restore(try FileSystem.read("\(folders[index])/\(CurveFile.name)", limit: Self.mostPartBytes), in: &recording)
            report.recordings[index] = recording
        }
        let page = try ReportPage(report, version: Version.current)
        try FileSystem.writeAtomically("\(context.folder)/report.html", Array(page.html().utf8))
        try page.plotFiles { plot in
            try context.cancellation.check()
            let path = "\(context.folder)/\(plot.path)"
            try FileSystem.makeDirectories(FileSystem.parent(of: path))
            try FileSystem.writeAtomically(path, Array(plot.text.utf8))
        }
        return recordings
    }

    private static func read(_ folder: String) throws -> QualityRecording {
        let bytes = try FileSystem.read("\(folder)/\(partFile)", limit: mostPartBytes)
        return try JSONDecoder().decode(QualityRecording.self, from: Data(bytes))
    }

    private static func json(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value)) + [0x0A]
    }
}
