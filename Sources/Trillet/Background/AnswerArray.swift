/// Several answers in one JSON array, each with the id of its request as its first member.
struct AnswerArray: ~Copyable {
    private var text = ByteBuffer()
    private(set) var count = 0
    private let limit: Int

    /// No answer is added to a text as long as this.
    private static let enough = 256 * 1024
    /// The id and what stands around it, the end of the array, and its NUL.
    private static let frame = 32

    init(limit: Int) {
        self.limit = limit
    }

    var isFull: Bool { count >= limit || text.count >= AnswerArray.enough }

    /// Adds an answer and frees its own text. False when there is no memory for it: it is left as it
    /// is.
    @_optimize(speed)
    mutating func append(_ finished: FinishedRequest, id: UInt64) -> Bool {
        let answer = Bytes(text: finished.text)
        let needed = answer.count + AnswerArray.frame
        // Most answers to one kind of request are about as long as each other.
        let expected = count == 0 ? min(needed * limit, AnswerArray.enough) : needed
        guard text.makeRoom(for: expected) || text.makeRoom(for: needed) else { return false }
        text.append(count == 0 ? "[{\"id\":" : ",{\"id\":")
        text.append(decimal: UInt(id))
        text.append(UInt8(ascii: ","))
        text.append(answer.slice(1, answer.count))
        count += 1
        finished.free()
        return true
    }

    consuming func finish() -> UnsafeMutablePointer<CChar>? {
        text.append(UInt8(ascii: "]"))
        return text.detach()
    }
}
