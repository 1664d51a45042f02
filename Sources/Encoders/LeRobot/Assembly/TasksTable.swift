import ExportCore
import Fields
import Files
import Parquet

/// `meta/tasks.parquet` of a v3.0 dataset: a row for each instruction, in the order of their numbers.
enum TasksTable {
    static func write(_ tasks: [String], to path: String) throws {
        try FileSystem.makeDirectories(FileSystem.parent(of: path))
        let schema = try ParquetSchema([ParquetField("task_index", .int64), ParquetField("task", .string)])
        let writer = try ParquetWriter(creating: path, schema: schema)
        try writer.columns.numbers("task_index").append(contentsOf: tasks.indices.map { Int64($0) })
        let texts = try writer.columns.bytes("task")
        for task in tasks { try texts.append(task) }
        try writer.finish(keyValues: [("pandas", pandas.compactJSON)])
    }

    /// Makes the instruction the index of the frame that pandas reads, by which the official library looks tasks up.
    private static let pandas: FieldValue = [
        "index_columns": .list([.text("task")]),
        "column_indexes": .list([
            [
                "name": .null, "field_name": .null, "pandas_type": .text("unicode"), "numpy_type": .text("object"),
                "metadata": ["encoding": .text("UTF-8")],
            ]
        ]),
        "columns": .list([column("task_index", "int64", "int64"), column("task", "unicode", "object")]), "attributes": .object([]),
        "creator": ["library": .text("exportd"), "version": .text(Version.current)], "pandas_version": .text("2.3.3"),
    ]

    private static func column(_ name: String, _ type: String, _ storage: String) -> FieldValue {
        [
            "name": .text(name), "field_name": .text(name), "pandas_type": .text(type), "numpy_type": .text(storage),
            "metadata": .null,
        ]
    }
}
