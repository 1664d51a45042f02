import Foundation

/// The package as its manifest and its sources describe it.
struct House {
    /// The checkout's top folder.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// All targets in the manifest's order.
    let targets: [String]
    /// Names of the package's own targets that each target depends on directly.
    let dependencies: [String: Set<String>]
    /// Products of other packages that each target depends on directly.
    let products: [String: Set<String>]
    /// Modules that each target's sources import.
    let imports: [String: Set<String>]

    init() throws {
        let manifest = try House.manifest()
        var dependencies: [String: Set<String>] = [:]
        var products: [String: Set<String>] = [:]
        var imports: [String: Set<String>] = [:]
        for target in manifest.targets {
            dependencies[target.name] = Set(target.dependencies.flatMap(\.ownTargets))
            products[target.name] = Set(target.dependencies.flatMap(\.foreignProducts))
            if target.type == "regular" || target.type == "executable" { imports[target.name] = try House.imports(of: target.name) }
        }
        targets = manifest.targets.map(\.name)
        self.dependencies = dependencies
        self.products = products
        self.imports = imports
    }

    /// The package's own targets that a target reaches over any number of steps.
    func reach(of target: String) -> Set<String> {
        var reached: Set<String> = []
        var open = [target]
        while let next = open.popLast() {
            for dependency in dependencies[next, default: []] where reached.insert(dependency).inserted { open.append(dependency) }
        }
        return reached
    }

    private static func imports(of target: String) throws -> Set<String> {
        var modules: Set<String> = []
        let folder = root.appending(path: "Sources/\(target)")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let words = line.split(separator: " ").drop { $0.hasPrefix("@") || $0 == "public" || $0 == "internal" || $0 == "package" }
                guard words.first == "import", let module = words.last else { continue }
                modules.insert(String(module.split(separator: ".")[0]))
            }
        }
        return modules
    }

    /// What `swift package dump-package` says; it neither builds nor resolves anything.
    private static func manifest() throws -> Manifest {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "house-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["swift", "package", "--package-path", root.path(), "--scratch-path", scratch.path(), "dump-package"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode(Manifest.self, from: data)
    }
}

/// The part of `swift package dump-package` that matters here.
private struct Manifest: Decodable {
    struct Target: Decodable {
        let name: String
        let type: String
        let dependencies: [Dependency]
    }

    /// One of `{"byName": [name, …]}`, `{"target": [name, …]}` and `{"product": [name, package, …]}`.
    struct Dependency: Decodable {
        let ownTargets: [String]
        let foreignProducts: [String]

        private enum CodingKeys: String, CodingKey {
            case byName, target, product
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            func first(_ key: CodingKeys) throws -> [String] {
                guard container.contains(key) else { return [] }
                var list = try container.nestedUnkeyedContainer(forKey: key)
                return [try list.decode(String.self)]
            }
            ownTargets = try first(.byName) + first(.target)
            foreignProducts = try first(.product)
        }
    }

    let targets: [Target]
}
