/// Sources/CTrillet/operation_table.c: the operations as constants.
struct OperationConstants: Writer {
    let path = "Sources/CTrillet/operation_table.c"

    private let description: Description

    init(_ description: Description) {
        self.description = description
    }

    func text() -> String {
        let table = PackedTable(description)
        let texts = table.texts.map { JSONText.quoted($0) }
        let members = texts.enumerated().map { "    char t\($0)[sizeof(\($1))];" }
        let values = texts.map { "    \($0)," }
        return """
            /* \(generatedMark) */
            #include "operation_table.h"

            #include <stddef.h>

            struct texts {
            \(members.joined(separator: "\n"))
            };

            const struct texts shim_texts = {
            \(values.joined(separator: "\n"))
            };

            _Static_assert(sizeof shim_texts <= UINT16_MAX, "an offset has 16 bits");

            #define SHIM_TEXT(member) {offsetof(struct texts, member), sizeof shim_texts.member - 1}

            """
                + rest(table)
    }

    private func rest(_ table: PackedTable) -> String {
        let words = table.words.map { "    SHIM_TEXT(t\($0))," }
        return """

            const shim_text shim_words[] = {
            \(words.joined(separator: "\n"))
            };

            const shim_field shim_fields[] = {
            \(table.fields.joined(separator: ",\n")),
            };

            const shim_operation shim_operations[] = {
            \(table.operations.joined(separator: ",\n")),
            };

            const uint16_t shim_operation_count = sizeof shim_operations / sizeof shim_operations[0];

            """
    }
}
