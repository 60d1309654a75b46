/// What an agent's fields may be, and what they are when nobody says.
enum AgentRules {
    static let document = FieldRules(rules: [
        .required("name", FieldChecks.nonEmptyText),
        .optional("type", "voice", FieldChecks.oneOf("voice", "chat")),
        .required("llmModel", FieldChecks.nonEmptyText),
        .required("ttsModel", voice),
        .optional(
            "settings",
            [:],
            FieldChecks.members([
                ("speed", FieldChecks.nonNegativeNumber),
                ("volume", FieldChecks.nonNegativeNumber),
                ("temperature", FieldChecks.nonNegativeNumber),
            ])
        ),
        .optional("systemPrompt", FieldChecks.text),
        .optional("smartCallback", false, FieldChecks.flag),
        .optional("maxAttemptsForSmartCallback", 5, FieldChecks.positiveWholeNumber),
        .optional("gapBetweenEachAttemptForSmartCallback", [], FieldChecks.elements(gap)),
        .optional("variables", [:], FieldChecks.object),
        .optional("pathway", FieldChecks.nonEmptyText),
    ])

    /// The ids of phone numbers, which are kept with the numbers and not in the document.
    static let phoneNumberIds = FieldRules(rules: [
        .optional("phoneNumberIds", FieldChecks.elements(FieldChecks.nonEmptyText))
    ])

    static let gap = FieldChecks.members([
        ("days", FieldChecks.nonNegativeNumber), ("hours", FieldChecks.nonNegativeNumber),
    ])

    private static let ownKeyProvider = "11labs_byo"

    private static let voice: FieldCheck = { value, path in
        let checked = try FieldChecks.members([
            ("provider", FieldChecks.nonEmptyText), ("voiceId", FieldChecks.nonEmptyText),
            ("language", FieldChecks.nonEmptyText), ("name", FieldChecks.text),
            ("elevenLabsApiKey", FieldChecks.nonEmptyText),
        ])(value, path)
        guard var voice = checked.objectValue else { return checked }
        if let key = voice["elevenLabsApiKey"]?.stringValue {
            let isConcealed = key.hasPrefix(Identifier.concealmentPrefix)
            voice["elevenLabsApiKey"] = .string(isConcealed ? key : Identifier.concealment())
        }
        return .object(voice)
    }

    /// Completes a document and checks what only the whole of it shows.
    static func finished(_ document: JSONObject) throws -> JSONObject {
        var document = document
        var voice = document["ttsModel"]?.objectValue ?? JSONObject()
        for member in ["provider", "voiceId"] where voice[member] == nil || voice[member] == .null {
            throw Failure.invalid("ttsModel.\(member) is required")
        }
        if voice["language"] == nil || voice["language"] == .null { voice["language"] = "en" }
        if voice["provider"] == .string(ownKeyProvider), voice["elevenLabsApiKey"] == nil {
            throw Failure.invalid(
                "ttsModel.elevenLabsApiKey is required with the provider \(ownKeyProvider)"
            )
        }
        document["ttsModel"] = .object(voice)
        return document
    }
}
