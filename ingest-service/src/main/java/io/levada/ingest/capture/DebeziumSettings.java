package io.levada.ingest.capture;

import io.debezium.connector.postgresql.PostgresConnector;
import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.postgresql.PGProperty;

/// Every setting of the Debezium engine that is not its default, and why.
final class DebeziumSettings {
    /// Prefix of the messages that Levada writes into a source's log.
    static final String MESSAGE_PREFIX = "levada";

    static final int MAX_BATCH = 4096;

    private DebeziumSettings() {}

    static Properties of(
            PostgresSource source, PostgresServer server, List<SourceTable> tables, UnavailableValue value) {
        Properties settings = new Properties();
        connection(settings, source);
        settings.setProperty("name", source.name());
        settings.setProperty("connector.class", PostgresConnector.class.getName());
        settings.setProperty("topic.prefix", source.name());
        settings.setProperty("plugin.name", "pgoutput");
        settings.setProperty("slot.name", server.slot());
        settings.setProperty("publication.name", server.publication());
        // Slot and publication are made before, in the order that the initial load needs; the engine makes neither.
        settings.setProperty("publication.autocreate.mode", "disabled");
        settings.setProperty("slot.drop.on.stop", "false");
        settings.setProperty("snapshot.mode", "no_data");
        settings.setProperty(
                "table.include.list",
                tables.stream()
                        .map(table -> Pattern.quote(table.schema()) + "\\." + Pattern.quote(table.table()))
                        .collect(Collectors.joining(",")));

        // Positions: stored by capture's own transaction; the log is acknowledged only up to what was stored.
        settings.setProperty("offset.storage", CommittedOffsetStore.class.getName());
        settings.setProperty("offset.flush.interval.ms", "0");
        settings.setProperty("offset.flush.timeout.ms", "60000");
        settings.setProperty("lsn.flush.mode", "connector");
        // A slot that is ahead of the stored position was made anew: stop, as changes are missing.
        settings.setProperty("offset.mismatch.strategy", "trust_offset");

        // Defaults that lose something.
        settings.setProperty("skipped.operations", "none");
        settings.setProperty("include.unknown.datatypes", "true");
        settings.setProperty("unavailable.value.placeholder", value.setting());
        settings.setProperty("decimal.handling.mode", "precise");
        settings.setProperty("converters", "exact");
        settings.setProperty("exact.type", LogText.class.getName());
        settings.setProperty("exact." + LogText.UNAVAILABLE, value.setting());
        // A value that the engine itself can not convert would be NULL.
        settings.setProperty("event.converting.failure.handling.mode", "fail");
        settings.setProperty("time.precision.mode", "microseconds");
        settings.setProperty("binary.handling.mode", "bytes");
        settings.setProperty("interval.handling.mode", "string");
        settings.setProperty("hstore.handling.mode", "json");
        settings.setProperty("tombstones.on.delete", "false");

        // Heartbeats carry the ends of transactions that hold no row of ours.
        settings.setProperty("heartbeat.interval.ms", "500");
        settings.setProperty("message.prefix.include.list", Pattern.quote(MESSAGE_PREFIX));
        settings.setProperty("max.batch.size", Integer.toString(MAX_BATCH));
        settings.setProperty("max.queue.size", Integer.toString(MAX_BATCH * 4));
        settings.setProperty("max.queue.size.in.bytes", Integer.toString(64 * 1024 * 1024));
        settings.setProperty("poll.interval.ms", "20");

        // Capture itself starts the engine again, with backoff.
        settings.setProperty("errors.max.retries", "0");
        settings.setProperty("slot.max.retries", "2");
        settings.setProperty("slot.retry.delay.ms", "500");
        return settings;
    }

    private static void connection(Properties settings, PostgresSource source) {
        Properties url = org.postgresql.Driver.parseURL(source.url(), null);
        if (url == null) {
            throw new IllegalArgumentException("Source " + source.name() + ": not a PostgreSQL JDBC URL");
        }
        settings.setProperty("database.hostname", url.getProperty(PGProperty.PG_HOST.getName(), "localhost"));
        settings.setProperty("database.port", url.getProperty(PGProperty.PG_PORT.getName(), "5432"));
        settings.setProperty("database.dbname", url.getProperty(PGProperty.PG_DBNAME.getName(), source.user()));
        settings.setProperty("database.user", source.user());
        settings.setProperty("database.password", source.password().value());
        String ssl = url.getProperty(PGProperty.SSL_MODE.getName());
        if (ssl != null) {
            settings.setProperty("database.sslmode", ssl);
        }
    }
}
