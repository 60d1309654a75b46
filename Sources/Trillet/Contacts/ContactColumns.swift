/// The columns of a contact file, from its header row.
struct ContactColumns {
    /// As the service is to see them.
    let names: [[UInt8]]
    private let order: NameOrder
    let phoneNumber: Int
    /// What the file calls that column.
    let phoneName: [UInt8]
    /// Why a row was rejected by an earlier check, where the file is what that one wrote.
    let rejectReason: Int?

    static let phoneNumberName: StaticString = "phone_number"
    static let rejectReasonName: StaticString = "reject_reason"

    /// `phoneColumn` is what the file calls the column of numbers, where that is another name.
    init(header reader: borrowing CSVReader, phoneColumn: [UInt8]?) throws(Failure) {
        var names: [[UInt8]] = []
        for index in 0..<reader.fieldCount {
            var text = ByteBuffer()
            reader.appendText(index, to: &text)
            names.append(Array(text.bytes.trimmed))
        }
        try ContactColumns.refuseOtherEncoding(reader)
        let wanted = phoneColumn ?? Array(ContactColumns.phoneNumberName.bytes)
        guard let index = names.firstIndex(of: wanted) else {
            throw ContactColumns.missing(wanted, names, reader)
        }
        if !wanted.equals(ContactColumns.phoneNumberName),
            names.contains(where: { $0.equals(ContactColumns.phoneNumberName) })
        {
            throw Failure.csv(
                "header",
                """
                The header has 'phone_number' beside '\(Message(wanted))' (phoneColumn), which is to \
                have this name; rename one of them
                """
            )
        }
        names[index] = Array(ContactColumns.phoneNumberName.bytes)
        phoneNumber = index
        phoneName = wanted
        rejectReason = names.firstIndex { $0.equals(ContactColumns.rejectReasonName) }
        self.names = names
        order = NameOrder(names)
        if reader.isMalformed { throw ContactColumns.malformed(reader) }
        if reader.hasControlCharacters {
            throw Failure.csv(
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
        return names.first {
            ContactColumns.letters($0) == letters
                || LookalikeCharacters.hidden(around: name, in: $0) != nil
        }
    }

    private func refuseRepeatedNames() throws(Failure) {
        for (index, name) in names.enumerated() where !name.isEmpty && !order.isFirst(index) {
            throw Failure.csv(
                "header",
                "The column '\(Message(name))' is in the header twice; each variable has one value"
            )
        }
    }

    private static func refuseOtherEncoding(_ reader: borrowing CSVReader) throws(Failure) {
        guard reader.mayHaveCharactersBeyondASCII, reader.record.firstIllFormedUTF8Offset != nil
        else { return }
        let encoding = FileKind.eightBitEncoding(reader.record)
        throw Failure.csv(
            "encoding",
            "The header row is not UTF-8; it looks like \(encoding); save the file as CSV in UTF-8"
        )
    }

    private static func malformed(_ reader: borrowing CSVReader) -> Failure {
        Failure.csv(
            "quote",
            reader.isUnclosed
                ? "The header row has a quote that is never closed"
                : "The header row has text behind a closing quote"
        )
    }

    private static func missing(
        _ wanted: [UInt8],
        _ names: [[UInt8]],
        _ reader: borrowing CSVReader
    ) -> Failure {
        if let kind = FileKind.markup(reader.record) {
            return Failure.csv("encoding", "The file is \(kind), not CSV")
        }
        if reader.delimiter == UInt8(ascii: ","),
            let delimiter = Delimiter.guess(
                reader.record,
                isWhole: names.count == 1 && !reader.isMalformed
            )
        {
            return Failure.csv(
                "delimiter",
                """
                The columns are separated by \(delimiter.name), not by commas; save the file as \
                comma-separated CSV, or give 'convert'
                """
            )
        }
        if reader.isMalformed { return malformed(reader) }
        if reader.record.hasPrefixIgnoringCase(ExcelLine.start) {
            return Failure.csv(
                "header",
                """
                The first line, '\(reader.record)', is for Excel alone; the header must come first, or \
                give 'convert'
                """
            )
        }
        return Failure.csv("header", missing(wanted, names))
    }

    private static func missing(_ wanted: [UInt8], _ names: [[UInt8]]) -> Message {
        let isUsual = wanted.equals(phoneNumberName)
        for name in names {
            guard let hidden = LookalikeCharacters.hidden(around: wanted, in: name) else {
                continue
            }
            return """
                There is no column '\(Message(wanted))': the header has \(hidden) '\(Message(wanted))', \
                a character that cannot be seen; remove it
                """
        }
        let columns: Message = "the columns are \(listed(names))"
        if isUsual, let close = names.first(where: { isClose($0) }) {
            return """
                There is no column 'phone_number'; \(columns). Rename '\(Message(close))' to \
                phone_number, or give its name as 'phoneColumn'
                """
        }
        if names.contains(where: { looksLikeNumber($0) }) {
            return
                "There is no header row: the first line must name the columns, 'phone_number' among them"
        }
        return isUsual
            ? """
            There is no column 'phone_number'; \(columns). Rename the column of numbers to it, or \
            give its name as 'phoneColumn'
            """
            : "There is no column '\(Message(wanted))' (phoneColumn); \(columns)"
    }

    private static let mostListed = 12

    private static func listed(_ names: [[UInt8]]) -> Message {
        var text = ByteBuffer(capacity: 256)
        for (index, name) in names.prefix(mostListed).enumerated() {
            if index > 0 { text.append(", ") }
            text.append("'")
            for byte in Message(name).bytes { text.append(byte) }
            text.append("'")
        }
        if names.count > mostListed {
            text.append(" and ")
            text.append(decimal: names.count - mostListed)
            text.append(" more")
        }
        return Message(whole: Array(text.bytes))
    }

    /// `Phone Number`, `phone`, `Mobile`, `PHONE_NUMBER`, `tel`.
    static func isClose(_ name: [UInt8]) -> Bool {
        let letters = letters(name)
        let known: [StaticString] = [
            "phonenumber", "phone", "phoneno", "phonenr", "mobile", "mobilenumber", "mobilephone",
            "number", "tel", "telephone", "telephonenumber", "cell", "cellphone", "contactnumber",
            "tonumber", "to", "handynummer", "handy", "telefon", "telefonnummer", "rufnummer",
            "mobil",
            "telefono", "movil", "celular", "numerodetelefono", "portable", "numero", "cellulare",
            "telefoon", "telefoonnummer", "e164",
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
        name.withUnsafeBufferPointer { PhoneNumber.read($0) != nil }
            || name.count >= 7 && name.allSatisfy { $0.isASCIIDigit }
    }
}
