/// `trillet_csv_check`: from its options to its report.
enum CheckRequest {
    static let name: StaticString = "csv.check"

    /// `text` is nil when the options name a file.
    static func run(text: Bytes?, options: Bytes) -> FinishedRequest {
        let started = MonotonicTime.now
        do throws(Failure) {
            let options = try CheckOptions(json: options)
            let places = try OutputPlaces(of: options)
            var check = try ContactCheck(try source(text, options), options, places)
            try check.readRows()
            var reading = options
            reading.acceptedFile = nil
            reading.rejectedFile = nil
            reading.splitFile = nil
            while let share = check.nextShare() {
                var further = try ContactCheck(
                    try source(text, options),
                    reading,
                    OutputPlaces(),
                    share
                )
                try further.readRows()
                check.report.addDuplicates(of: further.report)
            }
            try check.finish()
            var report = ByteBuffer(capacity: 4096)
            check.report.write(to: &report)
            if report.isOutOfMemory { throw Failure.outOfMemory }
            let meta = RequestMeta(operation: name.bytes, started: started)
            return FinishedRequest(
                Envelope(meta, capacity: report.count)
                    .success(status: 0, data: report.bytes, requestID: .empty)
            )
        } catch {
            return FinishedRequest.refused(error, operation: name.bytes, started: started)
        }
    }

    private static func source(
        _ text: Bytes?,
        _ options: CheckOptions
    ) throws(Failure) -> CSVSource {
        switch (text, options.file) {
        case (nil, let path?):
            return try CSVSource(path: path)
        case (let text?, nil):
            return CSVSource(text: text)
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
}
