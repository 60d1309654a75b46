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
