/// What the person at a number does when an agent calls, as a test has fixed it.
struct Caller: Sendable, Equatable {
    enum Step: Sendable, Equatable {
        case says(String)
        /// Says nothing for so many seconds.
        case isSilent(Int64)
    }

    /// Who, or what, takes the call.
    enum Answer: String, CaseIterable, Sendable {
        case person, voicemail, busy, declined
        case nobody
    }

    let number: String
    let answer: Answer
    /// Seconds from dialling until the call is taken.
    let answersAfter: Int64
    /// In turn with the agent; after the last one the person hangs up.
    let steps: [Step]

    static let usualAnswer: Int64 = 5
    static let latestAnswer: Int64 = 60
    static let mostSteps = 200
    static let longestSpeech = 4_096

    private static let ringing: Int64 = 1
    private static let greeting: Int64 = 12
    private static let patience: Int64 = 30

    /// How a call to this number goes; what is said decides when it ends.
    var course: CallCourse {
        switch answer {
        case .person:
            CallCourse(ringing: Caller.ringing, talking: answersAfter, end: answersAfter + 1)
        case .voicemail:
            CallCourse(
                ringing: Caller.ringing,
                talking: answersAfter,
                end: answersAfter + Caller.greeting,
                failure: .voicemail
            )
        case .busy: CallCourse(ringing: nil, talking: nil, end: 3, failure: .busy)
        case .declined:
            CallCourse(ringing: Caller.ringing, talking: nil, end: 7, failure: .declined)
        case .nobody:
            CallCourse(
                ringing: Caller.ringing,
                talking: nil,
                end: Caller.ringing + Caller.patience,
                failure: .noAnswer
            )
        }
    }
}
