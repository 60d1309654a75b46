/// One call of a batch, as the list of its calls shows it.
struct BatchCall {
    enum Status {
        case completed
        case failed
        case active
        /// Waits, or was dropped when the batch was cancelled.
        case undialled

        /// Whether nothing can change it while the batch goes on.
        var isFinal: Bool { self == .completed || self == .failed }
    }

    let object: JSONValue
    let jobID: JSONText
    let status: Status

    /// nil for what is no call.
    init?(_ object: JSONValue) {
        guard let jobID = object.member("jobId")?.string, !jobID.isEmpty,
            let status = object.member("status")?.string
        else { return nil }
        self.object = object
        self.jobID = jobID
        self.status =
            if status.equals("completed") {
                .completed
            } else if status.equals("failed") {
                .failed
            } else if status.equals("active") {
                .active
            } else {
                .undialled
            }
    }

    /// The contact's own columns. The number is left out where a service repeats it among them.
    func forEachColumn(_ body: (JSONText, JSONValue) -> Void) {
        guard let metadata = object.member("metadata") else { return }
        let number = object.member("phone_number")?.text ?? .empty
        metadata.forEachMember { member in
            if member.name.equals("phone_number"), member.value.text.equals(number) { return }
            body(member.name, member.value)
        }
    }
}
