/// What is told about a batch that is followed.
class BatchSeries: FollowSeries {
    final let batch: BatchWatch

    init(_ batch: BatchWatch, name: StaticString, options: Bytes) {
        self.batch = batch
        super.init(batch, name: name, options: options)
    }

    override func goOn() throws(Failure) -> Next {
        batch.noteLook()
        return ask(OperationTable.batchCallsProgress) { _ in }
    }

    override func finish(_ end: Watch.End?, _ text: inout ByteBuffer) throws(Failure) {
        if let end { batch.appendFinalState(to: &text, end) }
    }

    final func ask(_ operation: Operation, _ appendMembers: (inout ByteBuffer) -> Void) -> Next {
        target = .known(operation)
        text = batch.makeRequest(appendMembers)
        return .ask
    }
}
