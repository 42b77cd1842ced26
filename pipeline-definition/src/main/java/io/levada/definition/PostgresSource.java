package io.levada.definition;

import java.util.List;

/// A PostgreSQL database whose changes are captured through logical replication.
///
/// @param url a JDBC URL
/// @param tables in the file's order
/// @param logLimit bytes of log that the server may keep for the source before status raises an alarm
public record PostgresSource(
        String name,
        String url,
        String user,
        Secret password,
        List<SourceTable> tables,
        long logLimit,
        LoadSettings load)
        implements DatabaseSource {
    /// 10 GiB.
    public static final long DEFAULT_LOG_LIMIT = 10L << 30;

    public PostgresSource {
        tables = List.copyOf(tables);
    }

    /// With the default limit and the default settings of loads.
    public PostgresSource(String name, String url, String user, Secret password, List<SourceTable> tables) {
        this(name, url, user, password, tables, DEFAULT_LOG_LIMIT, LoadSettings.DEFAULT);
    }

    @Override
    public String type() {
        return "postgres";
    }
}
