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
        .nullable("pathway", nil, FieldChecks.text),
        // No page has these; programs send and read them.
        .nullable("fallbackLlmModel", nil, FieldChecks.anything),
        .nullable("sttProvider", nil, FieldChecks.anything),
        .nullable("fallbackSttProvider", nil, FieldChecks.anything),
        .nullable("websiteUrl", nil, FieldChecks.anything),
    ])

    /// The ids of phone numbers, which are kept with the numbers and not in the document.
    static let phoneNumberIds = FieldRules(rules: [
        .optional("phoneNumberIds", FieldChecks.elements(FieldChecks.text))
    ])

    static let gap = FieldChecks.members([
        ("days", FieldChecks.nonNegativeNumber), ("hours", FieldChecks.nonNegativeNumber),
    ])

    private static let ownKeyProvider = "11labs_byo"
    private static let knownProviders = [
        "openai", "rime", "elevenlabs", ownKeyProvider, "google", "cartesia",
    ]

    /// The voice's provider when no page of the service names it. The list changes, so it is taken.
    static func unknownProvider(of document: JSONObject) -> String? {
        guard let provider = document["ttsModel"]?.objectValue?["provider"]?.stringValue,
            !knownProviders.contains(provider)
        else { return nil }
        return provider
    }

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

    /// The agent that `body` puts in the place of another. A voice keeps what every voice must have,
    /// as the agent does.
    static func replaced(_ agent: JSONObject, with body: JSONObject) throws -> JSONObject {
        var result = try document.replaced(agent, with: body)
        guard var voice = result["ttsModel"]?.objectValue else { return result }
        let earlier = agent["ttsModel"]?.objectValue
        for member in ["provider", "voiceId", "elevenLabsApiKey"] where voice[member] == nil {
            voice[member] = earlier?[member]
        }
        result["ttsModel"] = .object(voice)
        return result
    }

    /// Completes a document and checks what only the whole of it shows.
    static func finished(_ document: JSONObject) throws -> JSONObject {
        var document = document
        var voice = document["ttsModel"]?.objectValue ?? JSONObject()
        for member in ["provider", "voiceId"] where voice[member] == nil {
            throw Failure.invalid("ttsModel.\(member) is required")
        }
        voice["language"] = voice["language"] ?? "en"
        if voice["provider"] != .string(ownKeyProvider) {
            voice["elevenLabsApiKey"] = nil
        } else if voice["elevenLabsApiKey"] == nil {
            throw Failure.invalid(
                "ttsModel.elevenLabsApiKey is required with the provider \(ownKeyProvider)"
            )
        }
        document["ttsModel"] = .object(voice)
        return document
    }
}
