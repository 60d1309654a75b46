/// With what a webhook is checked.
struct WebhookOptions {
    enum Name: Int, MemberName {
        case secrets, secret, scheme, secretEncoding

        static var noun: MemberNoun { .option }

        var text: StaticString {
            switch self {
            case .secrets: "secrets"
            case .secret: "secret"
            case .scheme: "scheme"
            case .secretEncoding: "secretEncoding"
            }
        }
    }

    /// The keys; any of them may have been used, so that a secret can be changed without a gap.
    private(set) var keys: [[UInt8]] = []
    /// Whether the header carries the secret itself, not a signature.
    private(set) var isPlain = false
    private var encoding = 0

    init(json text: Bytes) throws(Failure) {
        // How the secrets are written must be known before they are read.
        for readsSecrets in [false, true] {
            try NamedMembers.forEach(in: text) {
                (name: Name, option: NamedMember) throws(Failure) in
                if readsSecrets == (name.rawValue <= Name.secret.rawValue) {
                    try read(name, option)
                }
            }
        }
    }

    @inline(never)
    private mutating func read(_ name: Name, _ option: NamedMember) throws(Failure) {
        switch name {
        case .scheme:
            isPlain = try option.place(in: "hmac secret") == 1
        case .secretEncoding:
            encoding = try option.place(in: "text hex base64")
        case .secrets, .secret:
            guard option.value.kind == .array else {
                keys.append(try key(option.value, option))
                return
            }
            try option.value.forEachElement { (element: JSONValue) throws(Failure) in
                keys.append(try key(element, option))
            }
        }
    }

    /// An empty secret would let anybody sign.
    private func key(_ value: JSONValue, _ option: NamedMember) throws(Failure) -> [UInt8] {
        guard let text = value.string?.decoded() else {
            throw option.failure("must be a string or a list of strings")
        }
        let key: [UInt8]? =
            encoding == 0
            ? text
            : text.withUnsafeBufferPointer {
                encoding == 1 ? BytesText.hexadecimal($0) : BytesText.base64($0)
            }
        guard let key else { throw option.failure("is not written as 'secretEncoding' says") }
        guard !key.isEmpty else {
            throw WebhookCheck.failure("secret_missing", "A secret is empty; anybody could sign")
        }
        return key
    }
}

extension NamedMember {
    /// The place of the value in a list of words.
    fileprivate func place(in words: StaticString) throws(Failure) -> Int {
        let given = try string()
        let found = given.withUnsafeBufferPointer { WordList.find($0, in: words) }
        guard let found else { throw failure("must be one of these: \(words)") }
        return found.place
    }
}
