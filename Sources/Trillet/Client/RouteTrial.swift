/// A request on the overview's route of an operation, while nobody knows whether the service has it.
final class RouteTrial {
    /// What both requests are made of, which is the host's or the job's.
    let text: Bytes
    let validation: Validation
    /// What came from the overview's route, once the published one follows.
    private(set) var missed: Missed?

    struct Missed {
        let failure: Failure
        fileprivate let body: [UInt8]
        fileprivate let isJSON: Bool
        fileprivate let requestID: [UInt8]
    }

    init(_ text: Bytes, validation: Validation) {
        self.text = text
        self.validation = validation
    }

    /// The route that an answer speaks of.
    var style: RouteStyle { missed == nil ? .overview : .published }

    func miss(_ answer: ErrorAnswer, requestID: Bytes) {
        var (body, isJSON) = (Bytes.empty, false)
        switch answer.body {
        case .none: break
        case .json(let text): (body, isJSON) = (text, true)
        case .text(let text): body = text
        }
        missed = Missed(
            failure: answer.failure,
            body: Array(body.slice(0, ErrorBody.longestText)),
            isJSON: isJSON && body.count <= ErrorBody.longestText,
            requestID: Array(requestID)
        )
    }
}

extension RouteTrial.Missed {
    /// Ends a request whose other route is missing as well.
    func fail(_ call: borrowing PreparedRequest, of client: Client) -> FinishedRequest {
        body.withUnsafeBufferPointer { body in
            requestID.withUnsafeBufferPointer { requestID in
                let content: ErrorBody =
                    body.count == 0 ? .none : isJSON ? .json(body) : .text(body)
                return call.fail(failure, body: content, requestID: requestID, of: client)
            }
        }
    }
}
