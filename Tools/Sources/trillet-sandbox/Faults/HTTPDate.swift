/// Points in time as HTTP headers write them.
enum HTTPDate {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Tue, 04 Mar 2031 10:00:00 GMT`
    ///
    /// - Parameter seconds: Unix seconds, not before 1970.
    static func text(seconds: Int64) -> String {
        let iso = Array(Timestamp.text(seconds * 1_000))
        let month = Int(String(iso[5..<7])) ?? 1
        let weekday = weekdays[Int(seconds / 86_400 % 7)]
        let date = "\(String(iso[8..<10])) \(months[month - 1]) \(String(iso[0..<4]))"
        return "\(weekday), \(date) \(String(iso[11..<19])) GMT"
    }
}
