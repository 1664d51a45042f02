import Encoding
import ExportCore
import Fields
import Files
import Formats
import HDF5
import Plans

/// Makes `chunk_001.hdf5 …` from finished parts, `chunk_size` recordings to a file.
struct ChunkAssembly {
    let options: HDF5Options
    let context: AssemblyContext

    func assemble(_ parts: [FinishedPart<HDF5EpisodesEncoder.Detail>]) throws {
        guard options.layout != .aloha else { return try placeEpisodes(of: parts) }
        let splits = SplitAssignment(options.splits)
        let chosen = try splits.datasets(parts.map { ($0.dataset.id.text, $0.record.frames) })
        let splitOfPart = Dictionary(uniqueKeysWithValues: chosen.enumerated().flatMap { split, parts in parts.map { ($0, split) } })
        var chunk = 0
        var rest = parts.indices[...]
        while !rest.isEmpty {
            try context.cancellation.check()
            chunk += 1
            let target = "\(context.folder)/\(HDF5Names.chunk(chunk))"
            let members = rest.prefix(options.recordingsPerFile)
            rest = rest.dropFirst(members.count)
            if members.count == 1, options.layout == .platform, let only = members.first {
                // The part's file is already what the package holds; a second name costs nothing.
                try FileSystem.link("\(parts[only].folder)/\(HDF5EpisodesEncoder.partFile)", to: target)
            } else {
                try merge(
                    members.map { parts[$0] },
                    splits: options.splits.isEmpty ? [] : members.map { splits.names[splitOfPart[$0] ?? 0] },
                    into: target
                )
            }
        }
    }

    /// Each episode is a file already, and gets its number in the export.
    private func placeEpisodes(of parts: [FinishedPart<HDF5EpisodesEncoder.Detail>]) throws {
        var number = 0
        for part in parts {
            try context.cancellation.check()
            for name in part.detail.episodes {
                try FileSystem.link("\(part.folder)/\(name)", to: "\(context.folder)/\(HDF5Names.alohaFile(number))")
                number += 1
            }
        }
    }

    /// - Parameter splits: for each part the name of its split; empty where there are none.
    private func merge(_ parts: [FinishedPart<HDF5EpisodesEncoder.Detail>], splits: [String], into target: String) throws {
        let isPlatform = options.layout == .platform
        let file = try HDF5File(creating: target)
        let data = try file.root.makeGroup("data")
        var number = 0
        var masks: [String: [String]] = [:]
        for (position, part) in parts.enumerated() {
            let source = try HDF5File(reading: "\(part.folder)/\(HDF5EpisodesEncoder.partFile)").root.group("data")
            for episode in part.detail.episodes {
                try context.cancellation.check()
                let name = isPlatform ? HDF5Names.episode(number + 1) : HDF5Names.demonstration(number)
                number += 1
                try data.copy(episode, from: source, as: name)
                if !splits.isEmpty { masks[splits[position], default: []].append(name) }
            }
        }
        if !isPlatform {
            try data.setAttribute("total", Int64(parts.reduce(0) { $0 + $1.record.frames }))
            try data.setAttribute("env_args", environment(of: parts).compactJSON)
        }
        if !masks.isEmpty {
            let group = try file.root.makeGroup("mask")
            for (name, demonstrations) in masks.sorted(by: { $0.key < $1.key }) { try group.writeTexts(name, demonstrations) }
        }
        try FileMetadata(options: options).write(of: parts.map(\.dataset), episodes: number, to: file)
        try file.flush()
    }

    /// What robomimic wants to know of the simulator that it could roll policies out in: here a robot's name, for there is none.
    private func environment(of parts: [FinishedPart<HDF5EpisodesEncoder.Detail>]) -> FieldValue {
        let robots = Set(parts.map(\.dataset.metadata.robot))
        let robot = robots.count == 1 ? robots.first ?? nil : nil
        // 2 is the type of gym's environments, the one that asks for nothing else.
        return ["env_name": .text(robot ?? "exportd"), "type": .integer(2), "env_kwargs": .object([])]
    }
}
