/// How a call stands, in the words of the history. The service publishes no list of them.
enum CallStatus: String, CaseIterable, Sendable {
    case queued, ringing
    case inProgress = "in-progress"
    case completed, failed, busy
    case noAnswer = "no-answer"

    /// The failures that end with this status.
    private var failures: [CallFailure] {
        switch self {
        case .queued, .ringing, .inProgress, .completed: []
        case .busy: [.busy]
        case .noAnswer: [.noAnswer, .declined]
        case .failed: [.voicemail, .notInService, .dropped, .invalidNumber, .insufficientCredits]
        }
    }

    /// The status as a condition on a call at `:now`.
    var condition: String {
        switch self {
        case .queued: CallState.queued.condition
        case .ringing: CallState.ringing.condition
        case .inProgress: CallState.talking.condition
        case .completed: "\(CallState.ended.condition) AND error IS NULL"
        case .failed, .busy, .noAnswer:
            // The texts are ours and have no quotes.
            "\(CallState.ended.condition) AND error IN "
                + "(\(failures.map { "'\($0.rawValue)'" }.joined(separator: ", ")))"
        }
    }

    init(of call: CallRecord, at time: Int64) {
        switch call.state(at: time) {
        case .queued: self = .queued
        case .ringing: self = .ringing
        case .talking: self = .inProgress
        case .ended:
            let failure = call.error.flatMap(CallFailure.init)
            let status = failure.flatMap { failure in
                CallStatus.allCases.first { $0.failures.contains(failure) }
            }
            self = status ?? (call.error == nil ? .completed : .failed)
        }
    }
}

extension CallRecord {
    /// Dollars for a second of talking.
    private static let price = 0.002

    var isAnsweredByVoicemail: Bool { error == CallFailure.voicemail.rawValue }

    /// How long somebody has talked by `time`, in milliseconds.
    func talked(by time: Int64) -> Int64 {
        talkingAt.map { max(min(time, endsAt) - $0, 0) } ?? 0
    }

    /// In dollars.
    func cost(at time: Int64) -> Double {
        (Double(talked(by: time) / 1_000) * CallRecord.price * 1_000).rounded() / 1_000
    }

    /// The call in short, once it has ended.
    var summary: String {
        if let error { return error }
        return "The agent talked for \(talked(by: endsAt) / 1_000) seconds."
    }

    /// Whether there is something to hear.
    func hasRecording(at time: Int64) -> Bool {
        isRecorded && time >= endsAt && talked(by: time) > 0
    }

    /// What was said by `time`, one entry an utterance, spread over the time of talking.
    func utterances(at time: Int64) -> [JSON] {
        guard time >= endsAt, let talkingAt, !transcript.isEmpty else { return [] }
        if let held = heldConversation { return held["utterances"]?.arrayValue ?? [] }
        var lines: [(role: String, content: String)] = []
        for line in transcript.split(separator: "\n", omittingEmptySubsequences: false) {
            let speaker = CallRecord.speakers.first { line.hasPrefix($0.prefix) }
            if let speaker {
                lines.append((speaker.role, String(line.dropFirst(speaker.prefix.count))))
            } else if !lines.isEmpty {
                // A text of several lines.
                lines[lines.count - 1].content += "\n" + line
            }
        }
        let step = (endsAt - talkingAt) / Int64(max(lines.count, 1))
        return lines.enumerated().map { index, line in
            [
                "role": .string(line.role), "content": .string(line.content),
                "timestamp": .number(Double(talkingAt + Int64(index) * step) / 1_000),
            ]
        }
    }

    private static let speakers: [(prefix: String, role: String)] = [
        ("Agent: ", "assistant"), ("Customer: ", "user"), ("Voicemail: ", "user"),
    ]
}
