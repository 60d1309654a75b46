import HTTPTypes
import Hummingbird

/// `GET /`: the page for people, one document with its style and its program in it.
///
/// The program puts stored text on the page as text alone, and the Content-Security-Policy sees to
/// it that nothing else could run: no script without this answer's nonce, no way to turn text into
/// markup, no request to anywhere else.
struct PageDocument: Sendable {
    private let pieces: [String]

    init() {
        let style = PageDocument.text(PackageResources.style_css)
        let program = [
            PackageResources.elements_js, PackageResources.service_js, PackageResources.clock_js,
            PackageResources.panels_js, PackageResources.calls_js, PackageResources.requests_js,
            PackageResources.deliveries_js, PackageResources.faults_js, PackageResources.page_js,
        ].map(PageDocument.text).joined(separator: "\n")
        let document = PageDocument.text(PackageResources.page_html)
        pieces = PageDocument.cut(document, style: style, program: program)
    }

    var routes: [ControlRoute] {
        [ControlRoute(.get, "/", answer)]
    }

    @Sendable private func answer(_ exchange: ControlExchange) async throws -> Response {
        let nonce = Identifier.nonce()
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8",
                .cacheControl: "no-store",
                .contentSecurityPolicy: PageDocument.policy(nonce),
                .xContentTypeOptions: "nosniff",
                HTTPField.Name("Referrer-Policy")!: "no-referrer",
                HTTPField.Name("Cross-Origin-Opener-Policy")!: "same-origin",
            ],
            body: .init(byteBuffer: ByteBuffer(string: pieces.joined(separator: nonce)))
        )
    }

    private static func policy(_ nonce: String) -> String {
        [
            "default-src 'none'", "script-src 'nonce-\(nonce)'", "style-src 'nonce-\(nonce)'",
            "connect-src 'self'", "img-src data:", "base-uri 'none'", "form-action 'none'",
            "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
        ].joined(separator: "; ")
    }

    /// The document around the places where the nonce belongs.
    private static func cut(_ document: String, style: String, program: String) -> [String] {
        let parts = document.split(separator: "<!--style-->", maxSplits: 1).map(String.init)
        let rest = parts[1].split(separator: "<!--program-->", maxSplits: 1).map(String.init)
        return [
            parts[0] + "<style nonce=\"",
            "\">\n\(style)</style>" + rest[0] + "<script type=\"module\" nonce=\"",
            "\">\n\(program)</script>" + rest[1],
        ]
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
