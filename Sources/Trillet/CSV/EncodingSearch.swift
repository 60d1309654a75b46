import CTrillet

/// Finds out how a text is encoded, from all of it.
struct EncodingSearch: ~Copyable {
    private let buffer: UnsafeMutablePointer<UInt8>
    /// The beginning of a character whose rest is still to come.
    private var kept = 0
    private var wide: TextEncoding?
    private var hasBegun = false
    private var isText = true
    private var isUTF8 = true
    /// Characters beyond ASCII that are well-formed UTF-8.
    private var hasUTF8 = false

    private static let capacity = 64 * 1024

    /// Nil without memory.
    init?() {
        guard let block = shim_reallocate(nil, EncodingSearch.capacity) else { return nil }
        buffer = block.assumingMemoryBound(to: UInt8.self)
    }

    deinit {
        shim_deallocate(buffer)
    }

    var free: UnsafeMutablePointer<UInt8> { buffer + kept }
    var room: Int { EncodingSearch.capacity - kept }

    /// Looks at further bytes; false when enough has been seen.
    mutating func note(_ count: Int) -> Bool {
        guard count > 0 else {
            if kept > 0 { isUTF8 = false }
            return false
        }
        let text = Bytes(start: buffer, count: kept + count)
        if !hasBegun {
            hasBegun = true
            wide = EncodingSearch.wide(text)
            isText = !FileKind.isOther(text)
            if wide != nil || !isText { return false }
        }
        var rest = text
        while let flaw = rest.firstIllFormedUTF8Offset {
            noteUTF8(rest.slice(0, flaw))
            // A character may go on in the next piece.
            if rest.count - flaw < 4, rest[flaw] >= 0xC2 {
                kept = rest.count - flaw
                for index in 0..<kept { buffer[index] = rest[flaw + index] }
                return true
            }
            isUTF8 = false
            rest = rest.slice(flaw + 1, rest.count)
        }
        noteUTF8(rest)
        kept = 0
        return true
    }

    private mutating func noteUTF8(_ text: Bytes) {
        if !hasUTF8 { hasUTF8 = text.contains { $0 >= 0x80 } }
    }

    /// A text with characters of both kinds stays as it is, so that each row can be judged, and so
    /// does what is no text, so that an error can name it.
    var result: TextEncoding {
        if let wide { return wide }
        return isUTF8 || hasUTF8 || !isText ? .utf8 : .windows1252
    }

    /// UTF-16, with its mark or by how text begins that is mostly ASCII: a zero beside each letter.
    static func wide(_ opening: Bytes) -> TextEncoding? {
        guard opening.count >= 4 else { return nil }
        switch (opening[0], opening[1]) {
        case (0xFF, 0xFE): return opening[2] == 0 && opening[3] == 0 ? nil : .utf16LittleEndian
        case (0xFE, 0xFF): return .utf16BigEndian
        default: break
        }
        let length = min(opening.count, 64) & ~1
        var evenZeros = 0
        var oddZeros = 0
        for index in 0..<length where opening[index] == 0 {
            if index & 1 == 0 { evenZeros += 1 } else { oddZeros += 1 }
        }
        let half = length / 2
        if oddZeros * 4 > half * 3, evenZeros == 0 { return .utf16LittleEndian }
        if evenZeros * 4 > half * 3, oddZeros == 0 { return .utf16BigEndian }
        return nil
    }
}
