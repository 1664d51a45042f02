// swift-tools-version: 6.2
import PackageDescription

// Every Swift target is compiled in language mode 6 with the same upcoming features, so that an import is visible only
// in the file that names it and an existential is always spelt out.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")

func target(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "exportd",
    products: [
        .executable(name: "exportd", targets: ["exportd"]),
        .executable(name: "exportctl", targets: ["exportctl"]),
        .executable(name: "export-worker", targets: ["export-worker"]),
        .executable(name: "recording-tool", targets: ["recording-tool"]),
    ]
        // What the fuzzers in Tests/Fuzz link: each as little as it can, since the fuzzer looks at all of it after every run.
        + ["Catalog", "ImageSets", "MCAP", "Media", "ROS", "ROSBag", "Recordings", "Requests", "Rosbag2"].map {
            .library(name: $0, targets: [$0])
        },
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // System libraries: a module map and a header of one-liners each, imported by one Swift target only.
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(name: "CBZip2", providers: [.apt(["libbz2-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CFFmpeg",
            pkgConfig: "libavformat",
            providers: [.apt(["libavcodec-dev", "libavformat-dev", "libavutil-dev", "libswscale-dev"])]
        ),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CSnappy", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

        // The one target in C++: face detectors of dlib and OpenCV behind a header in C. Optimised always, for in a debug build one look
        // at a picture would take seconds; without assertions, on which the parts of dlib that are compiled here and its library must agree.
        .target(
            name: "CFaces",
            cxxSettings: [
                .unsafeFlags(["-O2", "-isystem", "/usr/include/opencv4"]), .define("DLIB_DISABLE_ASSERTS"), .define("NDEBUG"),
            ],
            linkerSettings: ["opencv_objdetect", "opencv_imgproc", "opencv_core", "dlib", "lapack", "blas"].map { .linkedLibrary($0) }
        ),

        // Words that every target shares, and the thin owners of system calls and C libraries.
        target("ExportCore", []),
        target("Files", ["CLinux", "ExportCore"]),
        target("Bytes", ["Files"]),
        target("Bundles", ["ExportCore", "Files"]),
        target("Geometry", []),
        target("YAML", ["CYAML"]),
        target("HDF5", ["CHDF5", "ExportCore", "Files"]),
        target("Faces", ["CFaces", "ExportCore"]),
        target("Media", ["Bytes", "CFFmpeg", "CTurboJPEG", "ExportCore"]),
        target("Compression", ["CBZip2", "CISAL", "CLZ4", "CSnappy", "CZstd", "ExportCore"]),
        target("Checksums", ["CCrypto", "ExportCore", "Files"]),
        target("Archive", ["CArchive", "ExportCore"]),
        target("Parquet", ["Bytes", "Compression", "ExportCore", "Files"]),

        // What can be asked for: requests, options, configuration. No codec below here, so the daemon can link it.
        target("Fields", ["ExportCore", "YAML"]),
        target("Formats", ["ExportCore", "Fields", "YAML"]),
        target("Requests", ["ExportCore", "Fields", "Formats", "YAML"]),
        target("Configuration", ["ExportCore", "Fields", "Files", "Formats", "YAML"]),

        // The contract between the daemon and its workers: plan, messages, work folder, cache of parts.
        target("Plans", ["ExportCore", "Files", "Formats", "Requests"]),

        // The recording side: bytes to messages to samples.
        target("MCAP", ["Bytes", "Compression", "ExportCore", "Files"]),
        target("ROS", ["ExportCore"]),
        target("ROSBag", ["Bytes", "Compression", "ExportCore", "MCAP"]),
        target("Rosbag2", ["CSQLite", "ExportCore", "Files", "MCAP"]),
        target("Recordings", ["Bytes", "Compression", "ExportCore", "Files", "MCAP", "ROS", "ROSBag", "Rosbag2"]),
        target("RecordingNames", ["ExportCore", "Files", "YAML"]),
        target("Sampling", ["ExportCore", "Files"]),
        target("Playback", ["ExportCore", "Files", "Formats", "MCAP", "Plans", "Recordings"]),
        target("Quality", []),
        target("Markup", [mustache]),
        target("Report", ["Markup", "Quality"]),
        target("Samples", ["ExportCore", "Files", "Formats", "Media", "Plans", "Recordings", "Sampling"]),

        // The image side: sets of annotated images.
        target("ImageSets", ["Bytes", "ExportCore", "Fields", "Files", "Geometry"]),

        // What the store holds, and what one request wants of it.
        target(
            "Catalog",
            ["Checksums", "ExportCore", "Fields", "Files", "ImageSets", "RecordingNames", "Recordings", "Requests", "YAML", grdb]
        ),

        // How it is made.
        target("Encoding", ["Bundles", "Checksums", "ExportCore", "Files", "Formats", "Plans"]),
        target(
            "Encoders",
            [
                "Bundles", "Checksums", "Encoding", "ExportCore", "Faces", "Fields", "Files", "Formats", "Geometry", "HDF5", "ImageSets",
                "MCAP", "Media",
                "Parquet", "Plans", "Playback", "Quality", "ROS", "Recordings", "Report", "Samples",
            ]
        ),
        target(
            "Packaging",
            ["Archive", "Bundles", "Checksums", "Compression", "ExportCore", "Fields", "Files", "Formats", "Plans", "Requests"]
        ),
        target("Planning", ["Catalog", "Checksums", "Encoders", "Encoding", "ExportCore", "Formats", "Plans", "Requests"]),

        // What a person may ask of one recording.
        target("Inspection", ["ExportCore", "Files", "MCAP", "ROS", "Recordings"]),

        // The service: what the daemon is made of.
        target("Sidecars", ["ExportCore"]),
        target("Ledger", ["Checksums", "ExportCore", "Files", "Sidecars", grdb]),
        target("Spool", ["ExportCore", "Files", "Sidecars"]),
        target("StatusPage", ["Checksums", "ExportCore", "Markup"]),
        target(
            "Jobs",
            [
                "Checksums", "Configuration", "ExportCore", "Files", "Formats", "Ledger", "Plans", "Requests", "Sidecars", "Spool",
                "StatusPage", logging,
            ]
        ),
        target("Service", [logging]),

        // Manual pages, from the definitions by which everything is read.
        target("Manual", ["Fields"]),

        // Composition roots.
        program(
            "exportd",
            [
                "Configuration", "ExportCore", "Fields", "Files", "Jobs", "Ledger", "Manual", "Service", "Spool", arguments, logging,
                unixSignals,
            ]
        ),
        program(
            "exportctl",
            [
                "Checksums", "Configuration", "ExportCore", "Fields", "Files", "Formats", "Jobs", "Ledger", "Manual", "Plans", "Requests",
                "Sidecars", "Spool", "StatusPage", arguments, logging,
            ]
        ),
        program(
            "export-worker",
            ["Bundles", "Encoders", "Encoding", "ExportCore", "Files", "Packaging", "Planning", "Plans", arguments]
        ),
        program("recording-tool", ["ExportCore", "Files", "Inspection", "MCAP", "RecordingNames", arguments]),

        // What tests of several targets share.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),

        // One test target for each target that it tests.
        tests("EncodersTests", ["Bundles", "Encoders", "ExportCore", "Files", "Formats", "Geometry", "ImageSets", "ROS"]),
        tests("EncodingTests", ["Encoding", "ExportCore", "Files", "Plans", "Requests"]),
        tests("GeometryTests", ["Geometry", "TestSupport"]),
        tests("HDF5Tests", ["ExportCore", "Files", "HDF5"]),
        tests("HouseTests", []),
        tests("ImageSetsTests", ["ExportCore", "Geometry", "ImageSets", "TestSupport"]),
        tests("MediaTests", ["Checksums", "ExportCore", "Media", "TestSupport"]),
        tests("PlaybackTests", ["ExportCore", "Files", "Formats", "MCAP", "Plans", "Playback", "Recordings", "TestSupport"]),
        tests("ManualTests", ["Fields", "Manual"]),
        tests("SamplesTests", ["ExportCore", "Files", "Formats", "Media", "Plans", "Recordings", "Samples"]),
        tests("QualityTests", ["Quality", "TestSupport"]),
        tests("SamplingTests", ["ExportCore", "Files", "Sampling", "TestSupport"]),
        tests("ConfigurationTests", ["Configuration", "ExportCore", "Fields", "Files", "Formats"]),
        tests("FacesTests", ["ExportCore", "Faces", "Media"]),
        tests("FieldsTests", ["ExportCore", "Fields", "TestSupport", "YAML"]),
        tests("RequestsTests", ["ExportCore", "Fields", "Files", "Formats", "Requests", "TestSupport", "YAML"]),
        tests("YAMLTests", ["TestSupport", "YAML"]),
        tests("BundlesTests", ["Bundles", "ExportCore", "Files"]),
        tests("ChecksumsTests", ["Checksums", "ExportCore", "Files"]),
        tests("CompressionTests", ["Compression", "ExportCore"]),
        tests("BytesTests", ["Bytes", "Files"]),
        tests("FilesTests", ["ExportCore", "Files", "TestSupport"]),
        tests("InspectionTests", ["Compression", "ExportCore", "Files", "Inspection"]),
        tests("MCAPTests", ["Bytes", "Compression", "ExportCore", "Files", "MCAP", "TestSupport"]),
        tests("ROSTests", ["ROS", "TestSupport"]),
        tests("ROSBagTests", ["ExportCore", "Files", "MCAP", "ROSBag", "TestSupport"]),
        tests("Rosbag2Tests", ["CSQLite", "ExportCore", "Files", "MCAP", "Rosbag2", "TestSupport"]),
        tests("ReportTests", ["Quality", "Report", "TestSupport"]),
        tests("RecordingNamesTests", ["ExportCore", "RecordingNames"]),
        tests("RecordingsTests", ["Checksums", "ExportCore", "Files", "MCAP", "ROS", "Recordings"]),
        tests("ArchiveTests", ["Archive"]),
        tests("ParquetTests", ["ExportCore", "Files", "Parquet", "TestSupport"]),
        tests("PackagingTests", ["Bundles", "ExportCore", "Files", "Formats", "Packaging", "Plans", "Requests"]),
        tests(
            "JobsTests",
            [
                "Configuration", "ExportCore", "Files", "Formats", "Jobs", "Ledger", "Plans", "Requests", "Sidecars", "TestSupport", grdb,
                logging,
            ]
        ),
        tests("PlansTests", ["ExportCore", "Files", "Plans", "Requests"]),
        tests("ServiceTests", ["Service", logging]),
        tests("CatalogTests", ["Catalog", "ExportCore", "Files", "Requests", "TestSupport", grdb]),
        tests("LedgerTests", ["ExportCore", "Files", "Ledger", "Sidecars", "TestSupport", grdb]),
        tests("SidecarsTests", ["ExportCore", "Sidecars"]),
        tests("StatusPageTests", ["ExportCore", "StatusPage"]),
        tests("SpoolTests", ["ExportCore", "Files", "Sidecars", "Spool"]),
        tests(
            "exportctlTests",
            ["Configuration", "ExportCore", "Files", "Requests", "Sidecars", "Spool", "StatusPage", "exportctl", arguments]
        ),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
