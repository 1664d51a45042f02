import ExportCore
import Fields
import Formats
import Parquet

/// The features of a dataset, in the order of the tables' columns.
struct FeatureTable {
    /// State, action, gripper: name and columns, those without columns left out.
    var numerics: [Numeric]
    var cameras: [Camera]
    /// Those of which some video is the recording's own, so that its encoder's settings are not known.
    var copiedCameras: Set<String>
    var hasCaptureTimes: Bool

    struct Numeric: Codable, Hashable {
        var name: String
        var columns: [String]
    }

    struct Camera: Codable, Hashable {
        var name: String
        var width: Int
        var height: Int
    }

    /// The name of the feature that holds when each camera's frame was taken.
    static let captureTimes = "observation.capture_time_ns"

    /// What `info.json` says of the features.
    func description(options: LeRobotOptions) -> FieldValue {
        let fps = Int64(options.sampling.rate.value)
        var members: [FieldMember] = []
        for numeric in numerics {
            members.append(
                FieldMember(
                    numeric.name,
                    Self.feature(options.stateType.rawValue, [numeric.columns.count], .list(numeric.columns.map { .text($0) }))
                )
            )
        }
        if hasCaptureTimes {
            let names = cameras.map { FieldValue.text(String($0.name.dropFirst("observation.images.".count))) }
            members.append(FieldMember(Self.captureTimes, Self.feature("int64", [cameras.count], .list(names))))
        }
        for camera in cameras {
            let names: FieldValue = .list([.text("height"), .text("width"), .text("channels")])
            var feature = Self.feature(options.images.rawValue, [camera.height, camera.width, 3], names)
            if options.images == .video, case .object(var described) = feature {
                described.append(FieldMember("info", videoInfo(camera, options: options, fps: fps)))
                feature = .object(described)
            }
            members.append(FieldMember(camera.name, feature))
        }
        members.append(FieldMember("timestamp", Self.feature("float32", [1], .null)))
        for name in ["frame_index", "episode_index", "index", "task_index"] {
            members.append(FieldMember(name, Self.feature("int64", [1], .null)))
        }
        return .object(members)
    }

    private static func feature(_ type: String, _ shape: [Int], _ names: FieldValue) -> FieldValue {
        ["dtype": .text(type), "shape": .list(shape.map { .integer(Int64($0)) }), "names": names]
    }

    /// The video's properties under the names that lerobot 0.4 writes, with those that 0.6 added.
    private func videoInfo(_ camera: Camera, options: LeRobotOptions, fps: Int64) -> FieldValue {
        let settings: [FieldMember] =
            copiedCameras.contains(camera.name)
            ? []
            : [FieldMember("video.g", .integer(2)), FieldMember("video.crf", .integer(Int64(options.effectiveCRF)))]
        return .object(
            [
                FieldMember("video.height", .integer(Int64(camera.height))), FieldMember("video.width", .integer(Int64(camera.width))),
                FieldMember("video.codec", .text(options.codec.rawValue)), FieldMember("video.pix_fmt", .text("yuv420p")),
                FieldMember("video.is_depth_map", .boolean(false)), FieldMember("video.fps", .integer(fps)),
                FieldMember("video.channels", .integer(3)), FieldMember("has_audio", .boolean(false)),
            ] + settings
        )
    }

    /// The columns with the lengths of their lists: without these `datasets` takes its own description of a list for wrong, and shows
    /// one of any length.
    func arrowColumns(options: LeRobotOptions) -> [ArrowSchema.Column] {
        func vector(_ type: ArrowSchema.ColumnType, _ count: Int) -> ArrowSchema.ColumnType {
            count == 1 ? type : .fixedList(of: type, count: Int32(clamping: count))
        }
        let number: ArrowSchema.ColumnType = options.stateType == .float32 ? .float : .double
        var columns = numerics.map { ArrowSchema.Column($0.name, vector(number, $0.columns.count)) }
        if hasCaptureTimes { columns.append(.init(Self.captureTimes, vector(.int64, cameras.count))) }
        if options.images == .image {
            columns += cameras.map { .init($0.name, .structure([.init("bytes", .binary), .init("path", .string)])) }
        }
        columns.append(.init("timestamp", .float))
        columns += ["frame_index", "episode_index", "index", "task_index"].map { .init($0, .int64) }
        return columns
    }

    /// The `huggingface` entry of the tables' metadata: what makes `datasets` 3 and 4 take the columns for what they are.
    ///
    /// `Sequence` is the one word for a list that both know.
    func huggingFaceMetadata(options: LeRobotOptions) -> String {
        var features: [FieldMember] = []
        func value(_ type: String) -> FieldValue { ["dtype": .text(type), "_type": .text("Value")] }
        func sequence(_ type: String, _ length: Int) -> FieldValue {
            length == 1 ? value(type) : ["feature": value(type), "length": .integer(Int64(length)), "_type": .text("Sequence")]
        }
        for numeric in numerics { features.append(FieldMember(numeric.name, sequence(options.stateType.rawValue, numeric.columns.count))) }
        if hasCaptureTimes { features.append(FieldMember(Self.captureTimes, sequence("int64", cameras.count))) }
        if options.images == .image {
            for camera in cameras { features.append(FieldMember(camera.name, ["_type": .text("Image")])) }
        }
        features.append(FieldMember("timestamp", value("float32")))
        for name in ["frame_index", "episode_index", "index", "task_index"] { features.append(FieldMember(name, value("int64"))) }
        let document: FieldValue = ["info": ["features": .object(features)]]
        return document.compactJSON
    }
}
