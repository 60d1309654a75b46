/// A log of the options shows neither the key nor a proxy's password.
extension ClientOptions: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        "ClientOptions(baseUrl: \(baseUrl ?? "default"), workspaceId: \(workspaceId ?? "default"))"
    }

    public var debugDescription: String { description }

    public var customMirror: Mirror {
        Mirror(self, children: ["baseUrl": baseUrl as Any, "workspaceId": workspaceId as Any])
    }
}
