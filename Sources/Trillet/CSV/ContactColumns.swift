/// The columns of a contact file, from its header row.
struct ContactColumns {
    let names: [[UInt8]]
    let phoneNumber: Int

    static let phoneNumberName: StaticString = "phone_number"

    init(header reader: borrowing CSVReader) throws(Failure) {
        var names: [[UInt8]] = []
        for index in 0..<reader.fieldCount {
            var text = ByteBuffer()
            reader.appendText(index, to: &text)
            names.append(Array(text.bytes.trimmed))
        }
        self.names = names
        if reader.isMalformed {
            throw ContactColumns.failure("quote", "The header row has a quote that is not closed")
        }
        guard let index = names.firstIndex(where: { $0.equals(ContactColumns.phoneNumberName) })
        else {
            throw ContactColumns.missingPhoneNumber(names, record: reader.record)
        }
        phoneNumber = index
        try refuseRepeatedNames()
    }

    func index(of name: [UInt8]) -> Int? { names.firstIndex(of: name) }

    private func refuseRepeatedNames() throws(Failure) {
        for (index, name) in names.enumerated() where !name.isEmpty {
            guard names[..<index].contains(name) else { continue }
            throw ContactColumns.failure(
                "header",
                "The column '\(Message(name))' is in the header twice; each variable has one value"
            )
        }
    }

    private static func missingPhoneNumber(_ names: [[UInt8]], record: Bytes) -> Failure {
        if names.count == 1, let delimiter = Delimiter.guess(record) {
            return failure(
                "delimiter",
                """
                The columns are separated by \(delimiter.name), not by commas; save the file as \
                comma-separated CSV
                """
            )
        }
        if let close = names.first(where: { isClose($0) }) {
            return failure(
                "header",
                """
                There is no column 'phone_number'; the header has '\(Message(close))', which must \
                be renamed to it
                """
            )
        }
        if let first = names.first, looksLikeNumber(first) {
            return failure(
                "header",
                "There is no header row: the first line must name the columns, 'phone_number' among them"
            )
        }
        return failure(
            "header",
            "There is no column 'phone_number'; the header must have it, written just so"
        )
    }

    static func failure(_ code: Message, _ message: Message) -> Failure {
        var failure = Failure.invalidArgument(message, field: "csv")
        failure.code = code
        return failure
    }

    /// `Phone Number`, `phone`, `Mobile`, `PHONE_NUMBER`, `tel`.
    private static func isClose(_ name: [UInt8]) -> Bool {
        var letters: [UInt8] = []
        for byte in name {
            let lower = byte.lowercasedASCII
            if lower >= 0x61, lower <= 0x7A { letters.append(lower) }
        }
        let known: [StaticString] = [
            "phonenumber", "phone", "phoneno", "phonenr", "mobile", "mobilenumber", "mobilephone",
            "number", "tel", "telephone", "telephonenumber", "cell", "cellphone", "contactnumber",
            "tonumber", "to",
        ]
        return known.contains { letters.equals($0) }
    }

    private static func looksLikeNumber(_ name: [UInt8]) -> Bool {
        name.withUnsafeBufferPointer { PhoneNumber.normalize($0) != nil }
            || name.count >= 7 && name.allSatisfy { $0.isASCIIDigit }
    }
}

/// What stands between the columns of a file that has no commas.
enum Delimiter {
    case semicolon, tab, pipe

    var name: StaticString {
        switch self {
        case .semicolon: "semicolons"
        case .tab: "tabs"
        case .pipe: "vertical bars"
        }
    }

    static func guess(_ header: Bytes) -> Delimiter? {
        if header.firstOffset(of: UInt8(ascii: ";")) != nil { return .semicolon }
        if header.firstOffset(of: UInt8(ascii: "\t")) != nil { return .tab }
        if header.firstOffset(of: UInt8(ascii: "|")) != nil { return .pipe }
        return nil
    }
}
