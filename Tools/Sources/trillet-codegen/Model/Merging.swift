extension Operation {
    /// Whether the bindings offer to get, merge and send the whole document, because a published
    /// route replaces what the overview's route merges.
    var canMerge: Bool { id == "agents.update" || id == "flows.update" }

    /// The C function that gets what this one changes.
    var getFunction: String { function.dropLast("update".count) + "get" }

    static let merging =
        "Gets the document first, merges the changes into it key by key and sends all of it, as "
        + "published routes need. No transaction: what others change in between is lost."
}
