/// The files of a part, by what they hold.
struct PartFiles {
    let folder: String

    /// Rows of a numeric feature: all episodes, one after another.
    func rows(feature: Int) -> String { "\(folder)/rows_\(feature)" }

    /// The time each camera's frame was taken: a row for each frame.
    var captureTimes: String { "\(folder)/capture_times" }

    /// The number of each frame's task in its episode's list, where tasks change from frame to frame.
    var tasks: String { "\(folder)/tasks" }

    func video(camera: Int, episode: Int) -> String { "\(folder)/camera_\(camera)_episode_\(episode).mp4" }

    /// Pictures of an episode as a column of a table.
    func cells(camera: Int, episode: Int) -> String { "\(folder)/camera_\(camera)_episode_\(episode).cells" }

    /// What the pictures of all episodes come to, for each camera.
    var pixels: String { "\(folder)/pixels.json" }

    func preview(camera: Int, place: Int) -> String { "\(folder)/camera_\(camera)_preview_\(place).jpg" }
}
