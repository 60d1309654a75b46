import Logging

/// Writes each log line to standard error as one JSON object: `time`, `level`, `message`, and the
/// line's own fields after them.
struct JSONLogHandler: LogHandler {
    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.info
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line: JSONObject = [
            "time": .string(Timestamp.text(SimulatedClock.realTime)),
            "level": .string(event.level.rawValue), "message": .string("\(event.message)"),
        ]
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        if let error = event.error { line["error"] = .string("\(error)") }
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) where line[name] == nil {
            line[name] = JSONLogHandler.json(value)
        }
        StandardStream.error.write(line: JSON.object(line).text)
    }

    private static func json(_ value: Logger.MetadataValue) -> JSON {
        switch value {
        case .string(let text): return .string(text)
        case .stringConvertible(let value):
            if let number = value as? Int { return .number(number) }
            if let number = value as? Double { return .number(number) }
            return .string(value.description)
        case .array(let values): return .array(values.map(json))
        case .dictionary(let fields):
            var object = JSONObject()
            for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
                object[name] = json(value)
            }
            return .object(object)
        }
    }
}
