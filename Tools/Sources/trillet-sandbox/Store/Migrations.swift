import GRDB

/// The tables, step by step. A step that has been released is never changed; new ones follow it.
enum Migrations {
    /// What every database of a sandbox has.
    static let first = "1 accounts"

    static var all: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration(first, migrate: accounts)
        migrator.registerMigration("2 agents and flows", migrate: agentsAndFlows)
        migrator.registerMigration("3 calls and batches", migrate: callsAndBatches)
        migrator.registerMigration("4 single calls by their end") { database in
            try database.execute(
                sql: """
                    CREATE INDEX singleCallByEnd ON call (workspaceId, endsAt, createdAt)
                    WHERE batchSequence IS NULL
                    """
            )
        }
        migrator.registerMigration("5 counts of jobs", migrate: JobCounts.migrate)
        migrator.registerMigration("deliveries", migrate: DeliveryRecord.createTable)
        migrator.registerMigration("the whole service", migrate: wholeService)
        migrator.registerMigration("account webhooks", migrate: AccountWebhook.migrate)
        migrator.registerMigration("callers", migrate: CallerRecord.migrate)
        migrator.registerMigration("calls listed and counted", migrate: CallIndexes.migrate)
        return migrator
    }

    private static func accounts(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE workspace (
                    id TEXT PRIMARY KEY,
                    simulatedUntil INTEGER NOT NULL DEFAULT 0
                ) WITHOUT ROWID;
                CREATE TABLE access (
                    apiKey TEXT NOT NULL,
                    workspaceId TEXT NOT NULL REFERENCES workspace (id),
                    PRIMARY KEY (apiKey, workspaceId)
                ) WITHOUT ROWID;
                CREATE TABLE phoneNumber (
                    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                    id TEXT NOT NULL UNIQUE,
                    workspaceId TEXT NOT NULL REFERENCES workspace (id),
                    number TEXT NOT NULL,
                    agentId TEXT,
                    createdAt INTEGER NOT NULL
                );
                CREATE INDEX phoneNumberByAgent ON phoneNumber (workspaceId, agentId);
                """
        )
    }

    private static func agentsAndFlows(_ database: Database) throws {
        for table in ["agent", "flow"] {
            try database.execute(
                sql: """
                    CREATE TABLE \(table) (
                        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                        id TEXT NOT NULL UNIQUE,
                        workspaceId TEXT NOT NULL REFERENCES workspace (id),
                        document TEXT NOT NULL,
                        createdAt INTEGER NOT NULL,
                        updatedAt INTEGER NOT NULL
                    );
                    CREATE INDEX \(table)ByWorkspace ON \(table) (workspaceId, sequence);
                    """
            )
        }
        try database.execute(
            sql: """
                ALTER TABLE flow ADD COLUMN agentId TEXT;
                ALTER TABLE flow ADD COLUMN isActive BOOLEAN NOT NULL DEFAULT TRUE;
                CREATE INDEX flowByAgent ON flow (workspaceId, agentId, isActive);
                """
        )
    }

    private static func callsAndBatches(_ database: Database) throws {
        try batchesAndJobs(database)
        try calls(database)
    }

    private static func batchesAndJobs(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE batch (
                    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                    workspaceId TEXT NOT NULL REFERENCES workspace (id),
                    agentId TEXT NOT NULL,
                    status TEXT NOT NULL,
                    columns TEXT NOT NULL,
                    script TEXT NOT NULL,
                    redialling TEXT NOT NULL,
                    createdAt INTEGER NOT NULL,
                    scheduledAt INTEGER,
                    startedAt INTEGER,
                    finishedAt INTEGER,
                    cancellation TEXT
                );
                CREATE TABLE job (
                    number INTEGER PRIMARY KEY AUTOINCREMENT,
                    workspaceId TEXT NOT NULL REFERENCES workspace (id),
                    batchSequence INTEGER NOT NULL REFERENCES batch (sequence),
                    row INTEGER NOT NULL,
                    status TEXT NOT NULL,
                    phoneNumber TEXT NOT NULL,
                    cells TEXT NOT NULL,
                    attempts INTEGER NOT NULL DEFAULT 0,
                    eventAt INTEGER NOT NULL,
                    startedAt INTEGER,
                    endedAt INTEGER,
                    duration INTEGER,
                    error TEXT,
                    callId TEXT
                );
                CREATE INDEX jobByEvent ON job (workspaceId, status, eventAt, number);
                CREATE INDEX jobByBatch ON job (batchSequence, number);
                CREATE INDEX jobByStatus ON job (batchSequence, status, endedAt, duration);
                """
        )
    }

    /// What the operations beyond agents, flows, calls and batches need.
    private static func wholeService(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE call ADD COLUMN isWeb BOOLEAN NOT NULL DEFAULT FALSE;
                CREATE INDEX callByAgentAndAge ON call (workspaceId, agentId, sequence, createdAt);
                CREATE INDEX callByBatch ON call (batchSequence, sequence)
                WHERE batchSequence IS NOT NULL;
                ALTER TABLE phoneNumber ADD COLUMN document TEXT NOT NULL DEFAULT '{}';
                ALTER TABLE phoneNumber ADD COLUMN listedAt INTEGER NOT NULL DEFAULT 0;
                CREATE INDEX phoneNumberByNumber ON phoneNumber (number);
                """
        )
        try ResourceRecord.createTable(database)
    }

    private static func calls(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE call (
                    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                    id TEXT NOT NULL UNIQUE,
                    workspaceId TEXT NOT NULL REFERENCES workspace (id),
                    agentId TEXT NOT NULL,
                    flowId TEXT NOT NULL,
                    batchSequence INTEGER,
                    fromNumber TEXT NOT NULL,
                    toNumber TEXT NOT NULL,
                    isRecorded BOOLEAN NOT NULL,
                    createdAt INTEGER NOT NULL,
                    ringingAt INTEGER NOT NULL,
                    talkingAt INTEGER,
                    endsAt INTEGER NOT NULL,
                    error TEXT,
                    transcript TEXT NOT NULL,
                    variables TEXT NOT NULL,
                    metadata TEXT,
                    callbackUrl TEXT
                );
                CREATE INDEX callByWorkspace ON call (workspaceId, sequence);
                CREATE INDEX callByAgent ON call (workspaceId, agentId, endsAt);
                """
        )
    }
}
