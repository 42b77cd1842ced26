package io.levada.ingest.landing;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.OnSchemaChange;
import io.levada.ingest.IngestError;
import io.levada.lake.RawSchema;
import io.levada.lake.SchemaEvolution;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SchemaPolicyTest {
    private static final RawSchema.Column ID = new RawSchema.Column("id", Types.LongType.get());
    private static final RawSchema.Column NAME = new RawSchema.Column("name", Types.StringType.get());

    private final InMemoryCatalog catalog = new InMemoryCatalog();
    private Table table;

    @BeforeEach
    void makeTheTable() {
        catalog.initialize("test", new HashMap<>());
        catalog.createNamespace(Namespace.of("raw"));
        table = catalog.createTable(
                TableIdentifier.of("raw", "s_t"), RawSchema.ofChanges(List.of(ID, NAME), List.of("id")));
    }

    @AfterEach
    void close() throws Exception {
        catalog.close();
    }

    @Test
    void aFrozenTableTakesChangesWithoutTheirNewColumns() {
        assertThat(target(OnSchemaChange.FREEZE, ID, NAME, column("more", Types.IntegerType.get())))
                .isInstanceOf(RawTarget.Ready.class);
    }

    @Test
    void aNewColumnSendsChangesToQuarantineWhereThePolicySaysSo() {
        assertThat(target(OnSchemaChange.QUARANTINE, ID, NAME, column("more", Types.IntegerType.get())))
                .isInstanceOfSatisfying(RawTarget.Refused.class, refused -> {
                    assertThat(refused.code()).isEqualTo(IngestError.LANDING_SCHEMA_CHANGED);
                    assertThat(refused.reason())
                            .isEqualTo(
                                    "Column more is new, and raw.s_t does not change: on-schema-change is quarantine");
                });
    }

    @Test
    void aTypeThatTheTableCanNotHoldSendsChangesToQuarantineUnderBothPolicies() {
        for (OnSchemaChange policy : List.of(OnSchemaChange.FREEZE, OnSchemaChange.QUARANTINE)) {
            assertThat(target(policy, ID, column("name", Types.IntegerType.get())))
                    .isInstanceOf(RawTarget.Refused.class);
        }
    }

    @Test
    void narrowerTypesAndColumnsThatAreGoneFit() {
        for (OnSchemaChange policy : List.of(OnSchemaChange.FREEZE, OnSchemaChange.QUARANTINE)) {
            assertThat(target(policy, column("id", Types.IntegerType.get()))).isInstanceOf(RawTarget.Ready.class);
        }
    }

    @Test
    void changesOfAnEarlierTypeGoWhereTheTableHasPutIt() {
        List<RawSchema.Column> earlier = List.of(ID, NAME);
        SchemaEvolution.follow(
                table, RawSchema.ofChanges(List.of(ID, column("name", Types.IntegerType.get())), List.of("id")));

        assertThat(RawTables.renamed(table.schema().asStruct(), earlier)).isEqualTo(Map.of("name", "name_was_string"));
        assertThat(RawTables.renamed(table.schema().asStruct(), List.of(ID, column("name", Types.IntegerType.get()))))
                .isEmpty();
    }

    private RawTarget target(OnSchemaChange policy, RawSchema.Column... columns) {
        return RawTables.unevolved(new LandedTable("s", "t", policy), table, List.of(columns));
    }

    private static RawSchema.Column column(String name, Type type) {
        return new RawSchema.Column(name, type);
    }
}
