/// A call for which the queue had no room.
struct RefusedRequest {
    private let operationIndex: Int
    /// Of an endpoint that the table has no name for.
    private let name: [UInt8]

    init(_ target: RequestTarget) {
        operationIndex = target.index
        if case .raw = target {
            name = Array(target.name)
        } else {
            name = []
        }
    }

    var answer: FinishedRequest {
        let operations = OperationTable.all
        if operationIndex < operations.count {
            return RefusedRequest.answer(operations[operationIndex].id)
        }
        return name.withUnsafeBufferPointer { RefusedRequest.answer($0) }
    }

    private static func answer(_ name: Bytes) -> FinishedRequest {
        let meta = RequestMeta(operation: name, elapsedMicroseconds: 0)
        return FinishedRequest(Envelope(meta).failure(failure, body: .none, requestID: .empty))
    }

    static var failure: Failure {
        var failure = Failure(
            .rateLimited,
            """
            Too many requests wait already (maxInFlight, maxQueued); fetch answers before \
            submitting more
            """
        )
        failure.code = "queue_full"
        failure.isRetryable = true
        return failure
    }
}
