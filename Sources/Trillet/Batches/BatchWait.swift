import CTrillet

/// `trillet_batch_calls_wait`: looks at a batch until it has ended.
struct BatchWait {
    static let name: StaticString = "batch_calls.wait"

    static func run(
        _ client: Client,
        request: Bytes,
        options: Bytes,
        _ progress: trillet_progress_fn?,
        _ userData: UnsafeMutableRawPointer?
    ) -> FinishedRequest {
        let started = MonotonicTime.now
        do throws(Failure) {
            let watch = try BatchWatch.make(
                client,
                try BatchRequest.toWait(request),
                options: options,
                progress,
                userData,
                started: started
            )
            do throws(Failure) {
                let end = try follow(watch)
                var data = ByteBuffer(capacity: 512)
                watch.appendFinalState(to: &data, end)
                if data.isOutOfMemory { throw Failure.outOfMemory }
                return watch.succeed(name, data: data.bytes)
            } catch {
                return watch.fail(name, error)
            }
        } catch {
            return FinishedRequest.refused(error, operation: name.bytes, started: started)
        }
    }

    private static func follow(_ watch: BatchWatch) throws(Failure) -> BatchWatch.End {
        while true {
            let hasSeen = try watch.look()
            if hasSeen, watch.hasEnded {
                watch.report()
                return .batch
            }
            if watch.isStuck, watch.request.stopsWhenStuck {
                watch.report()
                return .stuck
            }
            guard try watch.reportAndPause() else { return .progress }
        }
    }
}
