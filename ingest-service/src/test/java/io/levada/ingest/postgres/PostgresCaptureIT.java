package io.levada.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.definition.ColumnRule;
import io.levada.definition.ColumnRules;
import io.levada.definition.OnSchemaChange;
import io.levada.definition.PostgresSource;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.events.Topics;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.LoadPlan;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.capture.SourceProblem;
import io.levada.ingest.changes.Change;
import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

/// Capture against a real PostgreSQL and a real Kafka: what is in the change topics after restarts and take-overs.
@ExtendWith(CaptureServers.Shared.class)
class PostgresCaptureIT {
    private static final Duration SOON = CaptureServers.SOON;

    private final CaptureServers servers;
    private final EmbeddedPostgresServer postgres;
    private static final AtomicInteger SOURCES = new AtomicInteger();

    PostgresCaptureIT(CaptureServers servers) {
        this.servers = servers;
        this.postgres = servers.postgres;
    }

    private void closeCaptures() {
        servers.closeCaptures();
    }

    @Test
    void repeatsAndLosesNothingWhenRestartedAfterTwoOneRowTransactions() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, name text");
        SourceCapture first = capture(source);
        postgres.execute(source.name(), "INSERT INTO t VALUES (1, 'a')", "INSERT INTO t VALUES (2, 'b')");
        awaitChanges(source, 2);
        first.close();
        postgres.execute(source.name(), "INSERT INTO t VALUES (3, 'c')");

        capture(source);

        assertThat(awaitChanges(source, 3))
                .extracting(change -> row(change).getField("id"))
                .containsExactly(1, 2, 3);
    }

    /// Guards the counting of changes on resumption (ADR 3): without it the rows that were published before each cut
    /// stand in the topic again.
    @Test
    void continuesInsideACopyWhoseRowsShareLogPositions() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, name text");
        capture(source);
        copy(source, 60_000);

        int insideTheCopy = 0;
        for (int successor = 0; successor < 3; successor++) {
            int least = 2_000 + successor * 12_000;
            Eventually.within(SOON, () -> changes(source).size(), size -> size >= least);
            closeCaptures();
            insideTheCopy += storedPosition(source).transaction() == null ? 0 : 1;
            capture(source);
        }

        assertThat(insideTheCopy).as("restarts inside the COPY").isPositive();
        assertThat(awaitChanges(source, 60_000))
                .extracting(change -> row(change).getField("id"))
                .isEqualTo(IntStream.rangeClosed(1, 60_000).boxed().toList());
    }

    /// Guards the fence of capture: the transactional id that a source's successor shares with its predecessor, and
    /// `initTransactions` before the position is read.
    @Test
    void aPredecessorThatWasHeldUpCanNotCommitAfterItsSuccessorHasRead() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY");
        servers.kafka.topics(source);
        SourceLog predecessor = servers.kafka.open(source);
        predecessor.storePlan(CapturePosition.startingAt(100), List.of(LoadPlan.wanted("t", 1, "")));
        CapturePosition.Cursor heldUp =
                new CapturePosition.Cursor(predecessor.position().orElseThrow());
        String topic = Topics.changes(source.name(), "t");
        predecessor.begin();
        predecessor.send(topic, new byte[] {1});
        heldUp.advance(topic, "7", null);

        try (SourceLog successor = servers.kafka.open(source)) {
            assertThatThrownBy(() -> predecessor.commit(heldUp)).isInstanceOf(KafkaException.class);
            assertThatThrownBy(() -> predecessor.storePlans(List.of(LoadPlan.wanted("t", 2, ""))))
                    .isInstanceOf(KafkaException.class);

            assertThat(successor.position()).contains(CapturePosition.startingAt(100));
        } finally {
            predecessor.close();
        }
        assertThat(storedPosition(source)).isEqualTo(CapturePosition.startingAt(100));
        assertThat(servers.kafka.read(topic)).isEmpty();
    }

    /// Also guards that the database's log is acknowledged only after the commit: the change whose commit was refused
    /// must still be sent to the one that comes after.
    @Test
    void stopsForGoodWhenASuccessorHasTakenItsSource() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, name text");
        SourceCapture predecessor = capture(source);
        postgres.execute(source.name(), "INSERT INTO t VALUES (1, 'a')");
        awaitChanges(source, 1);

        storedPosition(source);
        postgres.execute(source.name(), "INSERT INTO t VALUES (2, 'b')");

        Eventually.within(SOON, () -> predecessor.status().code(), code -> "CAPTURE-FENCED".equals(code));
        assertThat(changes(source)).hasSize(1);
        capture(source);
        assertThat(awaitChanges(source, 2))
                .extracting(change -> row(change).getField("id"))
                .containsExactly(1, 2);
    }

    @Test
    void goesOnAfterAPredecessorOpenedItsLogOnceMore() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, name text");
        SourceCapture newest = capture(source);
        postgres.execute(source.name(), "INSERT INTO t VALUES (1, 'a')");
        awaitChanges(source, 1);

        servers.kafka.openLate(source).close();
        postgres.execute(source.name(), "INSERT INTO t VALUES (2, 'b')");

        assertThat(awaitChanges(source, 2))
                .extracting(change -> row(change).getField("id"))
                .containsExactly(1, 2);
        assertThat(newest.status().state()).isEqualTo("STREAMING");
    }

    @Test
    void numbersTheChangesOfASourceWithoutAGapOverRestarts() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, name text");
        for (int restart = 0; restart < 3; restart++) {
            SourceCapture running = capture(source);
            postgres.execute(
                    source.name(),
                    "INSERT INTO t SELECT g, 'x' FROM generate_series(" + (restart * 100 + 1) + ", "
                            + (restart * 100 + 100) + ") g");
            awaitChanges(source, (restart + 1) * 100);
            running.close();
        }

        assertThat(changes(source))
                .extracting(Change::pos)
                .isEqualTo(IntStream.rangeClosed(1, 300)
                        .mapToObj(sequence -> CapturePosition.pos(1, sequence))
                        .toList());
    }

    @Test
    void publishesAKeyUpdateAsOneChangeWithTheOldKey() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, name text");
        capture(source);
        postgres.execute(source.name(), "INSERT INTO t VALUES (1, 'a')", "UPDATE t SET id = 7 WHERE id = 1");

        List<Change> changes = awaitChanges(source, 2);

        assertThat(changes.get(1).op()).isEqualTo("u");
        assertThat(changes.get(1).oldKey())
                .isNotNull()
                .extracting(key -> key.getField("id"))
                .isEqualTo(1);
        assertThat(row(changes.get(1)).getField("id")).isEqualTo(7);
    }

    @Test
    void namesTheColumnsThatPostgresDidNotSend() throws Exception {
        PostgresSource source =
                source("id int PRIMARY KEY, n int, big text, bytes bytea, list text[], number numeric, ints int[]");
        postgres.execute(
                source.name(),
                "ALTER TABLE t ALTER big SET STORAGE EXTERNAL, ALTER bytes SET STORAGE EXTERNAL, ALTER list SET STORAGE"
                        + " EXTERNAL, ALTER number SET STORAGE EXTERNAL, ALTER ints SET STORAGE EXTERNAL");
        capture(source);
        postgres.execute(
                source.name(),
                "INSERT INTO t VALUES (1, 1, repeat('x', 9000), decode(repeat('ab', 9000), 'hex'), array_fill('y'::text,"
                        + " ARRAY[9000]), repeat('7', 9000)::numeric, array_fill(1, ARRAY[9000]))",
                "UPDATE t SET n = 2");

        List<Change> changes = awaitChanges(source, 2);

        assertThat(changes.get(1).unchanged()).containsExactlyInAnyOrder("big", "bytes", "list", "number", "ints");
        assertThat(row(changes.get(1)).getField("n")).isEqualTo(2);
        assertThat(row(changes.get(1)).getField("big")).isNull();
    }

    @Test
    void refusesRowsThatTheLakeCanNotHoldInTheirPlaceAndGoesOn() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, d date, ts timestamp, tz timestamptz, tm time,"
                + " n numeric(10,2), plain numeric, list text[], days date[]");
        SourceCapture capture = capture(source);
        postgres.execute(
                source.name(),
                "INSERT INTO t VALUES (1, '4714-11-24 BC', '0044-03-15 12:00 BC', '12345-01-01 12:00+00', '23:59', 0.50,"
                        + " 1.500, '{a,NULL,\"b \\\" c\"}', '{\"4714-11-24 BC\"}')",
                "INSERT INTO t (id, plain) VALUES (2, 'NaN'), (3, '-Infinity')",
                "INSERT INTO t (id, d) VALUES (10, 'infinity')",
                "INSERT INTO t (id, ts) VALUES (11, '-infinity')",
                "INSERT INTO t (id, ts) VALUES (12, '294276-12-31')",
                "INSERT INTO t (id, tz) VALUES (13, 'infinity')",
                "INSERT INTO t (id, tz) VALUES (14, '294276-12-31+00')",
                "INSERT INTO t (id, tm) VALUES (15, '24:00')",
                "INSERT INTO t (id, n) VALUES (16, 'NaN')",
                "INSERT INTO t (id, list) VALUES (17, '{{a,b},{c,d}}')",
                "INSERT INTO t (id, list) VALUES (18, '[0:1]={a,b}')",
                "INSERT INTO t (id, days) VALUES (19, '{infinity}')",
                "UPDATE t SET d = '2026-11-21' WHERE id = 10",
                "DELETE FROM t WHERE id = 11");

        List<Change> changes = awaitChanges(source, 15);

        Record first = row(changes.get(0));
        assertThat(first.getField("d")).isEqualTo(LocalDate.of(-4713, 11, 24));
        assertThat(first.getField("ts")).isEqualTo(LocalDateTime.of(-43, 3, 15, 12, 0));
        assertThat(first.getField("tz")).isEqualTo(OffsetDateTime.parse("+12345-01-01T12:00Z"));
        assertThat(first.getField("n")).isEqualTo(new BigDecimal("0.50"));
        assertThat(first.getField("plain")).isEqualTo("1.500");
        assertThat(first.getField("list")).isEqualTo(Arrays.asList("a", null, "b \" c"));
        assertThat(first.getField("days")).isEqualTo(List.of(LocalDate.of(-4713, 11, 24)));
        assertThat(changes.subList(1, 3))
                .extracting(change -> row(change).getField("plain"))
                .containsExactly("NaN", "-Infinity");
        assertThat(changes.subList(3, 13)).allSatisfy(change -> {
            assertThat(change.after()).isNull();
            assertThat(refusal(change).code()).isEqualTo("CAPTURE-VALUE-UNMAPPED");
        });
        assertThat(changes.subList(3, 13))
                .extracting(change -> refusal(change).reason().replaceAll(":.*", ""))
                .containsExactly(
                        "column d",
                        "column ts",
                        "column ts",
                        "column tz",
                        "column tz",
                        "column tm",
                        "column n",
                        "column list",
                        "column list",
                        "column days");
        assertThat(refusal(changes.get(3)).row()).startsWith("{\"id\":\"10\",\"d\":\"infinity\",\"ts\":null");
        assertThat(refusal(changes.get(5)).row()).contains("294276-12-31 00:00:00");
        assertThat(refusal(changes.get(10)).row()).contains("{{a,b},{c,d}}");
        assertThat(changes.subList(13, 15)).extracting(Change::op).containsExactly("u", "d");
        assertThat(row(changes.get(13)).getField("d")).isEqualTo(LocalDate.of(2026, 11, 21));
        assertThat(changes)
                .extracting(Change::pos)
                .isEqualTo(IntStream.rangeClosed(1, 15)
                        .mapToObj(sequence -> CapturePosition.pos(1, sequence))
                        .toList());
        assertThat(capture.status().state()).isEqualTo("STREAMING");
    }

    @Test
    void carriesDeletesAndKeyUpdatesOfTablesWhoseColumnsMayNotBeNull() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, amount numeric(12,2) NOT NULL DEFAULT 0, at timestamptz NOT"
                + " NULL DEFAULT now(), day timestamp NOT NULL DEFAULT '2020-01-01', tags text[] NOT NULL DEFAULT '{}',"
                + " due date NOT NULL DEFAULT '2020-01-02', note text NOT NULL DEFAULT ''");
        capture(source);

        postgres.execute(
                source.name(),
                "INSERT INTO t VALUES (1)",
                "UPDATE t SET id = 2",
                "UPDATE t SET amount = 1.5, tags = '{a}'",
                "DELETE FROM t");

        List<Change> changes = awaitChanges(source, 4);
        assertThat(changes).extracting(Change::op).containsExactly("c", "u", "u", "d");
        assertThat(changes).extracting(Change::refused).containsOnlyNulls();
        assertThat(row(changes.get(2)).getField("amount")).isEqualTo(new BigDecimal("1.50"));
    }

    @Test
    void carriesRowsOfMegabytesAndRefusesLargerOnesThanKafkaTakes() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, big bytea");
        postgres.execute(source.name(), "ALTER TABLE t REPLICA IDENTITY FULL");
        capture(source);
        String random = "(SELECT string_agg(sha256(g::text::bytea), ''::bytea) FROM generate_series(1, %d) g)";
        postgres.execute(
                source.name(),
                "INSERT INTO t VALUES (1, " + random.formatted(100_000) + ")",
                "INSERT INTO t VALUES (2, " + random.formatted(550_000) + ")",
                "UPDATE t SET big = 'less' WHERE id = 2");

        List<Change> changes = awaitChanges(source, 3);

        assertThat(((ByteBuffer) row(changes.get(0)).getField("big")).remaining())
                .isEqualTo(3_200_000);
        assertThat(refusal(changes.get(1)).code()).isEqualTo("CAPTURE-ROW-TOO-LARGE");
        assertThat(refusal(changes.get(1)).row())
                .startsWith("{\"id\":\"2\",\"big\":")
                .hasSize(64 * 1024);
        assertThat(row(changes.get(2)).getField("id")).isEqualTo(2);
        assertThat(changes.get(2).before()).isNull();
    }

    @Test
    void takesAnUpdateThatMendsAKeyWhichTheLakeCanNotHold() throws Exception {
        PostgresSource source = source("day date PRIMARY KEY, what text");
        postgres.execute(source.name(), "ALTER TABLE t REPLICA IDENTITY FULL");
        capture(source);
        postgres.execute(
                source.name(),
                "INSERT INTO t VALUES ('infinity', 'a')",
                "UPDATE t SET day = '2026-11-21'",
                "UPDATE t SET day = '-infinity'",
                "DELETE FROM t");

        List<Change> changes = awaitChanges(source, 4);

        assertThat(changes).extracting(Change::op).containsExactly("c", "u", "u", "d");
        assertThat(changes).extracting(change -> change.refused() != null).containsExactly(true, false, true, true);
        assertThat(changes.get(1).oldKey()).isNull();
        assertThat(row(changes.get(1)).getField("day")).isEqualTo(LocalDate.of(2026, 11, 21));
        assertThat(refusal(changes.get(2)).row())
                .isEqualTo("{\"_old_key\":{\"day\":\"2026-11-21\"},\"day\":\"-infinity\",\"what\":\"a\"}");
    }

    @Test
    void followsColumnsThatAreAddedAndWidenedWhileItStreams() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, n numeric(4,2), i int");
        capture(source);
        postgres.execute(
                source.name(),
                "INSERT INTO t VALUES (1, 99.99, 1)",
                "ALTER TABLE t ADD COLUMN note text",
                "INSERT INTO t VALUES (2, 99.99, 2, 'two')",
                "ALTER TABLE t ALTER n TYPE numeric(6,2), ALTER i TYPE bigint",
                "INSERT INTO t VALUES (3, 1234.56, 3000000000, 'three')");

        List<Change> changes = awaitChanges(source, 3);

        assertThat(changes).extracting(Change::refused).containsOnlyNulls();
        assertThat(row(changes.get(1)).getField("note")).isEqualTo("two");
        assertThat(row(changes.get(2)).getField("n")).isEqualTo(new BigDecimal("1234.56"));
        assertThat(row(changes.get(2)).getField("i")).isEqualTo(3_000_000_000L);
    }

    @Test
    void publishesTruncatesAndDeletes() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, name text");
        capture(source);
        postgres.execute(
                source.name(), "INSERT INTO t VALUES (1, 'a'), (2, 'b')", "DELETE FROM t WHERE id = 1", "TRUNCATE t");

        assertThat(awaitChanges(source, 4)).extracting(Change::op).containsExactly("c", "c", "d", "t");
    }

    @Test
    void goesOnWhenPostgresWasAway() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, name text");
        SourceCapture capture = capture(source);
        postgres.execute(source.name(), "INSERT INTO t VALUES (1, 'a')");
        awaitChanges(source, 1);

        postgres.kill();
        Eventually.within(SOON, () -> capture.status().state(), state -> state.equals("RETRYING"));
        postgres.restart();
        postgres.execute(source.name(), "INSERT INTO t VALUES (2, 'b')");

        assertThat(awaitChanges(source, 2))
                .extracting(change -> row(change).getField("id"))
                .containsExactly(1, 2);
    }

    @Test
    void stopsForGoodWhenTheSlotWasMadeAnew() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, name text");
        SourceCapture first = capture(source);
        postgres.execute(source.name(), "INSERT INTO t VALUES (1, 'a')");
        awaitChanges(source, 1);
        first.close();
        String slot = "levada_test_" + source.name();
        Eventually.within(
                SOON,
                () -> {
                    try (Connection connection = postgres.connect(source.name())) {
                        return new PostgresServer("test", source).slots().state(connection);
                    }
                },
                state -> state.filter(PostgresSlots.Slot::active).isEmpty());
        postgres.execute(
                source.name(),
                "SELECT pg_drop_replication_slot('" + slot + "')",
                "INSERT INTO t VALUES (2, 'lost')",
                "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");

        SourceCapture second = capture(source);

        Eventually.within(SOON, () -> second.status().code(), code -> "CAPTURE-SLOT-LOST".equals(code));
    }

    @Test
    void namesTheStatementThatMendsAMissingTable() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY");
        postgres.execute(source.name(), "DROP TABLE t");

        SourceCapture capture = capture(source);

        Eventually.within(SOON, () -> capture.status().code(), code -> "CAPTURE-UNKNOWN-TABLE".equals(code));
        assertThat(capture.status().nextStep()).contains("CREATE TABLE public.t");
    }

    @Test
    void refusesServersThatHandOutNoMessages() {
        assertThatThrownBy(() -> PostgresServer.requireVersion("bank", 13))
                .isInstanceOfSatisfying(
                        SourceProblem.class,
                        problem -> assertThat(problem.code()).isEqualTo(IngestError.CAPTURE_SERVER_TOO_OLD))
                .hasMessageContaining("PostgreSQL 13");
        PostgresServer.requireVersion("bank", 14);
    }

    @Test
    void namesTheStatementsThatLetARolePublishTheTablesOfAnother() throws Exception {
        PostgresSource admin = source("id int PRIMARY KEY");
        String reader = admin.name() + "_reader";
        String owner = admin.name() + "_owner";
        servers.postgres.execute(
                admin.name(),
                "CREATE ROLE " + owner,
                "CREATE ROLE " + reader + " LOGIN REPLICATION PASSWORD 'secret'",
                "GRANT SELECT ON t TO " + reader);
        PostgresSource source =
                new PostgresSource(admin.name(), admin.url(), reader, new Secret("secret"), admin.tables());

        SourceCapture capture = capture(source);
        Eventually.within(SOON, () -> capture.status().code(), code -> "CAPTURE-NO-PUBLICATION-RIGHT".equals(code));
        assertThat(capture.status().nextStep())
                .as("where a superuser owns the table")
                .startsWith("Run as the tables' owner: CREATE PUBLICATION")
                .doesNotContain("GRANT");
        servers.postgres.execute(admin.name(), "ALTER TABLE t OWNER TO " + owner);
        Eventually.within(SOON, () -> capture.status().nextStep(), step -> step != null && step.contains("GRANT"));
        assertThat(capture.status().nextStep())
                .startsWith("Run GRANT CREATE ON DATABASE " + source.name() + " TO " + reader + "; GRANT " + owner
                        + " TO " + reader + "; Or, as the tables' owner: CREATE PUBLICATION");
        servers.postgres.execute(
                admin.name(),
                "GRANT CREATE ON DATABASE " + source.name() + " TO " + reader,
                "GRANT " + owner + " TO " + reader);

        Eventually.within(SOON, () -> capture.status().state(), "STREAMING"::equals);
    }

    @Test
    void refusesATableWhoseColumnsDifferInCaseOnlyUnlessARuleLeavesOneOut() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, \"Id\" int, \"É\" int");

        SourceCapture capture = capture(source);
        Eventually.within(SOON, () -> capture.status().code(), code -> "CAPTURE-COLUMN-CASE".equals(code));
        assertThat(capture.status().nextStep())
                .contains("sources." + source.name() + ".columns")
                .contains("Id: drop");
        closeCaptures();

        PostgresSource ruled = new PostgresSource(
                source.name(),
                source.url(),
                source.user(),
                source.password(),
                List.of(new SourceTable(
                        "public",
                        "t",
                        "t",
                        new ColumnRules(Map.of("Id", ColumnRule.DROP), null),
                        OnSchemaChange.EVOLVE)));
        capture(ruled);
        postgres.execute(source.name(), "INSERT INTO t VALUES (1, 2, 3)");
        Change change = awaitChanges(ruled, 1).getFirst();
        assertThat(row(change).struct().fields())
                .extracting(Types.NestedField::name)
                .containsExactly("id", "É");
    }

    @Test
    void capturesATableWhoseNameHoldsABlank() throws Exception {
        PostgresSource given = source("id int");
        postgres.execute(
                given.name(),
                "CREATE TABLE \"Order Details\" (id int PRIMARY KEY)",
                "INSERT INTO \"Order Details\" VALUES (1)");
        PostgresSource source = new PostgresSource(
                given.name(),
                given.url(),
                given.user(),
                given.password(),
                List.of(new SourceTable("public", "Order Details", "order_details")));
        SourceCapture capture = capture(source);
        Eventually.within(SOON, () -> capture.status().tables().getFirst().state(), "LOADED"::equals);

        postgres.execute(given.name(), "INSERT INTO \"Order Details\" VALUES (2)", "TRUNCATE \"Order Details\"");

        assertThat(servers.kafka.awaitChanges(source, "order_details", 2))
                .extracting(Change::op)
                .containsExactly("c", "t");
    }

    private static Change.Refusal refusal(Change change) {
        return java.util.Objects.requireNonNull(change.refused());
    }

    private static Record row(Change change) {
        return java.util.Objects.requireNonNull(change.after());
    }

    private PostgresSource source(String columns) throws Exception {
        String name = "s" + SOURCES.incrementAndGet();
        postgres.createDatabase(name);
        postgres.execute(name, "CREATE TABLE t (" + columns + ")");
        return new PostgresSource(
                name,
                postgres.url(name),
                postgres.user(),
                new Secret(postgres.password()),
                List.of(new SourceTable("public", "t", "t")));
    }

    private void copy(PostgresSource source, int rows) throws Exception {
        StringBuilder text = new StringBuilder();
        for (int id = 1; id <= rows; id++) {
            text.append(id).append("\trow ").append(id).append('\n');
        }
        try (Connection connection = postgres.connect(source.name())) {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY t FROM STDIN", new StringReader(text.toString()));
        }
    }

    private CapturePosition storedPosition(PostgresSource source) {
        return servers.kafka.storedPosition(source);
    }

    private SourceCapture capture(PostgresSource source) {
        return servers.stream(source);
    }

    private List<Change> awaitChanges(PostgresSource source, int count) throws Exception {
        return servers.awaitChanges(source, "t", count);
    }

    private List<Change> changes(PostgresSource source) throws Exception {
        return servers.changes(source, "t");
    }
}
