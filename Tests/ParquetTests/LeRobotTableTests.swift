import Foundation
import Parquet
import Testing

/// The tables of a LeRobot dataset, with the types and texts that its readers need.
@Suite struct LeRobotTableTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Has Python evaluate expressions over a table that is read by pandas (`frame()`), pyarrow (`file`, `table`) or DuckDB
    /// (`sql(…)`), one line for each.
    private func readers(_ path: String, _ expressions: String...) throws -> String {
        let program = """
            import sys, json, pyarrow, pyarrow.parquet
            def frame():
                import pandas
                return pandas.read_parquet(sys.argv[1])
            def sql(text):
                import duckdb
                return duckdb.sql(text.replace('TABLE', f"read_parquet('{sys.argv[1]}')")).fetchall()
            file = pyarrow.parquet.ParquetFile(sys.argv[1], page_checksum_verification=True)
            table = file.read()
            for expression in sys.argv[2:]:
                print(eval(expression))
            """
        return try python(["-c", program, path] + expressions).output.trimmingCharacters(in: .newlines)
    }

    @Test(.enabled(if: hasReaders)) func `the tasks' text becomes the index of a pandas frame`() throws {
        let path = "\(folder.path)/tasks.parquet"
        let schema = try ParquetSchema([ParquetField("task_index", .int64), ParquetField("task", .string)])
        let writer = try ParquetWriter(creating: path, schema: schema)
        let tasks = ["Open the \"drawer\"", "line\nbreak", "拿杯子 🤖"]
        for (number, task) in tasks.enumerated() { try writer.columns.append(row: [.integer(Int64(number)), .string(task)]) }
        let text = #"{"name": "task", "field_name": "task", "pandas_type": "unicode", "numpy_type": "object", "metadata": null}"#
        let number = #"{"name":"task_index","field_name":"task_index","pandas_type":"int64","numpy_type":"int64","metadata":null}"#
        let axis =
            #"{"name":null,"field_name":null,"pandas_type":"unicode","numpy_type":"object","metadata":{"encoding":"UTF-8"}}"#
        let pandas = """
            {"index_columns":["task"],"column_indexes":[\(axis)],"columns":[\(number),\(text)],"attributes":{},
             "creator":{"library":"exportd","version":"1"},"pandas_version":"2.3.3"}
            """
        try writer.finish(keyValues: [("pandas", pandas)])
        #expect(
            try readers(path, "json.dumps([[row.name, int(row['task_index'])] for _, row in frame().iterrows()], ensure_ascii=False)")
                == #"[["Open the \"drawer\"", 0], ["line\nbreak", 1], ["拿杯子 🤖", 2]]"#
        )
    }

    @Test(.enabled(if: hasReaders)) func `episodes hold nested statistics of vectors and of images`() throws {
        let path = "\(folder.path)/episodes.parquet"
        let doubles = ParquetType.list(of: .double)
        let schema = try ParquetSchema([
            ParquetField("episode_index", .int64),
            ParquetField("tasks", .list(of: .string)),
            ParquetField("videos/observation.images.front/to_timestamp", .double),
            ParquetField("stats/action/mean", doubles),
            ParquetField("stats/observation.images.front/mean", .list(of: .list(of: doubles))),
            ParquetField("stats/frame_index/max", .list(of: .int64)),
        ])
        let writer = try ParquetWriter(creating: path, schema: schema)
        for episode in 0..<25 {
            try writer.columns.append(row: [
                .integer(Int64(episode)),
                .list([.string("Open the drawer")]),
                .double(Double(episode) / 3),
                .list([.double(0.1), .double(-0.2)]),
                .list([0.25, 0.5, 0.75].map { .list([.list([.double($0)])]) }),
                .list([.integer(40)]),
            ])
            if episode % 10 == 9 { try writer.endRowGroup() }
        }
        try writer.finish()
        #expect(
            try readers(
                path,
                "[str(kind) for kind in table.schema.types], file.num_row_groups",
                "list(table.slice(24).to_pylist()[0].values())",
                "sql('SELECT max(episode_index), any_value(\"stats/observation.images.front/mean\") FROM TABLE')"
            ) == """
                (['int64', 'list<element: string>', 'double', 'list<element: double>', \
                'list<element: list<element: list<element: double>>>', 'list<element: int64>'], 3)
                [24, ['Open the drawer'], 8.0, [0.1, -0.2], [[[0.25]], [[0.5]], [[0.75]]], [40]]
                [(24, [[[0.25]], [[0.5]], [[0.75]]])]
                """
        )
    }

    @Test(.enabled(if: hasReaders)) func `data has the types that datasets expects, one row group for each episode`() throws {
        let path = "\(folder.path)/data.parquet"
        let picture = ParquetType.structure([ParquetField("bytes", .binary), ParquetField("path", .string)])
        let schema = try ParquetSchema([
            ParquetField("observation.state", .list(of: .float)),
            ParquetField("observation.images.front", picture, compression: .uncompressed),
            ParquetField("timestamp", .float),
            ParquetField("next.done", .boolean),
            ParquetField("episode_index", .int64),
        ])
        let writer = try ParquetWriter(creating: path, schema: schema)
        let state = try writer.columns.vectors("observation.state", of: Float.self, width: 2)
        let front = try writer.columns.pictures("observation.images.front")
        let timestamp = try writer.columns.numbers("timestamp", of: Float.self)
        let done = try writer.columns.numbers("next.done", of: Bool.self)
        let episodes = try writer.columns.numbers("episode_index", of: Int64.self)
        for episode in 0..<3 {
            for frame in 0..<10 {
                try state.append(contentsOf: [Float(frame), -0.5])
                try [0xFF, 0xD8, UInt8(frame)].withUnsafeBytes { try front.append($0) }
                try timestamp.append(Float(frame) / 30)
            }
            try done.append(contentsOf: (0..<10).map { $0 == 9 })
            try episodes.append(repeating: Int64(episode), count: 10)
            try writer.endRowGroup()
        }
        let float = #"{"dtype":"float32","_type":"Value"}"#
        let features = """
            {"observation.state":{"feature":\(float),"length":2,"_type":"Sequence"},"observation.images.front":{"_type":"Image"},
             "timestamp":\(float),"next.done":{"dtype":"bool","_type":"Value"},"episode_index":{"dtype":"int64","_type":"Value"}}
            """
        try writer.finish(keyValues: [("huggingface", #"{"info":{"features":\#(features)}}"#)])
        #expect(
            try readers(
                path,
                "str(file.schema).split('schema {', 1)[1].strip()",
                "[file.metadata.row_group(i).num_rows for i in range(3)]",
                "list(table.to_pylist()[29].values())"
            ) == """
                optional group field_id=-1 observation.state (List) {
                    repeated group field_id=-1 list {
                      optional float field_id=-1 element;
                    }
                  }
                  optional group field_id=-1 observation.images.front {
                    optional binary field_id=-1 bytes;
                    optional binary field_id=-1 path (String);
                  }
                  optional float field_id=-1 timestamp;
                  optional boolean field_id=-1 next.done;
                  optional int64 field_id=-1 episode_index;
                }
                [10, 10, 10]
                [[9.0, -0.5], {'bytes': b'\\xff\\xd8\\t', 'path': None}, 0.30000001192092896, True, 2]
                """
        )
    }

    @Test(.enabled(if: hasReaders)) func `an Arrow schema gives lists the length that Parquet cannot say`() throws {
        let path = "\(folder.path)/lists.parquet"
        let picture = ParquetType.structure([ParquetField("bytes", .binary), ParquetField("path", .string)])
        let schema = try ParquetSchema([
            ParquetField("observation.state", .list(of: .float)), ParquetField("action", .list(of: .double)),
            ParquetField("observation.capture_time_ns", .list(of: .int64)), ParquetField("observation.images.front", picture),
            ParquetField("timestamp", .float), ParquetField("index", .int64),
        ])
        let columns: [ArrowSchema.Column] = [
            .init("observation.state", .fixedList(of: .float, count: 3)), .init("action", .fixedList(of: .double, count: 2)),
            .init("observation.capture_time_ns", .fixedList(of: .int64, count: 2)),
            .init("observation.images.front", .structure([.init("bytes", .binary), .init("path", .string)])),
            .init("timestamp", .float), .init("index", .int64),
        ]
        let arrow = ArrowSchema(columns, metadata: [.init("other", "kept 🤖")])
        let writer = try ParquetWriter(creating: path, schema: schema)
        try writer.columns.append(row: [
            .list([.float(1), .float(2), .float(3)]), .list([.double(0.5), .double(-0.5)]), .list([.integer(7), .integer(8)]),
            .structure([.binary([1]), .null]), .float(0), .integer(0),
        ])
        try writer.finish(keyValues: [(ArrowSchema.metadataKey, Data(arrow.encoded).base64EncodedString()), ("other", "kept 🤖")])
        #expect(
            try readers(
                path,
                "[str(kind) for kind in table.schema.types]",
                "table.schema.metadata",
                "list(table.to_pylist()[0].values())",
                "sql('SELECT action FROM TABLE')"
            ) == """
                ['fixed_size_list<element: float>[3]', 'fixed_size_list<element: double>[2]', \
                'fixed_size_list<element: int64>[2]', 'struct<bytes: binary, path: string>', 'float', 'int64']
                {b'other': b'kept \\xf0\\x9f\\xa4\\x96'}
                [[1.0, 2.0, 3.0], [0.5, -0.5], [7, 8], {'bytes': b'\\x01', 'path': None}, 0.0, 0]
                [([0.5, -0.5],)]
                """
        )
    }
}
