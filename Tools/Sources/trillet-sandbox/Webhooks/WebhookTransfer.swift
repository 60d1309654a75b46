import CCurl
import Synchronization

/// One POST to a receiver.
///
/// Safe to send to the thread of ``WebhookTransport``, which alone touches the handle then;
/// ``cancel()`` may be called from any thread.
final class WebhookTransfer: @unchecked Sendable {
    /// How a POST ended: with the status of a whole head, or with the reason why there is none.
    enum Outcome: Sendable {
        case answered(Int)
        case failed(String)
    }

    static let millisecondsToAnswer = 10_000
    private static let mostAnswerBytes = 65_536

    let easy: UnsafeMutableRawPointer
    private let address: WebhookAddress
    private let headers: UnsafeMutablePointer<curl_slist>?
    private let problem: UnsafeMutablePointer<CChar>
    private var status: Int?
    private let limit: Int
    private let keepsAnswer: Bool
    private var answerBytes = 0
    /// What was answered, if it is kept: complete once the transfer has ended.
    private(set) var answer: [UInt8] = []
    private let wantsEnd = Atomic(false)
    private var continuation: CheckedContinuation<Outcome, Never>?

    /// - Parameters:
    ///   - limit: how many milliseconds it may take.
    ///   - keepsAnswer: whether the body of the answer matters.
    /// - Returns: `nil` when there is no memory.
    init?(
        to address: WebhookAddress,
        headers fields: [(String, String)],
        body: String,
        within limit: Int = WebhookTransfer.millisecondsToAnswer,
        keepsAnswer: Bool = false
    ) {
        guard let easy = curl_easy_init() else { return nil }
        self.limit = limit
        self.keepsAnswer = keepsAnswer
        self.easy = easy
        self.address = address
        problem = .allocate(capacity: Int(CURL_ERROR_SIZE))
        problem.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        // libcurl would add the last two of its own accord.
        let lines = fields.map { "\($0): \($1)" } + ["Accept:", "Expect:"]
        headers = lines.reduce(nil) { curl_slist_append($0, $1) ?? $0 }
        describe(body: body)
        receive()
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headers)
        problem.deallocate()
    }

    var isCancelled: Bool { wantsEnd.load(ordering: .relaxed) }

    func cancel() {
        wantsEnd.store(true, ordering: .relaxed)
    }

    func whenEnded(_ continuation: CheckedContinuation<Outcome, Never>) {
        self.continuation = continuation
    }

    /// Reports the end, once. A receiver that has sent a whole head has answered, however its body
    /// ends.
    func end(_ result: CURLcode) {
        let reason = problem.pointee == 0 ? curl_easy_strerror(result) : UnsafePointer(problem)
        end(status.map(Outcome.answered) ?? .failed(reason.map { String(cString: $0) } ?? ""))
    }

    func end(_ outcome: Outcome) {
        continuation?.resume(returning: outcome)
        continuation = nil
    }

    private func describe(body: String) {
        shim_easy_set_pointer(easy, CURLOPT_CURLU, UnsafeMutableRawPointer(address.handle))
        shim_easy_allow_http_only(easy)
        shim_easy_set_number(easy, CURLOPT_POSTFIELDSIZE, body.utf8.count)
        shim_easy_set_text(easy, CURLOPT_COPYPOSTFIELDS, body)
        shim_easy_set_pointer(easy, CURLOPT_HTTPHEADER, headers)
        shim_easy_set_number(easy, CURLOPT_TIMEOUT_MS, limit)
        // The proxy of the environment is not meant for this machine.
        shim_easy_set_text(easy, CURLOPT_PROXY, "")
        shim_easy_set_number(easy, CURLOPT_NOSIGNAL, 1)
        shim_easy_leave_lookups(easy)
    }

    private func receive() {
        let this = Unmanaged.passUnretained(self).toOpaque()
        shim_easy_set_pointer(easy, CURLOPT_ERRORBUFFER, problem)
        shim_easy_set_pointer(easy, CURLOPT_HEADERDATA, this)
        shim_easy_set_data_function(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, owner in
            let line = UnsafeBufferPointer(start: bytes, count: size * count)
            WebhookTransfer.at(owner)?.take(line: line)
            return line.count
        }
        shim_easy_set_pointer(easy, CURLOPT_WRITEDATA, this)
        shim_easy_set_data_function(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, owner in
            let part = UnsafeBufferPointer(start: bytes, count: size * count)
            return WebhookTransfer.at(owner)?.take(part) == true ? part.count : 0
        }
    }

    /// The transfer that a pointer given to libcurl means.
    private static func at(_ owner: UnsafeMutableRawPointer?) -> WebhookTransfer? {
        owner.map { Unmanaged<WebhookTransfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// A head ends with an empty line; an interim one is none.
    private func take(line: UnsafeBufferPointer<CChar>) {
        guard line.count <= 2, line.first == 13 || line.first == 10 else { return }
        let status = shim_easy_status(easy)
        if status >= 200 { self.status = status }
    }

    /// The body of an answer seldom matters, but an unread one would cost the connection.
    ///
    /// - Returns: whether to go on.
    private func take(_ part: UnsafeBufferPointer<CChar>) -> Bool {
        answerBytes += part.count
        if keepsAnswer { answer.append(contentsOf: part.map(UInt8.init(bitPattern:))) }
        return answerBytes <= WebhookTransfer.mostAnswerBytes
    }
}
