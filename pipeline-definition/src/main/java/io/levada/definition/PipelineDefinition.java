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
        MaintenanceSettings maintenance) {
    public PipelineDefinition {
        sources = ordered(sources);
        tables = ordered(tables);
        queries = ordered(queries);
        loads = ordered(loads);
    }

    /// With the default bound of quarantined rows and the default maintenance.
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
                MaintenanceSettings.DEFAULT);
    }

    private static <V> Map<String, V> ordered(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
