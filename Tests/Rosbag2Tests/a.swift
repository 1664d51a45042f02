import Rosbag2
