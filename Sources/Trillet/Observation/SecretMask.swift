/// Hides a client's secrets in texts that come from outside: as they are, percent-encoded as in a
/// URL, and escaped as in JSON.
struct SecretMask: Sendable {
    private let secrets: [[UInt8]]

    /// Shorter ones are in every text, and protect nothing. docs/decisions.md, masked-secrets.
    private static let shortestSecret = 4
    /// A text that was cut inside a secret still gives it away when this much of it is left.
    private static let shortestPrefix = 8

    init(_ secrets: [[UInt8]] = []) {
        self.secrets = secrets.filter { $0.count >= SecretMask.shortestSecret }
    }

    /// Appends `text` with `***` for each secret, until `limit` bytes have been appended.
    func append(_ text: Bytes, to buffer: inout ByteBuffer, limit: Int = .max) {
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

    /// Appends well-formed JSON unchanged, except for the secrets in its strings and numbers.
    func append(json text: Bytes, to buffer: inout ByteBuffer) {
        var plainStart = 0
        var offset = 0
        while offset < text.count {
            let end = SecretMask.tokenEnd(in: text, at: offset)
            if let masked = masked(token: text.slice(offset, end)) {
                buffer.append(text.slice(plainStart, offset))
                buffer.append(jsonString: masked)
                plainStart = end
            }
            offset = end
        }
        buffer.append(text.slice(plainStart, text.count))
    }

    /// What is to stand for a string or number of JSON; nil when it shows no secret.
    private func masked(token: Bytes) -> [UInt8]? {
        let isString = token[0] == UInt8(ascii: "\"")
        guard isString || token[0].isASCIIDigit || token[0] == UInt8(ascii: "-") else { return nil }
        let hasEscapes = isString && token.firstOffset(of: UInt8(ascii: "\\")) != nil
        // Decoded, a secret is found however it is escaped, and no escape is cut in two.
        let value = JSONValue(kind: .string, text: token, hasEscapes: hasEscapes)
        guard hasEscapes else { return masked(isString ? JSONText(of: value).raw : token) }
        var content = ByteBuffer()
        JSONText(of: value).decode(into: &content)
        return masked(content.bytes)
    }

    private func masked(_ text: Bytes) -> [UInt8]? {
        guard shows(text) else { return nil }
        var masked = ByteBuffer(capacity: text.count)
        append(text, to: &masked)
        return Array(masked.bytes)
    }

    /// The end of the string or number at `offset`; of anything else, its first byte's.
    private static func tokenEnd(in text: Bytes, at offset: Int) -> Int {
        var end = offset + 1
        if text[offset] == UInt8(ascii: "\"") {
            while end < text.count, text[end] != UInt8(ascii: "\"") {
                end += text[end] == UInt8(ascii: "\\") ? 2 : 1
            }
            return min(end + 1, text.count)
        }
        guard text[offset].isASCIIDigit || text[offset] == UInt8(ascii: "-") else { return end }
        while end < text.count {
            switch text[end] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"),
                UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
                end += 1
            default:
                return end
            }
        }
        return end
    }

    private func shows(_ text: Bytes) -> Bool {
        for offset in 0..<text.count where end(in: text, at: offset) != nil { return true }
        return false
    }

    private enum Spelling: CaseIterable {
        case plain
        case percent
        case json
    }

    /// Where the longest secret that starts at `offset` ends, nil when none starts there.
    private func end(in text: Bytes, at offset: Int) -> Int? {
        let byte = text[offset]
        var longest: Int?
        for secret in secrets {
            guard byte == secret[0] || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\")
            else { continue }
            for spelling in Spelling.allCases {
                guard let end = end(of: secret, in: text, at: offset, spelling) else { continue }
                longest = max(longest ?? 0, end)
            }
        }
        return longest
    }

    private func end(
        of secret: [UInt8],
        in text: Bytes,
        at start: Int,
        _ spelling: Spelling
    ) -> Int? {
        var offset = start
        var matched = 0
        // A secret may itself contain what marks a cut.
        var cut: Int?
        while matched < secret.count {
            let isCut =
                offset >= text.count || SecretMask.isEllipsis(text.slice(offset, offset + 3))
            if isCut, matched >= SecretMask.shortestPrefix { cut = offset }
            if offset >= text.count { return cut }
            if let escape = escape(in: text, at: offset, spelling),
                let count = matchedCount(escape, of: secret, at: matched, spelling)
            {
                offset += escape.length
                matched += count
            } else if text[offset] == secret[matched] {
                offset += 1
                matched += 1
            } else {
                return cut
            }
        }
        return offset
    }

    private static func isEllipsis(_ text: Bytes) -> Bool {
        text.equals("…") || text.equals("...")
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

    /// How many bytes of the secret the escape stands for, nil when it stands for others.
    private func matchedCount(
        _ escape: EscapedCharacter,
        of secret: [UInt8],
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
