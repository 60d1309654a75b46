import CTrillet

/// Hides secrets in texts that come from outside: a client's and a request's, as they are,
/// percent-encoded as in a URL, and escaped as in JSON; and whatever stands under the name of one.
struct SecretMask: Sendable {
    private var secrets: [[UInt8]] = []

    /// Shorter ones are in every text, and protect nothing. docs/decisions.md, masked-secrets.
    private static let shortestSecret = 4
    /// A text that was cut inside a secret still gives it away when this much of it is left.
    private static let shortestPrefix = 8

    init() {}

    init(_ secrets: [[UInt8]]) {
        for secret in secrets { secret.withUnsafeBufferPointer { hide($0) } }
    }

    @inline(never)
    mutating func hide(_ secret: Bytes) {
        if secret.count >= SecretMask.shortestSecret { secrets.append(Array(secret)) }
    }

    /// Hides the strings and numbers of well-formed JSON that stand under the name of a secret.
    mutating func hideSecrets(in text: Bytes) {
        var offset = 0
        var hiddenEnd = 0
        while true {
            let value = shim_next_json_secret(text.baseAddress, text.count, &offset, &hiddenEnd)
            if value.end == 0 { return }
            let content = SecretMask.content(of: text.slice(value.start, value.end))
            hide(content.bytes)
        }
    }

    /// Appends `text` with `***` for each secret, until `limit` bytes have been appended. Returns
    /// whether there was a secret.
    @discardableResult
    func append(_ text: Bytes, to buffer: inout ByteBuffer, limit: Int = .max) -> Bool {
        var plainStart = 0
        var offset = 0
        var hidden = 0
        while offset < text.count, offset - hidden < limit {
            var secret = shim_named_secret(text.baseAddress, text.count, offset)
            if let end = end(in: text, at: offset) { secret = shim_part(start: offset, end: end) }
            guard secret.end > secret.start else {
                offset += 1
                continue
            }
            buffer.append(text.slice(plainStart, secret.start))
            buffer.append("***")
            hidden += secret.end - secret.start - 3
            offset = secret.end
            plainStart = offset
        }
        buffer.append(text.slice(plainStart, offset))
        return plainStart > 0
    }

    /// Appends well-formed JSON unchanged, except for the secrets in it.
    func append(json text: Bytes, to buffer: inout ByteBuffer) {
        var plainStart = 0
        var offset = 0
        while offset < text.count {
            var start = offset
            offset = shim_json_token_end(text.baseAddress, text.count, start)
            let value = shim_json_secret(text.baseAddress, text.count, start, offset)
            var shown = ByteBuffer()
            if value.end > 0 {
                (start, offset) = (value.start, value.end)
                shown.append("***")
            } else {
                // Decoded, a secret is found however it is escaped, and no escape is cut in two.
                let content = SecretMask.content(of: text.slice(start, offset))
                guard append(content.bytes, to: &shown) else { continue }
            }
            buffer.append(text.slice(plainStart, start))
            buffer.append(jsonString: shown.bytes)
            plainStart = offset
        }
        buffer.append(text.slice(plainStart, text.count))
    }

    /// The text that a string stands for; of a number, its digits.
    @inline(never)
    private static func content(of token: Bytes) -> ByteBuffer {
        var content = ByteBuffer()
        if token[0] == UInt8(ascii: "\"") {
            JSONText(of: JSONValue(kind: .string, text: token, hasEscapes: true))
                .decode(into: &content)
        } else {
            content.append(token)
        }
        return content
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
