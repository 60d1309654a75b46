import CTrillet

/// `trillet_batch_calls_results`: writes what became of each call of a batch to a file.
///
/// The pages are those of the whole list, in the order of the contact file: pages of a list by status
/// would shift while calls change theirs.
final class BatchResults {
    static let name: StaticString = "batch_calls.results"

    private let watch: BatchWatch
    private let file: ResultFile
    private var request: BatchRequest { watch.request }
    private var written = 0
    /// Pages that hold no call any more that is not settled.
    private var finishedPages: [Bool] = []
    /// How many calls the list itself says that there are.
    private var listed = 0

    private static let pageSize = 100
    /// How often an ended batch's list is read for calls that it should hold.
    private static let mostSearches = 3

    static func run(
        _ client: Client,
        request: Bytes,
        options: Bytes,
        _ progress: trillet_progress_fn?,
        _ userData: UnsafeMutableRawPointer?
    ) -> FinishedRequest {
        let started = MonotonicTime.now
        do throws(Failure) {
            let request = try BatchRequest.forResults(request)
            let watch = try BatchWatch.make(
                client,
                request,
                options: options,
                progress,
                userData,
                started: started
            )
            let results = BatchResults(watch, try ResultFile.open(request))
            return results.run()
        } catch {
            return FinishedRequest.refused(error, operation: name.bytes, started: started)
        }
    }

    private init(_ watch: BatchWatch, _ file: ResultFile) {
        self.watch = watch
        self.file = file
        tell()
    }

    private func run() -> FinishedRequest {
        do throws(Failure) {
            let end = try collect()
            if end == .batch || !request.waits { try finishHeader() }
            var data = ByteBuffer(capacity: 512)
            appendReport(to: &data, end)
            if data.isOutOfMemory { throw Failure.outOfMemory }
            return watch.succeed(BatchResults.name, data: data.bytes)
        } catch {
            file.removeIfEmpty()
            return watch.fail(BatchResults.name, error)
        }
    }

    // MARK: The course of it

    private func collect() throws(Failure) -> BatchWatch.End {
        guard try lookUntilSeen(), try checkBatch() else { return .progress }
        while true {
            guard try readPages() else { return .progress }
            if watch.hasEnded { return try search() }
            if !request.waits {
                watch.report()
                return .batch
            }
            if watch.isStuck, request.stopsWhenStuck {
                watch.report()
                return .stuck
            }
            guard try watch.reportAndPause(), try lookUntilSeen() else { return .progress }
        }
    }

    /// False when the host wants no more.
    private func lookUntilSeen() throws(Failure) -> Bool {
        while !(try watch.look()) {
            guard try watch.reportAndPause() else { return false }
        }
        return true
    }

    /// Reads the list of a batch that has ended until it has brought every call; a list that holds
    /// fewer than it says is not waited for.
    private func search() throws(Failure) -> BatchWatch.End {
        for _ in 1..<BatchResults.mostSearches where !hasAll {
            finishedPages = []
            guard try readPages() else { return .progress }
        }
        watch.report()
        return .batch
    }

    private var total: Int { max(listed, watch.state?.total ?? 0) }

    /// Whether every call of the batch is settled.
    private var hasAll: Bool { watch.hasEnded && file.settled.count >= total }

    // MARK: Pages

    /// Reads the pages that may hold calls that are not settled; false when the host wants no more.
    private func readPages() throws(Failure) -> Bool {
        var page = 1
        while !hasAll {
            if page <= finishedPages.count, finishedPages[page - 1] {
                page += 1
                continue
            }
            guard let hasMore = try readPage(page) else {
                guard try watch.reportAndPause() else { return false }
                continue
            }
            watch.report()
            if watch.isStopped { return false }
            // Calls are made in the order of the list: those behind still wait.
            if !watch.hasEnded, file.settled.count >= watch.state?.ended ?? 0 { return true }
            guard hasMore else { return true }
            page += 1
        }
        return true
    }

    /// Whether there is another page behind; nil when this one could not be read for now.
    private func readPage(_ page: Int) throws(Failure) -> Bool? {
        let text = watch.makeRequest { text in
            text.append(count: "page", page)
            text.append(count: "limit", BatchResults.pageSize)
        }
        let operation = OperationTable.batchCallsListCalls
        guard let answer = try watch.ask(operation, text.bytes) else { return nil }
        defer { withExtendedLifetime(answer) {} }
        guard let data = answer.data, let list = ListPage(data, of: operation),
            let calls = calls(of: list)
        else {
            try watch.noteUnusable("The service's answer is no page of a batch's calls")
            return nil
        }
        watch.noteUsable()
        listed = max(listed, list.total ?? 0)
        try write(calls)
        while finishedPages.count < page { finishedPages.append(false) }
        finishedPages[page - 1] = !calls.isEmpty && calls.allSatisfy { isSettled($0) }
        guard list.isPaged, !calls.isEmpty else { return false }
        return list.hasNext == true || (list.totalPages ?? 0) > page
            || (list.total ?? 0) > page * BatchResults.pageSize
    }

    /// nil when one of them is none.
    private func calls(of list: ListPage) -> [BatchCall]? {
        var calls: [BatchCall] = []
        var isUsable = true
        list.items.forEachElement { item in
            if let call = BatchCall(item) { calls.append(call) } else { isUsable = false }
        }
        return isUsable ? calls : nil
    }

    private func isSettled(_ call: BatchCall) -> Bool {
        call.status.isFinal || watch.hasEnded
    }

    private func write(_ calls: [BatchCall]) throws(Failure) {
        var wanted: [BatchCall] = []
        for call in calls where isSettled(call) {
            let isNew = try file.settle(call)
            if isNew, request.filter.wants(call.status) { wanted.append(call) }
        }
        guard !wanted.isEmpty else { return }
        try file.prepare(for: wanted)
        for call in wanted { file.append(call) }
        written += try file.flush()
        tell()
    }

    /// A file without a call still says what its columns are.
    private func finishHeader() throws(Failure) {
        try file.prepare(for: [])
        _ = try file.flush()
    }

    private func tell() {
        watch.written = written
        watch.inFile = file.count
    }

    // MARK: Whether the file is of this batch

    /// Asks the service for the first and the last call in the file, before anything is changed in it;
    /// false when the host wants no more.
    private func checkBatch() throws(Failure) -> Bool {
        for witness in file.witnesses {
            while !(try check(witness)) {
                guard try watch.reportAndPause() else { return false }
            }
        }
        try file.removeTornRecord()
        return true
    }

    /// False when the service could not be asked for now.
    private func check(_ witness: ResultFile.Witness) throws(Failure) -> Bool {
        let text = watch.makeRequest { text in
            text.append(",\"jobId\":")
            text.append(jsonString: witness.jobID)
        }
        let answer: RequestOutcome
        do throws(Failure) {
            let operation = OperationTable.batchCallsGetCall
            guard let asked = try watch.ask(operation, text.bytes) else { return false }
            answer = asked
        } catch {
            throw error.kind == .notFound ? file.isOfAnotherBatch : error
        }
        defer { withExtendedLifetime(answer) {} }
        guard let data = answer.data, data.kind == .object else {
            try watch.noteUnusable("The service's answer is no call of a batch")
            return false
        }
        watch.noteUsable()
        // Ids of calls may be counted from one in each batch.
        let isSame =
            ResultColumns.text(of: data.member("phone_number")) == witness.phoneNumber
            && ResultColumns.text(of: data.member("startTime")) == witness.startTime
        guard isSame else { throw file.isOfAnotherBatch }
        return true
    }

    // MARK: The report

    private func appendReport(to text: inout ByteBuffer, _ end: BatchWatch.End) {
        text.append("{\"file\":")
        text.append(jsonString: file.path)
        text.append(",\"format\":")
        text.append(jsonString: (request.format ?? .jsonLines).name.bytes)
        text.append(count: "written", written)
        text.append(count: "inFile", file.count)
        text.append(count: "total", total)
        text.append(hasAll ? ",\"isComplete\":true" : ",\"isComplete\":false")
        text.append(",\"batch\":")
        watch.appendFinalState(to: &text, end)
        text.append(UInt8(ascii: "}"))
    }
}
