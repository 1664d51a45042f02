import Bundles
import ExportCore
import Files
import Formats
import Foundation
import Glibc
import Packaging
import Plans
import Requests
import Testing

/// Compares an archive with the tree that it was made of, and with its own manifest; prints the names in order.
private let compare = """
    import hashlib, json, os, sys, tarfile
    archive, tree, top = sys.argv[1:]
    names, contents = [], {}
    with tarfile.open(archive, 'r:gz') as tar:
        for m in tar:
            assert m.isreg() and m.mode == 0o644 and m.uid == m.gid == 0 and m.uname == m.gname == '' and m.mtime == 315532800, m.get_info()
            assert m.name.startswith(top + '/'), m.name
            names.append(m.name[len(top) + 1:])
            contents[names[-1]] = tar.extractfile(m).read()
    assert names[-1] == 'manifest.json'
    files = {}
    for d, _, fs in os.walk(tree):
        for f in fs:
            p = os.path.join(d, f)
            files[os.path.relpath(p, tree)] = open(p, 'rb').read()
    assert names[:-1] == sorted(files, key=os.fsencode), names
    assert all(contents[n] == c for n, c in files.items())
    manifest = json.loads(contents['manifest.json'])
    assert manifest['files'] == [{'bytes': len(files[n]), 'path': n, 'sha256': hashlib.sha256(files[n]).hexdigest()} for n in names[:-1]]
    assert list(manifest) == sorted(manifest)
    assert open(os.path.join(os.path.dirname(archive), top + '.manifest.json'), 'rb').read() == contents['manifest.json']
    print('same', len(files))
    """

private func package(
    _ scratch: Scratch,
    bundle: String? = nil,
    to destination: String? = nil,
    as name: String = "nightly_hdf5",
    kind: ExportRequest.PackageKind = .tarGzip,
    threads: Int = 2,
    cancellation: Cancellation = Cancellation(),
    progress: @escaping (Int64) -> Void = { _ in }
) throws -> AssemblySummary {
    try Packager(destination: destination ?? scratch.out, threads: threads, cancellation: cancellation, progress: progress)
        .package(
            tree: scratch.tree,
            bundle: bundle,
            as: name,
            kind: kind,
            manifest: try exampleManifest(),
            manifestName: "\(name).manifest.json",
            reportName: "\(name).report.html"
        )
}

private func fill(_ scratch: Scratch) throws {
    try scratch.add("chunk_001.hdf5", noise(1_300_000))
    try scratch.add("chunk_002.hdf5", noise(10))
    try scratch.add("a/b.csv", Array(String(repeating: "tick,1,2,3\n", count: 80_000).utf8))
    try scratch.add("a.b", [])
    try scratch.add("a0", [1])
    try scratch.add("a-b/厨房 \u{1F916}.json", [2])
    try scratch.add("hostile/-rf \"*\"\n\\x", [3])
    try scratch.add(
        (0..<3).map { "\($0)" + String(repeating: "long", count: 25) }.joined(separator: "/") + "/" + String(repeating: "f", count: 250),
        noise(700)
    )
}

@Suite struct PackagerTests {
    @Test func `Python, GNU tar, bsdtar and gzip read the archive back`() throws {
        let scratch = try Scratch()
        try fill(scratch)
        let summary = try package(scratch)
        #expect(summary.file == "nightly_hdf5.tar.gz")
        let archive = "\(scratch.out)/\(summary.file)"
        #expect(try run("python3", ["-c", compare, archive, scratch.tree, "nightly_hdf5"]) == "same 8\n")
        #expect(try run("gzip", ["-t", archive]) == "")
        let unpacked = try scratch.folder("unpacked")
        #expect(try run("tar", ["-xzf", archive, "-C", unpacked]) == "")
        try FileSystem.removeFile("\(unpacked)/nightly_hdf5/manifest.json")
        #expect(try run("diff", ["-r", "\(unpacked)/nightly_hdf5", scratch.tree]) == "")
        if FileManager.default.isExecutableFile(atPath: "/usr/bin/bsdtar") {
            let unpacked = try scratch.folder("unpacked-bsd")
            #expect(try run("bsdtar", ["-xzf", archive, "-C", unpacked]) == "")
            #expect(
                try run("diff", ["-r", "\(unpacked)/nightly_hdf5", "\(scratch.path)/unpacked/nightly_hdf5"], expecting: 1).contains(
                    "manifest.json"
                )
            )
        }
        #expect(try run("sha256sum", [archive]).prefix(64) == summary.sha256)
        #expect(try FileSystem.status(of: archive).bytes == summary.bytes)
        #expect(summary.episodes == 3)
        #expect(summary.frames == 450)
        #expect(summary.warnings.map(\.code) == ["annotation_gap", "recording_truncated"])
    }

    @Test(arguments: [ExportRequest.PackageKind.tarGzip, .directory])
    func `the report of an export that has one lies beside its package, too`(kind: ExportRequest.PackageKind) throws {
        let scratch = try Scratch()
        try scratch.add("inner/report.html", [1])
        _ = try package(scratch, kind: kind)
        #expect(!FileSystem.exists("\(scratch.out)/nightly_hdf5.report.html"))
        try scratch.add("report.html", Array("<p>All is well.</p>".utf8))
        _ = try package(scratch, kind: kind)
        #expect(try FileSystem.read("\(scratch.out)/nightly_hdf5.report.html", limit: 100) == Array("<p>All is well.</p>".utf8))
    }

    @Test func `the bytes depend neither on the threads nor on the place nor on the hour`() throws {
        let scratch = try Scratch()
        try fill(scratch)
        let one = try package(scratch, to: scratch.folder("one"), threads: 1)
        let again = try Scratch()
        try fill(again)
        let four = try package(again, to: again.folder("four"), threads: 4)
        #expect(one.sha256 == four.sha256)
        #expect(try run("cmp", ["\(scratch.path)/one/nightly_hdf5.tar.gz", "\(again.path)/four/nightly_hdf5.tar.gz"]) == "")
    }

    @Test func `the manifest says where the content comes from`() throws {
        let scratch = try Scratch()
        try scratch.add("chunk_001.hdf5", [1, 2, 3])
        _ = try package(scratch)
        let bytes = try FileSystem.read("\(scratch.out)/nightly_hdf5.manifest.json", limit: 1 << 20)
        let expected = """
            {
              "datasets": [
                {"annotator":"s01","files":[{"bytes":1234,"mtime":"1767225600000000000","path":"kitchen/pick_0/data.mcap"}],\
            "fingerprint":"f0","id":"kitchen/pick_0","layout":"folder","project":"kitchen","quality":{"level":"good","score":88},\
            "segments":[{"annotator":"s01","end":"1767225605000000000","quality":{"level":"good","score":88},"start":"1767225600000000000",\
            "task":"pick the \\"red\\" cup","task_zh":"拿起红色杯子"}]},
                {"annotator":"s01","files":[{"bytes":1234,"mtime":"1767225601000000000","path":"kitchen/pick_1/data.mcap"}],\
            "fingerprint":"f1","id":"kitchen/pick_1","layout":"folder","project":"kitchen","quality":{"level":"good","score":88},\
            "segments":[{"annotator":"s01","end":"1767225606000000000","quality":{"level":"good","score":88},"start":"1767225601000000000",\
            "task":"pick the \\"red\\" cup","task_zh":"拿起红色杯子"}]}
              ],
              "episodes": 3,
              "exportd": "\(Version.current)",
              "files": [
                {"bytes":3,"path":"chunk_001.hdf5","sha256":"039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81"}
              ],
              "format": "hdf5",
              "frames": 450,
              "name": "nightly_hdf5",
            """
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix(expected))
        let rest = """
              "schema": "exportd-manifest/1",
              "skipped": [
                {"code":"dataset_unreadable","dataset":"kitchen/bad","message":"kitchen/bad/data.mcap is empty."}
              ],
              "streams": [
                {"dataset":"kitchen/pick_0","dropped_ticks":2,"feature":"observation.state","held_ticks":1,\
            "sync_error":{"mean_ms":1.5,"p95_ms":4.25},"ticks":450,"topic":"/joint_states"}
              ],
              "title": "Nightly kitchen set",
              "warnings": [
                {"code":"annotation_gap","dataset":"kitchen/pick_0","message":"A gap between segments was left out."},
                {"code":"recording_truncated","message":"The recording ends early."}
              ]
            }

            """
        #expect(text.hasSuffix(rest))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        let options = try #require(json["options"] as? [String: Any])
        #expect(options["format"] as? String == "hdf5")
        #expect(options["rate_hz"] as? Int == 30)
        #expect(options["strict_match"] as? Bool == true)
        #expect(options["chunk_size"] as? Int == 1)
    }

    @Test func `a folder holds links to the files, and the manifest inside and beside`() throws {
        let scratch = try Scratch()
        try fill(scratch)
        let summary = try package(scratch, kind: .directory)
        #expect(summary.file == "nightly_hdf5")
        let made = "\(scratch.out)/nightly_hdf5"
        #expect(try FileSystem.status(of: "\(made)/chunk_001.hdf5").inode == FileSystem.status(of: "\(scratch.tree)/chunk_001.hdf5").inode)
        #expect(try FileSystem.status(of: "\(made)/chunk_001.hdf5").mode == 0o644)
        #expect(try FileSystem.treeBytes(made) == summary.bytes)
        #expect(try run("cmp", ["\(made)/manifest.json", "\(made).manifest.json"]) == "")
        #expect(try run("sha256sum", ["\(made)/manifest.json"]).prefix(64) == summary.sha256)
        try FileSystem.removeFile("\(made)/manifest.json")
        #expect(try run("diff", ["-r", made, scratch.tree]) == "")
        // The folder is replaced as a whole by the next package of the same name.
        try FileSystem.writeAtomically("\(made)/leftover", [1])
        #expect(try package(scratch, kind: .directory).sha256 == summary.sha256)
        #expect(!FileSystem.exists("\(made)/leftover"))
    }

    @Test func `members of a bundle are files of the archive and of the folder, sorted among the others`() throws {
        let scratch = try Scratch()
        try scratch.add("z.json", [1])
        try scratch.add("labels.txt", [2])
        try scratch.add("labels/c.txt", [3])
        let bundle = BundleWriter("\(scratch.path)/bundle")
        try bundle.add("labels/b.txt", Array("b\n".utf8))
        try bundle.add("labels/train/\"quoted\".txt", noise(1_500_000))
        try bundle.add("a.txt", [])
        try bundle.finish()
        let names = ["a.txt", "labels.txt", "labels/b.txt", "labels/c.txt", "labels/train/\"quoted\".txt", "z.json", "manifest.json"]
        let archived = try package(scratch, bundle: "\(scratch.path)/bundle", to: scratch.folder("archive"))
        let archive = "\(scratch.path)/archive/\(archived.file)"
        let listed = try run("tar", ["--quoting-style=literal", "-tzf", archive]).split(separator: "\n")
        #expect(listed.map(String.init) == names.map { "nightly_hdf5/\($0)" })
        let folder = try package(scratch, bundle: "\(scratch.path)/bundle", kind: .directory)
        #expect(try FileSystem.treeBytes("\(scratch.out)/\(folder.file)") == folder.bytes)
        let unpacked = try scratch.folder("unpacked")
        #expect(try run("tar", ["-xzf", archive, "-C", unpacked]) == "")
        #expect(try run("diff", ["-r", "\(unpacked)/nightly_hdf5", "\(scratch.out)/nightly_hdf5"]) == "")
        for name in names {
            #expect(try FileSystem.status(of: "\(scratch.out)/nightly_hdf5/\(name)").mode == 0o644)
        }
        let manifest = try FileSystem.read("\(scratch.out)/nightly_hdf5/manifest.json", limit: 1 << 20)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(manifest)) as? [String: Any])
        let files = try #require(json["files"] as? [[String: Any]])
        #expect(files.map { $0["path"] as? String } == names.dropLast())
        for file in files {
            let path = try #require(file["path"] as? String)
            #expect(try run("sha256sum", ["--zero", "\(scratch.out)/nightly_hdf5/\(path)"]).prefix(64) == file["sha256"] as? String ?? "")
        }
    }

    @Test func `a folder of more small files than are flushed one by one is whole`() throws {
        let scratch = try Scratch()
        for number in 0..<200 { try scratch.add("images/\(number).jpg", noise(100 + number)) }
        let bundle = BundleWriter("\(scratch.path)/bundle")
        for number in 0..<200 { try bundle.add("labels/\(number).txt", Array("\(number)\n".utf8)) }
        try bundle.finish()
        let made = try package(scratch, bundle: "\(scratch.path)/bundle", kind: .directory)
        let archived = try package(scratch, bundle: "\(scratch.path)/bundle", to: scratch.folder("archive"))
        let unpacked = try scratch.folder("unpacked")
        #expect(try run("tar", ["-xzf", "\(scratch.path)/archive/\(archived.file)", "-C", unpacked]) == "")
        #expect(try run("diff", ["-r", "\(unpacked)/nightly_hdf5", "\(scratch.out)/\(made.file)"]) == "")
    }

    @Test func `a further name of a file takes no room, has its digest, and is there however it is unpacked`() throws {
        let scratch = try Scratch()
        try scratch.add("images/a b.jpg", noise(1_500_000))
        let bundle = BundleWriter("\(scratch.path)/bundle")
        try bundle.link("yolo/images/train/a_b.jpg", to: "images/a b.jpg")
        try bundle.add("yolo/labels/train/a_b.txt", [1])
        try bundle.finish()
        let archived = try package(scratch, bundle: "\(scratch.path)/bundle", to: scratch.folder("archive"))
        #expect(archived.bytes < 1_600_000)
        let unpacked = try scratch.folder("unpacked")
        #expect(try run("tar", ["-xzf", "\(scratch.path)/archive/\(archived.file)", "-C", unpacked]) == "")
        let made = try package(scratch, bundle: "\(scratch.path)/bundle", kind: .directory)
        #expect(made.bytes < 1_600_000)
        #expect(try run("diff", ["-r", "\(unpacked)/nightly_hdf5", "\(scratch.out)/nightly_hdf5"]) == "")
        for root in [unpacked, scratch.out] {
            let names = try ["images/a b.jpg", "yolo/images/train/a_b.jpg"].map { try FileSystem.status(of: "\(root)/nightly_hdf5/\($0)") }
            #expect(names[0].inode == names[1].inode && names[1].mode == 0o644)
        }
        let manifest = try FileSystem.read("\(unpacked)/nightly_hdf5/manifest.json", limit: 1 << 20)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(manifest)) as? [String: Any])
        let files = try #require(json["files"] as? [[String: Any]])
        #expect(files.map { $0["path"] as? String } == ["images/a b.jpg", "yolo/images/train/a_b.jpg", "yolo/labels/train/a_b.txt"])
        #expect(files.prefix(2).map { $0["bytes"] as? Int } == [1_500_000, 1_500_000])
        #expect(files[0]["sha256"] as? String == files[1]["sha256"] as? String)
    }

    @Test(arguments: ["images/no.jpg", "z/b.jpg"], [ExportRequest.PackageKind.directory, .tarGzip])
    func `a further name of what does not come before it makes no package`(target: String, kind: ExportRequest.PackageKind) throws {
        let scratch = try Scratch()
        try scratch.add("z/b.jpg", [1])
        let bundle = BundleWriter("\(scratch.path)/bundle")
        try bundle.link("yolo/b.jpg", to: target)
        try bundle.finish()
        #expect(throws: ExportError.self) { _ = try package(scratch, bundle: "\(scratch.path)/bundle", kind: kind) }
        #expect(try FileSystem.list(scratch.out) == [])
    }

    @Test(arguments: [ExportRequest.PackageKind.directory, .tarGzip])
    func `a member of a bundle that has the name of another file makes no package`(kind: ExportRequest.PackageKind) throws {
        let scratch = try Scratch()
        try scratch.add("a.txt", [1])
        let bundle = BundleWriter("\(scratch.path)/bundle")
        try bundle.add("a.txt", [2])
        try bundle.finish()
        #expect(throws: ExportError.self) { _ = try package(scratch, bundle: "\(scratch.path)/bundle", kind: kind) }
        #expect(try FileSystem.list(scratch.out) == [])
    }

    @Test func `a folder on another file system holds copies`() throws {
        guard let other = Self.otherFileSystem else { return }
        let destination = "\(other)/exportd-packaging-\(UUID().uuidString)"
        try FileSystem.makeDirectories(destination)
        defer { try? FileSystem.removeTree(destination) }
        let scratch = try Scratch()
        try fill(scratch)
        let summary = try package(scratch, to: destination, kind: .directory)
        let archived = try package(scratch, kind: .directory)
        #expect(archived.sha256 == summary.sha256)
        try FileSystem.removeFile("\(destination)/nightly_hdf5/manifest.json")
        #expect(try run("diff", ["-r", "\(destination)/nightly_hdf5", scratch.tree]) == "")
    }

    @Test(arguments: ExportRequest.PackageKind.allCases)
    func `a cancelled package leaves nothing behind`(kind: ExportRequest.PackageKind) throws {
        let scratch = try Scratch()
        try fill(scratch)
        let cancellation = Cancellation()
        #expect(throws: CancellationError.self) {
            _ = try package(scratch, kind: kind, cancellation: cancellation) { done in
                if done > 1_000_000 { cancellation.cancel() }
            }
        }
        #expect(try FileSystem.list(scratch.out) == [])
    }

    @Test func `progress grows to the size of the files`() throws {
        let scratch = try Scratch()
        try fill(scratch)
        var seen: [Int64] = []
        _ = try package(scratch) { seen.append($0) }
        #expect(seen == seen.sorted())
        #expect(try seen.last == FileSystem.treeBytes(scratch.tree))
    }

    @Test func `what a crash left is removed and replaced`() throws {
        let scratch = try Scratch()
        try fill(scratch)
        let first = try package(scratch)
        try FileSystem.writeAtomically("\(scratch.out)/.nightly_hdf5.unfinished", [1, 2, 3])
        try FileSystem.makeDirectories("\(scratch.out)/.nightly_hdf5.manifest.json.unfinished/x")
        #expect(try package(scratch).sha256 == first.sha256)
        #expect(try FileSystem.list(scratch.out) == ["nightly_hdf5.manifest.json", "nightly_hdf5.tar.gz"])
    }

    @Test(arguments: ["", ".hidden", "a/b", "../x", "..", String(repeating: "n", count: 221)])
    func `a name that is not that of one visible file is refused`(name: String) throws {
        let scratch = try Scratch()
        try fill(scratch)
        let error = #expect(throws: ExportError.self) { _ = try package(scratch, as: name) }
        #expect(error?.code == .internal)
        #expect(try FileSystem.list(scratch.out) == [])
    }

    @Test func `anything but files and folders is refused`() throws {
        let scratch = try Scratch()
        try scratch.add("a", [1])
        symlink("/etc/passwd", "\(scratch.tree)/b")
        let error = #expect(throws: ExportError.self) { _ = try package(scratch) }
        #expect(error?.message.hasSuffix("tree/b is neither a file nor a folder, so it cannot be packaged.") == true)
        #expect(try FileSystem.list(scratch.out) == [])
    }

    @Test func `a file called manifest json at the top is refused`() throws {
        let scratch = try Scratch()
        try scratch.add("manifest.json", [1])
        let error = #expect(throws: ExportError.self) { _ = try package(scratch) }
        #expect(error?.code == .internal)
        let bundle = BundleWriter("\(scratch.path)/bundle")
        try bundle.add("manifest.json", [2])
        try bundle.finish()
        try FileSystem.removeFile("\(scratch.tree)/manifest.json")
        #expect(throws: ExportError.self) { _ = try package(scratch, bundle: "\(scratch.path)/bundle") }
    }

    @Test func `a missing destination is an error that names it`() throws {
        let scratch = try Scratch()
        try fill(scratch)
        let error = #expect(throws: ExportError.self) { _ = try package(scratch, to: "\(scratch.path)/nowhere") }
        #expect(error?.code == .ioError)
        #expect(error?.message.contains("\(scratch.path)/nowhere") == true)
    }

    @Test(.enabled(if: geteuid() == 0), arguments: [3 << 20, 1 << 20])
    func `a full file system is said to be full, with the bytes needed`(bytes: Int) throws {
        let scratch = try Scratch()
        let small = try scratch.folder("small")
        // Some sandboxes let not even root mount; there is nothing to be tested then.
        guard mount("tmpfs", small, "tmpfs", 0, "size=2m") == 0 else { return }
        defer { umount2(small, Int32(MNT_DETACH)) }
        // The larger tree is refused at once. The smaller one fits by itself, but not any more when half of it is packaged.
        try scratch.add("a", noise(bytes / 2))
        try scratch.add("b", noise(bytes / 2))
        let error = #expect(throws: ExportError.self) {
            _ = try package(scratch, to: small) { done in
                if done == Int64(bytes / 2) { try? FileSystem.writeAtomically("\(small)/other", noise(1_500_000)) }
            }
        }
        #expect(error?.code == .storageFull)
        #expect(error?.retryable == true)
        #expect(error?.message.contains("The package takes up to \(bytes) bytes; ") == true)
        #expect(try FileSystem.list(small).filter { $0 != "other" } == [])
    }

    @Test func `a second export of the same format has a name of its own`() throws {
        var plan = Plan(
            job: try #require(JobID("j")),
            name: String(repeating: "名", count: 80),
            title: nil,
            package: .tarGzip,
            exports: [.hdf5(.init()), .hdf5(.init())]
        )
        #expect(PackageName.of(plan, export: 0).utf8.count == 180 + 5)
        plan.name = "nightly"
        #expect(PackageName.of(plan, export: 0) == "nightly_hdf5")
        #expect(PackageName.of(plan, export: 1) == "nightly_hdf5_2")
    }

    /// A writable place on another file system than the temporary folder, where this machine has one.
    private static var otherFileSystem: String? {
        guard let here = try? FileSystem.status(of: FileManager.default.temporaryDirectory.path),
            let there = try? FileSystem.status(of: "/dev/shm"), there.device != here.device, access("/dev/shm", W_OK) == 0
        else { return nil }
        return "/dev/shm"
    }
}
