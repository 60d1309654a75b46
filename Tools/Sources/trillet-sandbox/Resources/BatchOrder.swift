/// A checked request to start a batch.
struct BatchOrder: Sendable {
    let file: ContactFile
    let check: ContactCheck
    let agentId: String
    let scheduledAt: Int64?
    /// `nil` when the agent's own setting holds.
    let redialling: Redialling?

    /// - Parameters:
    ///   - time: the present, for telling whether the schedule is past.
    ///   - largest: how many rows there may be.
    /// - Throws: ``Failure`` 400 naming what is wrong.
    init(_ upload: Upload, at time: Int64, largest: Int) throws {
        file = try upload.contactFile(mostRows: largest)
        guard let agentId = upload.field("agentId") else {
            throw Failure.invalid("agentId is required")
        }
        self.agentId = agentId
        scheduledAt = try upload.field("scheduledAt").map { try BatchOrder.schedule($0, time) }
        redialling = try upload.field("smartCallbackConfig").map(BatchOrder.redialling)
        check = try ContactCheck(file)
        if let first = check.errors.first {
            let others = check.invalidRows - 1
            throw ContactFile.refusal(
                "Row \(first.row): \(first.message)"
                    + (first.value.map { $0.isEmpty ? "" : " \"\($0)\"" } ?? "")
                    + (others > 0 ? ", and \(others) more rows are wrong" : "")
            )
        }
    }

    /// - Throws: ``Failure`` 400 naming the first row whose words would be too long.
    func check(_ script: CallScript) throws {
        // Hardly any file can come near the limit, and then no row needs to be looked at.
        let size = script.size
        guard size.places * file.largestCell + size.bytes > FilledText.mostBytes else { return }
        try file.forEachRow { row in
            do {
                try script.check(
                    variables: Dictionary(
                        zip(file.columns, row.cells),
                        uniquingKeysWith: { first, _ in first }
                    )
                )
            } catch let failure as Failure {
                throw Failure.configuration("Row \(row.number): \(failure.detail)")
            }
            return true
        }
    }

    private static func schedule(_ text: String, _ time: Int64) throws -> Int64 {
        guard let moment = Timestamp.parse(text) else {
            throw Failure.invalid(
                "scheduledAt must be a time in UTC such as 2031-03-04T15:00:00Z, not \"\(text)\""
            )
        }
        guard moment >= time / 1_000 * 1_000 else {
            throw Failure.invalid(
                "scheduledAt \(text) is past; the sandbox's time is \(Timestamp.text(time))"
            )
        }
        return moment
    }

    private static let configuration = FieldRules(rules: [
        .optional("enabled", true, FieldChecks.flag),
        .optional("maxAttempts", 5, FieldChecks.positiveWholeNumber),
        .optional("gaps", [], FieldChecks.elements(AgentRules.gap)),
    ])

    private static func redialling(_ text: String) throws -> Redialling {
        guard let object = (try? JSON(parsing: text))?.objectValue else {
            throw Failure.invalid("smartCallbackConfig must be the JSON text of an object")
        }
        let fields: JSONObject
        do {
            fields = try configuration.created(from: object)
        } catch let failure as Failure {
            throw Failure.invalid("smartCallbackConfig: \(failure.detail)")
        }
        return Redialling(
            isEnabled: fields["enabled"],
            maxAttempts: fields["maxAttempts"],
            gaps: fields["gaps"]
        )
    }
}

extension Redialling {
    private static let hour = 3_600_000.0
    /// Far longer than any sensible gap, so that adding it to a time stays a time.
    private static let longestGap = 3_660.0 * 24 * hour

    init(isEnabled: JSON?, maxAttempts: JSON?, gaps: JSON?) {
        self.init(
            isEnabled: isEnabled?.boolValue ?? false,
            maxAttempts: maxAttempts?.saturatedIntValue ?? 5,
            gaps: (gaps?.arrayValue ?? []).map { gap in
                let days = gap.objectValue?["days"]?.doubleValue ?? 0
                let hours = gap.objectValue?["hours"]?.doubleValue ?? 0
                return Int64(min((days * 24 + hours) * Redialling.hour, Redialling.longestGap))
            }
        )
    }

    /// The agent's own smart-callback setting.
    init(agent fields: JSONObject) {
        self.init(
            isEnabled: fields["smartCallback"],
            maxAttempts: fields["maxAttemptsForSmartCallback"],
            gaps: fields["gapBetweenEachAttemptForSmartCallback"]
        )
    }
}
