/// What a flow's fields may be, and what they are when nobody says.
enum FlowRules {
    static let document = FieldRules(rules: [
        .nullable("folderId", .null, FieldChecks.text),
        .optional("isGlobal", false, FieldChecks.flag),
        .optional("isPreConfigured", false, FieldChecks.flag),
        .nullable("preConfiguredWorkspaceId", .null, FieldChecks.text),
        .required("name", FieldChecks.nonEmptyText),
        .optional("description", "", FieldChecks.text),
        .required("direction", FieldChecks.oneOf("inbound", "outbound", "bidirectional")),
        .nullable("agent", nil, FieldChecks.text),
        .required("promptType", FieldChecks.oneOf("simple", "flow")),
        .optional("prompt", "", FieldChecks.text),
        .optional(
            "welcomeMessage",
            "user_initiated",
            FieldChecks.oneOf("user_initiated", "ai_dynamic", "ai_custom")
        ),
        .optional("customWelcomeMessage", FieldChecks.text),
        .optional(
            "flowData",
            ["nodes": [], "edges": []],
            FieldChecks.members([
                ("nodes", FieldChecks.elements(FieldChecks.object)),
                ("edges", FieldChecks.elements(FieldChecks.object)),
            ])
        ),
        .optional("isActive", true, FieldChecks.flag),
        .optional("agentWebhookUrl", FieldChecks.text),
        .optional("inboundWebhookUrl", FieldChecks.text),
        // Programs answer such a webhook; no page says where it is set.
        .optional("preCallWebhookUrl", FieldChecks.text),
        .optional("dynamicVariableCollections", [], FieldChecks.elements(collection)),
        .optional("settings", defaultSettings, settings),
        .optional("webhooks", [], FieldChecks.elements(webhook)),
        // No page has these; programs send and read them.
        .nullable("speechSetting", nil, FieldChecks.anything),
        .nullable("enableRecording", nil, FieldChecks.anything),
        .nullable("allowAgentHangUp", nil, FieldChecks.anything),
        .nullable("timeContextEnabled", nil, FieldChecks.anything),
        .nullable("fasterInboundPickup", nil, FieldChecks.anything),
        .nullable("enableEndCallInstructions", nil, FieldChecks.anything),
    ])

    private static let defaultSettings: JSON = [
        "knowledgeBases": [],
        "responseSettings": ["delay": 1],
        "security": ["hipaaCompliance": false],
        "callSetting": ["maxCallDuration": 3_600, "endCallOnSilence": 30],
    ]

    /// The fields of a new flow; its settings lie over the default ones.
    static func created(from body: JSONObject) throws -> JSONObject {
        var flow = try document.created(from: body)
        if let defaults = defaultSettings.objectValue, let given = flow["settings"]?.objectValue {
            flow["settings"] = .object(defaults.merging(given))
        }
        return flow
    }

    /// The flow after an update. Webhooks are added to those that are there, never edited.
    ///
    /// - Parameter replacesSettings: whether they are those of the update, not merged with it.
    static func updated(
        _ flow: JSONObject,
        with changes: JSONObject,
        replacesSettings: Bool = false
    ) -> JSONObject {
        var flow = flow
        var changes = changes
        if replacesSettings, changes["settings"] != nil { flow["settings"] = nil }
        if let added = changes["webhooks"]?.arrayValue {
            changes["webhooks"] = .array((flow["webhooks"]?.arrayValue ?? []) + added)
        }
        return document.updated(flow, with: changes)
    }

    private static let collection: FieldCheck = { value, path in
        let checked = try FieldChecks.members([
            ("id", FieldChecks.text), ("name", FieldChecks.text), ("isDefault", FieldChecks.flag),
            ("variables", FieldChecks.listOfTexts("key", "value")),
        ])(value, path)
        guard let given = checked.objectValue else { return checked }
        var collection: JSONObject = [
            "id": given["id"] ?? .string(Identifier.call()),
            "name": given["name"] ?? "",
            "isDefault": given["isDefault"] ?? false,
            "variables": given["variables"] ?? [],
        ]
        for key in given.keys where collection[key] == nil { collection[key] = given[key] }
        return .object(collection)
    }

    /// The create page calls the call block `callSettings`, every other page `callSetting`.
    private static let settings: FieldCheck = { value, path in
        guard var settings = value.objectValue else {
            throw Failure.invalid("\(path) must be an object")
        }
        if let plural = settings["callSettings"] {
            settings["callSettings"] = nil
            settings["callSetting"] = settings["callSetting"] ?? plural
        }
        return try FieldChecks.members([
            ("enableHumanLikeVoiceAndTone", FieldChecks.flag),
            ("welcomeMessageDelay", FieldChecks.nonNegativeNumber),
            ("customerLocation", FieldChecks.text),
            ("utilizePriorCallsContext", FieldChecks.flag),
            ("responseSettings", responseSettings),
            (
                "security",
                FieldChecks.members([
                    ("hipaaCompliance", FieldChecks.flag), ("publicAccess", FieldChecks.flag),
                ])
            ),
            (
                "callSetting",
                FieldChecks.members([
                    ("maxCallDuration", FieldChecks.nonNegativeNumber),
                    ("endCallOnSilence", FieldChecks.nonNegativeNumber),
                    ("trilletVoiceGuard", FieldChecks.flag),
                    ("reminderMessages", FieldChecks.array),
                ])
            ),
            ("knowledgeBases", FieldChecks.elements(FieldChecks.text)),
            ("knowledgeBaseFiles", FieldChecks.listOfTexts("filename", "key", "url")),
            ("transfers", FieldChecks.array),
        ])(.object(settings), path)
    }

    private static let responseSettings = FieldChecks.members([
        ("delay", FieldChecks.nonNegativeNumber),
        (
            "workingHours",
            FieldChecks.members([
                ("enabled", FieldChecks.flag), ("start", timeOfDay), ("end", timeOfDay),
                ("timezone", FieldChecks.text), ("outOfHoursMessage", FieldChecks.text),
            ])
        ),
    ])

    private static let timeOfDay: FieldCheck = { value, path in
        let parts = (value.stringValue ?? "").split(
            separator: ":",
            omittingEmptySubsequences: false
        )
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = Int(parts[0]),
            let minute = Int(parts[1]), (0..<24).contains(hour), (0..<60).contains(minute),
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { throw Failure.invalid("\(path) must be a time of day such as 09:30") }
        return value
    }

    /// The create page calls a webhook's variables `variablesforcallflow`, the update page `variables`.
    private static let webhook: FieldCheck = { value, path in
        guard var webhook = value.objectValue else {
            throw Failure.invalid("\(path) must be an object")
        }
        if let variables = webhook["variablesforcallflow"] {
            webhook["variablesforcallflow"] = nil
            webhook["variables"] = webhook["variables"] ?? variables
        }
        return try FieldChecks.members([
            ("name", FieldChecks.text), ("description", FieldChecks.text),
            ("url", FieldChecks.text), ("method", FieldChecks.text),
            ("headers", FieldChecks.object), ("body", FieldChecks.text),
            ("responseVariables", FieldChecks.listOfTexts("name", "path", "description")),
            ("variables", FieldChecks.listOfTexts("name", "description")),
            ("isTesting", FieldChecks.flag),
            ("testResponse", FieldChecks.text), ("textToSpeak", FieldChecks.text),
        ])(.object(webhook), path)
    }
}
