import ExportCore
import FoundationEssentials
import Sidecars
import Testing

private let job = JobID("20261122-171500-4f2ab1")!

private func pending() -> StatusDocument {
    StatusDocument(
        request: "team/nightly.yaml",
        job: job,
        kind: nil,
        title: nil,
        user: "alice",
        role: "training engineer",
        state: .pending,
        createdAt: "2026-11-22T17:15:00.000Z",
        startedAt: nil,
        finishedAt: nil,
        queuePosition: nil,
        attempt: 1,
        progress: .init(
            percent: 0,
            datasetsDone: 0,
            datasetsTotal: 0,
            current: nil,
            bytesRead: 0,
            bytesWritten: 0,
            etaSeconds: nil,
            updatedAt: "2026-11-22T17:15:00.000Z"
        ),
        exports: [.init(format: "hdf5", state: .pending)],
        selection: nil,
        warnings: [Warning("recording_truncated", "The recording ends early.")],
        error: nil
    )
}

/// The keys of a JSON object and which of them are null, by way of a type that takes any JSON.
private enum JSON: Decodable, Equatable {
    case null
    case other
    case array([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.singleValueContainer().decode([String: JSON].self) {
            self = .object(object)
        } else if let array = try? decoder.singleValueContainer().decode([JSON].self) {
            self = .array(array)
        } else {
            self = try decoder.singleValueContainer().decodeNil() ? .null : .other
        }
    }

    subscript(key: String) -> JSON? {
        guard case .object(let object) = self else { return nil }
        return object[key]
    }

    subscript(index: Int) -> JSON? {
        guard case .array(let array) = self, array.indices.contains(index) else { return nil }
        return array[index]
    }

    var keys: Set<String>? {
        guard case .object(let object) = self else { return nil }
        return Set(object.keys)
    }
}

@Suite struct DocumentTests {
    @Test func `a status sidecar always holds every key of the contract`() throws {
        let json = try JSONDecoder().decode(JSON.self, from: Data(pending().json()))
        #expect(
            json.keys == [
                "schema", "request", "job", "kind", "title", "user", "submitter", "role", "state", "created_at", "started_at",
                "finished_at",
                "queue_position", "attempt", "progress", "exports", "selection", "quota", "preview", "warnings", "error",
            ]
        )
        #expect(json["kind"] == .null)
        #expect(json["queue_position"] == .null)
        #expect(json["error"] == .null)
        #expect(
            json["progress"]?.keys == [
                "percent", "datasets_done", "datasets_total", "current", "bytes_read", "bytes_written", "eta_seconds", "updated_at",
            ]
        )
        #expect(json["exports"]?[0]?.keys == ["format", "state", "file", "bytes", "sha256", "episodes", "frames", "warnings"])
        #expect(json["warnings"]?[0]?.keys == ["code", "message", "dataset"])
    }

    @Test func `an error sidecar always holds every key of the contract`() throws {
        let error = ExportError(.requestInvalid, "There are two mistakes.", details: [.init("One."), .init("Two.")])
        let json = try JSONDecoder().decode(JSON.self, from: Data(ErrorDocument(error: error, attempt: 2).json()))
        #expect(json.keys == ["code", "message", "hint", "retryable", "attempt", "location", "details"])
        #expect(json["location"]?.keys == ["file", "line", "column", "dataset", "export"])
        #expect(json["details"]?[1]?.keys == ["message", "hint", "location"])
    }

    @Test func `documents come back as they were written`() throws {
        var status = pending()
        status.kind = "export"
        status.selection = .init(datasets: 3, segments: 9, bytes: 1 << 40)
        status.preview = PreviewReport(
            datasets: [.init(id: DatasetID("a/b"), segments: 2, bytes: 7)],
            exports: [.init(format: "hdf5", episodes: 2, frames: 100, bytesRead: 5, bytesWritten: 6)],
            skipped: [.init(id: DatasetID("c"), error: ExportError(.datasetUnreadable, "It is empty."))],
            etaSeconds: nil
        )
        status.state = .failed
        status.error = ExportError(
            .requestInvalid,
            "There is a mistake.",
            hint: "Mend it.",
            location: .init(file: "x.yaml", line: 3, column: 1),
            details: [.init("Unknown key \"rate\".", location: .init(line: 3))]
        )
        let again = try StatusDocument(json: status.json())
        #expect(try again.json() == status.json())
        #expect(again.preview == status.preview)
        #expect(again.error?.details == status.error?.details)

        let document = ErrorDocument(error: ExportError(.ioError, "The disk \"x/y\" is gone."), attempt: 4)
        #expect(try ErrorDocument(json: document.json()) == document)
    }

    @Test func `a percentage that JSON cannot hold is written as a number all the same`() throws {
        var status = pending()
        status.progress.percent = .nan
        #expect(try StatusDocument(json: status.json()).progress.percent == 0)
        status.progress.percent = 250
        #expect(try StatusDocument(json: status.json()).progress.percent == 100)
    }

    @Test func `the same document is the same bytes, ending in a newline`() throws {
        #expect(try pending().json() == pending().json())
        #expect(try pending().json().last == UInt8(ascii: "\n"))
    }
}

@Suite struct RFC3339Tests {
    @Test(
        "an instant is written in UTC with its milliseconds cut, never rounded up",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (1_795_367_700_999_999_999, "2026-11-22T17:15:00.999Z"), (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
            (1_795_367_700_250_000_000, "2026-11-22T17:15:00.250Z"),
        ] as [(Int64, String)]
    )
    func instants(nanoseconds: Int64, text: String) {
        #expect(Timestamp(nanoseconds: nanoseconds).rfc3339 == text)
    }

    @Test func `the first and the last instant of all can be written`() {
        #expect(Timestamp(nanoseconds: .min).rfc3339 == "1677-09-21T00:12:43.145Z")
        #expect(Timestamp(nanoseconds: .max).rfc3339 == "2262-04-11T23:47:16.854Z")
    }
}
