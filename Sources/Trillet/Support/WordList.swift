import CTrillet

/// Words in one text with a space between them: a table of names without an address for each.
enum WordList {
    struct Found {
        let place: Int
        let word: Bytes
    }

    /// The word that `text` is, whatever its case, and `_`, `-` or `.` between its parts.
    @inline(never)
    static func find(_ text: Bytes, in words: StaticString) -> Found? {
        let list = words.bytes
        var found = shim_part()
        let place = shim_word_place(
            text.baseAddress,
            text.count,
            list.baseAddress,
            list.count,
            &found
        )
        if place < 0 { return nil }
        return Found(place: Int(place), word: list.slice(found.start, found.end))
    }
}
