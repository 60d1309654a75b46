// swift-tools-version: 6.2

import PackageDescription

// The ordinary build: unit tests, sanitizers and editors use it. The shipped library is built by
// the Makefile, in Embedded mode, from the same sources.
let package = Package(
    name: "libtrillet",
    targets: [
        .target(
            name: "CTrillet",
            cSettings: [.define("_GNU_SOURCE")],
            linkerSettings: [.linkedLibrary("curl")]
        ),
        .target(name: "Trillet", dependencies: ["CTrillet"]),
        .testTarget(name: "TrilletTests", dependencies: ["Trillet"]),
    ]
)
