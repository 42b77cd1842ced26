package io.levada.query.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.lake.storage.BucketAccess;
import io.levada.lake.storage.LocalCopies;
import io.levada.query.QueryError;
import io.levada.sql.DuckDbSettings;
import io.levada.sql.QueryException;
import io.levada.sql.QueryExecutor;
import io.levada.sql.QueryLimits;
import io.levada.sql.QueryRequest;
import io.levada.sql.QuerySession;
import io.levada.sql.QueryStatus;
import io.levada.sql.SelectGate;
import io.levada.sql.TableReads;
import io.levada.testing.EmbeddedS3Server;
import io.levada.testing.FaultyS3;
import io.levada.testing.FaultyS3.Fault;
import io.levada.testing.FreePorts;
import io.levada.testing.LocalLake;
import java.net.URI;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Queries of a lake in a bucket: through local copies, and what is said where there can be none.
final class BucketQueryIT {
    private static final Schema SCHEMA = new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

    @TempDir
    private Path directory;

    private EmbeddedS3Server server;
    private FaultyS3 bucket;
    private LocalLake lake;
    private CatalogPositions positions;

    @BeforeEach
    void start() throws Exception {
        System.setProperty("aws.accessKeyId", EmbeddedS3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", EmbeddedS3Server.SECRET_KEY);
        server = EmbeddedS3Server.start();
        server.createBucket("lake");
        bucket = FaultyS3.before(server.endpoint());
        lake = new LocalLake(
                directory.resolve("catalog"),
                "s3://lake",
                new BucketAccess(bucket.endpoint(), null, true).asProperties());
        lake.create("raw.a", SCHEMA);
        lake.append("raw.a", List.of(List.of(1L), List.of(2L)));
        lake.create("raw.b", SCHEMA);
        lake.append("raw.b", List.of(List.of(3L)));
        positions = new CatalogPositions(URI.create("http://127.0.0.1:" + FreePorts.one()), null);
    }

    @AfterEach
    void stop() {
        positions.close();
        lake.close();
        bucket.close();
        server.close();
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    private LakeTables tables(long cacheBytes) {
        LocalCopies copies = LocalCopies.in(directory.resolve("cache"), cacheBytes);
        return new LakeTables(
                new TestLake(lake),
                new DuckDbSettings(64, 1, directory.resolve("tmp"), List.of(copies.readable("s3://lake"))),
                Clock.systemUTC(),
                positions,
                copies);
    }

    private static QuerySession open(LakeTables tables, String table) throws SQLException {
        return tables.open(new TableReads(Set.of(table), List.of()));
    }

    private static long sum(QuerySession session, String table) throws SQLException {
        try (Statement statement = session.connection().createStatement();
                ResultSet row = statement.executeQuery("SELECT CAST(sum(id) AS BIGINT) FROM " + table)) {
            row.next();
            return row.getLong(1);
        }
    }

    private long fileBytes(String table) throws Exception {
        try (CloseableIterable<FileScanTask> tasks =
                lake.load(table).orElseThrow().newScan().planFiles()) {
            return tasks.iterator().next().file().fileSizeInBytes();
        }
    }

    @Test
    void readsADataFileOfTheBucketOnce() throws Exception {
        LakeTables tables = tables(1 << 20);
        try (QuerySession session = tables.open(new TableReads(Set.of("raw.a", "raw.b"), List.of()))) {
            assertThat(sum(session, "raw.a")).isEqualTo(3);
            assertThat(sum(session, "raw.b")).isEqualTo(3);
        }
        bucket.plan(request -> request.path().endsWith(".parquet") ? Fault.ERROR : Fault.NONE);

        try (QuerySession session = open(tables, "raw.a")) {
            assertThat(sum(session, "raw.a")).isEqualTo(3);
        }
    }

    @Test
    void readsOnlyTheFilesThatAQueryHasRowsIn() throws Exception {
        for (long id = 10; id < 20; id++) {
            lake.append("raw.a", List.of(List.of(id)));
        }
        // Room for two of the table's eleven files.
        LakeTables tables = tables(2 * fileBytes("raw.a") + 10);
        try (SelectGate gate = SelectGate.open();
                QueryExecutor executor = new QueryExecutor(tables, gate, QueryLimits.DEFAULT, (_, _) -> {})) {
            QueryStatus one = executor.submit(new QueryRequest(
                            "SELECT count(*) FROM raw.a WHERE id >= 12 AND id <= :to", Map.of("to", 12), 10))
                    .await(Duration.ofSeconds(30));
            QueryStatus all = executor.submit(new QueryRequest("SELECT count(*) FROM raw.a", Map.of(), 10))
                    .await(Duration.ofSeconds(30));

            assertThat(one.failure()).isNull();
            assertThat(one.rows()).containsExactly(List.of(1L));
            assertThat(all.failure())
                    .isNotNull()
                    .extracting(QueryException::error)
                    .isEqualTo(QueryError.CACHE_TOO_SMALL);
        }
    }

    @Test
    void aQueryThatFindsNoRoomFailsAndTheOneBeforeItReadsOn() throws Exception {
        LakeTables tables = tables(fileBytes("raw.a") + 10);
        try (QuerySession first = open(tables, "raw.a")) {
            assertThatThrownBy(() -> open(tables, "raw.b"))
                    .isInstanceOfSatisfying(
                            QueryException.class,
                            refused -> assertThat(refused.error()).isEqualTo(QueryError.CACHE_TOO_SMALL))
                    .hasMessageContaining("raw.b");
            assertThat(sum(first, "raw.a")).isEqualTo(3);
        }

        try (QuerySession second = open(tables, "raw.b")) {
            assertThat(sum(second, "raw.b")).isEqualTo(3);
        }
    }

    @Test
    void aQueryOfABucketThatIsAwayFailsAndTheNextOneSucceeds() throws Exception {
        LakeTables tables = tables(1 << 20);
        bucket.plan(request -> request.path().endsWith(".parquet") ? Fault.AWAY : Fault.NONE);
        assertThatThrownBy(() -> open(tables, "raw.a"))
                .isInstanceOfSatisfying(
                        QueryException.class,
                        refused -> assertThat(refused.error()).isEqualTo(QueryError.STORAGE_UNAVAILABLE));
        bucket.plan(_ -> Fault.NONE);

        try (QuerySession session = open(tables, "raw.a")) {
            assertThat(sum(session, "raw.a")).isEqualTo(3);
        }
    }
}
