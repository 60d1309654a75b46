/// The columns of a contact file, from its header row.
struct ContactColumns {
    let names: [[UInt8]]
    private let order: NameOrder
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
        order = NameOrder(names)
        try ContactColumns.refuseOtherEncoding(reader)
        guard let index = names.firstIndex(where: { $0.equals(ContactColumns.phoneNumberName) })
        else {
            throw ContactColumns.missingPhoneNumber(names, reader)
        }
        phoneNumber = index
        if reader.isMalformed { throw ContactColumns.malformed(reader) }
        if reader.hasControlCharacters {
            throw ContactColumns.failure(
                "header",
                "The header row has a control character, such as a NUL; no prompt can use such a name"
            )
        }
        try refuseRepeatedNames()
    }

    func index(of name: [UInt8]) -> Int? { order.position(of: name) }

    /// A name that differs in capitals, spaces and the like only.
    func similar(to name: [UInt8]) -> [UInt8]? {
        let letters = ContactColumns.letters(name)
        guard !letters.isEmpty else { return nil }
        return names.first { ContactColumns.letters($0) == letters }
    }

    private func refuseRepeatedNames() throws(Failure) {
        for (index, name) in names.enumerated() where !name.isEmpty && !order.isFirst(index) {
            throw ContactColumns.failure(
                "header",
                "The column '\(Message(name))' is in the header twice; each variable has one value"
            )
        }
    }

    private static func refuseOtherEncoding(_ reader: borrowing CSVReader) throws(Failure) {
        guard reader.mayHaveCharactersBeyondASCII, reader.record.firstIllFormedUTF8Offset != nil
        else { return }
        let encoding = FileKind.eightBitEncoding(reader.record)
        throw failure(
            "encoding",
            "The header row is not UTF-8; it looks like \(encoding); save the file as CSV in UTF-8"
        )
    }

    private static func malformed(_ reader: borrowing CSVReader) -> Failure {
        failure(
            "quote",
            reader.isUnclosed
                ? "The header row has a quote that is never closed"
                : "The header row has text behind a closing quote"
        )
    }

    private static func missingPhoneNumber(
        _ names: [[UInt8]],
        _ reader: borrowing CSVReader
    ) -> Failure {
        if let kind = FileKind.markup(reader.record) {
            return failure("encoding", "The file is \(kind), not CSV")
        }
        if let delimiter = Delimiter.guess(
            reader.record,
            isWhole: names.count == 1 && !reader.isMalformed
        ) {
            return failure(
                "delimiter",
                """
                The columns are separated by \(delimiter.name), not by commas; save the file as \
                comma-separated CSV
                """
            )
        }
        if reader.isMalformed { return malformed(reader) }
        if reader.record.hasPrefixIgnoringCase("sep=") {
            return failure(
                "header",
                "The first line, '\(reader.record)', is for Excel alone; the header must come first"
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
        if names.contains(where: { looksLikeNumber($0) }) {
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
    static func isClose(_ name: [UInt8]) -> Bool {
        let letters = letters(name)
        let known: [StaticString] = [
            "phonenumber", "phone", "phoneno", "phonenr", "mobile", "mobilenumber", "mobilephone",
            "number", "tel", "telephone", "telephonenumber", "cell", "cellphone", "contactnumber",
            "tonumber", "to",
        ]
        return known.contains { letters.equals($0) }
    }

    private static func letters(_ name: [UInt8]) -> [UInt8] {
        var letters: [UInt8] = []
        for byte in name {
            let lower = byte.lowercasedASCII
            let isLetter = lower >= 0x61 && lower <= 0x7A || lower >= 0x80 || lower.isASCIIDigit
            if isLetter { letters.append(lower) }
        }
        return letters
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

    private var byte: UInt8 {
        switch self {
        case .semicolon: UInt8(ascii: ";")
        case .tab: UInt8(ascii: "\t")
        case .pipe: UInt8(ascii: "|")
        }
    }

    /// `isWhole`: commas leave the header in one piece, so anything that parts it will do. Else a
    /// piece must be a name for the phone number.
    static func guess(_ header: Bytes, isWhole: Bool) -> Delimiter? {
        for delimiter in [Delimiter.semicolon, .tab, .pipe] {
            guard header.firstOffset(of: delimiter.byte) != nil else { continue }
            if isWhole || delimiter.partsPhoneNumber(header) { return delimiter }
        }
        return nil
    }

    private func partsPhoneNumber(_ header: Bytes) -> Bool {
        var start = 0
        for index in 0...header.count where index == header.count || header[index] == byte {
            let piece = header.slice(start, index).filter { $0 != UInt8(ascii: "\"") }
            start = index + 1
            if ContactColumns.isClose(piece) { return true }
        }
        return false
    }
}
