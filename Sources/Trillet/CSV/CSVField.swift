/// A field of a record, by its place in the reader's buffer.
struct CSVField {
    /// Behind the opening quote, where there is one.
    let start: Int
    let end: Int
    let quoting: Quoting

    enum Quoting {
        case none
        case quoted
        /// Quotes stand in it twice.
        case doubled
        /// Text stands behind the closing quote, or the quote is not closed: not RFC 4180. `start`
        /// and `end` are those of the field as it is written, quotes included.
        case malformed
    }
}
