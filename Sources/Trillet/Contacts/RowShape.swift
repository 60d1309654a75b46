/// What a row looks like beside the header, apart from its number.
extension ContactCheck {
    /// A problem that rejects the row, whatever its number is.
    func structuralProblem() -> RowProblem? {
        if reader.isMalformed {
            return problem(
                .quote,
                at: nil,
                reader.isUnclosed
                    ? unclosedQuote : "There is text behind a closing quote",
                "write a quote within a value twice"
            )
        }
        if hasSurplusText || isCut {
            return problem(.ragged, at: nil, raggedMessage, raggedAdvice)
        }
        if reader.hasControlCharacters {
            return problem(
                .control,
                at: nil,
                "The row has a control character, such as a NUL; no prompt can say it"
            )
        }
        guard reader.mayHaveCharactersBeyondASCII, reader.record.firstIllFormedUTF8Offset != nil
        else { return nil }
        return problem(
            .encoding,
            at: nil,
            "The row is not UTF-8; it looks like \(FileKind.eightBitEncoding(reader.record))",
            "save the file as CSV in UTF-8"
        )
    }

    private var hasSurplusText: Bool {
        guard reader.fieldCount > columnCount else { return false }
        return (columnCount..<reader.fieldCount).contains { !reader.rawText($0).isBlank }
    }

    /// The end of a value that has a line break and no quotes: its number is not to be called.
    private var isCut: Bool { followsLoneReturn && reader.fieldCount < columnCount }

    private var raggedMessage: Message {
        "The row has \(reader.fieldCount) values, the header \(columnCount) columns"
    }

    private var raggedAdvice: Message {
        if isCut { return "put values with a line break into quotes" }
        if let spaced = firstSpacedQuote {
            return """
                remove the space before the quote of value \(spaced + 1): a quote counts only at the \
                beginning of a value
                """
        }
        return reader.delimiter == UInt8(ascii: ",")
            ? "put values with a comma into quotes" : "put values with a delimiter into quotes"
    }

    /// `…, "Moss, Ada"`: the quote does not begin the value, so it is a part of it.
    private var firstSpacedQuote: Int? {
        guard reader.hasInnerQuotes else { return nil }
        return (0..<reader.fieldCount).first { index in
            guard reader.field(index).quoting == .none else { return false }
            let text = reader.rawText(index)
            let start = text.trimmed
            return start.count > 0 && start[0] == UInt8(ascii: "\"") && text[0] != start[0]
        }
    }

    /// What the row may have been meant to be; it is accepted as it is.
    mutating func warnOfShape() throws(Failure) {
        if reader.fieldCount < columnCount {
            try warn(
                .unevenRow,
                nil,
                """
                The row has \(reader.fieldCount) values, the header \(columnCount) columns; the last \
                \(columnCount - reader.fieldCount) are taken for empty
                """,
                "write a comma for each value that is empty"
            )
        } else if reader.fieldCount > columnCount {
            try warn(
                .unevenRow,
                nil,
                "\(raggedMessage); the values that are too many are empty and are left out",
                "remove the commas at the end of the row"
            )
        }
        if let spaced = firstSpacedQuote {
            try warn(
                .spaceBeforeQuote,
                spaced < columnCount ? spaced : nil,
                "A space stands before the quote, so the quotes are taken for a part of the value",
                "remove the space"
            )
        }
        try warnOfSwallowedRows()
    }

    /// A quoted value may have line breaks; a line in it that begins like a contact was probably one.
    private mutating func warnOfSwallowedRows() throws(Failure) {
        guard reader.furtherLines > 0 else { return }
        for index in 0..<min(reader.fieldCount, columnCount) {
            guard reader.field(index).quoting != .none,
                let line = firstContactLine(in: reader.rawText(index))
            else { continue }
            try warn(
                .swallowedRows,
                index,
                """
                The quoted value that begins in the row of line \(reader.line) goes on to line \
                \(reader.line + reader.furtherLines); line \(reader.line + linesBefore(index) + line) \
                in it begins like a contact, and nobody would call it
                """,
                "look for a quote that was opened or closed in the wrong place"
            )
            return
        }
    }

    /// Lines from the beginning of the record to the field.
    private func linesBefore(_ field: Int) -> Int {
        let end = reader.field(field).start - reader.recordOffset
        return LineCount.breaks(in: reader.record.slice(0, end))
    }

    private func firstContactLine(in text: Bytes) -> Int? {
        var line = 0
        var rest = text
        while let end = rest.firstIndex(where: { LineCount.isBreak($0) }) {
            let isPair =
                rest[end] == UInt8(ascii: "\r") && end + 1 < rest.count
                && rest[end + 1] == UInt8(ascii: "\n")
            rest = rest.slice(end + (isPair ? 2 : 1), rest.count)
            line += 1
            let stop = rest.firstIndex { LineCount.isBreak($0) }
            if beginsLikeContact(rest.slice(0, stop ?? rest.count)) { return line }
        }
        return nil
    }

    /// The values up to the number's place, as if no quote were there.
    private func beginsLikeContact(_ line: Bytes) -> Bool {
        var rest = line
        for _ in 0..<columns.phoneNumber {
            guard let end = rest.firstOffset(of: reader.delimiter) else { return false }
            rest = rest.slice(end + 1, rest.count)
        }
        let end = rest.firstOffset(of: reader.delimiter)
        // A table of one column has no delimiters.
        guard end != nil || columnCount == 1 || columns.phoneNumber == columnCount - 1 else {
            return false
        }
        var value = rest.slice(0, end ?? rest.count).trimmed
        while value.count > 0, value[0] == UInt8(ascii: "\"") {
            value = value.slice(1, value.count)
        }
        while value.count > 0, value[value.count - 1] == UInt8(ascii: "\"") {
            value = value.slice(0, value.count - 1)
        }
        return numberReader.read(value) != nil
    }

    private var unclosedQuote: Message {
        switch reader.furtherLines {
        case 0: "A quote is never closed"
        case 1: "A quote is never closed, so the line behind it is part of this row"
        case let lines:
            "A quote is never closed, so the \(lines) lines behind it are part of this row"
        }
    }
}

private enum LineCount {
    static func isBreak(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    static func breaks(in text: Bytes) -> Int {
        var breaks = 0
        for index in 0..<text.count {
            if text[index] == UInt8(ascii: "\n") {
                breaks += 1
            } else if text[index] == UInt8(ascii: "\r") {
                let isPair = index + 1 < text.count && text[index + 1] == UInt8(ascii: "\n")
                if !isPair { breaks += 1 }
            }
        }
        return breaks
    }
}
