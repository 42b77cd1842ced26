package io.levada.ingest.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.OnSchemaChange;
import io.levada.events.FileArrived;
import io.levada.events.FileIdentity;
import io.levada.events.FilesWritten;
import io.levada.events.WrittenFile;
import io.levada.ingest.landing.LandingSteps;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.lake.LakeLayout;
import io.levada.lake.WrittenFiles;
import io.levada.lake.storage.BorrowedFiles;
import io.levada.lake.storage.BucketAccess;
import io.levada.lake.storage.LakeFileIO;
import io.levada.testing.EmbeddedS3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that are taken into a lake in a bucket.
final class BucketConversionIT {
    private final LakeLayout layout = new LakeLayout("s3://lake/prod");
    private final LakeFileIO io = new LakeFileIO();
    private final Tables tables = new LocalTables(io);

    @TempDir
    private Path directory;

    private EmbeddedS3Server server;
    private FileEngine engine;

    @BeforeEach
    void start() {
        System.setProperty("aws.accessKeyId", EmbeddedS3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", EmbeddedS3Server.SECRET_KEY);
        server = EmbeddedS3Server.start();
        server.createBucket("lake");
        io.initialize(new BucketAccess(server.endpoint(), null, true).asProperties());
        engine = new FileEngine(directory.resolve("scratch"), layout, List.of(directory));
    }

    @AfterEach
    void stop() {
        engine.close();
        io.close();
        server.close();
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    private FileConversion.Converted convert(FileFormat format, Path file) throws Exception {
        FileConversion conversion = new FileConversion(
                tables, layout, directory.resolve("quarantine"), engine, 1 << 20, LandingSteps.NONE, Clock.systemUTC());
        FileTable definition = new FileTable("s", "raw.s_t", Map.of(), tables, layout, format, OnSchemaChange.EVOLVE);
        FileIdentity identity = new FileIdentity("s", "raw.s_t", 1, "a", "5ca1ab1e");
        return conversion.convert(new FileArrived(identity, Files.size(file), Instant.EPOCH, "x"), definition, file);
    }

    @Test
    void aParquetFileComesIntoTheBucketAndNothingOfItStaysOnDisk() throws Exception {
        Path file = directory.resolve("rows.parquet");
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("COPY (SELECT i AS id FROM range(5000) t(i)) TO '" + file + "' (FORMAT parquet)");
        }

        FilesWritten written = convert(new ParquetFormat(engine), file).events().getLast();

        List<String> paths = written.files().stream().map(WrittenFile::path).toList();
        assertThat(paths).isNotEmpty().allMatch(path -> path.startsWith("s3://lake/prod/raw/s/t/ingestion_date="));
        try (BorrowedFiles files = engine.copies().borrow(io, paths);
                Connection connection = engine.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*), CAST(sum(id) AS BIGINT) FROM read_parquet('"
                        + files.paths().iterator().next() + "')")) {
            row.next();
            assertThat(List.of(row.getLong(1), row.getLong(2))).containsExactly(5000L, 12_497_500L);
        }
        assertThat(server.keys("lake", "prod/raw/_manifests/")).hasSize(1);
        try (Stream<Path> left = Files.walk(directory.resolve("scratch"))) {
            assertThat(left.filter(path -> path.toString().endsWith(".parquet")))
                    .isEmpty();
        }
    }

    @Test
    void whatIsInQuarantineIsFoundInTheBucket() throws Exception {
        Path file = Files.writeString(directory.resolve("rows.jsonl"), "{\"a\": 1}\n{\"a\": \n{\"a\": 3}\n");

        FilesWritten aside = convert(JsonFormat.plain(1 << 20), file).events().getFirst();
        Table quarantine = tables.load(QuarantineWriter.TABLE).orElseThrow();
        aside.files()
                .forEach(each -> quarantine
                        .newAppend()
                        .appendFile(WrittenFiles.toDataFile(each, quarantine.spec()))
                        .commit());

        QuarantinedRecords records = new QuarantinedRecords(tables, engine);
        assertThat(records.open("s", "raw.s_t")).hasSize(1);
        try (Connection connection = engine.connect()) {
            records.select(connection, "s", "raw.s_t", 1);
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT o, decode(raw) FROM wanted")) {
                row.next();
                assertThat(row.getLong(1)).isEqualTo(2);
                assertThat(row.getString(2)).isEqualTo("{\"a\": ");
            }
        }
    }
}
