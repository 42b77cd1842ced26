package io.levada.local;

/// What the delivery test does to a pipeline.
enum Fault {
    /// kill -9 of everything.
    KILL_ALL,
    KILL_INGEST,
    /// kill -9 of catalog, transform, warehouse and query.
    KILL_SERVICES,
    /// SIGSTOP of one part for some seconds.
    PAUSE,
    /// A paused ingest-service wakes after another one has taken its place.
    PREDECESSOR_WAKES,
    BROKER_RESTART,
    /// kill -9 of the database's processes: its immediate restart.
    POSTGRES_RESTART,
    /// The source's replication session and all others of Levada are ended by the server.
    CONNECTIONS_CUT,
    DISK_FULL,
    /// kill -9 in the first load of a source that was just added.
    KILL_IN_LOAD
}
