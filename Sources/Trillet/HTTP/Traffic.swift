/// What a request cost the network.
struct Traffic {
    var bytesSent: Int64 = 0
    var bytesReceived: Int64 = 0
    var connectionsOpened = 0
    var connectionsReused = 0

    mutating func add(_ other: Traffic) {
        bytesSent += other.bytesSent
        bytesReceived += other.bytesReceived
        connectionsOpened += other.connectionsOpened
        connectionsReused += other.connectionsReused
    }
}
