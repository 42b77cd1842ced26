package io.levada.benchmarks;

import io.levada.broker.EmbeddedBroker;
import io.levada.catalog.CatalogApplication;
import io.levada.catalog.CommitStep;
import io.levada.catalog.CommitSteps;
import io.levada.definition.FlushPolicy;
import io.levada.definition.LakeDefinition;
import io.levada.definition.PipelineDefinition;
import io.levada.lake.LakeCatalog;
import io.levada.lake.TableSpec;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/// catalog-service alone, on the embedded catalog and broker, in this JVM: loading and planning a table of many files
/// over REST, and how many files a second it commits ([CommitRate]).
final class CatalogBenchmark {
    static final Schema SCHEMA = new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "name", Types.StringType.get()));
    private static final int FILES_OF_A_COMMIT = 50;
    private static final int ROWS_OF_A_FILE = 1_000;
    private static final int ROUNDS = 21;

    private final Path scratch;
    private final int files;

    /// @param files of the table that is loaded and planned
    CatalogBenchmark(Path scratch, int files) {
        this.scratch = scratch;
        this.files = files;
    }

    List<Figure> run() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(scratch.resolve("kafka"), freePort(), freePort())) {
            CommitRate rate = new CommitRate(scratch, broker.bootstrapServers());
            CommitSteps steps = (step, table) -> {
                if (step == CommitStep.AFTER_COMMIT) {
                    rate.committed(table);
                }
            };
            try (ConfigurableApplicationContext service = service(broker.bootstrapServers(), steps)) {
                URI uri = URI.create(
                        "http://127.0.0.1:" + service.getEnvironment().getProperty("local.server.port") + "/iceberg");
                List<Figure> figures = new ArrayList<>(table(uri));
                try (LakeCatalog lake = LakeCatalog.connect(uri)) {
                    figures.addAll(rate.measure(lake));
                }
                return figures;
            }
        }
    }

    private ConfigurableApplicationContext service(String bootstrapServers, CommitSteps steps) {
        PipelineDefinition definition = new PipelineDefinition(
                scratch,
                "benchmark",
                LakeDefinition.DEFAULT,
                new FlushPolicy(Duration.ofSeconds(1), 1 << 20),
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of());
        ApplicationContextInitializer<GenericApplicationContext> beans = context -> {
            context.registerBean(PipelineDefinition.class, () -> definition);
            context.registerBean(CommitSteps.class, () -> steps);
        };
        return new SpringApplicationBuilder(CatalogApplication.class)
                .initializers(beans)
                .run(
                        "--spring.config.name=catalog",
                        "--spring.config.location=classpath:/",
                        "--server.port=0",
                        "--logging.level.root=WARN",
                        "--levada.catalog.data-directory=" + scratch,
                        "--levada.catalog.lake-location=" + scratch.resolve("lake"),
                        "--levada.catalog.kafka-bootstrap-servers=" + bootstrapServers);
    }

    private List<Figure> table(URI uri) throws Exception {
        TableSpec spec = spec(scratch, "raw.large");
        try (LakeCatalog lake = LakeCatalog.connect(uri)) {
            fill(lake.createOrEvolve(spec));
            double known = median(() -> lake.load(spec.name()).orElseThrow());
            Table table = lake.load(spec.name()).orElseThrow();
            long wanted = (long) files * ROWS_OF_A_FILE / 2;
            double planned = median(() -> plan(table, wanted));
            double loaded = median(() -> {
                try (LakeCatalog fresh = LakeCatalog.connect(uri)) {
                    return fresh.load(spec.name()).orElseThrow();
                }
            });
            return List.of(
                    new Figure("files of the table", files, "", ""),
                    new Figure("connecting and loading it, median of " + ROUNDS, loaded, "ms", "200 or less"),
                    new Figure("loading it again, unchanged", known, "ms", ""),
                    new Figure("planning a filtered scan, median", planned, "ms", "300 or less"));
        }
    }

    private void fill(Table table) {
        for (int first = 0; first < files; first += FILES_OF_A_COMMIT) {
            AppendFiles append = table.newAppend();
            for (int file = first; file < Math.min(first + FILES_OF_A_COMMIT, files); file++) {
                long least = (long) file * ROWS_OF_A_FILE;
                append.appendFile(DataFiles.builder(PartitionSpec.unpartitioned())
                        .withPath(table.location() + "/part-" + file + ".parquet")
                        .withFileSizeInBytes(100_000)
                        .withMetrics(metrics(least, least + ROWS_OF_A_FILE - 1))
                        .build());
            }
            append.commit();
        }
    }

    private static Metrics metrics(long least, long greatest) {
        return new Metrics(
                (long) ROWS_OF_A_FILE,
                Map.of(1, 8_000L, 2, 50_000L),
                Map.of(1, (long) ROWS_OF_A_FILE, 2, (long) ROWS_OF_A_FILE),
                Map.of(1, 0L, 2, 0L),
                Map.of(),
                Map.of(1, bound(least)),
                Map.of(1, bound(greatest)));
    }

    private static ByteBuffer bound(long value) {
        return Conversions.toByteBuffer(Types.LongType.get(), value);
    }

    private static int plan(Table table, long wanted) throws Exception {
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().filter(Expressions.equal("id", wanted)).planFiles()) {
            int found = 0;
            for (FileScanTask _ : tasks) {
                found++;
            }
            if (found != 1) {
                throw new IllegalStateException("A scan for one id plans " + found + " files");
            }
            return found;
        }
    }

    private static double median(Callable<?> work) throws Exception {
        List<Double> milliseconds = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            if (work.call() == null) {
                throw new IllegalStateException("The work has no result");
            }
            milliseconds.add((System.nanoTime() - start) / 1e6);
        }
        milliseconds.sort(null);
        return milliseconds.get(ROUNDS / 2);
    }

    static TableSpec spec(Path scratch, String name) {
        return new TableSpec(
                name,
                SCHEMA,
                List.of(),
                scratch.resolve("lake").resolve(name.replace('.', '/')).toString(),
                Map.of());
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
