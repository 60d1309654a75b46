/// One thing that is wrong with a contact file.
struct RowProblem {
    enum Kind {
        case missingNumber, scientificNumber, date, decimalNumber, extensionNumber, notANumber
        case noPlus, nationalNumber, badCountry, trunkPrefix, areaCode, tooShort, tooLong
        case ragged, quote, encoding, control
        /// Values that are too few, or too many and empty; `ragged` is the same as an error.
        case unevenRow
        case duplicate, emptyValue, swallowedRows, spaceBeforeQuote
        case missingColumn, unnamedColumn, noRows, tooLarge, tooManyRows

        var name: StaticString {
            switch self {
            case .missingNumber: "missing_number"
            case .scientificNumber: "scientific"
            case .date: "date"
            case .decimalNumber: "decimal"
            case .extensionNumber: "extension"
            case .notANumber: "not_a_number"
            case .noPlus: "no_plus"
            case .nationalNumber: "national"
            case .badCountry: "country_code"
            case .trunkPrefix: "trunk_prefix"
            case .areaCode: "area_code"
            case .tooShort: "too_short"
            case .tooLong: "too_long"
            case .ragged, .unevenRow: "ragged"
            case .quote: "quote"
            case .encoding: "encoding"
            case .control: "control_character"
            case .duplicate: "duplicate"
            case .emptyValue: "empty_value"
            case .swallowedRows: "swallowed_rows"
            case .spaceBeforeQuote: "space_before_quote"
            case .missingColumn: "missing_column"
            case .unnamedColumn: "unnamed_column"
            case .noRows: "no_rows"
            case .tooLarge: "too_large"
            case .tooManyRows: "too_many_rows"
            }
        }

        /// A warning does not reject the row.
        var isWarning: Bool {
            switch self {
            case .unevenRow, .duplicate, .emptyValue, .swallowedRows, .spaceBeforeQuote,
                .unnamedColumn:
                true
            default: false
            }
        }
    }

    let kind: Kind
    /// Data rows from 1; 0 for the file as a whole.
    let row: Int
    let line: Int
    var column: [UInt8] = []
    var value: [UInt8]?
    let message: Message
    var suggestion: Message?
    /// Whether the row was not rejected before, where the file says which were.
    var isNew: Bool?

    /// Longest value that is quoted whole.
    private static let longestValue = 200

    static func quoted(_ value: Bytes) -> [UInt8] {
        guard value.count > longestValue else { return Array(value) }
        var end = longestValue
        while end > 0, value[end] & 0xC0 == 0x80 { end -= 1 }
        return Array(value.slice(0, end))
    }

    func write(to json: inout ByteBuffer) {
        json.append("{\"row\":")
        json.append(decimal: row)
        json.append(",\"line\":")
        json.append(decimal: line)
        json.append(",\"column\":")
        column.isEmpty ? json.append("null") : json.append(jsonString: column)
        json.append(",\"value\":")
        if let value { json.append(jsonString: value) } else { json.append("null") }
        json.append(",\"kind\":\"")
        json.append(kind.name)
        json.append("\",\"severity\":")
        json.append(kind.isWarning ? "\"warning\"" : "\"error\"")
        json.append(",\"message\":")
        json.append(jsonString: message.bytes)
        json.append(",\"suggestion\":")
        if let suggestion { json.append(jsonString: suggestion.bytes) } else { json.append("null") }
        if let isNew { json.append(isNew ? ",\"isNew\":true" : ",\"isNew\":false") }
        json.append(UInt8(ascii: "}"))
    }
}
