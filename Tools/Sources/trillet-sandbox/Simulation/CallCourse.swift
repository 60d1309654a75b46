/// How a dialled call goes, settled when it is dialled: by the number when that is a magic one, else
/// by the seed, the batch or call, its index and the attempt.
struct CallCourse: Sendable, Equatable {
    /// Milliseconds from dialling until it rings; `nil` when it never does.
    private(set) var ringingAfter: Int64?
    /// Milliseconds from dialling until somebody, or a machine, answers; `nil` when nobody does.
    private(set) var talkingAfter: Int64?
    /// Whole seconds from dialling until the end.
    private(set) var duration: Int64
    /// `nil` for a call that succeeds.
    let failure: CallFailure?
    /// Whether the called hears no more than that nobody is there at this hour.
    private(set) var isOutOfHours = false

    /// All times in seconds from dialling.
    init(ringing: Int64?, talking: Int64?, end: Int64, failure: CallFailure? = nil) {
        ringingAfter = ringing.map { $0 * 1_000 }
        talkingAfter = talking.map { $0 * 1_000 }
        duration = end
        self.failure = failure
    }

    /// A course by chance: 85 of 100 calls succeed.
    init(generator: inout SeededGenerator) {
        let ringing = Int64.random(in: 1...2, using: &generator)
        let answering = ringing + Int64.random(in: 3...10, using: &generator)
        let share = Int.random(in: 0..<100, using: &generator)
        func later(_ range: ClosedRange<Int64>) -> Int64 { .random(in: range, using: &generator) }
        switch share {
        case 0..<85:
            self.init(ringing: ringing, talking: answering, end: max(answering + 1, later(15...90)))
        case 85..<90:
            self.init(ringing: nil, talking: nil, end: ringing + later(2...4), failure: .busy)
        case 90..<95:
            self.init(
                ringing: ringing,
                talking: nil,
                end: ringing + later(25...35),
                failure: .noAnswer
            )
        case 95..<98:
            let end = answering + later(5...12)
            self.init(ringing: ringing, talking: answering, end: end, failure: .voicemail)
        default:
            let end = ringing + later(1...3)
            self.init(ringing: nil, talking: nil, end: end, failure: .notInService)
        }
    }

    var error: String? { failure?.rawValue }

    /// The course when the called gets the out-of-hours message instead of a conversation.
    func outOfHours() -> CallCourse {
        var course = self
        course.isOutOfHours = true
        if failure == nil, let talkingAfter {
            course.duration = min(duration, talkingAfter / 1_000 + CallCourse.announcement)
        }
        return course
    }

    /// The course when the talk takes so many milliseconds.
    func talking(for length: Int64) -> CallCourse {
        var course = self
        course.duration = ((talkingAfter ?? 0) + length + 999) / 1_000
        return course
    }

    /// The course when the call may take `limit` seconds at most, ringing included.
    func limited(to limit: Int64) -> CallCourse {
        guard duration > limit else { return self }
        var course = self
        course.duration = max(limit, 1)
        let lastSecond = (course.duration - 1) * 1_000
        course.ringingAfter = ringingAfter.map { min($0, lastSecond) }
        course.talkingAfter = talkingAfter.map { min($0, lastSecond) }
        return course
    }

    /// How long it takes to say the out-of-hours message, in seconds.
    private static let announcement: Int64 = 8
}
