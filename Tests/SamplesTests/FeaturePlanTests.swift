import ExportCore
import Formats
import Samples
import Testing

private func joints(_ topic: String, messages: UInt64 = 10) -> TopicSummary {
    TopicSummary(topic: topic, type: "sensor_msgs/JointState", messages: messages)
}

private func camera(_ topic: String, type: String = "sensor_msgs/CompressedImage") -> TopicSummary {
    TopicSummary(topic: topic, type: type, messages: 10)
}

@Suite struct FeaturePlanTests {
    @Test func `joint topics become state, action and gripper by the ends of their names`() throws {
        let plan = try FeaturePlan(
            topics: [joints("/io_teleop/joint_cmd"), joints("/io_teleop/joint_states"), joints("/io_teleop/target_gripper_status")],
            mapping: nil
        )
        #expect(plan.numerics.map(\.name) == ["observation.state", "action", "observation.gripper"])
        #expect(
            plan.numerics.map { $0.sources.map(\.topic) } == [
                ["/io_teleop/joint_states"], ["/io_teleop/joint_cmd"], ["/io_teleop/target_gripper_status"],
            ]
        )
        #expect(plan.numerics.allSatisfy { $0.sources.allSatisfy { $0.field == "position" && $0.prefix == nil } })
        #expect(plan.warnings.isEmpty)
    }

    @Test func `an action is never invented and its absence is said`() throws {
        let plan = try FeaturePlan(topics: [joints("/joint_states")], mapping: nil)
        #expect(plan.numerics[1].sources.isEmpty)
        #expect(plan.warnings.map(\.code) == ["feature_missing"])
    }

    @Test func `a gripper may be a plain number`() throws {
        let plan = try FeaturePlan(
            topics: [TopicSummary(topic: "/gripper", type: "std_msgs/Float32", messages: 3), joints("/joint_states")],
            mapping: nil
        )
        #expect(plan.numerics[2].sources.map(\.field) == ["data"])
    }

    @Test func `several topics for one role are prefixed by what tells them apart`() throws {
        let plan = try FeaturePlan(topics: [joints("/left/arm/joint_states"), joints("/right/arm/joint_states")], mapping: nil)
        #expect(plan.numerics[0].sources.map(\.prefix) == ["left", "right"])
    }

    @Test func `a camera is named by its first path element, or by the shortest path that tells it apart`() throws {
        let plan = try FeaturePlan(
            topics: [
                camera("/camera_01/color/image_raw/compressed"), camera("/camera_01/depth/image_rect_raw", type: "sensor_msgs/Image"),
                camera("/sensor/a/image/compressed"), camera("/sensor/b/image/compressed"), camera("/touch_visualization"),
            ],
            mapping: nil
        )
        #expect(
            plan.cameras.map(\.name) == [
                "observation.images.camera_01", "observation.images.sensor_a", "observation.images.sensor_b",
                "observation.images.touch_visualization",
            ]
        )
        #expect(plan.warnings.map(\.code).contains("depth_left_out"))
    }

    @Test func `a mapping replaces the rule for the features that it names and leaves the others`() throws {
        var source = FeatureMapping.Source(topic: "arm/pose")
        source.field = "pose.position.x"
        source.scale = 0.001
        let plan = try FeaturePlan(
            topics: [
                TopicSummary(topic: "/arm/pose", type: "geometry_msgs/PoseStamped", messages: 5), joints("/joint_command"),
                joints("/joint_states"),
            ],
            mapping: FeatureMapping(features: ["observation.state": [source]])
        )
        #expect(plan.numerics[0].sources.map(\.topic) == ["/arm/pose"])
        #expect(plan.numerics[0].sources.map(\.scale) == [0.001])
        #expect(plan.numerics[1].sources.map(\.topic) == ["/joint_command"])
    }

    @Test func `a mapped topic that the recording lacks is named together with those it has`() throws {
        let mapping = FeatureMapping(features: ["action": [.init(topic: "/commands")]])
        let error = #expect(throws: ExportError.self) { try FeaturePlan(topics: [joints("/joint_states")], mapping: mapping) }
        #expect(error?.code == .topicMissing)
        #expect(error?.message.contains("/commands") == true)
        #expect(error?.hint?.contains("/joint_states") == true)
    }

    @Test func `a recording with nothing to export is refused with its topics`() throws {
        let error = #expect(throws: ExportError.self) {
            try FeaturePlan(topics: [TopicSummary(topic: "/chatter", type: "std_msgs/String", messages: 5)], mapping: nil)
        }
        #expect(error?.code == .topicMissing)
        #expect(error?.hint?.contains("/chatter") == true)
    }

    @Test func `topics without messages count as absent`() throws {
        #expect(throws: ExportError.self) { try FeaturePlan(topics: [joints("/joint_states", messages: 0)], mapping: nil) }
    }
}
