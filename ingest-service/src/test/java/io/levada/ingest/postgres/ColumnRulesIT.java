package io.levada.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.ColumnRule;
import io.levada.definition.ColumnRules;
import io.levada.definition.OnSchemaChange;
import io.levada.definition.PostgresSource;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.ingest.capture.ColumnHash;
import io.levada.ingest.capture.CopiedFiles;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.changes.Change;
import io.levada.testing.Eventually;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Hashed, masked and dropped columns in the stream: what stands in the change topic, refused rows included.
@ExtendWith(CaptureServers.Shared.class)
class ColumnRulesIT {
    private static final Secret KEY = new Secret("a key that tests use");
    private static final Map<String, ColumnRule> RULES =
            Map.of("email", ColumnRule.HASH, "cpf", ColumnRule.MASK, "note", ColumnRule.DROP);

    private final CaptureServers servers;

    ColumnRulesIT(CaptureServers servers) {
        this.servers = servers;
    }

    @Test
    void writesNoValueThatARuleHides() throws Exception {
        PostgresSource source = source(RULES, "id int PRIMARY KEY, email text, note text, cpf text, day date");
        capture(source);
        servers.postgres.execute(
                source.name(),
                "INSERT INTO t VALUES (1, 'ana@example.org', 'private', '123.456.789-00', '2026-11-21')",
                "INSERT INTO t VALUES (2, NULL, NULL, NULL, NULL)",
                "INSERT INTO t VALUES (3, 'eva@example.org', 'private', '987.654.321-00', 'infinity')",
                "UPDATE t SET note = 'other' WHERE id = 1");

        List<Change> changes = servers.awaitChanges(source, "t", 4);

        Record first = row(changes.get(0));
        assertThat(first.getField("email"))
                .as("HMAC-SHA-256, as openssl dgst -sha256 -hmac computes it")
                .isEqualTo(new ColumnHash(KEY).of("ana@example.org"))
                .asString()
                .matches("[0-9a-f]{64}");
        assertThat(first.getField("cpf")).isEqualTo("***");
        assertThat(first.struct().field("note")).isNull();
        assertThat(row(changes.get(1)).getField("email")).isNull();
        assertThat(row(changes.get(1)).getField("cpf")).isNull();
        assertThat(Objects.requireNonNull(changes.get(2).refused()).row())
                .isEqualTo("{\"id\":\"3\",\"email\":\"" + new ColumnHash(KEY).of("eva@example.org")
                        + "\",\"cpf\":\"***\",\"day\":\"infinity\"}");
        assertThat(row(changes.get(3)).getField("email")).isEqualTo(first.getField("email"));
    }

    @Test
    void loadsNoValueThatARuleHides() throws Exception {
        PostgresSource source = source(RULES, "id int PRIMARY KEY, email text, note text, cpf text, day date");
        servers.postgres.execute(
                source.name(),
                "INSERT INTO t VALUES (1, 'ana@example.org', 'private', '123.456.789-00', '2026-11-21')",
                "INSERT INTO t VALUES (2, NULL, NULL, NULL, NULL)");
        CopiedFiles loads = servers.files();
        servers.capture(source, loads);
        String table = "raw." + source.name() + "_t";

        List<Record> rows = Eventually.within(CaptureServers.SOON, () -> loads.rows(table), all -> all.size() == 2);

        Record first = rows.getFirst();
        assertThat(first.getField("email")).isEqualTo(new ColumnHash(KEY).of("ana@example.org"));
        assertThat(first.getField("cpf")).isEqualTo("***");
        assertThat(first.struct().field("note")).isNull();
        assertThat(rows.getLast().getField("email")).isNull();
        assertThat(rows.getLast().getField("cpf")).isNull();
    }

    @Test
    void aHashedKeyStillTellsRowsApart() throws Exception {
        PostgresSource source = source(Map.of("email", ColumnRule.HASH), "email text PRIMARY KEY, n int");
        capture(source);
        servers.postgres.execute(
                source.name(),
                "INSERT INTO t VALUES ('a', 1), ('b', 2)",
                "UPDATE t SET email = 'c' WHERE email = 'a'",
                "DELETE FROM t WHERE email = 'b'");

        List<Change> changes = servers.awaitChanges(source, "t", 4);

        ColumnHash hash = new ColumnHash(KEY);
        assertThat(Objects.requireNonNull(changes.get(2).oldKey()).getField("email"))
                .isEqualTo(hash.of("a"));
        assertThat(row(changes.get(2)).getField("email")).isEqualTo(hash.of("c"));
        assertThat(Objects.requireNonNull(changes.get(3).before()).getField("email"))
                .isEqualTo(hash.of("b"));
    }

    @Test
    void stopsBeforeAColumnThatWasRenamedIsWrittenAsItIs() throws Exception {
        PostgresSource source = source(Map.of("email", ColumnRule.HASH), "id int PRIMARY KEY, email text");
        SourceCapture capture = capture(source);
        servers.postgres.execute(source.name(), "INSERT INTO t VALUES (1, 'a')");
        servers.awaitChanges(source, "t", 1);

        servers.postgres.execute(
                source.name(), "ALTER TABLE t RENAME email TO mail", "INSERT INTO t VALUES (2, 'secret')");

        Eventually.within(
                CaptureServers.SOON,
                () -> capture.status().code(),
                code -> "CAPTURE-RULED-COLUMN-MISSING".equals(code));
        assertThat(servers.changes(source, "t")).hasSize(1);
    }

    @Test
    void refusesToMaskAKey() throws Exception {
        PostgresSource source = source(Map.of("id", ColumnRule.MASK), "id int PRIMARY KEY");

        SourceCapture capture = capture(source);

        Eventually.within(CaptureServers.SOON, () -> capture.status().code(), code -> "CAPTURE-RULED-KEY".equals(code));
    }

    private SourceCapture capture(PostgresSource source) {
        SourceCapture capture = servers.capture(source, servers.files());
        Eventually.within(
                CaptureServers.SOON,
                () -> capture.status().state(),
                state -> state.equals("STREAMING") || state.equals("STOPPED"));
        return capture;
    }

    private PostgresSource source(Map<String, ColumnRule> rules, String columns) throws Exception {
        PostgresSource source = servers.source(List.of("t"), "CREATE TABLE t (" + columns + ")");
        return new PostgresSource(
                source.name(),
                source.url(),
                source.user(),
                source.password(),
                List.of(new SourceTable("public", "t", "t", new ColumnRules(rules, KEY), OnSchemaChange.EVOLVE)));
    }

    private static Record row(Change change) {
        return Objects.requireNonNull(change.after());
    }
}
