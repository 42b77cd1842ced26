package io.levada.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.net.URI;
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

    @ParameterizedTest
    @ValueSource(strings = {"https://login.example.com/realms/data", "http://127.0.0.1:8080/realms/data"})
    void readsWhoSignsJwts(String issuer) {
        project.yaml(FILES + "catalog: {tokens: {levada: '${OWN}'}, jwt: {issuer: '" + issuer + "', audience: lake}}");

        assertThat(project.valid().tokens().jwt()).isEqualTo(new JwtIssuer(URI.create(issuer), "lake"));
    }

    @Test
    void demandsATokenForLevadasOwnServicesBesideJwts() {
        assertThat(project.yaml(FILES + "catalog: {jwt: {issuer: 'https://login.example.com'}}")
                        .problems())
                .extracting(Problem::code, Problem::key)
                .containsExactly(
                        tuple("DEF-MISSING-KEY", "catalog.tokens.levada"),
                        tuple("DEF-MISSING-KEY", "catalog.jwt.audience"));
    }

    /// What comes over plain HTTP can be anybody's keys.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://login.example.com",
                "ftp://login.example.com",
                "login.example.com",
                "https://me:secret@login.example.com",
                "https://login.example.com?realm=data",
                "https:// x"
            })
    void refusesAnIssuerWhoseKeysCouldBeForged(String issuer) {
        project.yaml(FILES + "catalog: {tokens: {levada: '${OWN}'}, jwt: {audience: lake, issuer: '" + issuer + "'}}");

        assertThat(project.problem())
                .extracting(Problem::code, Problem::key)
                .containsExactly("DEF-BAD-VALUE", "catalog.jwt.issuer");
        assertThat(project.problem().message()).doesNotContain("secret");
    }

    @Test
    void refusesANameThatIsNone() {
        assertThat(project.yaml(FILES + "catalog: {tokens: {levada: '${OWN}', 'A B': '${SPARK}'}}")
                        .problem()
                        .code())
                .isEqualTo("DEF-BAD-NAME");
    }

    @Test
    void readsAGlueCatalog() {
        project.yaml(FILES + """
                project: shop
                catalog:
                  type: glue
                  region: eu-west-1
                  endpoint: http://127.0.0.1:4566
                  catalog-id: "012345678901"
                  database-prefix: lake_
                """);

        assertThat(project.valid().catalog())
                .isEqualTo(new CatalogDefinition.Glue(
                        "eu-west-1", URI.create("http://127.0.0.1:4566"), "012345678901", "lake_"));
    }

    @Test
    void leavesGlueToAwssDefaultsAndTheProjectsName() {
        project.yaml(FILES + "project: shop\ncatalog: {type: glue}");

        assertThat(project.valid().catalog()).isEqualTo(new CatalogDefinition.Glue(null, null, null, "shop_"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "region: Frankfurt",
                "endpoint: 'ftp://host'",
                "endpoint: 'http://key:secret@host'",
                "catalog-id: '12345'",
                "database-prefix: Lake-"
            })
    void refusesAGlueCatalogThatNoneCanBe(String setting) {
        project.yaml(FILES + "project: shop\ncatalog: {type: glue, " + setting + "}");

        assertThat(project.problem())
                .extracting(Problem::code, Problem::key)
                .containsExactly("DEF-BAD-VALUE", "catalog." + setting.substring(0, setting.indexOf(':')));
        assertThat(project.problem().message()).doesNotContain("secret");
    }

    /// An empty prefix would make every database of the account one of the lake's.
    @Test
    void takesTheProjectsNameForAnEmptyPrefix() {
        project.yaml(FILES + "project: shop\ncatalog: {type: glue, database-prefix: ''}");

        assertThat(project.valid().catalog()).isEqualTo(new CatalogDefinition.Glue(null, null, null, "shop_"));
    }
}
