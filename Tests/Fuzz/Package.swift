// swift-tools-version: 6.2
import PackageDescription

// Fuzzers of everything that reads bytes which exportd has not written: a package of its own, since libFuzzer and the
// address sanitizer change how every target is compiled. `./run` builds and runs them.
let readers: Target.Dependency = .product(name: "Readers", package: "exportd")

func fuzzer(_ name: String) -> Target {
    .executableTarget(name: name, dependencies: ["FuzzInput", readers])
}

let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "exportd", path: "../..")],
    targets: [
        .target(name: "FuzzInput"),
        fuzzer("fuzz-mcap-file"),
        fuzzer("fuzz-mcap-chunk"),
        fuzzer("fuzz-bag"),
        fuzzer("fuzz-rosbag2"),
        fuzzer("fuzz-definition"),
        fuzzer("fuzz-message"),
    ],
    swiftLanguageModes: [.v6]
)
