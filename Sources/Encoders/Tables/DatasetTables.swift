import Encoding
import ExportCore
import Files
import Formats
import Media
import Plans
import Recordings
import Samples

/// Writes all tables of one dataset into the folder of its part.
struct DatasetTables {
    let dataset: PlannedDataset
    let options: TableOptions
    let context: PartContext

    func encode() throws -> EncodedPart<TablesEncoder.Detail> {
        let recording = try Recording(volumes: dataset.volumePaths, scratch: context.scratch, cancellation: context.cancellation)
        var warnings: [Warning] = []
        var tables = [try describe(recording, &warnings), try segments(&warnings)]
        if recording.range?.end.nanoseconds == .max {
            warnings.append(
                Warning(
                    "times_beyond_range",
                    "The recording ends beyond the year 2262, in whose place stands \(Int64.max); its rates and intervals are wrong.",
                    dataset: dataset.id
                )
            )
        }
        var streams: [StreamReport] = []
        var episodes = dataset.segments.count
        var frames = 0
        if options.contents.hasSamples {
            let sampled = try samples()
            tables.append(sampled.table)
            warnings += sampled.warnings
            (streams, episodes, frames) = (sampled.streams, sampled.episodes, sampled.table.rows)
        }
        if let filter = options.contents.topics {
            var messages = MessageTables(
                recording: recording,
                dataset: dataset.id,
                options: options,
                folder: context.folder,
                cancellation: context.cancellation
            )
            try messages.write(filter) { share in report(options.contents.hasSamples ? 0.5 + share / 2 : share) }
            tables += messages.tables
            warnings += messages.warnings
        }
        // What is wrong with the recording shows while it is read; sampling has opened it for itself and may have seen the same.
        let found = recording.warnings.map { Warning($0.code, $0.message, dataset: dataset.id) }
        warnings = found.filter { !warnings.contains($0) } + warnings
        return EncodedPart(
            episodes: episodes,
            frames: frames,
            bytesRead: dataset.bytes,
            warnings: warnings,
            streams: streams,
            detail: .init(tables: tables)
        )
    }

    private func describe(_ recording: Recording, _ warnings: inout [Warning]) throws -> PartTable {
        let row = try RowBuilder(.datasets, folder: context.folder, fileName: "datasets", dialect: options.dialect)
        try DatasetRow(dataset: dataset, recording: recording).write(to: row, cancellation: context.cancellation)
        warnings += losses(of: row, "The dataset's row")
        return try row.finish()
    }

    private func segments(_ warnings: inout [Warning]) throws -> PartTable {
        let row = try RowBuilder(.segments, folder: context.folder, fileName: "segments", dialect: options.dialect)
        // A table without rows has its columns nevertheless.
        let start = Timestamp(nanoseconds: 0)
        if let range = TimeRange(start: start, end: start) {
            SegmentColumn.put(Segment(range: range, task: ""), number: 1, of: dataset.id, into: row)
            row.dropRow()
        }
        for (index, segment) in dataset.segments.enumerated() {
            try context.cancellation.check()
            SegmentColumn.put(segment, number: index + 1, of: dataset.id, into: row)
            try row.endRow()
        }
        warnings += losses(of: row, "The segments")
        return try row.finish()
    }

    private struct Sampled {
        var table: PartTable
        var warnings: [Warning]
        var streams: [StreamReport]
        var episodes: Int
    }

    private func samples() throws -> Sampled {
        try SampledRecording.sampling(
            dataset,
            as: options.samples,
            scratch: context.scratch,
            cancellation: context.cancellation,
            // Only that there is a picture counts, not what it shows.
            isPicture: { _, _ in true },
            { samples in
                // Sampling may begin anew when it meets a message that holds no sample; so does the file.
                try FileSystem.removeFile("\(context.folder)/samples")
                let row = try RowBuilder(.samples, folder: context.folder, fileName: "samples", dialect: options.dialect)
                let total = samples.episodes.reduce(0) { $0 + $1.count }
                for (index, episode) in samples.episodes.enumerated() {
                    let rows = SampleRows(row: row, dataset: dataset, samples: samples, episode: episode, number: index + 1)
                    try samples.read(episode, share: ReadingShare(hasNumerics: true, cameras: []), into: rows)
                    try rows.finish(context.cancellation)
                    report(Double(row.rows) / Double(max(total, 1)) * (options.contents.topics == nil ? 1 : 0.5))
                }
                let warnings = losses(of: row, "The samples")
                return Sampled(
                    table: try row.finish(),
                    warnings: samples.warnings + warnings,
                    streams: samples.streams,
                    episodes: samples.episodes.count
                )
            }
        )
    }

    /// What a table's rows could not hold.
    private func losses(of row: RowBuilder, _ what: String) -> [Warning] {
        row.warnings(of: what).map { Warning($0.code, $0.message, dataset: dataset.id) }
    }

    private func report(_ fraction: Double) {
        context.progress(WorkerProgress(fraction: fraction, dataset: dataset.id, bytesRead: Int64(Double(dataset.bytes) * fraction)))
    }
}

extension RowBuilder {
    /// What the rows could not hold, in words.
    ///
    /// - Parameter what: what the rows are of, at the beginning of a sentence.
    func warnings(of what: String) -> [Warning] {
        let losses = losses
        var warnings: [Warning] = []
        if losses.notFinite > 0 {
            warnings.append(
                Warning("numbers_not_finite", "\(what): \(losses.notFinite) numbers are infinite or none, and their cells are empty.")
            )
        }
        if losses.replaced > 0 {
            warnings.append(
                Warning(
                    "control_characters_replaced",
                    "\(what): \(losses.replaced) control characters, which CSV has no place for, are U+FFFD instead."
                )
            )
        }
        if losses.undecodable > 0 {
            warnings.append(
                Warning(
                    "texts_not_utf8",
                    "\(what): \(losses.undecodable) texts hold U+FFFD, which stands for bytes that are not UTF-8."
                )
            )
        }
        if losses.refused > 0 {
            warnings.append(
                Warning(
                    "columns_left_out",
                    "\(what): \(losses.refused) cells are left out, since a table has at most \(ColumnTree.maximumColumns) columns with names of at most \(ColumnTree.maximumNameSize) bytes; a smaller array_columns makes whole arrays one column."
                )
            )
        }
        return warnings
    }
}
