/// `batch_calls.results`: writes what became of each call of a batch to a file.
///
/// The pages are those of the whole list, in the order of the contact file: pages of a list by status
/// would shift while calls change theirs.
final class BatchResults: BatchSeries {
    static let id: StaticString = "batch_calls.results"

    private enum Stage {
        case look
        /// Asks the service for the first and the last call in the file, before anything is changed in
        /// it.
        case witness(Int)
        case page(Int)
        /// The pages have been read as far as they can hold something new.
        case read
    }

    private let file: ResultFile
    private var request: BatchRequest { batch.request }
    private var stage = Stage.look
    private var isFileChecked = false
    private var written = 0
    /// Pages that hold no call any more that is not settled.
    private var finishedPages: [Bool] = []
    /// How many calls the list itself says that there are.
    private var listed = 0
    /// How often an ended batch's list has been read for calls that it should hold.
    private var searches = 1

    private static let pageSize = 100
    /// A list that holds fewer calls than it says is not waited for.
    private static let mostSearches = 3

    static func make(
        _ client: Client,
        request: Bytes,
        options: Bytes
    ) throws(Failure) -> BatchSeries {
        let request = try BatchRequest.forResults(request)
        let batch = try BatchWatch.make(client, request, options: options)
        return BatchResults(batch, try ResultFile.open(request), options: options)
    }

    private init(_ batch: BatchWatch, _ file: ResultFile, options: Bytes) {
        self.file = file
        super.init(batch, name: BatchResults.id, options: options)
        tell()
    }

    // MARK: The course of it

    override func goOn() throws(Failure) -> Next {
        while true {
            switch stage {
            case .look:
                return try super.goOn()
            case .witness(let index):
                let witnesses = file.witnesses
                if index < witnesses.count { return askFor(witnesses[index]) }
                try file.removeTornRecord()
                isFileChecked = true
                stage = .page(1)
            case .page(let page):
                if !hasAll {
                    let isFinished = page <= finishedPages.count && finishedPages[page - 1]
                    if !isFinished { return askFor(page: page) }
                    stage = .page(page + 1)
                } else {
                    stage = .read
                }
            case .read:
                if let next = afterPages() { return next }
            }
        }
    }

    /// What follows the pages; nil when they are to be read again.
    private func afterPages() -> Next? {
        if batch.hasEnded {
            if hasAll || searches >= BatchResults.mostSearches { return .reportAndEnd(.batch) }
            searches += 1
            finishedPages = []
            stage = .page(1)
            return nil
        }
        if !request.waits { return .reportAndEnd(.batch) }
        if batch.isStuck, request.stopsWhenStuck { return .reportAndEnd(.stuck) }
        stage = .look
        return .reportAndPause
    }

    override func take(_ data: JSONValue?) throws(Failure) -> Next {
        switch stage {
        case .look:
            guard try batch.see(data) else { return .reportAndPause }
            stage = isFileChecked ? .page(1) : .witness(0)
            return .goOn
        case .witness(let index):
            guard try isSame(data, file.witnesses[index]) else { return .reportAndPause }
            stage = .witness(index + 1)
            return .goOn
        case .page(let page):
            guard let hasMore = try readPage(page, data) else { return .reportAndPause }
            // Calls are made in the order of the list: those behind still wait.
            let isEnough = !batch.hasEnded && file.settled.count >= batch.state?.ended ?? 0
            stage = hasMore && !isEnough ? .page(page + 1) : .read
            return .report
        case .read:
            return .goOn
        }
    }

    private var total: Int { max(listed, batch.state?.total ?? 0) }

    /// Whether every call of the batch is settled.
    private var hasAll: Bool { batch.hasEnded && file.settled.count >= total }

    // MARK: Pages

    private func askFor(page: Int) -> Next {
        ask(OperationTable.batchCallsListCalls) { text in
            text.append(count: "page", page)
            text.append(count: "limit", BatchResults.pageSize)
        }
    }

    /// Whether there is another page behind; nil when this one could not be read for now.
    private func readPage(_ page: Int, _ data: JSONValue?) throws(Failure) -> Bool? {
        guard let data, let list = ListPage(data, of: OperationTable.batchCallsListCalls),
            let calls = calls(of: list)
        else {
            try batch.noteUnusable("The service's answer is no page of a batch's calls")
            return nil
        }
        batch.noteUsable()
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
        call.status.isFinal || batch.hasEnded
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

    private func tell() {
        batch.written = written
        batch.inFile = file.count
    }

    // MARK: Whether the file is of this batch

    private func askFor(_ witness: ResultFile.Witness) -> Next {
        ask(OperationTable.batchCallsGetCall) { text in
            text.append(",\"jobId\":")
            text.append(jsonString: witness.jobID)
        }
    }

    override func take(_ failure: Failure, _ body: ErrorBody) throws(Failure) -> Next? {
        if case .witness = stage, failure.kind == .notFound { throw file.isOfAnotherBatch }
        return nil
    }

    /// False when the service could not tell for now.
    private func isSame(
        _ data: JSONValue?,
        _ witness: ResultFile.Witness
    ) throws(Failure) -> Bool {
        guard let data, data.kind == .object else {
            try batch.noteUnusable("The service's answer is no call of a batch")
            return false
        }
        batch.noteUsable()
        // Ids of calls may be counted from one in each batch.
        let isSame =
            ResultColumns.text(of: data.member("phone_number")) == witness.phoneNumber
            && ResultColumns.text(of: data.member("startTime")) == witness.startTime
        guard isSame else { throw file.isOfAnotherBatch }
        return true
    }

    // MARK: The end

    override func finish(_ end: Watch.End?, _ text: inout ByteBuffer) throws(Failure) {
        guard let end else { return file.removeIfEmpty() }
        if end == .batch || !request.waits {
            // A file without a call still says what its columns are.
            try file.prepare(for: [])
            _ = try file.flush()
        }
        text.append("{\"file\":")
        text.append(jsonString: file.path)
        text.append(",\"format\":")
        text.append(jsonString: (request.format ?? .jsonLines).name.bytes)
        text.append(count: "written", written)
        text.append(count: "inFile", file.count)
        text.append(count: "total", total)
        text.append(hasAll ? ",\"isComplete\":true" : ",\"isComplete\":false")
        text.append(",\"batch\":")
        try super.finish(end, &text)
        text.append(UInt8(ascii: "}"))
    }
}
