import Encoding
import ExportCore
import Files
import Formats
import HDF5
import Plans

/// Makes `chunk_001.hdf5 …` from finished parts, `chunk_size` recordings to a file.
struct ChunkAssembly {
    let options: HDF5Options
    let context: AssemblyContext

    func assemble(_ parts: [FinishedPart<HDF5EpisodesEncoder.Detail>]) throws {
        var chunk = 0
        for start in stride(from: 0, to: parts.count, by: options.chunkSize) {
            try context.cancellation.check()
            chunk += 1
            let target = "\(context.folder)/\(HDF5Names.chunk(chunk))"
            let members = parts[start..<min(start + options.chunkSize, parts.count)]
            if options.chunkSize == 1, let only = members.first {
                // The part's file is already what the package holds; a second name costs nothing.
                try FileSystem.link("\(only.folder)/\(HDF5EpisodesEncoder.partFile)", to: target)
            } else {
                try merge(Array(members), into: target)
            }
        }
    }

    private func merge(_ parts: [FinishedPart<HDF5EpisodesEncoder.Detail>], into target: String) throws {
        let file = try HDF5File(creating: target)
        let data = try file.root.makeGroup("data")
        var number = 0
        for part in parts {
            let source = try HDF5File(reading: "\(part.folder)/\(HDF5EpisodesEncoder.partFile)").root.group("data")
            for episode in part.detail.episodes {
                try context.cancellation.check()
                number += 1
                try data.copy(episode, from: source, as: HDF5Names.episode(number))
            }
        }
        try FileMetadata(options: options).write(of: parts.map(\.dataset), episodes: number, to: file)
        try file.flush()
    }
}
