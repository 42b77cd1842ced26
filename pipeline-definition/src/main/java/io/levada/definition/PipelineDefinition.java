package io.levada.definition;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// One pipeline: what `levada.yaml` and the SQL files beside it say, validated.
///
/// @param directory the project directory
/// @param project names slots and transactional ids; by default the directory's name
/// @param sources by name, in the file's order
/// @param tables curated tables by full name (`curated.x`), in the file's order
/// @param queries by name, in the file's order
/// @param loads warehouse loads by target (`schema.table`), in the file's order
/// @param tokens who may call catalog-service
/// @param crawls folders of Parquet files that are there already, by name, in the file's order
/// @param raw how long the history is kept
public record PipelineDefinition(
        Path directory,
        String project,
        LakeDefinition lake,
        FlushPolicy flush,
        QuarantinePolicy quarantine,
        Map<String, SourceDefinition> sources,
        Map<String, CuratedTable> tables,
        Map<String, NamedQuery> queries,
        Map<String, WarehouseLoad> loads,
        CatalogDefinition catalog,
        AccessTokens tokens,
        RegistryDefinition registry,
        LineageDefinition lineage,
        Map<String, CrawlDefinition> crawls,
        MaintenanceSettings maintenance,
        RawSettings raw) {
    public PipelineDefinition {
        sources = ordered(sources);
        tables = ordered(tables);
        queries = ordered(queries);
        loads = ordered(loads);
        crawls = ordered(crawls);
    }

    /// With the default bound of quarantined rows, the embedded catalog without tokens, the built-in registry, nobody
    /// who is told of lineage, no crawls, the default maintenance, and a history that is kept for ever.
    public PipelineDefinition(
            Path directory,
            String project,
            LakeDefinition lake,
            FlushPolicy flush,
            Map<String, SourceDefinition> sources,
            Map<String, CuratedTable> tables,
            Map<String, NamedQuery> queries,
            Map<String, WarehouseLoad> loads) {
        this(
                directory,
                project,
                lake,
                flush,
                QuarantinePolicy.DEFAULT,
                sources,
                tables,
                queries,
                loads,
                CatalogDefinition.DEFAULT,
                AccessTokens.NONE,
                RegistryDefinition.DEFAULT,
                LineageDefinition.silent(project),
                Map.of(),
                MaintenanceSettings.DEFAULT,
                RawSettings.DEFAULT);
    }

    /// The same with another catalog.
    public PipelineDefinition with(CatalogDefinition other, AccessTokens otherTokens) {
        return with(other, otherTokens, maintenance, raw);
    }

    /// The same, maintained in another way.
    public PipelineDefinition with(MaintenanceSettings other) {
        return with(catalog, tokens, other, raw);
    }

    /// The same, with another bound of the history.
    public PipelineDefinition with(RawSettings other) {
        return with(catalog, tokens, maintenance, other);
    }

    private PipelineDefinition with(
            CatalogDefinition otherCatalog,
            AccessTokens otherTokens,
            MaintenanceSettings otherMaintenance,
            RawSettings otherRaw) {
        return new PipelineDefinition(
                directory,
                project,
                lake,
                flush,
                quarantine,
                sources,
                tables,
                queries,
                loads,
                otherCatalog,
                otherTokens,
                registry,
                lineage,
                crawls,
                otherMaintenance,
                otherRaw);
    }

    private static <V> Map<String, V> ordered(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
