package io.levada.catalog.commit;

import static io.levada.catalog.commit.TestLake.changes;
import static io.levada.catalog.commit.TestLake.curated;
import static io.levada.catalog.commit.TestLake.file;
import static io.levada.catalog.commit.TestLake.ids;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.sun.net.httpserver.HttpServer;
import io.levada.definition.LineageDefinition;
import io.levada.definition.LineageDefinition.Target;
import io.levada.definition.Secret;
import io.levada.events.Cause;
import io.levada.events.FilesWritten;
import io.levada.events.Layer;
import io.levada.lake.LakeCatalog;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.Eventually;
import io.openlineage.client.OpenLineage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What is told to a receiver of OpenLineage events, read with OpenLineage's own classes.
class OpenLineageIT {
    private static final String RAW = "raw.s_t";
    private static final String STAGE = "stage.s_t";
    private static final ObjectMapper READER = new ObjectMapper()
            .registerModule(new SimpleModule().addDeserializer(ZonedDateTime.class, new Times()))
            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, true);

    /// ISO 8601, as the specification asks for.
    private static final class Times extends JsonDeserializer<ZonedDateTime> {
        @Override
        public ZonedDateTime deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            return ZonedDateTime.parse(parser.getText());
        }
    }

    @TempDir
    private Path directory;

    private EmbeddedKafka kafka;
    private HttpServer server;
    private final List<String> received = new ArrayList<>();
    private final List<String> authorizations = new ArrayList<>();
    private volatile int status = 200;
    private volatile CountDownLatch answering = new CountDownLatch(0);

    @BeforeEach
    void start() throws IOException {
        kafka = EmbeddedKafka.start(directory.resolve("kafka"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/api/v1/lineage", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            int answer = status;
            synchronized (received) {
                authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
                if (answer == 200) {
                    received.add(body);
                }
            }
            try {
                answering.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            exchange.sendResponseHeaders(answer, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        answering.countDown();
        server.stop(0);
        kafka.close();
    }

    private RunningCatalog service(Target target) {
        return RunningCatalog.start(
                directory,
                kafka.bootstrapServers(),
                (_, _) -> {},
                LineageDefinitions.telling(directory, new LineageDefinition("prod", target)));
    }

    private Target receiver() {
        return new Target.Http(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/api/v1/lineage"), new Secret("key"));
    }

    private List<OpenLineage.RunEvent> received() {
        List<String> bodies;
        synchronized (received) {
            bodies = List.copyOf(received);
        }
        return bodies.stream().map(OpenLineageIT::read).toList();
    }

    private static OpenLineage.RunEvent read(String json) {
        try {
            return READER.readValue(json, OpenLineage.RunEvent.class);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(json, e);
        }
    }

    private List<OpenLineage.RunEvent> awaitEvents(int count) {
        return Eventually.within(Eventually.PATIENCE, this::received, events -> events.size() >= count);
    }

    private void send(FilesWritten... events) {
        RunningCatalog.send(kafka.bootstrapServers(), events);
    }

    private static void await(LakeCatalog lake, String table, Long... rows) {
        Eventually.within(
                Eventually.PATIENCE,
                () -> assertThat(ids(lake.load(table).orElseThrow())).containsExactly(rows));
    }

    @Test
    void tellsEachSnapshotWithWhatItCameFrom() throws Exception {
        try (RunningCatalog service = service(receiver());
                LakeCatalog lake = LakeCatalog.connect(service.uri("/iceberg"))) {
            Table raw = TestLake.create(lake.iceberg(), RAW, directory);
            send(changes("r1", RAW, 0, 10, file(raw, 1, 2)));
            await(lake, RAW, 1L, 2L);
            long first = lake.load(RAW).orElseThrow().currentSnapshot().snapshotId();
            Table stage = TestLake.create(lake.iceberg(), STAGE, directory);
            send(curated("m1", STAGE, null, Map.of(RAW, List.of(first)), file(stage, 1, 2)));

            List<OpenLineage.RunEvent> events = awaitEvents(2);

            OpenLineage.RunEvent landed = events.getFirst();
            assertThat(landed.getEventType()).isEqualTo(OpenLineage.RunEvent.EventType.COMPLETE);
            assertThat(landed.getSchemaURL())
                    .isEqualTo(URI.create("https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"));
            assertThat(landed.getJob().getNamespace()).isEqualTo("prod");
            assertThat(landed.getJob().getName()).isEqualTo(RAW + ".changes");
            assertThat(landed.getJob().getFacets().getJobType().getProcessingType())
                    .isEqualTo("STREAMING");
            OpenLineage.InputDataset source = landed.getInputs().getFirst();
            assertThat(source.getNamespace()).isEqualTo("postgres://db.example:5432");
            assertThat(source.getName()).isEqualTo("shop.public.t");
            OpenLineage.OutputDataset table = landed.getOutputs().getFirst();
            assertThat(table.getName()).isEqualTo(RAW);
            assertThat(table.getFacets().getVersion().getDatasetVersion()).isEqualTo(Long.toString(first));
            assertThat(table.getFacets().getSchema().getFields())
                    .extracting(OpenLineage.SchemaDatasetFacetFields::getName)
                    .containsExactly("id", "part");
            assertThat(table.getOutputFacets().getOutputStatistics().getRowCount())
                    .isEqualTo(2);
            assertThat(table.getOutputFacets().getOutputStatistics().getFileCount())
                    .isEqualTo(1);
            assertThat(table.getOutputFacets().getOutputStatistics().getSize()).isPositive();
            OpenLineage.RunEvent derived = events.get(1);
            assertThat(derived.getJob().getName()).isEqualTo(STAGE + ".curation");
            assertThat(derived.getInputs().getFirst().getName()).isEqualTo(RAW);
            assertThat(derived.getInputs().getFirst().getFacets().getVersion().getDatasetVersion())
                    .isEqualTo(Long.toString(first));
            assertThat(authorizations).containsOnly("Bearer key");
        }
    }

    @Test
    void commitsGoOnWhileTheReceiverIsAwayAndAreToldInOrderOnceItIsBack() throws Exception {
        status = 503;
        try (RunningCatalog service = service(receiver());
                LakeCatalog lake = LakeCatalog.connect(service.uri("/iceberg"))) {
            Table raw = TestLake.create(lake.iceberg(), RAW, directory);
            for (int i = 0; i < 3; i++) {
                send(changes("r" + i, RAW, i, i + 1, file(raw, i)));
                Eventually.within(
                        Eventually.PATIENCE,
                        () -> lake.load(RAW).orElseThrow().history(),
                        history -> !history.isEmpty());
            }
            await(lake, RAW, 0L, 1L, 2L);
            int snapshots = lake.load(RAW).orElseThrow().history().size();
            JsonNode lineage = Eventually.within(
                    Eventually.PATIENCE,
                    () -> service.status().path("lineage"),
                    report -> report.path("lag").asLong() > 0
                            && report.path("trouble").asString("").contains("503"));
            assertThat(lineage.path("told").asLong()).isZero();
            assertThat(received()).isEmpty();

            status = 200;

            List<OpenLineage.RunEvent> events = awaitEvents(snapshots);
            assertThat(events)
                    .extracting(event -> event.getOutputs()
                            .getFirst()
                            .getFacets()
                            .getVersion()
                            .getDatasetVersion())
                    .containsExactlyElementsOf(lake.load(RAW).orElseThrow().history().stream()
                            .map(entry -> Long.toString(entry.snapshotId()))
                            .toList());
            Eventually.within(
                    Eventually.PATIENCE,
                    () -> service.status().path("lineage"),
                    report -> report.path("lag").asLong() == 0
                            && report.path("trouble").isNull());
        }
    }

    /// The receiver has taken the event, and the service ends before it knows.
    @Test
    void repeatsAnEventUnderTheSameRunAfterAStopInBetween() throws Exception {
        answering = new CountDownLatch(1);
        try (RunningCatalog service = service(receiver());
                LakeCatalog lake = LakeCatalog.connect(service.uri("/iceberg"))) {
            Table raw = TestLake.create(lake.iceberg(), RAW, directory);
            send(changes("r1", RAW, 0, 1, file(raw, 1)));
            awaitEvents(1);
        }
        answering.countDown();

        try (RunningCatalog service = service(receiver());
                LakeCatalog lake = LakeCatalog.connect(service.uri("/iceberg"))) {
            send(changes("r2", RAW, 1, 2, file(lake.load(RAW).orElseThrow(), 2)));

            List<OpenLineage.RunEvent> events = awaitEvents(3);

            assertThat(events.get(1).getRun().getRunId())
                    .isEqualTo(events.get(0).getRun().getRunId());
            assertThat(events.get(2).getRun().getRunId())
                    .isNotEqualTo(events.get(0).getRun().getRunId());
        }

        try (RunningCatalog service = service(receiver())) {
            Eventually.within(
                    Eventually.PATIENCE,
                    () -> service.status().path("lineage"),
                    report -> report.path("lag").asLong() == 0);
            assertThat(received()).hasSize(3);
        }
    }

    @Test
    void passesOverWhatTheReceiverCallsInvalid() throws Exception {
        status = 422;
        try (RunningCatalog service = service(receiver());
                LakeCatalog lake = LakeCatalog.connect(service.uri("/iceberg"))) {
            Table raw = TestLake.create(lake.iceberg(), RAW, directory);
            send(changes("r1", RAW, 0, 1, file(raw, 1)));
            Eventually.within(
                    Eventually.PATIENCE,
                    () -> service.status().path("lineage"),
                    report -> report.path("refused").asLong() == 1);
            status = 200;
            send(changes("r2", RAW, 1, 2, file(raw, 2)));

            assertThat(awaitEvents(1)).hasSize(1);
        }
    }

    @Test
    void tellsATopicInPlaceOfAServerAndOfRefusals() throws Exception {
        try (RunningCatalog service = service(new Target.Topic("openlineage.events"));
                LakeCatalog lake = LakeCatalog.connect(service.uri("/iceberg"))) {
            Table stage = TestLake.create(lake.iceberg(), STAGE, directory);
            send(
                    curated("m1", STAGE, null, Map.of(RAW, List.of(7L)), file(stage, 1)),
                    new FilesWritten(
                            "bad",
                            STAGE,
                            Layer.STAGE,
                            Cause.MIRROR,
                            0,
                            List.of(),
                            List.of(),
                            null,
                            null,
                            false,
                            null,
                            List.of(),
                            List.of(),
                            List.of()));

            List<OpenLineage.RunEvent> events = Eventually.within(
                    Eventually.PATIENCE,
                    () -> RunningCatalog.read(kafka.bootstrapServers(), "openlineage.events").stream()
                            .map(message -> read(new String(message.value(), StandardCharsets.UTF_8)))
                            .toList(),
                    told -> told.size() >= 2);

            assertThat(events)
                    .extracting(OpenLineage.RunEvent::getEventType)
                    .containsExactlyInAnyOrder(
                            OpenLineage.RunEvent.EventType.COMPLETE, OpenLineage.RunEvent.EventType.FAIL);
            OpenLineage.RunEvent failed = events.stream()
                    .filter(event -> event.getEventType() == OpenLineage.RunEvent.EventType.FAIL)
                    .findFirst()
                    .orElseThrow();
            assertThat(failed.getRun().getFacets().getErrorMessage().getMessage())
                    .startsWith("NOT_SUPPORTED: ");
        }
    }
}
