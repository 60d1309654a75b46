// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "trillet-tools",
    products: [
        .executable(name: "trillet-codegen", targets: ["trillet-codegen"]),
        .executable(name: "trillet-sandbox", targets: ["trillet-sandbox"]),
        .executable(name: "sandbox-baseline", targets: ["sandbox-baseline"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        // Without its traits it needs neither swift-configuration nor the whole of Foundation.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird",
            exact: "2.28.1",
            traits: []
        ),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        .executableTarget(
            name: "trillet-codegen",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .testTarget(
            name: "trillet-codegen-tests",
            dependencies: [
                "trillet-codegen",
                .product(name: "Yams", package: "Yams"),
            ],
            path: "Tests/trillet-codegen"
        ),
        // Not by pkg-config: its folder would come before the one with the static SQLite.
        .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "CNoLocales"),
        .executableTarget(
            name: "trillet-sandbox",
            dependencies: [
                "CCrypto",
                "CCurl",
                "CNoLocales",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.embedInCode("Page/Assets")]
        ),
        .executableTarget(
            name: "sandbox-baseline",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
    ]
)
