import Foundation
import Testing

@testable import trillet_codegen

/// The root of the source tree that this file belongs to.
private let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent()
    .appendingPathComponent("../../..")
    .standardizedFileURL

private func sourceText(_ file: DescriptionFile) throws -> String {
    try String(contentsOf: root.appendingPathComponent(file.path), encoding: .utf8)
}

/// A way to spoil the description, and what must be said about it.
struct Mistake: Sendable, CustomTestStringConvertible {
    var file = DescriptionFile.service
    let original: String
    let spoilt: String
    let message: String

    var testDescription: String { message }
}

private let mistakes = [
    Mistake(
        original: "operationId: agents.get",
        spoilt: "operationId: agents.gt",
        message: "agents.gt: is not in the operations of api/library.yaml"
    ),
    Mistake(
        original: "summary: Cancels a batch.",
        spoilt: "sumary: Cancels a batch.",
        message: "batch_calls.cancel: has the unknown key 'sumary'"
    ),
    Mistake(
        original: "      summary: Cancels a batch.\n",
        spoilt: "",
        message: "batch_calls.cancel: has no 'summary'"
    ),
    Mistake(
        original: "required: [llmModel]",
        spoilt: "required: [llmModl]",
        message: "agents.update: x-trillet-published names 'llmModl', which is no request field"
    ),
    Mistake(
        original: "  /api/v1/agents/{agentId}:",
        spoilt: "  /api/v1/agents/{id}:",
        message: "agents.get: the path /api/v1/agents/{id} does not hold the path parameters"
    ),
    Mistake(
        original: "#/components/responses/BatchCallNotFound",
        spoilt: "#/components/responses/Nothing",
        message: "batch_calls.get_call.responses.404.$ref: names 'Nothing', which does not exist"
    ),
    Mistake(
        original: "format: e164",
        spoilt: "format: e.164",
        message: "schemas.CallSend.properties.toNumber.format: is not known"
    ),
    Mistake(
        original: "required: [name, direction, promptType]",
        spoilt: "required: [name, direction, prmptType]",
        message: "schemas.FlowCreate: requires 'prmptType', which is no property of it"
    ),
    Mistake(
        original: "tags: [calls]",
        spoilt: "tags: [call]",
        message: "calls.send: must have one tag"
    ),
    Mistake(
        file: .library,
        original: "abi: 1",
        spoilt: "abi: one",
        message: "api/library.yaml: root.abi: must be an integer"
    ),
    Mistake(
        original: "x-trillet-list: agents",
        spoilt: "x-trillet-list: agnts",
        message: "names 'agnts', which is no array of the operation's page"
    ),
    Mistake(
        original: "      operationId: agents.get\n",
        spoilt: "      operationId: agents.get\n      x-trillet-list: agents\n",
        message: "agents.get.x-trillet-list: is for operations named 'history', 'list'"
    ),
    Mistake(
        file: .library,
        original: "    range: [0, 100]\n",
        spoilt: "",
        message: "options.maxRetries: must have a range just when it is an integer"
    ),
    Mistake(
        file: .library,
        original: "range: [0, 100]",
        spoilt: "range: [3, 100]",
        message: "options.maxRetries.client: has the default 2, which is not in its range"
    ),
    Mistake(
        file: .library,
        original: "range: [0, 100]",
        spoilt: "range: [100, 0]",
        message: "options.maxRetries.range: must be two whole numbers, the least and the most"
    ),
    Mistake(
        file: .library,
        original: "form: routeStyle",
        spoilt: "form: routeStil",
        message: "options.routes.form: is no form that the core can read"
    ),
    Mistake(
        file: .library,
        original: "    client:\n      default: 2\n",
        spoilt: "    client:\n      default: 2\n      environment: [TRILLET_RETRIES]\n",
        message: "options.maxRetries.client: has environment variables, which only text can have"
    ),
    Mistake(
        file: .library,
        original: "    form: routeStyle\n",
        spoilt: "    form: text\n",
        message: "options.routes: has values, which the core does not check with the form text"
    ),
    Mistake(
        file: .library,
        original: "  - name: userAgent",
        spoilt: "  - name: headers",
        message: "describes 'headers', which is described before or after, too"
    ),
]

@Suite("The description")
struct DescriptionTests {
    @Test("of this source tree has every operation, each with a path on both routes")
    func readsTheTree() throws {
        let description = try Description(root: root)
        #expect(description.operations.count == 61)
        #expect(description.operations.allSatisfy { $0.overview.path.hasPrefix("/") })
        let prefixes = ["/v1/api/", "/v2/api/"]
        #expect(
            description.operations.allSatisfy { operation in
                prefixes.contains { operation.published.path.hasPrefix($0) }
            }
        )
    }

    @Test("keeps the canonical and the published name of a field")
    func renamesFields() throws {
        let description = try Description(root: root)
        let send = try #require(description.operations.first { $0.id == "calls.send" })
        let number = try #require(send.fields.first { $0.name == "toNumber" })
        #expect(number.publishedName == "to")
        #expect(number.member.type == .phoneNumber)
        #expect(number.required == .always)
    }

    @Test("is refused with the operation and the key of a mistake", arguments: mistakes)
    func explainsMistakes(_ mistake: Mistake) throws {
        let text = try sourceText(mistake.file)
        let spoilt = text.replacing(mistake.original, with: mistake.spoilt, maxReplacements: 1)
        try #require(text != spoilt)
        let texts = try DescriptionFile.allCases.map { file in
            try file == mistake.file ? spoilt : sourceText(file)
        }
        let error = #expect(throws: DescriptionError.self) {
            try Description(service: texts[0], library: texts[1])
        }
        #expect(error?.description.contains(mistake.message) == true, "\(error as Any)")
    }

    /// The library marks what it has read of a request with one bit of 64 for each field.
    @Test("may give an operation 64 request fields and no more", arguments: [64, 65])
    func limitsFields(count: Int) throws {
        let original = "x-trillet-list: agents\n"
        let present = try #require(
            try Description(root: root).operations.first { $0.id == "agents.list" }
        )
        let added = (present.fields.count..<count).map { number in
            """
                    - name: field\(number)
                      in: query
                      description: One of many.
                      schema:
                        type: integer
                      example: 1

            """
        }
        let anchor = "        - $ref: \"#/components/parameters/limit\"\n"
        let text = try sourceText(.service)
        try #require(text.contains(original))
        let start = try #require(text.range(of: original))
        let place = try #require(text.range(of: anchor, range: start.upperBound..<text.endIndex))
        let full = text.replacingCharacters(in: place, with: anchor + added.joined())
        let library = try sourceText(.library)
        if count <= 64 {
            let description = try Description(service: full, library: library)
            #expect(description.operations.contains { $0.fields.count == count })
            return
        }
        let error = #expect(throws: DescriptionError.self) {
            try Description(service: full, library: library)
        }
        let message = "agents.list: has 65 request fields; the library can tell 64 apart"
        #expect(error?.description.contains(message) == true, "\(error as Any)")
    }

    @Test("keeps the options of client, request and check apart, each with its range")
    func readsOptions() throws {
        let library = try Description(root: root).library
        let retries = try #require(library.clientOptions.first { $0.name == "maxRetries" })
        #expect(retries.rangeText == "0 to 100")
        #expect(retries.defaultText == "2")
        let own = try #require(library.requestOptions.first { $0.name == "maxRetries" })
        #expect(own.range == 0...100)
        #expect(own.absent == .inherited)
        #expect(!library.clientOptions.contains { $0.name == "traceparent" })
        #expect(!library.requestOptions.contains { $0.name == "apiKey" })
        #expect(library.checkOptions.contains { $0.name == "defaultCountry" })
        let file = try #require(library.clientOptions.first { $0.name == "caFile" })
        #expect(file.defaultText == "$CURL_CA_BUNDLE or $SSL_CERT_FILE, else the system's")
    }

    @Test("lets a request have the text that its client has")
    func inheritsText() throws {
        let client = "    form: headerValue\n    since: 0.1.0\n    client:\n      default: \"\"\n"
        let request = "    request:\n      description: For this request.\n"
        let original = try sourceText(.library)
        // userAgent is empty unless it is given; baseUrl and workspaceId are nil.
        let library =
            original
            .replacing(client, with: request + client)
            .replacing("  - name: routes\n", with: "\(request)  - name: routes\n")
            .replacing("  - name: baseUrl\n", with: "\(request)  - name: baseUrl\n")
        let description = try Description(service: sourceText(.service), library: library)
        let text = CoreOptions(description, .request).text()
        #expect(text.contains("    var userAgent: [UInt8]\n"))
        #expect(text.contains("    var baseURL: [UInt8]?\n"))
        #expect(text.contains("    var workspaceID: [UInt8]?\n"))
    }

    @Test("keeps a text apart that may come from the environment and is empty by default")
    func readsEmptyTextFromTheEnvironment() throws {
        let client = "    form: headerValue\n    since: 0.1.0\n    client:\n      default: \"\"\n"
        let library = try sourceText(.library).replacing(
            client,
            with: client + "      environment: [TRILLET_USER_AGENT]\n"
        )
        let description = try Description(service: sourceText(.service), library: library)
        let text = CoreOptions(description, .client).text()
        #expect(text.contains("    var userAgent: [UInt8]?\n"))
        #expect(
            text.contains(
                "        userAgent = userAgent ?? Environment.text(\"TRILLET_USER_AGENT\")\n"
            )
        )
    }

    @Test("names the pages of a list in Python whole, where it is no plural")
    func namesPages() throws {
        let names = (from: "batch_calls.list_calls", to: "batch_calls.list_staff")
        let texts = try DescriptionFile.allCases.map {
            try sourceText($0).replacing(names.from, with: names.to)
        }
        let description = try Description(service: texts[0], library: texts[1])
        let text = PythonLists(description, .blocking).text()
        #expect(text.contains("    def staff_pages(\n"))
    }

    @Test("says in the Swift module how long a duration is in milliseconds")
    func namesUnits() throws {
        let file = try swiftOptions(try Description(root: root))
        #expect(file.contains("Range: 1 to 2147483647 milliseconds."))
    }

    @Test("and the generated files of this source tree agree")
    func isGenerated() throws {
        let description = try Description(root: root)
        for file in try GeneratedFile.all(from: description) {
            let url = root.appendingPathComponent(file.path)
            let text = try String(contentsOf: url, encoding: .utf8)
            #expect(
                try text == file.text(in: text),
                "\(file.path) is out of date; run trillet-codegen"
            )
        }
    }
}
