import HTTPTypes
import NIOCore

/// The command that makes a request once more, for bash.
enum CurlCommand {
    /// What curl sets by itself, or what would tie the new request to the old one.
    private static let leftOut: Set<String> = [
        "host", "content-length", "connection", "transfer-encoding", "expect", "accept-encoding",
        "x-request-id", "x-sandbox-fault",
    ]

    /// - Parameter isWhole: Whether `body` is the whole body; the command else takes it from a
    ///   file `request-body`, which is not there until somebody writes it.
    static func text(_ request: HTTPRequest, body: ByteBuffer, isWhole: Bool) -> String {
        var words = ["curl", "-sS"]
        let hasBody = !isWhole || body.readableBytes > 0
        if request.method == .head {
            words.append("--head")
        } else if request.method != (hasBody ? .post : .get) {
            words += ["-X", request.method.rawValue]
        }
        words.append(quoted("http://\(request.authority ?? "")\(request.path ?? "/")"))
        for field in request.headerFields where !leftOut.contains(field.name.canonicalName) {
            if field.name == .apiKey {
                words += ["-H", "\"\(field.name.canonicalName): $TRILLET_API_KEY\""]
            } else if Secret.isSecret(field.name) {
                words += ["-H", quoted("\(field.name.canonicalName): \(Secret.mask)")]
            } else {
                words += ["-H", quoted("\(field.name.canonicalName): \(field.value)")]
            }
        }
        if hasBody, request.headerFields[.contentType] == nil {
            words += ["-H", "'content-type:'"]
        }
        if hasBody { words += ["--data-binary", isWhole ? quoted(body) : "@request-body"] }
        return words.joined(separator: " ")
    }

    private static func quoted(_ body: ByteBuffer) -> String {
        guard let text = String(validating: body.readableBytesView, as: UTF8.self) else {
            return escaped(body)
        }
        let masked = Secret.masked(text)
        let isPlain =
            !masked.hasPrefix("@") && masked.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0A }
        return isPlain ? quoted(masked) : escaped(ByteBuffer(string: masked))
    }

    private static func quoted(_ text: String) -> String {
        "'"
            + text.split(separator: "'", omittingEmptySubsequences: false).joined(
                separator: #"'\''"#
            )
            + "'"
    }

    /// Quoting for bytes that a terminal would not show as they are.
    private static func escaped(_ body: ByteBuffer) -> String {
        let digits = Array("0123456789abcdef")
        var text = "$'"
        for byte in body.readableBytesView {
            switch byte {
            case UInt8(ascii: "\r"): text += "\\r"
            case UInt8(ascii: "\n"): text += "\\n"
            case UInt8(ascii: "'"), UInt8(ascii: "\\"):
                text += "\\" + String(UnicodeScalar(byte))
            case 0x20..<0x7F where byte != UInt8(ascii: "@"):
                text += String(UnicodeScalar(byte))
            default:
                text += "\\x" + String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            }
        }
        return text + "'"
    }
}
