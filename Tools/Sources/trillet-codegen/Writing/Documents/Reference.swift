/// docs/reference.md: every function, with both languages' ways to call it.
struct Reference: Writer {
    let path = "docs/reference.md"

    private let description: Description
    private let library: Library

    init(_ description: Description) {
        self.description = description
        library = description.library
    }

    func text() -> String {
        var parts = [introduction, contents]
        parts += library.guide.map(section)
        parts.append("## Functions without an endpoint")
        parts.append(constantTable)
        parts += library.callbacks.map(callbackText)
        for group in library.groups {
            parts.append("### \(group.title)\n\n\(group.description)")
            parts += library.functions.filter { $0.group == group.name }.map(functionText)
        }
        for resource in description.resources {
            parts.append("## \(title(of: resource))\n\n\(resource.description)")
            for operation in description.operations(of: resource) {
                parts.append(OperationReference(operation, in: description).text())
            }
        }
        parts.append("## Objects\n\n\(objectsIntroduction)")
        parts += objects.map(recordText)
        parts.append("## Error bodies\n\n\(errorsIntroduction)")
        parts += description.records.filter { $0.errorShape != nil }.map(recordText)
        return parts.joined(separator: "\n\n") + "\n"
    }

    // MARK: Opening

    private var introduction: String {
        """
        <!-- \(generatedMark) -->

        # libtrillet \(library.version): reference

        Every function of the C library, with the method of the Python package that calls it. The
        service publishes its API in pieces that do not always agree. What nobody publishes, and this
        library therefore had to assume, is marked \u{2020}, and the reason stands beside it.
        """
    }

    private var contents: String {
        let rows = description.operations.map { operation in
            let anchor = operation.function
            return "| [`\(operation.function)`](#\(anchor)) | `\(operation.id)` "
                + "| `\(operation.overview.line)` | \(operation.summary) |"
        }
        return """
            ## The operations at a glance

            | function | operation | method and path | |
            | --- | --- | --- | --- |
            \(rows.joined(separator: "\n"))
            """
    }

    private func section(_ section: GuideSection) -> String {
        var text = "## \(section.title)"
        for block in blocks(of: section.text) {
            switch block {
            case .paragraph(let paragraph): text += "\n\n\(paragraph)"
            case .verbatim(let lines): text += "\n\n```json\n\(lines.joined(separator: "\n"))\n```"
            }
        }
        guard let table = section.table else { return text }
        return text + "\n\n" + tableText(table)
    }

    private func tableText(_ table: GuideSection.Table) -> String {
        switch table {
        case .errorTypes:
            let rows = library.errorTypes.map { "| `\($0.type)` | \($0.description) |" }
            return "| `error.type` | meaning |\n| --- | --- |\n" + rows.joined(separator: "\n")
        case .clientOptions:
            return optionTable(library.clientOptions)
        case .requestOptions:
            return optionTable(library.requestOptions)
        case .checkOptions:
            return optionTable(library.checkOptions)
        }
    }

    private func optionTable(_ options: [LibraryOption]) -> String {
        let rows = options.map { option in
            let unit = option.unit.map { ", \($0)" } ?? ""
            return "| `\(option.name)` | \(option.typeText)\(unit) "
                + "| \(option.rangeText ?? "") "
                + "| \(option.defaultText) | \(option.since) | \(option.description) |"
        }
        return "| option | type | range | default | since | meaning |\n"
            + "| --- | --- | --- | --- | --- | --- |\n"
            + rows.joined(separator: "\n")
    }

    // MARK: Constants and callbacks

    private var constantTable: String {
        let rows = library.constants.map { "| `\($0.name)` | \($0.value) | \($0.description) |" }
        return "| constant | value | meaning |\n| --- | --- | --- |\n"
            + rows.joined(separator: "\n")
    }

    private func callbackText(_ callback: Callback) -> String {
        let list = callback.parameters.map { declaration($0.type, $0.name) }
        let type = "\(callback.returnType) (*\(callback.name))(\(list.joined(separator: ", ")))"
        return [
            "#### `\(callback.name)`", "```c\ntypedef \(type);\n```", callback.summary,
            callback.description,
        ].joined(separator: "\n\n")
    }

    // MARK: Functions

    private func functionText(_ function: Function) -> String {
        let parameters = function.parameters.map { "| `\($0.name)` | \($0.description) |" }
        let table = "| parameter | |\n| --- | --- |\n" + parameters.joined(separator: "\n")
        return [
            "#### `\(function.name)`",
            "```c\n\(prototype(function))\n```",
            function.summary,
            function.description,
            parameters.isEmpty ? nil : table,
            "**Returns.** \(function.returns)",
            behaviourText(function.behaviour),
        ].compactMap { $0 }.joined(separator: "\n\n")
    }

    private func prototype(_ function: Function) -> String {
        let texts = function.parameters.map { declaration($0.type, $0.name) }
        let list = texts.isEmpty ? "void" : texts.joined(separator: ", ")
        return "\(declaration(function.returnType, function.name))(\(list));"
    }

    private func declaration(_ type: String, _ name: String) -> String {
        type.hasSuffix("*") ? type + name : "\(type) \(name)"
    }

    private func behaviourText(_ behaviour: Behaviour) -> String {
        """
        - Ownership: \(behaviour.ownership)
        - Thread safety: \(behaviour.threadSafety)
        - Blocking: \(behaviour.blocking)
        - Since: \(behaviour.since)
        """
    }

    private func title(of resource: Resource) -> String {
        let words = resource.name.replacing("_", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    // MARK: Objects

    private var objectsIntroduction: String {
        """
        The objects within requests and answers; in Python each is a type of `trillet.types`. The
        service may leave out a member that is not marked as always there, and may send more.
        """
    }

    private var errorsIntroduction: String {
        """
        The service answers mistakes in four shapes. `error.message`, `error.details` and `error.code` are
        taken from whichever came, and `error.body` holds it as it came.
        """
    }

    /// The objects that an operation's own table does not already show.
    private var objects: [Record] {
        let requests = description.operations.compactMap(\.requestRecord)
        return description.records.filter { $0.errorShape == nil && !requests.contains($0.name) }
    }

    private func recordText(_ record: Record) -> String {
        var text = "### \(record.name)\n\n\(record.description)"
        for assumption in record.assumptions { text += "\n\n\u{2020} \(assumption)" }
        let rows = record.members.map { member in
            let presence = member.isRequired ? "always" : ""
            return "| `\(member.name)` | \(member.type.linkedTitle) | \(presence) "
                + "| \(member.markedDescription) |"
        }
        return text + "\n\n| member | type | there | meaning |\n| --- | --- | --- | --- |\n"
            + rows.joined(separator: "\n")
    }
}
