/// The columns of a CSV file of results: seven of the call, then the contact's own.
struct ResultColumns {
    /// Column name, and the service's name for what stands in it.
    private static let fixed: [(name: StaticString, member: StaticString)] = [
        ("job_id", "jobId"), ("status", "status"), ("phone_number", "phone_number"),
        ("start_time", "startTime"), ("end_time", "endTime"), ("duration", "duration"),
        ("error", "error"),
    ]
    static let jobID = 0
    static let phoneNumber = 2
    static let startTime = 3

    private static let prefix: StaticString = "contact_"

    /// Those of the contact, by their names in the file.
    private(set) var own: [[UInt8]] = []

    var count: Int { ResultColumns.fixed.count + own.count }

    init() {}

    /// From the fields of a header; nil when it is none of a file of results.
    init?(header: [[UInt8]]) {
        guard header.count >= ResultColumns.fixed.count else { return nil }
        for (index, column) in ResultColumns.fixed.enumerated()
        where !header[index].equals(column.name) {
            return nil
        }
        own = Array(header[ResultColumns.fixed.count...])
    }

    /// A contact's column that is called like one of the call's gets a prefix, and so does one that
    /// is called as if it had got it.
    static func name(of column: JSONText) -> [UInt8] {
        let name = column.decoded()
        return name.withUnsafeBufferPointer { bytes in
            var rest = bytes
            while rest.slice(0, prefix.utf8CodeUnitCount).equals(prefix) {
                rest = rest.slice(prefix.utf8CodeUnitCount, rest.count)
            }
            guard fixed.contains(where: { rest.equals($0.name) }) else { return name }
            return Array(prefix.bytes) + name
        }
    }

    /// Adds the columns of a call that are not there yet.
    mutating func add(_ call: BatchCall) {
        call.forEachColumn { name, _ in
            let name = ResultColumns.name(of: name)
            if !own.contains(name) { own.append(name) }
        }
    }

    // MARK: Text

    func appendHeader(to text: inout ByteBuffer) {
        for (index, column) in ResultColumns.fixed.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text.append(column.name)
        }
        for name in own {
            text.append(UInt8(ascii: ","))
            name.withUnsafeBufferPointer { text.append(csvField: $0) }
        }
        text.append(UInt8(ascii: "\n"))
    }

    func append(_ call: BatchCall, to text: inout ByteBuffer) {
        for (index, column) in ResultColumns.fixed.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text.append(csvValue: call.object.member(column.member))
        }
        var values: [JSONValue?] = Array(repeating: nil, count: own.count)
        call.forEachColumn { name, value in
            let name = ResultColumns.name(of: name)
            guard let place = own.firstIndex(of: name), values[place] == nil else { return }
            values[place] = value
        }
        for value in values {
            text.append(UInt8(ascii: ","))
            text.append(csvValue: value)
        }
        text.append(UInt8(ascii: "\n"))
    }

    /// What the service's value looks like in a field: numbers and objects as they were written.
    static func text(of value: JSONValue?) -> [UInt8] {
        guard let value, value.kind != .null else { return [] }
        return value.string?.decoded() ?? Array(value.text)
    }
}

extension ByteBuffer {
    fileprivate mutating func append(csvValue value: JSONValue?) {
        guard let value, value.kind != .null else { return }
        guard let string = value.string, string.hasEscapes else {
            append(csvField: value.string?.raw ?? value.text)
            return
        }
        string.decoded().withUnsafeBufferPointer { append(csvField: $0) }
    }
}
