// swift-tools-version: 6.2
import PackageDescription

// Fuzzers of everything that reads bytes which exportd has not written: a package of its own, since libFuzzer and the
// address sanitizer change how every target is compiled. `./run` builds and runs them.
let readers: Target.Dependency = .product(name: "Readers", package: "exportd")

func fuzzer(_ name: String, _ input: Target.Dependency...) -> Target {
    .executableTarget(name: name, dependencies: input + [readers])
}

let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "exportd", path: "../..")],
    targets: [
        .target(name: "FuzzInput"),
        .target(name: "FuzzMessages", dependencies: [readers]),
        fuzzer("fuzz-mcap-file", "FuzzInput"),
        fuzzer("fuzz-mcap-chunk", "FuzzInput"),
        fuzzer("fuzz-mcap-recovery", "FuzzInput"),
        fuzzer("fuzz-bag", "FuzzInput"),
        fuzzer("fuzz-rosbag2", "FuzzInput"),
        fuzzer("fuzz-definition", "FuzzMessages"),
        fuzzer("fuzz-message", "FuzzMessages"),
        fuzzer("fuzz-payload", "FuzzMessages"),
        fuzzer("fuzz-picture", "FuzzInput"),
        fuzzer("fuzz-image-set", "FuzzInput"),
        fuzzer("fuzz-request"),
    ],
    swiftLanguageModes: [.v6]
)
