/// Words in one text with a space between them: a table of names without an address for each.
enum WordList {
    struct Found {
        let place: Int
        let word: Bytes
    }

    /// The word that `text` is, whatever its case, and `_`, `-` or `.` between its parts.
    @inline(never)
    static func find(_ text: Bytes, in words: StaticString) -> Found? {
        var rest = words.bytes
        var place = 0
        while rest.count > 0 {
            let end = rest.firstOffset(of: UInt8(ascii: " ")) ?? rest.count
            let word = rest.slice(0, end)
            if areAlike(text, word) { return Found(place: place, word: word) }
            rest = rest.slice(end + 1, rest.count)
            place += 1
        }
        return nil
    }

    private static func areAlike(_ one: Bytes, _ other: Bytes) -> Bool {
        var (mine, theirs) = (0, 0)
        while true {
            while mine < one.count, isJoint(one[mine]) { mine += 1 }
            while theirs < other.count, isJoint(other[theirs]) { theirs += 1 }
            guard mine < one.count, theirs < other.count else {
                return mine == one.count && theirs == other.count
            }
            if one[mine].lowercasedASCII != other[theirs].lowercasedASCII { return false }
            mine += 1
            theirs += 1
        }
    }

    private static func isJoint(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
}
