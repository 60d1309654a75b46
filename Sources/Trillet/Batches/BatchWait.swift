/// `batch_calls.wait`: looks at a batch until it has ended.
final class BatchWait: BatchSeries {
    static let id: StaticString = "batch_calls.wait"

    static func make(
        _ client: Client,
        request: Bytes,
        options: Bytes
    ) throws(Failure) -> BatchSeries {
        let batch = try BatchWatch.make(client, try .toWait(request), options: options)
        return BatchWait(batch, name: id, options: options)
    }

    override func take(_ data: JSONValue?) throws(Failure) -> Next {
        if try batch.see(data) {
            if batch.hasEnded { return .reportAndEnd(.batch) }
            if batch.isStuck, batch.request.stopsWhenStuck { return .reportAndEnd(.stuck) }
        }
        return .reportAndPause
    }
}
