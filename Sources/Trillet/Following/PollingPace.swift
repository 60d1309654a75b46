/// How long to wait between two looks at what ends call by call: an eighth of the time that it will
/// still take at its pace so far. docs/decisions.md, polling-pace.
struct PollingPace {
    private let least: Int
    private let most: Int
    /// The shortest interval for now: longer after the service asked for fewer requests.
    private var floor: Int
    private var interval: Int
    /// Calls that end in a millisecond.
    private var rate = 0.0
    private var last: (ended: Int, time: MonotonicTime)?
    private var random = RandomNumbers()

    /// What goes on evenly is looked at about 8 times while what is left of it halves twice.
    private static let looksAhead = 8.0

    init(_ limits: FollowLimits, requestsPerMinute: Int) {
        // Following leaves half of the client's requests to others.
        let share = requestsPerMinute == 0 ? 0 : 2 * 60_000 / requestsPerMinute
        least = max(limits.minIntervalMilliseconds, share)
        most = max(limits.maxIntervalMilliseconds, least)
        floor = least
        interval = least
    }

    /// The service answered 429 to a request.
    mutating func slowDown() {
        floor = min(floor * 2, most)
    }

    /// The time until the next look, in milliseconds. `requests` were made for this one.
    mutating func next(ended: Int, remaining: Int, startsIn: Int, requests: Int) -> Int {
        let now = MonotonicTime.now
        if startsIn > 0 {
            interval = startsIn
        } else if let last {
            let gained = ended - last.ended
            if gained > 0 {
                let elapsed = max(1, (now.microseconds - last.time.microseconds) / 1000)
                let current = Double(gained) / Double(elapsed)
                rate = rate == 0 ? current : (rate + current) / 2
                let left = Double(max(0, remaining)) / rate / PollingPace.looksAhead
                interval = left < Double(most) ? Int(left) : most
            } else {
                interval = min(interval, most) * 3 / 2
            }
        } else {
            interval = least
        }
        last = (ended, now)
        interval = max(floor, min(interval, most))
        if floor > least { floor = max(least, floor - floor / 10) }
        return spread(max(interval, min(shortest(requests), most)))
    }

    /// The pause that so many requests have earned the client's others.
    func shortest(_ requests: Int) -> Int {
        let (shortest, overflow) = least.multipliedReportingOverflow(by: max(1, requests))
        return overflow ? Int(Int32.max) : shortest
    }

    /// The time until the next attempt after so many failed ones in a row.
    mutating func afterFault(_ faults: Int) -> Int {
        let (doubled, overflow) = floor.multipliedReportingOverflow(by: 1 << min(faults - 1, 20))
        return spread(overflow ? most : min(doubled, most))
    }

    /// Clients that began together must not come back together.
    private mutating func spread(_ milliseconds: Int) -> Int {
        milliseconds + random.number(upTo: milliseconds / 10)
    }
}
