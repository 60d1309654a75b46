// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "call-contacts",
    dependencies: [
        .package(path: "../../bindings/swift")
    ],
    targets: [
        .executableTarget(
            name: "call-contacts",
            dependencies: [.product(name: "Trillet", package: "swift")]
        )
    ],
    swiftLanguageModes: [.v6]
)
