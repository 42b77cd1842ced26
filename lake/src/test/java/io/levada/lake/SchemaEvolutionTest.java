package io.levada.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SchemaEvolutionTest {
    private static final Type TEXT = Types.StringType.get();
    private static final Type INT = Types.IntegerType.get();
    private static final Type LONG = Types.LongType.get();

    private final InMemoryCatalog catalog = new InMemoryCatalog();
    private Table table;

    @BeforeEach
    void create() {
        catalog.initialize("test", new HashMap<>());
        catalog.createNamespace(Namespace.of("raw"));
        table = catalog.createTable(TableIdentifier.of("raw", "t"), schema("id", TEXT));
    }

    @AfterEach
    void close() throws Exception {
        catalog.close();
    }

    @Test
    void aTypeThatCanNotBePromotedLeavesItsColumnUnderAnotherName() {
        int before = id("n");

        SchemaEvolution.follow(table, schema("id", INT));

        assertThat(table.schema().findType("n")).isEqualTo(INT);
        assertThat(table.schema().findType("n_was_string")).isEqualTo(TEXT);
        assertThat(id("n_was_string")).isEqualTo(before);
        assertThat(SchemaEvolution.retired(
                        table.schema().asStruct(), schema("id", INT).asStruct(), "n", TEXT))
                .hasValueSatisfying(column -> assertThat(column.name()).isEqualTo("n_was_string"));
    }

    @Test
    void aTypeThatComesBackBringsItsColumnBack() {
        int text = id("n");
        SchemaEvolution.follow(table, schema("id", INT));
        int number = id("n");

        SchemaEvolution.follow(table, schema("id", TEXT));

        assertThat(id("n")).isEqualTo(text);
        assertThat(id("n_was_int")).isEqualTo(number);
        assertThat(names()).containsExactlyInAnyOrder("id", "n", "_old_key", "n_was_int");
    }

    @Test
    void widerTypesAreTakenAndNarrowerOnesHeld() {
        SchemaEvolution.follow(table, schema("id", INT));
        SchemaEvolution.follow(table, schema("id", LONG));
        SchemaEvolution.follow(table, schema("id", INT));

        assertThat(table.schema().findType("n")).isEqualTo(LONG);
        assertThat(names()).containsExactlyInAnyOrder("id", "n", "_old_key", "n_was_string");
    }

    @Test
    void aKeyKeepsItsEarlierTypeInsideTheOldKeyToo() {
        SchemaEvolution.follow(
                table,
                new Schema(
                        Types.NestedField.optional(1, "id", TEXT),
                        Types.NestedField.optional(
                                2, "_old_key", Types.StructType.of(Types.NestedField.optional(3, "id", TEXT)))));

        assertThat(table.schema().findType("_old_key.id")).isEqualTo(TEXT);
        assertThat(table.schema().findType("_old_key.id_was_int")).isEqualTo(INT);
        assertThat(table.schema().findType("id_was_int")).isEqualTo(INT);
    }

    @Test
    void aNameThatTheSourceUsesItselfIsNotTaken() {
        table.updateSchema().addColumn("n_was_string", LONG).commit();

        SchemaEvolution.follow(table, schema("id", INT));

        assertThat(table.schema().findType("n_was_string")).isEqualTo(LONG);
        assertThat(table.schema().findType("n_was_string_2")).isEqualTo(TEXT);
    }

    @Test
    void aColumnOfTheSourceIsNotTakenForAnEarlierOne() {
        table.updateSchema().addColumn("n_was_int", INT).commit();
        int own = id("n_was_int");

        SchemaEvolution.follow(
                table,
                new Schema(
                        Types.NestedField.optional(1, "id", INT),
                        Types.NestedField.optional(2, "n", INT),
                        Types.NestedField.optional(3, "n_was_int", INT)));

        assertThat(id("n_was_int")).isEqualTo(own);
        assertThat(id("n")).isNotEqualTo(own);
        assertThat(table.schema().findType("n_was_string")).isEqualTo(TEXT);
    }

    private List<String> names() {
        return table.schema().columns().stream().map(Types.NestedField::name).toList();
    }

    private int id(String name) {
        return table.schema().findField(name).fieldId();
    }

    private static Schema schema(String key, Type n) {
        return new Schema(
                Types.NestedField.optional(1, key, INT),
                Types.NestedField.optional(2, "n", n),
                Types.NestedField.optional(
                        3, "_old_key", Types.StructType.of(Types.NestedField.optional(4, key, INT))));
    }
}
