package io.levada.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CatalogReaderTest {
    private static final String FILES = """
            sources:
              sales: {type: files, path: inbox, table: orders}
            """;

    private static final String OWN = "own-services-0123456789";
    private static final String SPARK = "spark-0123456789abcdefg==";

    @TempDir
    private Path parent;

    private ProjectFixture project;

    @BeforeEach
    void project() {
        project = new ProjectFixture(parent).variable("OWN", OWN).variable("SPARK", SPARK);
    }

    @Test
    void theCatalogIsEmbeddedAndOpenWhereNothingIsSaid() {
        PipelineDefinition definition = project.yaml(FILES).valid();

        assertThat(definition.catalog()).isEqualTo(new CatalogDefinition.Embedded());
        assertThat(definition.tokens()).isEqualTo(AccessTokens.NONE);
        assertThat(definition.tokens().demanded()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"catalog: {}", "catalog: {type: embedded}"})
    void theEmbeddedCatalogCanBeSaid(String yaml) {
        assertThat(project.yaml(FILES + yaml).valid().catalog()).isEqualTo(new CatalogDefinition.Embedded());
    }

    @Test
    void readsAPostgresDatabase() {
        project.variable("PASSWORD", "hidden").yaml(FILES + """
                catalog: {type: postgres, url: 'jdbc:postgresql://db:5432/lake', user: levada, password: '${PASSWORD}'}
                """);

        assertThat(project.valid().catalog())
                .isEqualTo(new CatalogDefinition.Postgres(
                        "jdbc:postgresql://db:5432/lake", "levada", new Secret("hidden")))
                .asString()
                .doesNotContain("hidden");
    }

    @Test
    void readsTokensInTheOrderOfTheFile() {
        project.yaml(FILES + "catalog: {tokens: {spark: '${SPARK}', levada: '${OWN}'}}");

        AccessTokens tokens = project.valid().tokens();

        assertThat(tokens.byName())
                .containsExactly(Map.entry("spark", new Secret(SPARK)), Map.entry("levada", new Secret(OWN)));
        assertThat(tokens.own()).contains(new Secret(OWN));
        assertThat(tokens.demanded()).isTrue();
        assertThat(tokens.toString()).doesNotContain(SPARK, OWN);
    }

    @Test
    void reportsAllThatIsMissingOfADatabase() {
        assertThat(project.yaml(FILES + "catalog: {type: postgres}").problems())
                .extracting(Problem::code, Problem::key)
                .containsExactly(tuple("DEF-MISSING-KEY", "catalog.url"), tuple("DEF-MISSING-KEY", "catalog.user"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:mysql://db/lake", "jdbc:postgresql://db", "jdbc:postgresql://u:p@db/lake"})
    void refusesAUrlOfAnotherKind(String url) {
        project.yaml(FILES + "catalog: {type: postgres, user: levada, url: '" + url + "'}");

        assertThat(project.problem())
                .extracting(Problem::code, Problem::key)
                .containsExactly("DEF-BAD-VALUE", "catalog.url");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{url: 'jdbc:postgresql://db/lake'}", "{type: embedded, user: levada}"})
    void refusesADatabaseForTheEmbeddedCatalog(String catalog) {
        assertThat(project.yaml(FILES + "catalog: " + catalog).problem().code()).isEqualTo("DEF-UNKNOWN-KEY");
    }

    @Test
    void refusesAnUnknownTypeOnce() {
        project.yaml(FILES + "catalog: {type: hive, url: 'thrift://x'}");

        assertThat(project.problem())
                .extracting(Problem::code, Problem::key)
                .containsExactly("DEF-BAD-VALUE", "catalog.type");
    }

    @Test
    void demandsATokenForLevadasOwnServices() {
        assertThat(project.yaml(FILES + "catalog: {tokens: {spark: '${SPARK}'}}")
                        .problem())
                .extracting(Problem::code, Problem::key)
                .containsExactly("DEF-MISSING-KEY", "catalog.tokens.levada");
    }

    @ParameterizedTest
    @ValueSource(strings = {"spark: short-secret", "spark: 'white space 0123456789'", "spark: '${OWN}'"})
    void refusesATokenWithoutShowingIt(String token) {
        project.yaml(FILES + "catalog: {tokens: {levada: '${OWN}', " + token + "}}");

        assertThat(project.problem())
                .extracting(Problem::code, Problem::key)
                .containsExactly("DEF-BAD-VALUE", "catalog.tokens.spark");
        assertThat(project.problem().message()).doesNotContain("secret", "white", OWN);
    }

    @Test
    void refusesANameThatIsNone() {
        assertThat(project.yaml(FILES + "catalog: {tokens: {levada: '${OWN}', 'A B': '${SPARK}'}}")
                        .problem()
                        .code())
                .isEqualTo("DEF-BAD-NAME");
    }
}
