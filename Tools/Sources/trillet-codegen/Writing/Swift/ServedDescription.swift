import Yams

/// The description as the sandbox serves it: JSON, with the sandbox itself as the only server and
/// without what concerns the library alone.
func servedDescription(of description: Description) throws -> String {
    let servers = JSONText.quoted("servers") + ":[{\"url\":\"/\"}]"
    let root = YAMLValue(node: description.root, place: "root")
    let members = try root.members()
        .filter { $0.key != "x-trillet-library" }
        .map { key, value in
            key == "servers"
                ? servers : "\(JSONText.quoted(key)):\(JSONText.compact(value.node))"
        }
    return """
        // \(generatedMark)

        // The text is one line, however long.
        // swift-format-ignore-file

        enum ServedDescription {
            static let json: StaticString = ##\"""
                {\(members.joined(separator: ","))}
                \"""##
        }

        """
}
