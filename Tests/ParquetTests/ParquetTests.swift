import Parquet
import Testing
@Test func `x`() throws { _ = try ParquetSchema([ParquetField("a", .float)]) }
