import HTTPTypes
import NIOCore

/// One request with its answer, as the journal keeps it. It is turned into JSON only when somebody
/// asks for it.
struct JournalEntry: Sendable {
    var sequence = 0
    /// Real time in Unix milliseconds.
    let at: Int64
    let requestId: String
    let operation: String?
    let request: HTTPRequest
    let requestBody: ByteBuffer
    let requestBytes: Int
    let wasReadWhole: Bool
    let fault: String?
    /// 0 when no answer was sent.
    let status: Int
    let milliseconds: Double
    let answerBody: ByteBuffer
    let answerBytes: Int
    let warnings: [String]

    /// About as many bytes as the entry holds on to.
    var size: Int {
        let head = request.headerFields.reduce(request.path?.utf8.count ?? 0) { size, field in
            size + field.name.rawName.utf8.count + field.value.utf8.count
        }
        return head + requestBody.readableBytes + answerBody.readableBytes + 1_024
    }

    var json: JSONObject {
        var headers = JSONObject()
        for field in request.headerFields {
            let value = Secret.isSecret(field.name) ? Secret.mask : field.value
            let name = field.name.canonicalName
            headers[name] = .string((headers[name]?.stringValue.map { $0 + ", " } ?? "") + value)
        }
        return [
            "sequence": .number(sequence), "at": .number(at), "requestId": .string(requestId),
            "operation": operation.map(JSON.string) ?? .null,
            "method": .string(request.method.rawValue), "path": .string(request.path ?? ""),
            "status": status == 0 ? .null : .number(status),
            "milliseconds": .number((milliseconds * 100).rounded() / 100),
            "requestHeaders": .object(headers), "requestBody": JournalEntry.text(requestBody),
            "requestBytes": .number(requestBytes), "answerBody": JournalEntry.text(answerBody),
            "answerBytes": .number(answerBytes), "fault": fault.map(JSON.string) ?? .null,
            "warnings": .array(warnings.map(JSON.string)),
            "curl": .string(CurlCommand.text(request, body: requestBody, isWhole: isWhole)),
        ]
    }

    private var isWhole: Bool { wasReadWhole && requestBody.readableBytes == requestBytes }

    private static func text(_ body: ByteBuffer) -> JSON {
        body.readableBytes == 0
            ? .null
            : .string(Secret.masked(String(decoding: body.readableBytesView, as: UTF8.self)))
    }
}

/// What nobody may read in a journal.
enum Secret {
    static let mask = "***"

    private static let headers: Set<HTTPField.Name> = [
        .apiKey, .authorization, .proxyAuthorization, .cookie, .webhookSecret,
    ]
    private static let members = [
        "\"elevenLabsApiKey\"", "\"credentials\"", "\"externalCredentials\"", "\"token\"",
    ]

    static func isSecret(_ name: HTTPField.Name) -> Bool { headers.contains(name) }

    /// `body` with the values of its secret members replaced.
    static func masked(_ body: String) -> String {
        var masked = body
        for member in members {
            var start = masked.startIndex
            while let name = masked[start...].firstRange(of: member) {
                var at = name.upperBound
                while at < masked.endIndex, masked[at].isWhitespace || masked[at] == ":" {
                    at = masked.index(after: at)
                }
                let end = endOfValue(masked, at)
                let distance = masked.distance(from: masked.startIndex, to: at)
                if end > at { masked.replaceSubrange(at..<end, with: "\"\(mask)\"") }
                start = masked.index(masked.startIndex, offsetBy: distance)
            }
        }
        return masked
    }

    /// The end of a string, or of an object or array with all that is in it. A body that was cut off
    /// ends within it.
    private static func endOfValue(_ text: String, _ start: String.Index) -> String.Index {
        guard start < text.endIndex, "{[".contains(text[start]) else {
            return endOfString(text, start)
        }
        var depth = 0
        var at = start
        while at < text.endIndex {
            if text[at] == "\"" {
                at = endOfString(text, at)
                continue
            }
            if "{[".contains(text[at]) { depth += 1 }
            if "}]".contains(text[at]) { depth -= 1 }
            at = text.index(after: at)
            if depth == 0 { break }
        }
        return at
    }

    private static func endOfString(_ text: String, _ start: String.Index) -> String.Index {
        guard start < text.endIndex, text[start] == "\"" else { return start }
        var at = text.index(after: start)
        while at < text.endIndex, text[at] != "\"" {
            if text[at] == "\\", text.index(after: at) < text.endIndex {
                at = text.index(after: at)
            }
            at = text.index(after: at)
        }
        return at < text.endIndex ? text.index(after: at) : at
    }
}

extension HTTPField.Name {
    /// What receivers check that ask for a secret in place of a signature.
    fileprivate static let webhookSecret = HTTPField.Name("x-webhook-secret")!
}
