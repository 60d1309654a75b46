/// Hides the API key in texts that come from outside: as it is, percent-encoded as in a URL, and
/// escaped as in JSON.
struct SecretMask {
    private let secret: [UInt8]

    /// A text that was cut inside the key still gives it away when this much of it is left.
    private static let shortestPrefix = 8

    init(_ secret: [UInt8]) {
        self.secret = secret
    }

    /// Appends `text` with `***` for the key, until `limit` bytes have been appended.
    func append(_ text: Bytes, to buffer: inout ByteBuffer, limit: Int) {
        var remaining = limit
        var plainStart = 0
        var offset = 0
        while offset < text.count, remaining > 0 {
            if let end = end(in: text, at: offset) {
                buffer.append(text.slice(plainStart, offset))
                buffer.append("***")
                remaining -= 3
                offset = end
                plainStart = end
            } else {
                remaining -= 1
                offset += 1
            }
        }
        buffer.append(text.slice(plainStart, offset))
    }

    private enum Spelling: CaseIterable {
        case plain
        case percent
        case json
    }

    /// Where the key that starts at `offset` ends, nil when none starts there.
    private func end(in text: Bytes, at offset: Int) -> Int? {
        guard let first = secret.first else { return nil }
        let byte = text[offset]
        guard byte == first || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\") else {
            return nil
        }
        for spelling in Spelling.allCases {
            if let end = end(in: text, at: offset, spelling) { return end }
        }
        return nil
    }

    private func end(in text: Bytes, at start: Int, _ spelling: Spelling) -> Int? {
        var offset = start
        var matched = 0
        while matched < secret.count {
            if offset == text.count || text.slice(offset, offset + 3).equals("…") {
                return matched >= SecretMask.shortestPrefix ? offset : nil
            }
            if let escape = escape(in: text, at: offset, spelling),
                let count = matchedCount(escape, at: matched, spelling)
            {
                offset += escape.length
                matched += count
            } else if text[offset] == secret[matched] {
                offset += 1
                matched += 1
            } else {
                return nil
            }
        }
        return offset
    }

    private func escape(
        in text: Bytes,
        at offset: Int,
        _ spelling: Spelling
    ) -> EscapedCharacter? {
        switch spelling {
        case .plain: nil
        case .percent: EscapedCharacter.percent(in: text, at: offset)
        case .json: EscapedCharacter.json(in: text, at: offset)
        }
    }

    /// How many bytes of the key the escape stands for, nil when it stands for others.
    private func matchedCount(
        _ escape: EscapedCharacter,
        at matched: Int,
        _ spelling: Spelling
    ) -> Int? {
        if spelling == .percent || escape.scalar < 0x80 {
            return UInt32(secret[matched]) == escape.scalar ? 1 : nil
        }
        var character = ByteBuffer(capacity: 4)
        character.append(scalar: escape.scalar)
        let isEqual = secret.withUnsafeBufferPointer {
            $0.slice(matched, matched + character.count).equals(character.bytes)
        }
        return isEqual ? character.count : nil
    }
}
