// swift-tools-version: 6.2

import PackageDescription

// A client of libtrillet.so, which pkg-config finds as `trillet`. The library itself is built by the
// Makefile in the root of the repository.
let package = Package(
    name: "trillet-swift",
    products: [
        .library(name: "Trillet", targets: ["Trillet"])
    ],
    targets: [
        .systemLibrary(name: "CTrillet", pkgConfig: "trillet"),
        .target(name: "Trillet", dependencies: ["CTrillet"]),
        .testTarget(name: "TrilletTests", dependencies: ["Trillet"]),
    ],
    swiftLanguageModes: [.v6]
)
