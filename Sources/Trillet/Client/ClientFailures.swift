/// Why a client takes no request.
extension Failure {
    static var withoutClient: Failure {
        Failure.invalidArgument("The client is NULL", field: "client")
    }

    static var forked: Failure {
        Failure(
            .forked,
            """
            The client was made before this process was forked and belongs to the parent; make a \
            new one here with trillet_client_new
            """
        )
    }
}
