package io.levada.ingest.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.ColumnRule;
import io.levada.definition.ColumnRules;
import io.levada.definition.OnSchemaChange;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.testing.TestData;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentRowsTest {
    private final List<CollectionForm> stored = new ArrayList<>();
    private ColumnRules rules = ColumnRules.NONE;
    private OnSchemaChange onSchemaChange = OnSchemaChange.EVOLVE;

    private DocumentRows rows(String... first) {
        SourceTable table = new SourceTable("suporte", "tickets", "tickets", rules, onSchemaChange);
        CollectionColumns columns = new CollectionColumns(table, Optional.empty(), stored::add);
        FieldRules visible = new FieldRules(rules);
        columns.decide(
                Stream.of(first).map(BsonDocument::parse).map(visible::visible).toList());
        return new DocumentRows(table, columns);
    }

    private static BsonValue value(String json) {
        return Objects.requireNonNull(
                BsonDocument.parse("{\"v\": " + json + "}").get("v"));
    }

    private static Map<String, Object> values(DocumentRow row) {
        assertThat(row).isInstanceOf(DocumentRow.Read.class);
        return ((DocumentRow.Read) row).values();
    }

    @Test
    void givesEveryTypeItsColumn() {
        Map<String, Object> values = values(rows().row(BsonDocument.parse("""
                {"_id": {"$oid": "65f0a1b2c3d4e5f601020304"},
                 "open": true, "int": 5, "long": {"$numberLong": "9007199254740993"}, "double": 5.5,
                 "price": {"$numberDecimal": "12.50"}, "subject": "Não liga", "at": {"$date": "2026-11-21T12:00:00.123Z"},
                 "uuid": {"$uuid": "c8edabc3-f738-4ca3-b68d-ab92a91478a3"},
                 "bytes": {"$binary": {"base64": "AQI=", "subType": "00"}},
                 "agent": {"$oid": "65f0a1b2c3d4e5f601020305"}, "nothing": null,
                 "address": {"city": "Lisboa", "n": 3}, "tags": ["a", 1], "pattern": {"$regularExpression": {"pattern": "a", "options": ""}}}
                """)));

        assertThat(values)
                .containsEntry("_id", "65f0a1b2c3d4e5f601020304")
                .containsEntry("open", true)
                .containsEntry("int", 5L)
                .containsEntry("long", 9007199254740993L)
                .containsEntry("double", 5.5)
                .containsEntry("price", "12.50")
                .containsEntry("subject", "Não liga")
                .containsEntry("at", OffsetDateTime.parse("2026-11-21T12:00:00.123Z"))
                .containsEntry("uuid", UUID.fromString("c8edabc3-f738-4ca3-b68d-ab92a91478a3"))
                .containsEntry("bytes", ByteBuffer.wrap(new byte[] {1, 2}))
                .containsEntry("agent", "65f0a1b2c3d4e5f601020305")
                .containsEntry("address", "{\"city\": \"Lisboa\", \"n\": 3}")
                .containsEntry("tags", "[\"a\", 1]")
                .containsEntry("pattern", "{\"$regularExpression\": {\"pattern\": \"a\", \"options\": \"\"}}")
                .doesNotContainKeys("nothing", "_rest");
    }

    @Test
    void keepsWhatDoesNotFitItsColumnInTheRest() {
        DocumentRows rows = rows("{\"_id\": 1, \"n\": 1, \"name\": \"a\"}");

        assertThat(
                        values(
                                rows.row(
                                        BsonDocument.parse(
                                                "{\"_id\": 2, \"n\": 2.5, \"name\": {\"first\": 1}, \"Name\": \"B\", \"a.b\": 1, \"_pos\": 7, \"new\": \"x\"}"))))
                .containsEntry("_id", "2")
                .containsEntry("new", "x")
                .containsEntry(
                        "_rest",
                        "{\"n\": {\"$numberDouble\": \"2.5\"}, \"name\": {\"first\": {\"$numberInt\": \"1\"}}, \"Name\": \"B\","
                                + " \"a.b\": {\"$numberInt\": \"1\"}, \"_pos\": {\"$numberInt\": \"7\"}}")
                .doesNotContainKeys("n", "name");
        assertThat(values(rows.row(BsonDocument.parse("{\"_id\": 3, \"n\": 4.0}"))))
                .containsEntry("n", 4L);
    }

    @Test
    void takesTheWiderNumberWhereTheFirstDocumentsHaveBoth() {
        DocumentRows rows = rows(
                "{\"_id\": 1, \"n\": 1, \"d\": 1}",
                "{\"_id\": 2, \"n\": 2.5, \"d\": {\"$numberDecimal\": \"0.1\"}}",
                "{\"_id\": 3, \"n\": 3}");

        assertThat(values(rows.row(BsonDocument.parse("{\"_id\": 4, \"n\": 3, \"d\": 7}"))))
                .containsEntry("n", 3.0)
                .containsEntry("d", "7");
        assertThat(values(rows.row(BsonDocument.parse("{\"_id\": 5, \"n\": {\"$numberLong\": \"9007199254740993\"}}"))))
                .containsEntry("_rest", "{\"n\": {\"$numberLong\": \"9007199254740993\"}}");
    }

    @Test
    void storesAColumnBeforeItIsUsedAndOnlyOnce() {
        DocumentRows rows = rows("{\"_id\": 1, \"a\": 1}");
        rows.row(BsonDocument.parse("{\"_id\": 2, \"a\": 2, \"b\": \"x\"}"));
        rows.row(BsonDocument.parse("{\"_id\": 3, \"b\": \"y\", \"c\": null}"));

        assertThat(stored)
                .extracting(form ->
                        form.columns().stream().map(CollectionForm.Column::name).toList())
                .containsExactly(List.of("a"), List.of("a", "b"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"$oid\": \"65f0a1b2c3d4e5f601020304\"}; 65f0a1b2c3d4e5f601020304; \"65f0a1b2c3d4e5f601020304\"; \"65f0a1b2c3d4e5f601020304\"",
                "\"a-1\"; a-1; 7; {\"$numberInt\": \"7\"}",
                "\"a\"; a; \"{\\\"x\\\": 1}\"; \"{\\\"x\\\": 1}\"",
                "\"a\"; a; true; true",
                "\"a\"; a; \"true\"; \"true\"",
                "7; 7; \"7\"; \"7\"",
                "7; 7; {\"$numberLong\": \"8\"}; 8",
                "{\"a\": 1, \"b\": \"x\"}; {\"a\": {\"$numberInt\": \"1\"}, \"b\": \"x\"}; 7; {\"$numberInt\": \"7\"}"
            })
    void neverGivesTwoDocumentsOneKey(String first, String firstKey, String other, String otherKey) {
        DocumentRows rows = rows("{\"_id\": " + first + "}");

        assertThat(rows.key(value(first))).isEqualTo(firstKey);
        String expected = first.startsWith("{\"a\"") ? "7" : otherKey;
        assertThat(rows.key(value(other))).isEqualTo(expected);
        assertThat(rows.key(value(first))).isEqualTo(firstKey);
    }

    @Test
    void appliesRulesHoweverAFieldIsSpelt() {
        rules = new ColumnRules(
                Map.of("email", ColumnRule.HASH, "cpf", ColumnRule.MASK, "note", ColumnRule.DROP),
                new Secret("0123456789abcdef"));
        DocumentRows rows = rows("{\"_id\": 1, \"note\": \"n\", \"email\": \"a@b\"}");
        BsonDocument document = BsonDocument.parse(
                "{\"_id\": 2, \"email\": {\"x\": \"a@b\"}, \"Email\": \"a@b\", \"CPF\": 123, \"cpf\": 123, \"Note\": \"n\"}");

        Map<String, Object> values = values(rows.row(document));
        assertThat(values).containsEntry("cpf", "***").doesNotContainKeys("note", "Note");
        assertThat(values.values()).noneMatch(value -> value.toString().contains("a@b"));
        assertThat(String.valueOf(values.get("_rest")))
                .contains("\"CPF\": \"***\"")
                .contains("\"Email\"")
                .doesNotContain("123");
        assertThat(rows.shown(document).toString()).doesNotContain("a@b").doesNotContain("123");
        assertThat(rows.form().columns())
                .extracting(CollectionForm.Column::name)
                .containsExactlyInAnyOrder("email", "cpf");
    }

    @Test
    void letsNoNewFieldInWhereThePolicyForbidsIt() {
        onSchemaChange = OnSchemaChange.FREEZE;
        assertThat(values(rows("{\"_id\": 1, \"a\": 1}").row(BsonDocument.parse("{\"_id\": 2, \"b\": \"x\"}"))))
                .containsEntry("_rest", "{\"b\": \"x\"}");

        onSchemaChange = OnSchemaChange.QUARANTINE;
        assertThat(rows("{\"_id\": 1, \"a\": 1}").row(BsonDocument.parse("{\"_id\": 2, \"b\": \"x\"}")))
                .isInstanceOfSatisfying(
                        DocumentRow.Refused.class,
                        refused -> assertThat(refused.reason()).contains("b").doesNotContain("x"));
    }

    @Test
    void makesNoColumnsWithoutEnd() {
        BsonDocument wide = new BsonDocument("_id", new org.bson.BsonInt32(1));
        for (int i = 0; i < CollectionForm.MOST_COLUMNS + 5; i++) {
            wide.append("f" + i, new org.bson.BsonInt32(i));
        }
        DocumentRows rows = rows();

        assertThat(String.valueOf(values(rows.row(wide)).get("_rest"))).contains("f" + CollectionForm.MOST_COLUMNS);
        assertThat(rows.form().columns()).hasSize(CollectionForm.MOST_COLUMNS);
    }

    /// Every value of the specification's own tests is in the row, as what it was.
    @Test
    void carriesTheCorpusOfBson() throws Exception {
        int carried = 0;
        List<String> lost = new ArrayList<>();
        try (Stream<Path> files = Files.walk(TestData.directory("bson-corpus"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                BsonDocument tests = BsonDocument.parse(Files.readString(file));
                for (BsonValue test : tests.getArray("valid", new BsonArray())) {
                    String hex = test.asDocument().getString("canonical_bson").getValue();
                    BsonDocument document =
                            new RawBsonDocument(HexFormat.of().parseHex(hex)).decode(new BsonDocumentCodec());
                    Map<String, Object> values = values(rows().row(document));
                    for (String field : document.keySet()) {
                        carried++;
                        if (!isCarried(field, document.get(field), values)) {
                            lost.add(file.getFileName() + ": " + document.toJson() + " as " + values);
                        }
                    }
                }
            }
        }
        assertThat(lost).isEmpty();
        assertThat(carried).isGreaterThan(400);
    }

    private static boolean isCarried(String field, BsonValue value, Map<String, Object> values) {
        if (value.isNull()) {
            return !values.containsKey(field);
        }
        Object rest = values.get(CollectionForm.REST);
        if (rest != null && BsonDocument.parse(rest.toString()).containsKey(field)) {
            return value.equals(BsonDocument.parse(rest.toString()).get(field));
        }
        Object carried = Objects.requireNonNull(values.get(field));
        return switch (BsonKind.of(value)) {
            case BOOLEAN -> value.asBoolean().getValue() == (boolean) carried;
            case LONG -> value.asNumber().longValue() == (long) carried;
            case DOUBLE ->
                Double.doubleToLongBits(value.asDouble().getValue()) == Double.doubleToLongBits((double) carried);
            case DECIMAL -> value.asDecimal128().getValue().toString().equals(carried);
            case STRING -> value.asString().getValue().equals(carried);
            case OBJECT_ID -> value.asObjectId().getValue().toHexString().equals(carried);
            case UUID -> BsonText.uuid(value.asBinary()).equals(carried);
            case DATE ->
                value.asDateTime().getValue()
                        == ((OffsetDateTime) carried).toInstant().toEpochMilli();
            case BINARY -> ByteBuffer.wrap(value.asBinary().getData()).equals(carried);
            case JSON -> BsonText.relaxed(value(String.valueOf(carried))).equals(carried);
        };
    }
}
