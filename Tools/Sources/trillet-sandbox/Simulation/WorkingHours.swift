/// When a flow's agent talks to people; at other times they hear a message and no more.
struct WorkingHours: Codable, Sendable {
    /// Minutes since midnight.
    let start: Int
    let end: Int
    let timeZone: String
    let message: String

    private static let minutesPerDay = 1_440
    private static let defaultMessage =
        "We are closed at the moment. We will call you again during our working hours."

    /// - Parameter settings: a flow's `settings.responseSettings.workingHours`.
    /// - Returns: `nil` when the hours are not enabled.
    init?(_ settings: JSONObject?) {
        guard let settings, settings["enabled"] == true else { return nil }
        start = WorkingHours.minutes(settings["start"]) ?? 0
        end = WorkingHours.minutes(settings["end"]) ?? WorkingHours.minutesPerDay
        timeZone = settings["timezone"]?.stringValue ?? "UTC"
        let message = settings["outOfHoursMessage"]?.stringValue ?? ""
        self.message = message.isEmpty ? WorkingHours.defaultMessage : message
    }

    /// Whether `time`, in Unix milliseconds, is within the hours. An end before the start is on the
    /// next day; equal ones mean the whole day.
    func contains(_ time: Int64) -> Bool {
        guard start != end else { return true }
        let minute = minuteOfDay(time)
        return start < end
            ? (start..<end).contains(minute) : minute >= start || minute < end
    }

    private func minuteOfDay(_ time: Int64) -> Int {
        let seconds = time.dividedDown(by: 1_000)
        let offset = TimeZoneFile.named(timeZone)?.offset(at: seconds) ?? 0
        let minutes = (Int(seconds) + offset) / 60 % WorkingHours.minutesPerDay
        return minutes < 0 ? minutes + WorkingHours.minutesPerDay : minutes
    }

    /// `HH:MM` as minutes since midnight.
    private static func minutes(_ value: JSON?) -> Int? {
        let parts = (value?.stringValue ?? "").split(separator: ":").compactMap { Int($0) }
        return parts.count == 2 ? parts[0] * 60 + parts[1] : nil
    }
}
