import HTTPTypes
import Hummingbird
import NIOCore

/// One request on its way through ledger and journal.
struct Visit: Sendable {
    let trace: RequestTrace
    let requestId: String
    let hasBody: Bool
    private let request: HTTPRequest
    private let operation: String?
    private let fault: String?
    private let start: ContinuousClock.Instant
    private let at: Int64
    private let traffic: Traffic

    init(
        request: HTTPRequest,
        requestId: String,
        operation: String?,
        fault: String?,
        connection: Int,
        start: ContinuousClock.Instant,
        traffic: Traffic
    ) {
        let at = SimulatedClock.realTime
        let length = request.headerFields[.contentLength]
        let hasBody =
            length.map { $0 != "0" } ?? request.headerFields.contains(.transferEncoding)
        let ticket = operation.map { operation in
            traffic.ledger.received(
                Ledger.Key(requestId: requestId, operation: operation),
                method: request.method.rawValue,
                path: request.path ?? "",
                LedgerEntry.Attempt(
                    at: at,
                    connection: connection,
                    fault: fault,
                    wasReadWhole: !hasBody
                )
            )
        }
        trace = RequestTrace(ledger: traffic.ledger, ticket: ticket, hasBody: hasBody)
        self.request = request
        self.hasBody = hasBody
        self.requestId = requestId
        self.operation = operation
        self.fault = fault
        self.start = start
        self.at = at
        self.traffic = traffic
    }

    /// Notes an answer that is now given to the connection, unless that has gone meanwhile.
    func answered(_ response: Response, on channel: any Channel) async {
        await ended(response, channel.isActive ? .complete : .none)
    }

    /// Notes how it ended. `response` is what was sent, or was to be sent in part; without one
    /// nothing was.
    func ended(_ response: Response?, _ answer: Ledger.AnswerState) async {
        if let ticket = trace.ticket {
            traffic.ledger.ended(
                ticket,
                status: answer == .none ? 0 : response?.status.code ?? 0,
                answer: answer
            )
        }
        let (requestBody, requestBytes) = trace.keptBody
        let answerBody = await Visit.beginning(of: response)
        traffic.journal.append(
            JournalEntry(
                at: at,
                requestId: requestId,
                operation: operation,
                request: request,
                requestBody: requestBody,
                requestBytes: requestBytes,
                wasReadWhole: trace.bodyWasReadWhole,
                fault: fault,
                status: answer == .none ? 0 : response?.status.code ?? 0,
                milliseconds: start.duration(to: .now) / .milliseconds(1),
                answerBody: answer == .none ? ByteBuffer() : answerBody,
                answerBytes: answer == .none ? 0 : response?.body.contentLength ?? 0,
                warnings: trace.warnings
            )
        )
    }

    /// As much of a body as the journal keeps. Bodies without a known length are streams, which
    /// can be read once only.
    private static func beginning(of response: Response?) async -> ByteBuffer {
        guard let response, let length = response.body.contentLength, length > 0 else {
            return ByteBuffer()
        }
        let collector = BodyCollector()
        try? await response.body.write(collector)
        guard length > RequestTrace.keptBytes else { return collector.buffer }
        return ByteBuffer(bytes: collector.buffer.readableBytesView.prefix(RequestTrace.keptBytes))
    }
}

/// Takes a body that is written once, in one piece.
private final class BodyCollector: ResponseBodyWriter {
    private(set) var buffer = ByteBuffer()

    func write(_ buffer: ByteBuffer) async throws {
        guard self.buffer.readableBytes < RequestTrace.keptBytes else { throw CancellationError() }
        if self.buffer.readableBytes == 0 {
            self.buffer = buffer
        } else {
            self.buffer.writeImmutableBuffer(buffer)
        }
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
