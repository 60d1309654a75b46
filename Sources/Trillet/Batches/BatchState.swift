/// How a batch stood when it was looked at.
struct BatchState {
    /// The service's word for it.
    let status: [UInt8]
    /// Whether the service says that no call will be started any more.
    let isComplete: Bool
    let waiting: Int
    let active: Int
    let completed: Int
    let failed: Int
    let total: Int
    // JSON texts, `null` where the service says nothing.
    let startTime: [UInt8]
    let completedTime: [UInt8]
    let averageCallDuration: [UInt8]
    private let lastCompletedTime: [UInt8]

    /// nil for an answer that does not tell.
    init?(_ data: JSONValue) {
        guard let status = data.member("status")?.string,
            let waiting = data.member("waiting")?.count,
            let active = data.member("active")?.count,
            let completed = data.member("completed")?.count,
            let failed = data.member("failed")?.count,
            let total = data.member("total")?.count
        else { return nil }
        self.status = status.decoded()
        self.waiting = waiting
        self.active = active
        self.completed = completed
        self.failed = failed
        self.total = total
        // The pages show `isComplete` with completed batches only; a cancelled one has ended as well.
        isComplete =
            data.member("isComplete")?.isTrue ?? false || status.equals("completed")
            || status.equals("cancelled") || status.equals("failed")
        startTime = BatchState.text(data.member("startTime"))
        completedTime = BatchState.text(data.member("completedTime"))
        lastCompletedTime = BatchState.text(data.member("lastCompletedTime"))
        averageCallDuration = BatchState.text(data.member("averageCallDuration"))
    }

    /// Calls whose outcome is known.
    var ended: Int { completed + failed }

    /// Calls that may still have one.
    var remaining: Int { waiting + active }

    /// Whether nothing has happened between the two.
    func isSame(as other: BatchState) -> Bool {
        status == other.status && isComplete == other.isComplete && waiting == other.waiting
            && active == other.active && completed == other.completed && failed == other.failed
            && lastCompletedTime == other.lastCompletedTime
    }

    var durationMilliseconds: Int? {
        guard let start = BatchState.integer(startTime), let end = BatchState.integer(completedTime)
        else { return nil }
        let (duration, overflow) = end.subtractingReportingOverflow(start)
        return overflow ? nil : duration
    }

    private static func text(_ value: JSONValue?) -> [UInt8] {
        guard let value, value.kind == .number else { return Array(("null" as StaticString).bytes) }
        return Array(value.text)
    }

    private static func integer(_ text: [UInt8]) -> Int? {
        text.withUnsafeBufferPointer { text in
            (try? JSONScanner.check(text, allowsLoneSurrogates: true))?.integer
        }
    }
}
