package io.levada.catalog.commit;

import io.levada.definition.AccessTokens;
import io.levada.definition.CatalogDefinition;
import io.levada.definition.CuratedTable;
import io.levada.definition.FlushPolicy;
import io.levada.definition.LakeDefinition;
import io.levada.definition.LineageDefinition;
import io.levada.definition.LoadSettings;
import io.levada.definition.MaintenanceSettings;
import io.levada.definition.NamedQuery;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.PostgresSource;
import io.levada.definition.QuarantinePolicy;
import io.levada.definition.RawSettings;
import io.levada.definition.RegistryDefinition;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.definition.WarehouseLoad;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A pipeline with a source `s`, whose table `public.t` of the database `shop` is `raw.s_t`.
final class LineageDefinitions {
    private LineageDefinitions() {}

    static PipelineDefinition telling(Path directory, LineageDefinition lineage) {
        PostgresSource source = new PostgresSource(
                "s",
                "jdbc:postgresql://db.example:5432/shop",
                "levada",
                new Secret("unused"),
                List.of(new SourceTable("public", "t", "t")),
                PostgresSource.DEFAULT_LOG_LIMIT,
                new LoadSettings(1, 1 << 20));
        return new PipelineDefinition(
                directory,
                "test",
                LakeDefinition.DEFAULT,
                FlushPolicy.DEFAULT,
                QuarantinePolicy.DEFAULT,
                Map.of("s", source),
                Map.of("curated.c", new CuratedTable("curated.c", "SELECT 1", Set.of("stage.s_t"), List.of())),
                Map.of("newest", new NamedQuery("newest", "SELECT 1", Set.of("curated.c"))),
                Map.of("shop.c", new WarehouseLoad("shop.c", "curated.c", List.of())),
                CatalogDefinition.DEFAULT,
                AccessTokens.NONE,
                RegistryDefinition.DEFAULT,
                lineage,
                Map.of(),
                MaintenanceSettings.DEFAULT,
                RawSettings.DEFAULT);
    }
}
