import Fields
import Testing
import YAML

@Suite("E-mail addresses")
struct EmailAddressTests {
    private func isTaken(_ text: String) -> Bool {
        let document = YAMLReader.read(Array("'\(text)'".utf8))
        guard let root = document.root else { return false }
        var problems = ProblemList([])
        return Shape<String>.emailAddress.read(root, into: &problems) == text
    }

    @Test(
        "An ordinary address is taken",
        arguments: ["alice@lab.example", "a.b+c_d%e-f@x-1.lab.example", "root@localhost", "A1@9.example"]
    )
    func takes(_ address: String) {
        #expect(isTaken(address))
    }

    @Test(
        "What a mail program could take for something else is refused",
        arguments: [
            "-oQ@lab.example", "@lab.example", "alice@", "alice", "a@b@c", "a b@lab.example", "a@lab..example", "a@.example",
            "a@-lab.example", "a@lab-.example", "a,b@lab.example", "\"a\"@lab.example", "a@[127.0.0.1]", "ä@lab.example",
            "a@lab.example.", "(c)a@lab.example",
        ]
    )
    func refuses(_ address: String) {
        #expect(!isTaken(address))
    }

    @Test("An address longer than any mail system takes is refused")
    func refusesLongOnes() {
        #expect(!isTaken(String(repeating: "a", count: 65) + "@lab.example"))
        #expect(!isTaken("a@" + String(repeating: "a.", count: 150) + "example"))
    }
}
