// swift-tools-version: 6.2
import PackageDescription

// Fuzzers of everything that reads bytes which exportd has not written: a package of its own, since libFuzzer and the
// address sanitizer change how every target is compiled. `./run` builds and runs them.
func readers(_ names: [String]) -> [Target.Dependency] {
    names.map { .product(name: $0, package: "exportd") }
}

func fuzzer(_ name: String, _ input: Target.Dependency..., reading names: String...) -> Target {
    .executableTarget(name: name, dependencies: input + readers(names))
}

let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "exportd", path: "../..")],
    targets: [
        .target(name: "FuzzInput"),
        .target(name: "FuzzMessages", dependencies: readers(["ROS"])),
        fuzzer("fuzz-annotation", reading: "Catalog"),
        fuzzer("fuzz-bag", "FuzzInput", reading: "ROSBag"),
        fuzzer("fuzz-definition-jsonschema", "FuzzMessages"),
        fuzzer("fuzz-definition-protobuf", "FuzzMessages"),
        fuzzer("fuzz-definition-ros1msg", "FuzzMessages"),
        fuzzer("fuzz-definition-ros2idl", "FuzzMessages"),
        fuzzer("fuzz-definition-ros2msg", "FuzzMessages"),
        fuzzer("fuzz-image-set", "FuzzInput", reading: "ImageSets"),
        fuzzer("fuzz-mcap-chunk", "FuzzInput", reading: "MCAP"),
        fuzzer("fuzz-mcap-file", "FuzzInput", reading: "MCAP"),
        fuzzer("fuzz-mcap-recovery", "FuzzInput", reading: "MCAP"),
        fuzzer("fuzz-message", "FuzzMessages", reading: "ROS"),
        fuzzer("fuzz-payload-cdr", "FuzzMessages"),
        fuzzer("fuzz-payload-json", "FuzzMessages"),
        fuzzer("fuzz-payload-protobuf", "FuzzMessages"),
        fuzzer("fuzz-payload-ros1", "FuzzMessages"),
        fuzzer("fuzz-picture", "FuzzInput", reading: "Media", "Recordings"),
        fuzzer("fuzz-request", reading: "Requests"),
        fuzzer("fuzz-rosbag2", "FuzzInput", reading: "Rosbag2"),
    ],
    swiftLanguageModes: [.v6]
)
