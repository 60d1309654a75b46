import Foundation

/// The JSON text that the library takes.
func jsonText(_ value: some Encodable, of operation: String) throws(TrilletError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    do {
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
        throw TrilletError(
            type: .invalidArgument,
            message: "the request cannot be written as JSON: \(error)",
            sent: .no,
            meta: CallMeta(operation: operation)
        )
    }
}

func jsonText(
    _ options: RequestOptions?,
    for operation: String
) throws(TrilletError) -> String? {
    guard let options else { return nil }
    return try jsonText(options, of: operation)
}
