import HTTPTypes
import Hummingbird

/// `GET /`: the page for people, with its style in it; `GET /sandbox/page/…`: the modules of its program.
///
/// The program puts stored text on the page as text alone, and the Content-Security-Policy sees to
/// it that nothing else could run: no script without this answer's nonce, which the modules that it
/// imports inherit, no way to turn text into markup, no request to anywhere else.
struct PageDocument: Sendable {
    private static let modules: [String: [UInt8]] = [
        "address.js": PackageResources.address_js,
        "badges.js": PackageResources.badges_js,
        "batches.js": PackageResources.batches_js,
        "call-form.js": PackageResources.call_form_js,
        "call.js": PackageResources.call_js,
        "calls.js": PackageResources.calls_js,
        "clock.js": PackageResources.clock_js,
        "confirm.js": PackageResources.confirm_js,
        "contact-form.js": PackageResources.contact_form_js,
        "deliveries.js": PackageResources.deliveries_js,
        "drawer.js": PackageResources.drawer_js,
        "drawing.js": PackageResources.drawing_js,
        "elements.js": PackageResources.elements_js,
        "faults.js": PackageResources.faults_js,
        "filters.js": PackageResources.filters_js,
        "holdings.js": PackageResources.holdings_js,
        "key.js": PackageResources.key_js,
        "list.js": PackageResources.list_js,
        "page.js": PackageResources.page_js,
        "plot.js": PackageResources.plot_js,
        "requests.js": PackageResources.requests_js,
        "rows.js": PackageResources.rows_js,
        "service.js": PackageResources.service_js,
        "start.js": PackageResources.start_js,
        "states.js": PackageResources.states_js,
        "summary.js": PackageResources.summary_js,
        "tabs.js": PackageResources.tabs_js,
    ]

    private let pieces: [String]

    init() {
        let style = PageDocument.text(PackageResources.style_css)
        let document = PageDocument.text(PackageResources.page_html)
        pieces = PageDocument.cut(document, style: style)
    }

    var routes: [ControlRoute] {
        [ControlRoute(.get, "/", answer)]
            + PageDocument.modules.map { name, text in
                ControlRoute(.get, "/sandbox/page/\(name)") { _ in PageDocument.module(text) }
            }
    }

    private static func module(_ text: [UInt8]) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/javascript; charset=utf-8", .cacheControl: "no-store",
                .xContentTypeOptions: "nosniff",
            ],
            body: .init(byteBuffer: ByteBuffer(bytes: text))
        )
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
    private static func cut(_ document: String, style: String) -> [String] {
        let parts = document.split(separator: "<!--style-->", maxSplits: 1).map(String.init)
        let rest = parts[1].split(separator: "<!--program-->", maxSplits: 1).map(String.init)
        return [
            parts[0] + "<style nonce=\"",
            "\">\n\(style)</style>" + rest[0] + "<script type=\"module\" nonce=\"",
            "\">import \"/sandbox/page/page.js\";</script>" + rest[1],
        ]
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
