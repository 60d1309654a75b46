/// How a dialled call goes: settled by the seed, the batch or call, its index and the attempt.
struct CallCourse: Sendable {
    enum Ending: Sendable, Equatable {
        case success
        case failure(String, isPermanent: Bool)
    }

    /// Milliseconds from dialling until it rings.
    let ringingAfter: Int64
    /// Milliseconds from dialling until somebody, or a machine, answers.
    let talkingAfter: Int64?
    /// Whole seconds from dialling until the end.
    let duration: Int64
    let ending: Ending

    /// - Parameter limit: the longest the call may take, in seconds.
    init(generator: inout SeededGenerator, limit: Int64) {
        let ringing = Int64.random(in: 1...2, using: &generator)
        let answering = ringing + Int64.random(in: 3...10, using: &generator)
        ringingAfter = ringing * 1_000
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<85:
            talkingAfter = answering * 1_000
            duration = max(answering + 1, min(Int64.random(in: 15...90, using: &generator), limit))
            ending = .success
        case 85..<90:
            talkingAfter = nil
            duration = ringing + Int64.random(in: 2...4, using: &generator)
            ending = .failure("Number busy", isPermanent: false)
        case 90..<95:
            talkingAfter = nil
            duration = ringing + Int64.random(in: 25...35, using: &generator)
            ending = .failure("No answer", isPermanent: false)
        case 95..<98:
            talkingAfter = answering * 1_000
            duration = answering + Int64.random(in: 5...12, using: &generator)
            ending = .failure("Voicemail", isPermanent: false)
        default:
            talkingAfter = nil
            duration = ringing + Int64.random(in: 1...3, using: &generator)
            ending = .failure("Number not in service", isPermanent: true)
        }
    }

    var error: String? {
        if case .failure(let reason, _) = ending { return reason }
        return nil
    }

    /// The permanent failure, which no further attempt can change.
    static let permanentError = "Number not in service"
}
