package io.levada.catalog.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.levada.catalog.registry.RegistryClient.Answer;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What Confluent's Schema Registry API promises to serialisers and tools, to be tried on any registry that speaks it.
/// The names of subjects are new in each test, so that a registry may hold others.
abstract class RegistryContract {
    private static final String ID = "{\"name\":\"id\",\"type\":\"long\"}";
    private static final String NAME = "{\"name\":\"name\",\"type\":[\"null\",\"string\"],\"default\":null}";
    private static final String CITY = "{\"name\":\"city\",\"type\":[\"null\",\"string\"],\"default\":null}";
    private static final String REQUIRED = "{\"name\":\"required\",\"type\":\"string\"}";

    /// Where a registry does otherwise than Confluent's, and is not to be held to it.
    enum Difference {
        /// The codes where a version is deleted for good before it is hidden, and what is left after it.
        PERMANENT_DELETION,
        /// The version of a subject that comes back after its deletion.
        RETURN_OF_A_SUBJECT,
        /// Levels of subjects without one, and the global level after it was removed.
        LEVELS,
        /// Modes, and registrations that name ids or versions.
        MODES,
        /// Other types than Avro, references, metadata, rule sets: ours refuses them.
        MORE_TYPES,
        /// The codes of requests that make no sense.
        CODES_OF_BAD_REQUESTS,
        /// Whether documentation tells schemas apart.
        DOCUMENTATION,
        /// `normalize=true`.
        NORMALIZATION,
        /// Which versions are asked: of Apicurio's checks all for every level, of its registrations only the
        /// latest.
        CHECKS_OF_ALL_VERSIONS,
        /// `verbose=true` of checks.
        MESSAGES,
        /// `subjectPrefix`, `deletedOnly`, `latestOnly` and pages of lists.
        LISTS,
        /// Contexts in names of subjects.
        CONTEXTS
    }

    private RegistryClient client;
    private String subject;

    /// Base address of the registry.
    abstract URI registry();

    /// Those that the registry is known to have.
    Set<Difference> differences() {
        return Set.of();
    }

    private void unless(Difference difference) {
        assumeThat(differences()).doesNotContain(difference);
    }

    @BeforeEach
    void connect() {
        client = new RegistryClient(registry());
        subject = "s-" + UUID.randomUUID();
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    /// A record whose full name is the subject's, so that no other test has its schemas.
    private String schema(String... fields) {
        return "{\"type\":\"record\",\"name\":\"" + subject.replace('-', '_') + "\",\"fields\":["
                + String.join(",", fields) + "]}";
    }

    private static void assertError(Answer answer, int status, int code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.body().path("error_code").asInt()).as(answer.text()).isEqualTo(code);
        assertThat(answer.field("message")).isNotEmpty();
    }

    @Test
    void givesOneIdToOneSchemaUnderAnySubject() {
        int id = client.register(subject, schema(ID));

        assertThat(client.register(subject, schema(ID).replace(",", " ,\n "))).isEqualTo(id);
        assertThat(client.register(subject + "-other", schema(ID))).isEqualTo(id);
        assertThat(client.get("/subjects/" + subject + "/versions").text()).isEqualTo("[1]");
        assertThat(client.get("/schemas/ids/" + id).field("schema")).isEqualTo(schema(ID));
    }

    @Test
    void tellsSchemasApartThatDifferInLogicalTypesOrDefaults() {
        client.level(subject, "NONE");

        assertThat(List.of(
                        client.register(subject, schema(ID)),
                        client.register(
                                subject,
                                schema(ID.replace(
                                        "\"long\"", "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}"))),
                        client.register(subject, schema(ID.replace("}", ",\"default\":7}")))))
                .doesNotHaveDuplicates();
    }

    @Test
    void tellsSchemasApartThatDifferInDocumentation() {
        unless(Difference.DOCUMENTATION);

        int plain = client.register(subject, schema(ID));

        assertThat(client.register(subject, schema(ID.replace("}", ",\"doc\":\"the key\"}"))))
                .isNotEqualTo(plain);
    }

    @Test
    void answersWithItsMediaType() {
        client.register(subject, schema(ID));

        for (Answer answer : List.of(
                client.get("/subjects"),
                client.get("/subjects/" + subject + "/versions/1"),
                client.get("/subjects/none/versions"))) {
            assertThat(answer.contentType()).contains("json");
        }
    }

    @Test
    void findsVersionsAndSchemas() {
        int first = client.register(subject, schema(ID));
        int second = client.register(subject, schema(ID, NAME));

        Answer latest = client.get("/subjects/" + subject + "/versions/latest");
        Answer negative = client.get("/subjects/" + subject + "/versions/-1");
        Answer found = client.post("/subjects/" + subject, schema(ID));
        Answer text = client.get("/subjects/" + subject + "/versions/1/schema");

        assertThat(latest.number("id")).isEqualTo(second);
        assertThat(latest.number("version")).isEqualTo(2);
        assertThat(latest.field("subject")).isEqualTo(subject);
        assertThat(latest.field("schema")).isEqualTo(schema(ID, NAME));
        assertThat(negative.number("version")).isEqualTo(2);
        assertThat(found.number("id")).isEqualTo(first);
        assertThat(found.number("version")).isEqualTo(1);
        assertThat(text.text()).isEqualTo(schema(ID));
    }

    @Test
    void saysWhereAnIdIsUsed() {
        int id = client.register(subject, schema(ID));
        client.register(subject + "-other", schema(ID));

        Answer versions = client.get("/schemas/ids/" + id + "/versions");
        Answer subjects = client.get("/schemas/ids/" + id + "/subjects");
        Answer references = client.get("/subjects/" + subject + "/versions/1/referencedby");

        assertThat(versions.body()
                        .valueStream()
                        .map(node -> node.path("subject").asString()))
                .containsExactlyInAnyOrder(subject, subject + "-other");
        assertThat(subjects.body().valueStream().map(node -> node.asString()))
                .containsExactlyInAnyOrder(subject, subject + "-other");
        assertThat(references.text()).isEqualTo("[]");
    }

    @Test
    void listsSubjectsByPrefix() {
        client.register(subject + "-a", schema(ID));
        client.register(subject + "-b", schema(ID));
        client.register(subject + "-c", schema(ID));
        client.delete("/subjects/" + subject + "-b");

        assertThat(names(client.get("/subjects")))
                .contains(subject + "-a", subject + "-c")
                .doesNotContain(subject + "-b");
        unless(Difference.LISTS);
        assertThat(names(client.get("/subjects?subjectPrefix=" + subject)))
                .containsExactly(subject + "-a", subject + "-c");
        assertThat(names(client.get("/subjects?deleted=true&subjectPrefix=" + subject)))
                .containsExactly(subject + "-a", subject + "-b", subject + "-c");
        assertThat(names(client.get("/subjects?deletedOnly=true&subjectPrefix=:*:" + subject)))
                .containsExactly(subject + "-b");
        assertThat(names(client.get("/subjects?offset=1&limit=1&subjectPrefix=" + subject)))
                .containsExactly(subject + "-c");
    }

    private static List<String> names(Answer answer) {
        return answer.body().valueStream().map(node -> node.asString()).toList();
    }

    @Test
    void listsSchemas() {
        unless(Difference.LISTS);
        client.register(subject, schema(ID));
        int second = client.register(subject, schema(ID, NAME));

        Answer all = client.get("/schemas?subjectPrefix=" + subject);
        Answer latest = client.get("/schemas?latestOnly=true&subjectPrefix=" + subject);

        assertThat(all.body().size()).isEqualTo(2);
        assertThat(latest.body().size()).isEqualTo(1);
        assertThat(latest.body().get(0).path("id").asInt()).isEqualTo(second);
        assertThat(client.get("/schemas/ids/" + second + "?fetchMaxId=true").number("maxId"))
                .isGreaterThanOrEqualTo(second);
        assertThat(client.get("/schemas/ids/" + second + "/schema").text()).isEqualTo(schema(ID, NAME));
    }

    @Test
    void saysWhichTypesItHolds() {
        assertThat(names(client.get("/schemas/types"))).contains("AVRO");
    }

    @Test
    void answersWhatIsNotThereWithConfluentsCodes() {
        client.register(subject, schema(ID));

        assertError(client.get("/subjects/" + subject + "-none/versions"), 404, 40401);
        assertError(client.get("/subjects/" + subject + "-none/versions/1"), 404, 40401);
        assertError(client.get("/subjects/" + subject + "/versions/7"), 404, 40402);
        assertError(client.get("/schemas/ids/999999999"), 404, 40403);
        assertError(client.post("/subjects/" + subject, schema(ID, NAME)), 404, 40403);
        assertError(client.delete("/subjects/" + subject + "-none"), 404, 40401);
        assertError(client.delete("/subjects/" + subject + "/versions/7"), 404, 40402);
    }

    @Test
    void answersBadRequestsWithConfluentsCodes() {
        assertError(client.post("/subjects/" + subject + "/versions", "{\"type\":\"nothing\"}"), 422, 42201);
        unless(Difference.CODES_OF_BAD_REQUESTS);
        client.register(subject, schema(ID));
        assertError(client.get("/subjects/" + subject + "/versions/zero"), 422, 42202);
        assertError(client.call("POST", "/subjects/" + subject + "/versions", "no json"), 422, 42201);
        assertError(client.call("POST", "/subjects/" + subject + "/versions", ""), 422, 42201);
        assertError(client.call("POST", "/subjects/" + subject + "/versions", "{}"), 422, 42201);
        assertError(client.get("/subjects/" + subject + "/versions/0"), 422, 42202);
        assertError(client.call("PUT", "/config", "{\"compatibility\":\"SIDEWAYS\"}"), 422, 42203);
        assertError(client.call("PUT", "/config/" + subject, "{\"compatibilityGroup\":\"g\"}"), 422, 42203);
        assertError(client.call("PUT", "/mode", "{\"mode\":\"WRITEONLY\"}"), 422, 42204);
        assertError(client.get("/subjects/" + subject + "/versions/1?deleted=perhaps"), 400, 400);
        assertError(client.get("/nothing/at/all"), 404, 404);
    }

    @Test
    void refusesWhatItDoesNotKeep() {
        unless(Difference.MORE_TYPES);
        String path = "/subjects/" + subject + "/versions";

        assertError(client.call("POST", path, RegistryClient.request("{}", Map.of("schemaType", "JSON"))), 422, 42201);
        assertError(
                client.call(
                        "POST",
                        path,
                        RegistryClient.request(
                                schema(ID),
                                Map.of("references", List.of(Map.of("name", "n", "subject", "s", "version", 1))))),
                422,
                42201);
        assertError(
                client.call(
                        "POST",
                        path,
                        RegistryClient.request(schema(ID), Map.of("metadata", Map.of("properties", Map.of("a", "b"))))),
                422,
                42201);
        assertError(
                client.call(
                        "POST",
                        path,
                        RegistryClient.request(schema(ID), Map.of("ruleSet", Map.of("domainRules", List.of())))),
                422,
                42210);
        assertError(client.get("/subjects/" + subject + "/versions"), 404, 40401);
    }

    @Test
    void knowsTheDefaultContextOnly() {
        unless(Difference.CONTEXTS);
        int id = client.register(":.:" + subject, schema(ID));

        assertThat(client.get("/subjects/" + subject + "/versions/latest").number("id"))
                .isEqualTo(id);
        assertError(client.get("/subjects/:.other:" + subject + "/versions"), 422, 42208);
        assertThat(client.get("/contexts").text()).isEqualTo("[\".\"]");
    }

    @Test
    void hidesDeletedVersionsAndStillReadsWhatTheyWrote() {
        int first = client.register(subject, schema(ID));
        int second = client.register(subject, schema(ID, NAME));

        Answer deleted = client.delete("/subjects/" + subject + "/versions/1");

        assertThat(deleted.text()).isEqualTo("1");
        assertThat(client.get("/subjects/" + subject + "/versions").text()).isEqualTo("[2]");
        assertThat(client.get("/subjects/" + subject + "/versions?deleted=true").text())
                .isEqualTo("[1,2]");
        assertError(client.get("/subjects/" + subject + "/versions/1"), 404, 40402);
        assertThat(client.get("/subjects/" + subject + "/versions/1?deleted=true")
                        .number("id"))
                .isEqualTo(first);
        assertError(client.post("/subjects/" + subject, schema(ID)), 404, 40403);
        assertThat(client.get("/schemas/ids/" + first).field("schema")).isEqualTo(schema(ID));
        assertThat(client.get("/subjects/" + subject + "/versions/latest").number("id"))
                .isEqualTo(second);
        unless(Difference.LISTS);
        assertThat(client.get("/subjects/" + subject + "/versions?deletedOnly=true")
                        .text())
                .isEqualTo("[1]");
        assertThat(client.post("/subjects/" + subject + "?deleted=true", schema(ID))
                        .number("version"))
                .isEqualTo(1);
    }

    @Test
    void removesASubjectForGoodOnceItIsHidden() {
        client.register(subject, schema(ID));
        client.register(subject, schema(ID, NAME));
        client.delete("/subjects/" + subject + "/versions/1");

        assertThat(client.delete("/subjects/" + subject).text()).contains("2");
        assertError(client.get("/subjects/" + subject + "/versions"), 404, 40401);
        assertThat(client.delete("/subjects/" + subject + "?permanent=true").text())
                .isEqualTo("[1,2]");
        assertThat(names(client.get("/subjects?deleted=true"))).doesNotContain(subject);
    }

    @Test
    void removesForGoodOnlyWhatIsHidden() {
        unless(Difference.PERMANENT_DELETION);
        int id = client.register(subject, schema(ID));
        client.register(subject, schema(ID, NAME));

        assertError(client.delete("/subjects/" + subject + "/versions/1?permanent=true"), 404, 40407);
        assertError(client.delete("/subjects/" + subject + "?permanent=true"), 404, 40405);
        client.delete("/subjects/" + subject + "/versions/1");
        assertError(client.delete("/subjects/" + subject + "/versions/1"), 404, 40406);
        assertThat(client.delete("/subjects/" + subject).text()).isEqualTo("[2]");
        assertError(client.delete("/subjects/" + subject), 404, 40404);
        client.delete("/subjects/" + subject + "?permanent=true");
        assertError(client.get("/subjects/" + subject + "/versions?deleted=true"), 404, 40401);
        assertError(client.get("/schemas/ids/" + id), 404, 40403);
        assertThat(client.register(subject + "-other", schema(ID, CITY))).isGreaterThan(id);
        assertThat(client.register(subject, schema(ID))).isEqualTo(id);
    }

    @Test
    void givesASubjectThatComesBackTheNextVersionAndTheSameId() {
        int id = client.register(subject, schema(ID));
        client.delete("/subjects/" + subject);

        assertThat(client.register(subject, schema(ID))).isEqualTo(id);
        unless(Difference.RETURN_OF_A_SUBJECT);
        assertThat(client.get("/subjects/" + subject + "/versions").text()).isEqualTo("[2]");
    }

    static Stream<Arguments> levels() {
        return Stream.of(
                // level, adds an optional field, adds a required one, drops an optional one, drops a required one
                Arguments.of("NONE", true, true, true, true),
                Arguments.of("BACKWARD", true, false, true, true),
                Arguments.of("BACKWARD_TRANSITIVE", true, false, true, true),
                Arguments.of("FORWARD", true, true, true, false),
                Arguments.of("FORWARD_TRANSITIVE", true, true, true, false),
                Arguments.of("FULL", true, false, true, false),
                Arguments.of("FULL_TRANSITIVE", true, false, true, false));
    }

    @ParameterizedTest
    @MethodSource("levels")
    void checksWhatALevelAsksOfTheLatestVersion(
            String level, boolean addOptional, boolean addRequired, boolean dropOptional, boolean dropRequired) {
        client.level(subject, "NONE");
        client.register(subject, schema(ID, NAME));
        client.level(subject, level);

        assertThat(isCompatible(schema(ID, NAME, CITY)))
                .as("adds an optional field")
                .isEqualTo(addOptional);
        assertThat(isCompatible(schema(ID, NAME, REQUIRED)))
                .as("adds a required field")
                .isEqualTo(addRequired);
        assertThat(isCompatible(schema(ID))).as("drops an optional field").isEqualTo(dropOptional);
        assertThat(isCompatible(schema(NAME))).as("drops a required field").isEqualTo(dropRequired);
    }

    private boolean isCompatible(String schema) {
        Answer answer = client.post("/compatibility/subjects/" + subject + "/versions/latest", schema);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.body().path("is_compatible").asBoolean();
    }

    @Test
    void asksAllVersionsWhereALevelIsTransitive() {
        unless(Difference.CHECKS_OF_ALL_VERSIONS);
        client.level(subject, "NONE");
        client.register(subject, schema(ID));
        client.register(subject, schema(ID, NAME));
        String readsTheLatestOnly = schema(ID, "{\"name\":\"name\",\"type\":[\"null\",\"string\"]}");

        client.level(subject, "BACKWARD");
        Answer latest = client.post("/compatibility/subjects/" + subject + "/versions", readsTheLatestOnly);
        client.level(subject, "BACKWARD_TRANSITIVE");
        Answer all = client.post("/compatibility/subjects/" + subject + "/versions", readsTheLatestOnly);
        Answer refused = client.post("/subjects/" + subject + "/versions", readsTheLatestOnly);

        assertThat(latest.body().path("is_compatible").asBoolean()).isTrue();
        assertThat(all.body().path("is_compatible").asBoolean()).isFalse();
        assertThat(refused.status()).isEqualTo(409);
        client.level(subject, "BACKWARD");
        assertThat(client.register(subject, readsTheLatestOnly)).isPositive();
    }

    @Test
    void asksTheVersionThatIsNamed() {
        client.level(subject, "NONE");
        client.register(subject, schema(ID));
        client.register(subject, schema(ID, NAME));
        client.level(subject, "BACKWARD");
        String readsTheLatestOnly = schema(ID, "{\"name\":\"name\",\"type\":[\"null\",\"string\"]}");
        String path = "/compatibility/subjects/" + subject + "/versions/";

        assertThat(client.post(path + "2", readsTheLatestOnly)
                        .body()
                        .path("is_compatible")
                        .asBoolean())
                .isTrue();
        assertThat(client.post(path + "1", readsTheLatestOnly)
                        .body()
                        .path("is_compatible")
                        .asBoolean())
                .isFalse();
        assertError(client.post(path + "9", readsTheLatestOnly), 404, 40402);
    }

    @Test
    void refusesAnIncompatibleSchemaAndSaysWhy() {
        client.level(subject, "BACKWARD");
        client.register(subject, schema(ID));

        Answer refused = client.post("/subjects/" + subject + "/versions", schema(ID, REQUIRED));
        Answer checked = client.post(
                "/compatibility/subjects/" + subject + "/versions/latest?verbose=true", schema(ID, REQUIRED));

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.body().path("error_code").asInt()).isIn(409, 40901);
        assertThat(checked.body().path("is_compatible").asBoolean()).isFalse();
        assertThat(client.get("/subjects/" + subject + "/versions").text()).isEqualTo("[1]");
        unless(Difference.MESSAGES);
        assertThat(checked.body().path("messages").toString()).contains("READER_FIELD_MISSING_DEFAULT_VALUE");
    }

    @Test
    void doesNotAskDeletedVersions() {
        client.level(subject, "NONE");
        client.register(subject, schema(ID));
        client.register(subject, schema("{\"name\":\"id\",\"type\":\"string\"}"));
        client.level(subject, "BACKWARD_TRANSITIVE");
        client.delete("/subjects/" + subject + "/versions/1");

        assertThat(client.register(subject, schema("{\"name\":\"id\",\"type\":\"string\"}", NAME)))
                .isPositive();
    }

    @Test
    void keepsLevelsBySubject() {
        client.register(subject, schema(ID));
        assertThat(client.get("/config/" + subject + "?defaultToGlobal=true").status())
                .isEqualTo(200);
        client.level(subject, "FULL");

        assertThat(client.get("/config/" + subject).field("compatibilityLevel")).isEqualTo("FULL");
        assertThat(client.delete("/config/" + subject).status()).isEqualTo(200);
        unless(Difference.LEVELS);
        assertError(client.get("/config/" + subject), 404, 40408);
        assertError(client.delete("/config/" + subject), 404, 40401);
        assertError(client.get("/config/" + subject + "-none"), 404, 40408);
    }

    @Test
    void keepsAGlobalLevel() {
        client.register(subject, schema(ID));
        String before = client.get("/config").field("compatibilityLevel");
        try {
            client.call("PUT", "/config", "{\"compatibility\":\"FULL\"}");

            assertThat(client.get("/config").field("compatibilityLevel")).isEqualTo("FULL");
            assertThat(client.get("/config/" + subject + "?defaultToGlobal=true")
                            .field("compatibilityLevel"))
                    .isEqualTo("FULL");
            assertThat(client.post("/subjects/" + subject + "/versions", schema(ID, REQUIRED))
                            .status())
                    .isEqualTo(409);
        } finally {
            client.call("PUT", "/config", "{\"compatibility\":\"" + before + "\"}");
        }
        assertThat(client.get("/config").field("compatibilityLevel")).isEqualTo(before);
    }

    @Test
    void returnsToTheDefaultLevel() {
        unless(Difference.LEVELS);
        client.call("PUT", "/config", "{\"compatibility\":\"forward\"}");

        assertThat(client.delete("/config").field("compatibilityLevel")).isEqualTo("FORWARD");
        assertThat(client.get("/config").field("compatibilityLevel")).isEqualTo("NONE");
    }

    @Test
    void changesNothingOfASubjectThatIsReadOnly() {
        unless(Difference.MODES);
        int id = client.register(subject, schema(ID));
        client.mode(subject, "READONLY");

        assertThat(client.register(subject, schema(ID))).isEqualTo(id);
        assertError(client.post("/subjects/" + subject + "/versions", schema(ID, NAME)), 422, 42205);
        assertError(client.delete("/subjects/" + subject), 422, 42205);
        assertError(client.delete("/subjects/" + subject + "/versions/1"), 422, 42205);
        assertError(client.call("PUT", "/config/" + subject, "{\"compatibility\":\"FULL\"}"), 422, 42205);
        assertThat(client.get("/mode/" + subject).field("mode")).isEqualTo("READONLY");
        assertThat(client.delete("/mode/" + subject).field("mode")).isEqualTo("READONLY");
        assertError(client.get("/mode/" + subject), 404, 40409);
        assertThat(client.get("/mode/" + subject + "?defaultToGlobal=true").field("mode"))
                .isEqualTo("READWRITE");
        assertThat(client.register(subject, schema(ID, NAME))).isGreaterThan(id);
    }

    @Test
    void changesNothingWhereAllIsReadOnly() {
        unless(Difference.MODES);
        client.call("PUT", "/mode", "{\"mode\":\"READONLY\"}");
        try {
            assertError(client.post("/subjects/" + subject + "/versions", schema(ID)), 422, 42205);
            assertError(client.call("PUT", "/config", "{\"compatibility\":\"FULL\"}"), 422, 42205);
        } finally {
            client.call("PUT", "/mode", "{\"mode\":\"READWRITE\"}");
        }
        assertThat(client.get("/mode").field("mode")).isEqualTo("READWRITE");
    }

    @Test
    void takesOverIdsAndVersionsOfAnotherRegistry() {
        unless(Difference.MODES);
        int high = client.register(subject + "-first", schema(ID)) + 1_000;
        String path = "/subjects/" + subject + "/versions";
        assertError(client.call("POST", path, RegistryClient.request(schema(NAME), Map.of("id", high))), 422, 42205);
        client.mode(subject, "IMPORT");

        Answer imported =
                client.call("POST", path, RegistryClient.request(schema(NAME), Map.of("id", high, "version", 4)));
        Answer again =
                client.call("POST", path, RegistryClient.request(schema(NAME), Map.of("id", high, "version", 4)));

        assertThat(imported.number("id")).isEqualTo(high);
        assertThat(again.number("id")).isEqualTo(high);
        assertThat(client.get(path).text()).isEqualTo("[4]");
        assertError(client.post(path, schema(CITY)), 422, 42205);
        assertError(client.call("POST", path, RegistryClient.request(schema(CITY), Map.of("id", high))), 422, 42205);
        assertError(client.call("POST", path, RegistryClient.request(schema(ID), Map.of("id", high + 1))), 422, 42207);
        client.mode(subject, "READWRITE");
        assertThat(client.register(subject, schema(CITY))).isGreaterThan(high);
        assertThat(client.get(path).text()).isEqualTo("[4,5]");
        assertError(client.call("PUT", "/mode/" + subject, "{\"mode\":\"IMPORT\"}"), 422, 42205);
        assertThat(client.call("PUT", "/mode/" + subject + "?force=true", "{\"mode\":\"IMPORT\"}")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void refusesAVersionThatIsNotTheNext() {
        unless(Difference.MODES);
        client.register(subject, schema(ID));
        String path = "/subjects/" + subject + "/versions";

        assertError(client.call("POST", path, RegistryClient.request(schema(NAME), Map.of("version", 3))), 422, 42201);
        assertThat(client.call("POST", path, RegistryClient.request(schema(NAME), Map.of("version", 2, "id", -1)))
                        .number("id"))
                .isPositive();
    }

    @Test
    void takesSchemasForOneThatDifferInOrderOnlyWhereAskedTo() {
        unless(Difference.NORMALIZATION);
        String one = schema(ID).replace("\"fields\"", "\"b\":{\"y\":1,\"x\":[null,2]},\"a\":\"1\",\"fields\"");
        String other = schema(ID)
                .replace("\"type\":\"record\",", "")
                .replace("\"fields\":[", "\"type\":\"record\",\"a\":\"1\",\"b\":{\"x\":[null,2],\"y\":1},\"fields\":[");

        int first = client.post("/subjects/" + subject + "/versions?normalize=true", one)
                .number("id");
        int second = client.post("/subjects/" + subject + "/versions?normalize=true", other)
                .number("id");
        Answer found = client.post("/subjects/" + subject + "?normalize=true", other);

        assertThat(second).isEqualTo(first);
        assertThat(found.number("id")).isEqualTo(first);
        assertThat(client.register(subject, one)).isNotEqualTo(first);
    }
}
