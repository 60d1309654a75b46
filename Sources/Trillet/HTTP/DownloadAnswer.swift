import CTrillet

/// An answer to the request for a file, as far as its head says.
struct DownloadAnswer {
    let url: Bytes
    let status: Int
    let contentType: Bytes
    /// Of what follows; nil when it is not known before the end.
    let length: Int?
    let showsItsEnd: Bool
    let isEncoded: Bool
    /// What has been kept of it in memory.
    let text: Bytes

    /// Whether it is what a service, or somebody in its place, says instead of sending a file.
    var isMessage: Bool {
        let type = contentType
        let end = type.slice(type.count - 4, type.count)
        return type.hasPrefixIgnoringCase("text/")
            || end.equalsIgnoringCase(("json" as StaticString).bytes)
            || end.equalsIgnoringCase(("+xml" as StaticString).bytes)
            || end.equalsIgnoringCase(("/xml" as StaticString).bytes)
    }
}

enum DownloadFailure {
    static func encoded(_ answer: DownloadAnswer) -> Failure {
        make(
            .response,
            answer.status,
            "The file came in an encoding, although none was asked for; nothing of it was kept"
        )
    }

    static func anotherPart(_ answer: DownloadAnswer) -> Failure {
        make(
            .response,
            answer.status,
            "The service sent another part of the file than was asked for, or of another version"
        )
    }

    static func noFile(_ answer: DownloadAnswer) -> Failure {
        var failure = make(
            .response,
            answer.status,
            "The answer (\(answer.status)) is no file (content type '\(answer.contentType)')"
        )
        if answer.text.count > 0 { failure.details = "\(answer.text)" }
        return failure
    }

    static func incomplete(_ count: Int, of total: Int?, _ status: Int) -> Failure {
        let all: Message = total.map { "of its \($0) bytes" } ?? "bytes"
        var failure = make(
            .connection,
            status,
            "The answer ended when the file had \(count) \(all)"
        )
        failure.isRetryable = true
        return failure
    }

    /// What an answer without an end has brought may be all of it: `part` says where it is kept.
    static func endUnknown(_ count: Int, _ status: Int, part: [UInt8] = []) -> Failure {
        var failure = make(
            .response,
            status,
            """
            The answer names no length and ended with its connection: nothing shows whether its \
            \(count) bytes are all of it
            """
        )
        failure.code = "end_unknown"
        if !part.isEmpty { failure.details = "They are kept in '\(Message(part))'" }
        return failure
    }

    private static func make(_ kind: FailureKind, _ status: Int, _ message: Message) -> Failure {
        var failure = Failure(kind, message, sent: .yes)
        failure.status = status
        return failure
    }
}

/// The host's function that hears of a download, on the thread that waits for it.
final class DownloadProgress {
    private let function: trillet_progress_fn
    private let userData: UnsafeMutableRawPointer?
    private var next = MonotonicTime.distantPast
    private(set) var isStopped = false

    private static let pauseMilliseconds = 100

    init(_ function: @escaping trillet_progress_fn, _ userData: UnsafeMutableRawPointer?) {
        self.function = function
        self.userData = userData
    }

    /// False once the host wants no more of the download.
    func report(_ path: [UInt8], _ count: Int, of total: Int?, isLast: Bool) -> Bool {
        let now = MonotonicTime.now
        guard !isStopped, isLast || now >= next else { return !isStopped }
        next = now.advanced(byMilliseconds: DownloadProgress.pauseMilliseconds)
        var text = ByteBuffer(capacity: path.count + 80)
        text.append("{\"file\":")
        text.append(jsonString: path)
        text.append(",\"bytes\":")
        text.append(decimal: count)
        text.append(",\"total\":")
        if let total { text.append(decimal: total) } else { text.append("null") }
        text.append(UInt8(ascii: "}"))
        guard let shown = text.terminated() else { return true }
        isStopped = function(userData, shown) != 0
        return !isStopped
    }
}
