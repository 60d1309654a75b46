/// Why a call fails, in the words that answers show.
enum CallFailure: String, Sendable, CaseIterable {
    case busy = "Number busy"
    case noAnswer = "No answer"
    case voicemail = "Voicemail"
    case notInService = "Number not in service"
    case declined = "Call declined"
    case dropped = "Call dropped"
    case invalidNumber = "Invalid number"
    case insufficientCredits = "Insufficient credits"

    /// Whether no further attempt can change it.
    var isPermanent: Bool {
        switch self {
        case .notInService, .invalidNumber, .insufficientCredits: true
        case .busy, .noAnswer, .voicemail, .declined, .dropped: false
        }
    }
}
