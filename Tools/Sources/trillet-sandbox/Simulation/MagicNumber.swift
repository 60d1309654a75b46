/// Numbers to test with: a call to one of them goes as the number says, whatever the seed. They are
/// in a block that is not given to anybody.
enum MagicNumber {
    enum Behaviour: Sendable {
        /// The call goes like this.
        case course(CallCourse)
        /// The first attempt goes like the one, every later attempt like the other.
        case firstAttempt(CallCourse, then: CallCourse)
        /// The service takes no such call.
        case refused(CallFailure)
    }

    private static let block = "+1500555"
    private static let answered = CallCourse(ringing: 1, talking: 5, end: 35)
    private static let busy = CallCourse(ringing: nil, talking: nil, end: 3, failure: .busy)

    /// By the last four digits; docs/sandbox.md has the same table for people.
    private static let table: [String: Behaviour] = [
        "0000": .course(answered),
        "0001": .course(busy),
        "0002": .course(CallCourse(ringing: 1, talking: nil, end: 31, failure: .noAnswer)),
        "0003": .course(CallCourse(ringing: 1, talking: 21, end: 33, failure: .voicemail)),
        "0004": .course(CallCourse(ringing: nil, talking: nil, end: 3, failure: .notInService)),
        "0005": .course(CallCourse(ringing: 1, talking: 46, end: 76)),
        "0006": .course(CallCourse(ringing: 1, talking: nil, end: 7, failure: .declined)),
        "0007": .firstAttempt(busy, then: answered),
        "0008": .refused(.invalidNumber),
        "0009": .refused(.insufficientCredits),
    ]

    /// Numbers ending in 08NN: answered, dropped NN seconds later.
    private static let dropping = "08"

    /// - Returns: `nil` for any other number.
    static func behaviour(of number: String) -> Behaviour? {
        guard number.hasPrefix(block) else { return nil }
        let ending = String(number.dropFirst(block.count))
        if let behaviour = table[ending] { return behaviour }
        guard ending.count == 4, ending.hasPrefix(dropping),
            let seconds = Int64(ending.dropFirst(dropping.count))
        else { return nil }
        return .course(CallCourse(ringing: 1, talking: 5, end: 5 + seconds, failure: .dropped))
    }

    /// Why the service takes no call to `number`; `nil` when it does.
    static func refusal(of number: String) -> CallFailure? {
        guard case .refused(let failure) = behaviour(of: number) else { return nil }
        return failure
    }

    /// How attempt number `attempt` to call `number` goes; `nil` for any other number. A call that
    /// is refused, as in a batch, fails the moment it is dialled.
    static func course(of number: String, attempt: Int) -> CallCourse? {
        switch behaviour(of: number) {
        case .course(let course): course
        case .firstAttempt(let first, let later): attempt == 1 ? first : later
        case .refused(let failure):
            CallCourse(ringing: nil, talking: nil, end: 0, failure: failure)
        case nil: nil
        }
    }
}
