import Foundation
import Testing

/// The rules by which the house is laid out; README.md explains them.
@Suite struct HouseRulesTests {
    let house: House

    init() throws {
        house = try House()
    }

    @Test func `a C module is imported by exactly one target`() {
        let modules = house.dependencies.keys.filter { $0.first == "C" && $0.dropFirst().first?.isUppercase == true }
        #expect(modules.count >= 8)
        for module in modules {
            let importers = house.imports.filter { $0.value.contains(module) }.map(\.key)
            #expect(importers.count == 1, "\(module) is imported by \(importers.sorted())")
        }
    }

    @Test func `only Ledger and Catalog know the database library`() {
        let importers = Set(house.imports.filter { $0.value.contains("GRDB") }.map(\.key))
        #expect(importers == ["Ledger", "Catalog"])
    }

    @Test(arguments: ["exportd", "exportctl"]) func `a program that parses requests reaches no codec and no reader of recordings`(
        program: String
    ) {
        let codecs: Set = [
            "CFaces", "Faces", "HDF5", "Media", "MCAP", "ROS", "ROSBag", "Rosbag2", "Recordings", "Archive", "Compression", "Encoders",
            "Packaging",
            "Planning", "Playback", "Inspection", "Report", "Parquet", "Catalog",
        ]
        #expect(house.reach(of: program).isDisjoint(with: codecs), "\(house.reach(of: program).intersection(codecs).sorted())")
    }

    @Test func `the worker reaches neither ledger nor spool`() {
        #expect(house.reach(of: "export-worker").isDisjoint(with: ["Ledger", "Spool", "Jobs", "Service"]))
    }

    @Test(arguments: ["ExportCore", "Sampling", "Bytes", "Parquet", "ROS", "MCAP", "ROSBag", "Rosbag2"])
    func `pure targets import no Foundation`(
        target: String
    ) {
        #expect(house.imports[target]?.contains { $0.hasPrefix("Foundation") } == false)
    }

    @Test func `the shared words depend on nothing`() {
        #expect(house.dependencies["ExportCore"] == [])
        #expect(house.products["ExportCore"] == [])
    }

    @Test func `each target is listed behind those that it depends on, so that the manifest reads from the bottom up`() {
        for (place, target) in house.targets.enumerated() {
            let later = house.dependencies[target, default: []].subtracting(house.targets[..<place])
            #expect(later.isEmpty, "\(target) stands before \(later.sorted())")
        }
    }

    @Test func `every import of an own target is a declared dependency and every dependency is imported`() {
        let own = Set(house.dependencies.keys)
        for (target, modules) in house.imports {
            let declared = house.dependencies[target, default: []]
            let used = modules.intersection(own)
            #expect(
                used == declared,
                "\(target): undeclared \(used.subtracting(declared).sorted()), unused \(declared.subtracting(used).sorted())"
            )
        }
    }

    @Test func `encoders of one format import no other format's folder`() throws {
        // Folders of one target share a module, so a format's types must not be named outside its folder and the registry.
        let encoders = House.root.appending(path: "Sources/Encoders")
        let formats = try FileManager.default.contentsOfDirectory(at: encoders, includingPropertiesForKeys: [.isDirectoryKey])
            .filter { (try? $0.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true }
        for format in formats {
            let types = try Self.sources(in: format).flatMap { source in
                source.matches(of: /^(?:final )?(?:struct|class|enum|actor|protocol) ([A-Z]\w+)/.anchorsMatchLineEndings()).map {
                    String($0.output.1)
                }
            }
            for other in formats where other != format {
                let words = Set(try Self.sources(in: other).flatMap { $0.matches(of: /[A-Za-z_]\w*/).map { String($0.output) } })
                for type in types {
                    #expect(!words.contains(type), "\(other.lastPathComponent) uses \(type) of \(format.lastPathComponent)")
                }
            }
        }
    }

    @Test func `the top of the checkout holds what the customer wants and nothing else`() throws {
        let allowed: Set = ["Package.swift", "Package.resolved", "Sources", "Tests", "spool", "examples", "systemd", "README.md"]
        let names = try FileManager.default.contentsOfDirectory(atPath: House.root.path()).filter { !$0.hasPrefix(".") }
        #expect(Set(names).subtracting(allowed).isEmpty)
    }

    private static func sources(in folder: URL) throws -> [String] {
        var sources: [String] = []
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            if file.pathExtension == "swift" { sources.append(try String(contentsOf: file, encoding: .utf8)) }
        }
        return sources
    }
}
