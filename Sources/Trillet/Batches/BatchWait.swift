/// `batch_calls.wait`: looks at a batch until it has ended.
final class BatchWait: BatchSeries {
    static let id: StaticString = "batch_calls.wait"

    static func make(
        _ client: Client,
        request: Bytes,
        options: Bytes
    ) throws(Failure) -> BatchSeries {
        let watch = try BatchWatch.make(client, try .toWait(request), options: options)
        return BatchWait(watch, name: id, options: options)
    }

    override func take(_ data: JSONValue?) throws(Failure) -> Next {
        if try watch.see(data) {
            if watch.hasEnded { return .reportAndEnd(.batch) }
            if watch.isStuck, watch.request.stopsWhenStuck { return .reportAndEnd(.stuck) }
        }
        return .reportAndPause
    }
}
