// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CTrillet

@implementation @_cdecl("trillet_csv_check")
public func trillet_csv_check(
    _ csv: UnsafePointer<CChar>?,
    _ length: Int,
    _ options_json: UnsafePointer<CChar>?
) -> UnsafeMutablePointer<CChar>? {
    let started = MonotonicTime.now
    let operation = ("csv.check" as StaticString).bytes
    do throws(Failure) {
        let options = try CheckOptions(json: Bytes(text: options_json))
        var check = try ContactCheck(try source(csv, length, options), options)
        try check.run()
        var report = ByteBuffer(capacity: 4096)
        check.report.write(to: &report)
        if report.isOutOfMemory { throw Failure.outOfMemory }
        let elapsed = MonotonicTime.now.microseconds - started.microseconds
        let meta = CallMeta(operation: operation, elapsedMicroseconds: elapsed)
        return Envelope(meta, capacity: report.count)
            .success(status: 0, data: report.bytes, requestID: .empty) ?? OutOfMemory.text
    } catch {
        return refuse(error, operation: operation, started: started)
    }
}

private func source(
    _ csv: UnsafePointer<CChar>?,
    _ length: Int,
    _ options: CheckOptions
) throws(Failure) -> CSVSource {
    switch (csv, options.file) {
    case (nil, let path?):
        return try CSVSource(path: path)
    case (let csv?, nil):
        let start = UnsafeRawPointer(csv).assumingMemoryBound(to: UInt8.self)
        return CSVSource(text: Bytes(start: start, count: max(0, length)))
    case (nil, nil):
        throw Failure.invalidArgument(
            "There is no CSV: give its text, or the option 'file', the path of one",
            field: "csv"
        )
    case (_?, _?):
        throw Failure.invalidArgument(
            "The text and the option 'file' are both given; which one is meant?",
            field: "file"
        )
    }
}
