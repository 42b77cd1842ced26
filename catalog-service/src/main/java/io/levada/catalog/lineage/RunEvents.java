package io.levada.catalog.lineage;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.levada.catalog.lineage.SourceDatasets.SourceDataset;
import io.levada.events.Cause;
import io.levada.events.FilesRefused;
import io.levada.events.Layer;
import io.levada.events.SnapshotInputs;
import io.levada.events.TableCommitted;
import io.levada.events.TableInput;
import io.levada.events.TableProperties;
import io.levada.events.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// OpenLineage run events (specification 2-0-2) of snapshots and refusals.
///
/// A commit is one run of the job that makes the table; its id follows from the table and the snapshot, so that an
/// event that comes twice is one run. Tables of the lake are data sets of the configured namespace, with the snapshot
/// as their version; tables of sources have the names that OpenLineage gives them.
final class RunEvents {
    private static final JsonMapper JSON = JsonMapper.builder()
            .changeDefaultPropertyInclusion(
                    _ -> JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
            .build();
    private static final String PRODUCER = "urn:levada:catalog-service";
    private static final String SPECIFICATION = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
    private static final String FACETS = "https://openlineage.io/spec/facets/";

    private final String namespace;
    private final SourceDatasets sources;

    RunEvents(String namespace, SourceDatasets sources) {
        this.namespace = namespace;
        this.sources = sources;
    }

    /// One event as it is sent.
    ///
    /// @param id of what it tells of, for logs
    /// @param job whose runs stay in order
    record RunEvent(String id, String job, String json) {}

    private record Run(UUID runId, Map<String, Object> facets) {}

    private record Job(String namespace, String name, Map<String, Object> facets) {}

    private record Input(String namespace, String name, Map<String, Object> facets) {}

    private record Output(
            String namespace, String name, Map<String, Object> facets, Map<String, Object> outputFacets) {}

    private record Event(
            String eventType,
            Instant eventTime,
            Run run,
            Job job,
            List<Input> inputs,
            List<Output> outputs,
            String producer,
            String schemaURL) {}

    /// A snapshot that the table still has.
    RunEvent committed(String name, Table table, Snapshot snapshot) {
        Map<String, String> summary = snapshot.summary();
        Map<String, Object> statistics = facet("1-0-2", "OutputStatisticsOutputDatasetFacet");
        statistics.put("rowCount", number(summary, SnapshotSummary.ADDED_RECORDS_PROP));
        statistics.put("size", number(summary, SnapshotSummary.ADDED_FILE_SIZE_PROP));
        statistics.put("fileCount", number(summary, SnapshotSummary.ADDED_FILES_PROP));
        Map<String, Object> facets = version(snapshot.snapshotId());
        facets.put("schema", schema(table, snapshot));
        return completed(
                name,
                name + "@" + snapshot.snapshotId(),
                summary.get(TableProperties.SUMMARY_CAUSE),
                Instant.ofEpochMilli(snapshot.timestampMillis()),
                inputs(name, SnapshotInputs.in(summary)),
                new Output(namespace, name, facets, Map.of("outputStatistics", statistics)));
    }

    /// A snapshot that is kept no more: as much as its announcement says.
    RunEvent committed(TableCommitted event) {
        Map<String, Object> statistics = facet("1-0-2", "OutputStatisticsOutputDatasetFacet");
        statistics.put("rowCount", event.rowsAdded());
        statistics.put("fileCount", (long) event.files());
        Cause cause = event.cause();
        return completed(
                event.table(),
                event.id(),
                cause == null ? null : cause.name(),
                event.committedAt(),
                inputs(event.table(), SnapshotInputs.of(List.of())),
                new Output(
                        namespace, event.table(), version(event.snapshotId()), Map.of("outputStatistics", statistics)));
    }

    private RunEvent completed(
            String name, String id, @Nullable String cause, Instant time, List<Input> inputs, Output output) {
        Job job = job(name, cause);
        return event(
                id,
                new Event(
                        "COMPLETE",
                        time,
                        new Run(runId(id), Map.of()),
                        job,
                        inputs,
                        List.of(output),
                        PRODUCER,
                        SPECIFICATION));
    }

    /// Files that were refused for good.
    RunEvent refused(FilesRefused event, Instant time) {
        Map<String, Object> error = facet("1-0-1", "ErrorMessageRunFacet");
        error.put("message", event.code() + ": " + event.reason());
        error.put("programmingLanguage", "JAVA");
        String id = event.table() + "/" + event.id();
        return event(
                id,
                new Event(
                        "FAIL",
                        time,
                        new Run(runId(id), Map.of("errorMessage", error)),
                        job(event.table(), event.cause().name()),
                        List.of(),
                        List.of(new Output(namespace, event.table(), Map.of(), Map.of())),
                        PRODUCER,
                        SPECIFICATION));
    }

    private static RunEvent event(String id, Event event) {
        return new RunEvent(id, event.job().name(), JSON.writeValueAsString(event));
    }

    private UUID runId(String id) {
        return UUID.nameUUIDFromBytes((namespace + "/" + id).getBytes(StandardCharsets.UTF_8));
    }

    private Job job(String name, @Nullable String cause) {
        String kind = cause == null ? "commit" : cause.toLowerCase(Locale.ROOT);
        Map<String, Object> type = facet("2-0-3", "JobTypeJobFacet");
        type.put("processingType", "changes".equals(kind) ? "STREAMING" : "BATCH");
        type.put("integration", "LEVADA");
        type.put("jobType", kind.toUpperCase(Locale.ROOT));
        return new Job(namespace, name + "." + kind, Map.of("jobType", type));
    }

    private List<Input> inputs(String name, SnapshotInputs inputs) {
        Stream<Input> tables = inputs.tables().stream().map(this::input);
        TreeSet<String> raw = new TreeSet<>();
        inputs.ranges()
                .forEach(range -> Topics.tableOfChanges(range.topic())
                        .ifPresent(table -> raw.add(Layer.RAW.namespace() + "." + table)));
        inputs.chunks().forEach(load -> raw.add(load.table()));
        inputs.fileNumbers().forEach(files -> raw.add(files.table()));
        if (name.startsWith(Layer.RAW.namespace() + ".")) {
            raw.add(name);
        }
        return Stream.concat(
                        tables,
                        raw.stream().map(sources::of).flatMap(Optional::stream).map(RunEvents::input))
                .toList();
    }

    private Input input(TableInput input) {
        return new Input(namespace, input.table(), version(input.to()));
    }

    private static Input input(SourceDataset source) {
        return new Input(source.namespace(), source.name(), Map.of());
    }

    private static Map<String, Object> version(long snapshotId) {
        Map<String, Object> version = facet("1-0-1", "DatasetVersionDatasetFacet");
        version.put("datasetVersion", Long.toString(snapshotId));
        Map<String, Object> facets = new LinkedHashMap<>();
        facets.put("version", version);
        return facets;
    }

    private static Map<String, Object> schema(Table table, Snapshot snapshot) {
        Integer schemaId = snapshot.schemaId();
        Schema schema = schemaId == null ? table.schema() : table.schemas().getOrDefault(schemaId, table.schema());
        List<Map<String, Object>> fields = new ArrayList<>();
        schema.columns().forEach(column -> {
            Map<String, Object> field = new LinkedHashMap<>();
            field.put("name", column.name());
            field.put("type", column.type().toString());
            if (column.doc() != null) {
                field.put("description", column.doc());
            }
            fields.add(field);
        });
        Map<String, Object> facet = facet("1-2-0", "SchemaDatasetFacet");
        facet.put("fields", fields);
        return facet;
    }

    private static Map<String, Object> facet(String version, String name) {
        Map<String, Object> facet = new LinkedHashMap<>();
        facet.put("_producer", PRODUCER);
        facet.put("_schemaURL", FACETS + version + "/" + name + ".json#/$defs/" + name);
        return facet;
    }

    private static long number(Map<String, String> summary, String name) {
        return Long.parseLong(summary.getOrDefault(name, "0"));
    }
}
