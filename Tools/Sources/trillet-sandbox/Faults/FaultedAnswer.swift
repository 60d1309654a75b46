import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import ServiceLifecycle

/// Carries a request out, or not, and answers it as a fault demands.
struct FaultedAnswer {
    let fault: Fault
    let visit: Visit
    let context: SandboxContext

    /// Larger than every request the service takes.
    private static let largestRequest = 33_554_432

    func response(
        to request: Request,
        next: (Request, SandboxContext) async throws -> Response
    ) async throws -> Response {
        var request = request
        // What is done to the connection must not depend on how much of the request has come.
        guard (try? await request.collectBody(upTo: FaultedAnswer.largestRequest)) != nil else {
            return await withoutAnswer()
        }
        if fault.kind == .delay, fault.moment == .before { await pause() }
        if fault.kind.endsConnection, fault.moment != .after {
            if fault.moment == .during {
                await context.channel.end(abruptly: fault.kind == .reset)
                _ = try? await next(request, context)
            }
            return await withoutAnswer()
        }
        if fault.kind.replacesAnswer, fault.moment == .before {
            return await sent(replacement(for: request))
        }
        let original = try await next(request, context)
        // There is no body that could be too large.
        if fault.kind == .huge, request.method == .head { return await sent(original) }
        switch fault.kind {
        case .delay:
            if fault.moment == .after { await pause() }
            return await sent(original)
        case .reset, .close: return await withoutAnswer()
        case .status, .html: return await sent(replacement(for: request))
        case .partial: return try await cut(original)
        case .slow: return try await dripping(original)
        case .invalidJSON:
            let bytes = try await original.bytes()
            return await sent(original, with: bytes.prefix(max(1, bytes.count / 2)))
        case .empty: return await sent(original, with: [])
        case .contentType:
            var response = original
            response.headers[.contentType] = fault.parameters["contentType"]?.stringValue
            return await sent(response)
        case .huge: return huge(like: original)
        case .duplicate, .lose, .hold: return await sent(original)
        }
    }

    private func sent(_ response: Response) async -> Response {
        guard await !context.channel.isAbandoned else { return await withoutAnswer() }
        var response = response
        response.headers[.requestIdentifier] = visit.requestId
        await visit.answered(response, on: context.channel)
        return response
    }

    private func sent(_ response: Response, with body: some Sequence<UInt8>) async -> Response {
        var response = response
        response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        return await sent(response)
    }

    /// What is returned here is never sent: the connection has ended.
    private func withoutAnswer() async -> Response {
        await visit.ended(nil, .none)
        await context.channel.end(abruptly: fault.kind == .reset)
        return Response(status: .internalServerError)
    }

    private func pause() async {
        let time = Duration.milliseconds(fault.number("ms") ?? 0)
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: time) }
    }

    private func replacement(for request: Request) -> Response {
        let code = fault.number("status") ?? 503
        let isHead = request.method == .head
        let status = HTTPResponse.Status(
            code: code,
            reasonPhrase: HTTPResponseStatus(statusCode: code).reasonPhrase
        )
        if fault.kind == .html {
            let page = """
                <!DOCTYPE html>
                <html><head><title>\(status.code) \(status.reasonPhrase)</title></head>
                <body><h1>\(status.reasonPhrase)</h1><p>The proxy has no better answer.</p></body>
                </html>

                """
            let response = Response(
                status: status,
                headers: [.contentType: "text/html; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: page))
            )
            return isHead ? response.createHeadResponse() : response
        }
        let response = Answer(
            failure(status).body(default: .usual(at: request.uri.path)),
            status: status,
            headers: retryHeaders
        ).response
        return isHead ? response.createHeadResponse() : response
    }

    private func failure(_ status: HTTPResponse.Status) -> Failure {
        Failure(
            status: status,
            title: status.reasonPhrase,
            detail: "The fault \(fault.text) was ordered from the sandbox",
            code: status == .tooManyRequests ? "rate_limit_exceeded" : "sandbox_fault",
            resetAt: fault.number("retryAfter").map {
                Timestamp.wholeSecondText(
                    roundingUp: SimulatedClock.realTime + Int64($0) * 1_000
                )
            },
            shape: [401, 403, 429].contains(status.code) ? .nested : nil
        )
    }

    private var retryHeaders: HTTPFields {
        guard let seconds = fault.number("retryAfter") else { return [:] }
        if fault.parameters["retryAfterForm"] == "date" {
            // To the nearest second: rounded up, it asks for one more than was ordered, and for two
            // of a client whose clock is a moment behind.
            let time = (SimulatedClock.realTime + 500) / 1_000 + Int64(seconds)
            return [.retryAfter: HTTPDate.text(seconds: time)]
        }
        return [.retryAfter: String(seconds)]
    }
}

/// Answers that are more than a status, some headers and a text.
extension FaultedAnswer {
    /// Announces the whole body, sends a part of it and ends the connection.
    private func cut(_ original: Response) async throws -> Response {
        let bytes = try await original.bytes()
        let count = min(fault.number("bytes") ?? bytes.count / 2, max(0, bytes.count - 1))
        let isAbrupt = fault.parameters["end"] == "reset"
        let channel = context.channel
        var response = original
        response.body = ResponseBody(contentLength: bytes.count) { writer in
            try await writer.write(ByteBuffer(bytes: bytes.prefix(count)))
            // The future of a write holds when everything before it is with the kernel.
            try await channel.writeAndFlush(HTTPResponsePart.body(ByteBuffer())).get()
            await channel.end(abruptly: isAbrupt)
        }
        var noted = original
        noted.body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes.prefix(count)))
        await visit.ended(noted, channel.isActive ? .partial : .none)
        return response
    }

    /// Sends the whole body piece by piece.
    private func dripping(_ original: Response) async throws -> Response {
        let bytes = try await original.bytes()
        guard !bytes.isEmpty else { return await sent(original) }
        let size = fault.number("bytes") ?? 1
        let pause = Duration.milliseconds(fault.number("ms") ?? 0)
        let visit = self.visit
        var response = original
        response.body = ResponseBody(contentLength: bytes.count) { writer in
            var isNoted = false
            do {
                for start in stride(from: 0, to: bytes.count, by: size) {
                    if start > 0 {
                        try await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
                    }
                    // Who has the last piece has the whole answer and finds that in the ledger.
                    if start + size >= bytes.count {
                        isNoted = true
                        await visit.ended(original, .complete)
                    }
                    try await writer.write(ByteBuffer(bytes: bytes[start...].prefix(size)))
                }
                try await writer.finish(nil)
            } catch {
                if !isNoted { await visit.ended(original, .partial) }
                throw error
            }
        }
        return response
    }

    /// A JSON text of the wanted length, made as it is sent.
    private func huge(like original: Response) -> Response {
        let length = max(2, fault.number("bytes") ?? 0)
        let visit = self.visit
        let noted = Response(status: original.status, headers: original.headers)
        var response = original
        response.body = ResponseBody(contentLength: length) { writer in
            let piece = ByteBuffer(repeating: UInt8(ascii: "x"), count: 65_536)
            var isNoted = false
            do {
                try await writer.write(ByteBuffer(string: "\""))
                for start in stride(from: 0, to: length - 2, by: piece.readableBytes) {
                    let count = min(length - 2 - start, piece.readableBytes)
                    try await writer.write(piece.getSlice(at: 0, length: count) ?? piece)
                }
                isNoted = true
                await visit.ended(noted, .complete)
                try await writer.write(ByteBuffer(string: "\""))
                try await writer.finish(nil)
            } catch {
                if !isNoted { await visit.ended(noted, .partial) }
                throw error
            }
        }
        return response
    }
}

extension FaultKind {
    fileprivate var endsConnection: Bool { self == .reset || self == .close }
    fileprivate var replacesAnswer: Bool { self == .status || self == .html }
}

extension Response {
    /// The whole body.
    fileprivate func bytes() async throws -> [UInt8] {
        let writer = ByteWriter()
        try await body.write(writer)
        return writer.bytes
    }
}

private final class ByteWriter: ResponseBodyWriter {
    private(set) var bytes: [UInt8] = []

    func write(_ buffer: ByteBuffer) async throws {
        bytes.append(contentsOf: buffer.readableBytesView)
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
