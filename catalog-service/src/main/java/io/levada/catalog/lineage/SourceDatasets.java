package io.levada.catalog.lineage;

import io.levada.definition.DatabaseSource;
import io.levada.definition.FilePlace;
import io.levada.definition.FileSource;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.SourceTable;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What the raw tables are filled from, as the definition says it.
final class SourceDatasets {
    private final Map<String, SourceDataset> byTable = new TreeMap<>();

    /// One table or place of a source.
    ///
    /// @param source the source's name
    /// @param type as levada.yaml names it
    /// @param namespace by OpenLineage's naming: the server, bucket or `file`
    /// @param name within it
    record SourceDataset(String source, String type, String namespace, String name) {}

    SourceDatasets(PipelineDefinition definition) {
        definition.sources().values().forEach(source -> {
            switch (source) {
                case DatabaseSource database ->
                    database.tables()
                            .forEach(table -> byTable.put(table.rawTable(database.name()), dataset(database, table)));
                case FileSource files -> byTable.put(files.rawTable(), dataset(files));
            }
        });
    }

    /// Empty for a table that the definition does not fill.
    Optional<SourceDataset> of(String rawTable) {
        return Optional.ofNullable(byTable.get(rawTable));
    }

    private static SourceDataset dataset(DatabaseSource source, SourceTable table) {
        String url = source.url().startsWith("jdbc:") ? source.url().substring("jdbc:".length()) : source.url();
        URI server = URI.create(url.split("[?;]", 2)[0]);
        String scheme = switch (source.type()) {
            case "postgres" -> "postgres";
            case "mongodb" -> "mongodb";
            default -> "mysql";
        };
        String database = Optional.ofNullable(server.getPath()).orElse("").replaceFirst("^/", "");
        String name = switch (source.type()) {
            case "postgres" -> database + "." + table.qualifiedName();
            case "mongodb" -> database + "." + table.table();
            default -> table.qualifiedName();
        };
        return new SourceDataset(source.name(), source.type(), scheme + "://" + server.getRawAuthority(), name);
    }

    private static SourceDataset dataset(FileSource source) {
        return switch (source.place()) {
            case FilePlace.Folder folder ->
                new SourceDataset(source.name(), "files", "file", folder.path().toString());
            case FilePlace.S3Prefix prefix ->
                new SourceDataset(
                        source.name(),
                        "files",
                        "s3://" + prefix.bucket(),
                        prefix.prefix().isEmpty() ? "/" : prefix.prefix());
        };
    }
}
