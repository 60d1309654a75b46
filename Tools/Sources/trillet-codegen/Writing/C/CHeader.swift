/// include/trillet.h: the C header, made to be read.
struct CHeader: Writer {
    let path = "include/trillet.h"

    private static let width = 100

    private let description: Description
    private let library: Library
    /// Where a named object was described first, so that it is described once.
    private var explained: [String: String] = [:]
    private var explainedAnswers: [String: String] = [:]
    private var lines: [String] = []

    init(_ description: Description) {
        self.description = description
        library = description.library
    }

    func text() throws -> String {
        var header = self
        return try header.write()
    }

    private mutating func write() throws -> String {
        writeIntroduction()
        writeOpening()
        writeConstants()
        for callback in library.callbacks { write(callback) }
        for group in library.groups where !group.followsOperations { write(group) }
        for resource in description.resources {
            writeBanner(title(of: resource), resource.description)
            for operation in description.operations(of: resource) { write(operation) }
        }
        for group in library.groups where group.followsOperations { write(group) }
        lines += ["#ifdef __cplusplus", "}", "#endif", "", "#endif /* TRILLET_H */", ""]
        for line in lines where line.count > CHeader.width {
            throw DescriptionError(place: "trillet.h", problem: "has a line too long: \(line)")
        }
        return lines.joined(separator: "\n")
    }

    private func title(of resource: Resource) -> String {
        let words = resource.name.replacing("_", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    // MARK: Introduction

    private mutating func writeIntroduction() {
        lines += [
            "/* \(generatedMark) */",
            "/*",
            " * libtrillet \(library.version): the Trillet voice-agent API for any program that can call C.",
        ]
        for section in library.guide {
            lines += [" *", " * \(section.title)", " * \(dashes(section.title.count))"]
            for block in blocks(of: section.text) {
                lines.append(" *")
                write(block, indentation: " * ")
            }
            if let table = section.table { write(table) }
        }
        lines += [" */"]
    }

    private mutating func writeOpening() {
        lines += [
            "#ifndef TRILLET_H",
            "#define TRILLET_H",
            "",
            "#include <stddef.h>",
            "#include <stdint.h>",
            "",
            "#ifdef __cplusplus",
            "extern \"C\" {",
            "#endif",
            "",
            "/** The version of this header. */",
            "#define TRILLET_VERSION \"\(library.version)\"",
            "",
            "/** The binary interface of this header; see trillet_abi(). */",
            "#define TRILLET_ABI \(library.abi)",
            "",
        ]
        for handle in library.handles {
            lines += [
                "/** \(handle.description) */",
                "typedef struct \(handle.name) \(handle.name);",
                "",
            ]
        }
    }

    private mutating func write(_ block: Block, indentation: String) {
        switch block {
        case .paragraph(let text):
            lines += wrap(text, width: CHeader.width, first: indentation, rest: indentation)
        case .verbatim(let text):
            lines += text.map { "\(indentation)    \($0)" }
        }
    }

    private mutating func write(_ table: GuideSection.Table) {
        lines.append(" *")
        switch table {
        case .errorTypes:
            writeTable(library.errorTypes.map { ($0.type, $0.description) })
        case .clientOptions:
            writeTable(library.clientOptions.map(row))
        case .requestOptions:
            writeTable(library.requestOptions.map(row))
        case .checkOptions:
            writeTable(library.checkOptions.map(row))
        }
    }

    private func row(_ option: LibraryOption) -> (String, String) {
        let facts = [option.typeText, option.unit, option.rangeText].compactMap { $0 }
        let text = facts.joined(separator: ", ") + ", default \(option.defaultText)"
        return (option.name, "(\(text)) \(option.description)")
    }

    private mutating func writeTable(_ rows: [(String, String)]) {
        let column = (rows.map(\.0.count).max() ?? 0) + 2
        for (name, text) in rows {
            let padding = String(repeating: " ", count: column - name.count)
            lines += wrap(
                text,
                width: CHeader.width,
                first: " *   \(name)\(padding)",
                rest: " *   \(String(repeating: " ", count: column))"
            )
        }
    }

    private func dashes(_ count: Int) -> String {
        String(repeating: "-", count: count)
    }

    // MARK: Constants and callbacks

    private mutating func writeConstants() {
        for constant in library.constants {
            lines += [
                "/** \(constant.description) */",
                "#define \(constant.name) \(constant.value)",
                "",
            ]
        }
    }

    private mutating func write(_ callback: Callback) {
        lines += ["/**"]
        writeProse(callback.summary)
        lines.append(" *")
        writeProse(callback.description)
        let list = callback.parameters.map { declaration($0.type, $0.name) }
        lines += [
            " */",
            "typedef \(callback.returnType) (*\(callback.name))(\(list.joined(separator: ", ")));",
            "",
        ]
    }

    // MARK: Groups and functions

    private mutating func writeBanner(_ title: String, _ text: String) {
        let rule = String(repeating: "=", count: CHeader.width - 6)
        lines += ["/* \(rule)", " * \(title)", " *"]
        lines += wrap(text, width: CHeader.width, first: " * ", rest: " * ")
        lines += [" * \(rule) */", ""]
    }

    private mutating func write(_ group: Group) {
        writeBanner(group.title, group.description)
        for function in library.functions where function.group == group.name {
            lines += ["/**"]
            writeProse(function.summary)
            if let text = function.description {
                lines.append(" *")
                for (index, block) in blocks(of: text).enumerated() {
                    if index > 0 { lines.append(" *") }
                    write(block, indentation: " * ")
                }
            }
            if !function.parameters.isEmpty { lines += [" *", " * Parameters:"] }
            for parameter in function.parameters { write(parameter) }
            lines.append(" *")
            writeProse("Returns: \(function.returns)", hanging: "  ")
            write(function.behaviour)
            lines += [" */"]
            lines += prototype(
                function.name,
                returning: function.returnType,
                function.parameters
            )
            lines.append("")
        }
    }

    private mutating func write(_ operation: Operation) {
        lines.append("/**")
        writeProse(operation.summary)
        lines.append(" *")
        if let text = operation.description {
            writeProse(text)
            lines.append(" *")
        }
        let isRenamed = operation.overview.line != operation.published.line
        writeProse(
            "Sends \(operation.overview.line)"
                + (isRenamed ? "; on published routes \(operation.published.line)." : ".")
        )
        lines += [" *", " * Parameters:"]
        for parameter in library.endpoints.parameters {
            write(parameter, isRequest: parameter.name == "request_json", of: operation)
        }
        lines.append(" *")
        writeReturns(operation)
        write(library.endpoints.behaviour)
        lines += [" */"]
        lines += prototype(
            operation.function,
            returning: library.endpoints.returnType,
            library.endpoints.parameters
        )
        lines.append("")
    }

    private mutating func writeProse(_ text: String, hanging: String = "") {
        lines += wrap(text, width: CHeader.width, first: " * ", rest: " * \(hanging)")
    }

    private mutating func write(_ parameter: Parameter) {
        lines += wrap(
            "\(parameter.name): \(parameter.description)",
            width: CHeader.width,
            first: " *   ",
            rest: " *     "
        )
    }

    private mutating func write(_ parameter: Parameter, isRequest: Bool, of operation: Operation) {
        if isRequest, operation.fields.isEmpty {
            lines.append(" *   \(parameter.name): NULL; this operation takes no fields.")
            return
        }
        write(parameter)
        guard isRequest else { return }
        for field in operation.fields {
            writeMember(
                field.member,
                facts: facts(of: field),
                indentation: " *     ",
                in: operation
            )
        }
    }

    private mutating func write(_ behaviour: Behaviour) {
        lines.append(" *")
        for (name, text) in [
            ("Ownership", behaviour.ownership),
            ("Thread safety", behaviour.threadSafety),
            ("Blocking", behaviour.blocking),
            ("Since", behaviour.since),
        ] {
            writeProse("\(name): \(text)", hanging: "  ")
        }
    }

    private func declaration(_ type: String, _ name: String) -> String {
        type.hasSuffix("*") ? type + name : "\(type) \(name)"
    }

    private func prototype(
        _ name: String,
        returning type: String,
        _ parameters: [Parameter]
    ) -> [String] {
        let start = "\(type)\(type.hasSuffix("*") ? "" : " ")\(name)("
        let texts = parameters.map { declaration($0.type, $0.name) }
        var lines = [start]
        for (index, text) in texts.enumerated() {
            let piece = text + (index == texts.count - 1 ? ");" : ",")
            if index == 0 {
                lines[0] += piece
            } else if lines[lines.count - 1].count + 1 + piece.count <= CHeader.width {
                lines[lines.count - 1] += " " + piece
            } else {
                lines.append(String(repeating: " ", count: start.count) + piece)
            }
        }
        return texts.isEmpty ? ["\(start)void);"] : lines
    }

    // MARK: Fields

    private func facts(of field: Field) -> [String] {
        var facts = [field.member.type.title]
        switch field.required {
        case .always: facts.append("required")
        case .onPublishedRoute: facts.append("required on published routes")
        case .never: break
        }
        if field.publishedName != field.name, field.place != .path {
            facts.append("published name \(field.publishedName)")
        }
        return facts
    }

    private mutating func writeMember(
        _ member: Member,
        facts: [String],
        indentation: String,
        in operation: Operation
    ) {
        var facts = facts
        if !member.assumptions.isEmpty { facts.append("assumed") }
        if member.isPublishedOnly { facts.append("published routes only") }
        let record = member.type.recordName.flatMap(description.record)
        var text = "\(member.name) (\(facts.joined(separator: ", "))): \(member.description)"
        let known = record.flatMap { explained[$0.name] }
        if let known, known != operation.function { text += " Members as in \(known)()." }
        lines += wrap(
            text,
            width: CHeader.width,
            first: indentation,
            rest: indentation + "    "
        )
        guard let record, known == nil else { return }
        explained[record.name] = operation.function
        for inner in record.members {
            writeMember(
                inner,
                facts: [inner.type.title] + (inner.isRequired ? ["required"] : []),
                indentation: indentation + "  ",
                in: operation
            )
        }
    }

    // MARK: Answers

    private mutating func writeReturns(_ operation: Operation) {
        let answer = operation.answer
        let opening = "Returns: An answer. Its data: \(answer.description) Members"
        let shape = answer.shapes[0].recordName ?? ""
        let members = description.record(shape)?.members ?? []
        let names = members.map { "\($0.name) (\($0.type.title))" }.joined(separator: ", ")
        let known = explainedAnswers[shape].flatMap { members.count > 3 ? $0 : nil }
        let text = known.map { "\(opening) as in \($0)()." } ?? "\(opening): \(names)."
        writeProse(text, hanging: "  ")
        lines.append(" *")
        if known == nil { explainedAnswers[shape] = operation.function }
        if answer.kind == .json, known == nil {
            lines += wrapAtCommas(
                JSONText.compact(answer.example),
                width: CHeader.width,
                indentation: " *     "
            )
            lines.append(" *")
        }
        let particular = operation.errors.filter(\.isParticular)
        for error in particular {
            lines += wrap(
                "\(error.status) `\(errorType(ofStatus: error.status))`: \(error.description)",
                width: CHeader.width,
                first: error.status == particular[0].status ? " *   Errors: " : " *           ",
                rest: " *           "
            )
        }
        let rest = particular.isEmpty ? "Errors: those" : "And those"
        lines.append(" *   \(rest) that every request can have, see Errors above.")
    }
}
