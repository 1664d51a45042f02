import Inspection
import Testing
