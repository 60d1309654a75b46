import CTrillet

extension ClientOptions {
    init(json text: Bytes) throws(Failure) {
        self.init()
        try NamedMembers.forEach(in: text, kind: .configuration) {
            (name: Name, option: NamedMember) throws(Failure) in
            try read(name, option)
        }
        if readsEnvironment { readEnvironment() }
        if apiKey == nil {
            throw Failure.configuration(
                "There is no API key: give apiKey in the options or set TRILLET_API_KEY",
                field: "apiKey"
            )
        }
        try refuseFurtherLines(apiKey, "TRILLET_API_KEY", "apiKey")
        try refuseFurtherLines(workspaceID, "TRILLET_WORKSPACE_ID", "workspaceId")
    }

    /// Only what the environment has may have any: they would be lines of the request's head.
    private func refuseFurtherLines(
        _ text: [UInt8]?,
        _ variable: Message,
        _ field: Message
    ) throws(Failure) {
        guard let text, text.contains(where: { $0.isControl }) else { return }
        throw Failure.configuration(
            "\(variable) must not contain line ends or other control characters",
            field: field
        )
    }

    var serviceURL: [UInt8] { baseURL ?? Array(ClientOptions.defaultBaseURL.bytes) }

    /// Without a limit of their own, connections are no reason to wait.
    var mostConnections: Int { maxConnections ?? max(64, maxInFlight) }
}

enum Environment {
    /// A variable, nil when it is not set or empty.
    @inline(never)
    static func text(_ name: StaticString) -> [UInt8]? {
        let text = Bytes(text: shim_environment(name.cText)).trimmed
        return text.count == 0 ? nil : Array(text)
    }
}

/// Where submitted requests are sent.
enum Engine {
    /// On a thread of the client's own.
    case thread
    /// On the threads of the host that drive the client.
    case caller
}

enum RouteStyle {
    /// The overview's, or where the service does not have it the published one.
    case auto
    /// The paths of the API overview.
    case overview
    /// The paths, verbs and field names of the pages published for each endpoint.
    case published
}
