/// How a call goes and what is said in it, settled when it is dialled.
struct SettledCall: Sendable {
    let course: CallCourse
    let transcript: String
    /// As JSON, of a call with a person whose words a test has fixed.
    let conversation: String?
}

extension CallScript {
    /// - Parameters:
    ///   - attempt: 1 for the first call to this number, in its batch.
    ///   - moment: When it is dialled, in Unix milliseconds.
    ///   - caller: Who is at the number, if a test has fixed that.
    func settled(
        to number: String,
        attempt: Int = 1,
        at moment: Int64,
        variables own: [String: String],
        caller: Caller?,
        generator: inout SeededGenerator
    ) -> SettledCall {
        guard let caller else {
            let course = course(to: number, attempt: attempt, at: moment, generator: &generator)
            let words = transcript(variables: own, course: course)
            return SettledCall(course: course, transcript: words, conversation: nil)
        }
        let course = adjusted(caller.course, at: moment)
        guard course.failure == nil, let talkingAfter = course.talkingAfter else {
            let words = transcript(variables: own, course: course)
            return SettledCall(course: course, transcript: words, conversation: nil)
        }
        let talk = conversation(
            caller,
            own,
            limit: maxCallDuration * 1_000 - talkingAfter,
            isOutOfHours: course.isOutOfHours
        )
        return SettledCall(
            course: course.talking(for: talk.length).limited(to: maxCallDuration),
            transcript: talk.transcript,
            conversation: talk.json(answeredAt: moment + talkingAfter).text
        )
    }

    private func conversation(
        _ caller: Caller,
        _ own: [String: String],
        limit: Int64,
        isOutOfHours: Bool
    ) -> Conversation {
        let values = variables.merging(own) { _, new in new }
        if isOutOfHours {
            let closed = CallScript.filled(workingHours?.message ?? "", values)
            return Conversation(outOfHours: closed, limit: limit)
        }
        let fill = { CallScript.filled($0, values) }
        return Conversation(
            greeting: welcomeMessage == "user_initiated" ? nil : greeting(values),
            steps: caller.steps,
            rules: PromptRules(prompt + "\n\n" + (systemPrompt ?? ""), fill: fill),
            silenceLimit: endCallOnSilence ?? 0,
            limit: limit,
            fill: fill
        )
    }
}
