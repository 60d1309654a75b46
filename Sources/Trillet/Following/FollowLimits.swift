/// How long something is followed, and how often it is looked at.
struct FollowLimits {
    /// Of everything, 0 for as long as it takes.
    var deadlineMilliseconds = 0
    var minIntervalMilliseconds = 1000
    var maxIntervalMilliseconds = 30_000

    func check() throws(Failure) {
        guard minIntervalMilliseconds <= maxIntervalMilliseconds else {
            throw Failure.invalidArgument(
                "'minIntervalMs' must not be more than 'maxIntervalMs'",
                field: "minIntervalMs"
            )
        }
    }
}

extension NamedMember {
    /// At most a year: batches may be scheduled far ahead.
    func milliseconds(from least: Int) throws(Failure) -> Int {
        try integer(least...(366 * 24 * 60 * 60 * 1000))
    }
}
