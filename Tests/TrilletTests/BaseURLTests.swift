import Testing

@testable import Trillet

@Suite("A base URL")
struct BaseURLTests {
    private func parse(_ text: String) -> BaseURL? {
        try? BaseURL(Array(text.utf8))
    }

    @Test(
        "is on this machine only when its host surely is",
        arguments: [
            ("http://localhost:4010", true), ("http://LOCALHOST", true), ("http://127.0.0.1", true),
            ("http://127.1", true), ("http://127.255.0.9:80", true), ("http://[::1]:8080", true),
            ("http://127.0.0.1.example.com", false), ("http://localhost.example.com", false),
            ("http://127.example.com", false), ("http://10.0.0.1", false), ("http://[::2]", false),
            ("http://0.0.0.0", false), ("http://api.trillet.ai", false),
        ]
    )
    func loopback(_ text: String, _ isLoopback: Bool) {
        #expect(parse(text)?.isLoopback == isLoopback)
    }

    @Test("keeps a path in front of the routes and drops the slash behind it")
    func paths() {
        #expect(
            parse("https://h.example/api/").map { String(decoding: $0.text, as: UTF8.self) }
                == "https://h.example/api"
        )
        #expect(
            parse("https://h.example").map { String(decoding: $0.text, as: UTF8.self) }
                == "https://h.example"
        )
    }

    @Test(
        "is refused when it is none",
        arguments: [
            "", "api.trillet.ai", "ftp://h", "file:///etc/passwd", "http://", "https://u:p@h",
            "https://u@h", "https://h?x=1", "https://h#f", "http://h h", "gopher://h",
        ]
    )
    func refused(_ text: String) {
        #expect(parse(text) == nil)
    }
}
