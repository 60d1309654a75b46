import Hummingbird
import NIOConcurrencyHelpers
import NIOCore

/// What is noted of one request while it is carried out. Handlers tell it their effects, the body
/// passes through it on the way to them.
final class RequestTrace: Sendable {
    private struct Body: Sendable {
        var kept = ByteBuffer()
        var total = 0
        var isWhole: Bool
    }

    /// As much of a body is kept for the journal.
    static let keptBytes = 65_536

    private let ledger: Ledger
    /// `nil` for a request of no operation.
    let ticket: Ledger.Ticket?
    private let body: NIOLockedValueBox<Body>
    private let noted = NIOLockedValueBox<[String]>([])

    init(ledger: Ledger, ticket: Ledger.Ticket?, hasBody: Bool) {
        self.ledger = ledger
        self.ticket = ticket
        body = NIOLockedValueBox(Body(isWhole: !hasBody))
    }

    /// To be called when the effect is stored for good.
    ///
    /// - Parameter kind: What was done to what: `call.placed`.
    func effect(_ kind: String, _ id: String) {
        guard let ticket else { return }
        ledger.effect(Ledger.Effect(kind: kind, id: id), of: ticket)
    }

    /// Notes what is accepted here and may not be elsewhere, for the journal.
    func warn(_ text: String) {
        noted.withLockedValue { $0.append(text) }
    }

    var warnings: [String] { noted.withLockedValue { $0 } }

    func read(_ chunk: ByteBuffer) {
        body.withLockedValue { body in
            body.total += chunk.readableBytes
            let room = RequestTrace.keptBytes - body.kept.readableBytes
            if room > 0 { body.kept.writeBytes(chunk.readableBytesView.prefix(room)) }
        }
    }

    func readToTheEnd() {
        body.withLockedValue { $0.isWhole = true }
        if let ticket { ledger.readWhole(ticket) }
    }

    var bodyWasReadWhole: Bool { body.withLockedValue { $0.isWhole } }

    /// The beginning of the body, and how long all of it was.
    var keptBody: (ByteBuffer, total: Int) { body.withLockedValue { ($0.kept, $0.total) } }
}

/// A request's body that is noted as it is read.
struct TracedBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let body: RequestBody
    let trace: RequestTrace

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var inner: RequestBody.AsyncIterator
        fileprivate let trace: RequestTrace

        mutating func next() async throws -> ByteBuffer? {
            guard let chunk = try await inner.next() else {
                trace.readToTheEnd()
                return nil
            }
            trace.read(chunk)
            return chunk
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(inner: body.makeAsyncIterator(), trace: trace)
    }
}

extension Exchange {
    /// Notes in the ledger that this request has changed something for good.
    ///
    /// - Parameter kind: What was done to what: `call.placed`.
    func noteEffect(_ kind: String, _ id: String) {
        context.trace?.effect(kind, id)
    }

    /// Tells of what is accepted here and may not be elsewhere, in the journal and in the log.
    func warn(_ text: String) {
        context.trace?.warn(text)
        context.logger.warning("\(operation): \(text)")
    }
}
