package io.levada.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DefinitionProblemsTest {
    private static final String FILES = """
            sources:
              sales: {type: files, path: inbox, table: orders}
            """;
    private static final String POSTGRES = """
            sources:
              bank:
                type: postgres
                url: jdbc:postgresql://localhost/bank
                user: levada
                tables: [customer]
            """;

    @TempDir
    private Path parent;

    private ProjectFixture project;

    @BeforeEach
    void project() {
        project = new ProjectFixture(parent);
    }

    @Test
    void reportsAllProblemsAtOnceInTheOrderOfTheFile() {
        project.yaml("""
                project: My-Shop
                colour: red
                sources:
                  bank: {type: postgres, url: "mysql://h/b", tables: [a*]}
                tables:
                  curated.x: {sql: curations/none.sql, mode: merge}
                warehouse: {loads: {shop.x: {from: curated.y}}}
                """);

        assertThat(project.problems())
                .extracting(Problem::code, Problem::line, Problem::key)
                .containsExactlyInAnyOrder(
                        tuple("DEF-BAD-NAME", 1, "project"),
                        tuple("DEF-UNKNOWN-KEY", 2, "colour"),
                        tuple("DEF-BAD-VALUE", 4, "sources.bank.url"),
                        tuple("DEF-MISSING-KEY", 4, "sources.bank.user"),
                        tuple("DEF-BAD-VALUE", 4, "sources.bank.tables"),
                        tuple("DEF-FILE-MISSING", 6, "tables.curated.x.sql"),
                        tuple("DEF-NOT-IMPLEMENTED", 6, "tables.curated.x.mode"),
                        tuple("DEF-UNKNOWN-TABLE", 7, "warehouse.loads.shop.x.from"));
        assertThat(project.problems()).extracting(Problem::line).isSorted();
    }

    @Test
    void saysThatATypeWithACommaNeedsQuotesInsideBraces() {
        project.yaml("sources: {sales: {type: files, path: inbox, table: t, columns: {a: decimal(10,2)}}}");

        assertThat(project.problems())
                .extracting(Problem::message)
                .anySatisfy(message -> assertThat(message).contains("`decimal(10`", "\"decimal(10,2)\""));
    }

    private static Tuple tuple(Object... values) {
        return Tuple.tuple(values);
    }

    @Test
    void saysThatTheFileIsMissing() {
        Problem problem = project.problem();

        assertThat(problem.code()).isEqualTo("DEF-FILE-MISSING");
        assertThat(problem.message())
                .contains(project.directory().resolve("levada.yaml").toString());
    }

    @Test
    void namesTheLineOfASyntaxError() {
        Problem problem = project.yaml("sources:\n  sales: [a, b\nflush: 5s\n").problem();

        assertThat(problem.code()).isEqualTo("DEF-YAML-SYNTAX");
        assertThat(problem.line()).isEqualTo(3);
    }

    @Test
    void namesTheLineOfATab() {
        Problem problem = project.yaml("sources:\n  sales:\n    type: files\n\tpath: inbox\n")
                .problem();

        assertThat(problem.line()).isEqualTo(4);
        assertThat(problem.message()).contains("column 1", "TAB").doesNotContain("line");
    }

    @Test
    void namesTheLineWhereAQuoteIsOpenedThatNothingCloses() {
        Problem problem = project.yaml("sources:\n  sales:\n    path: \"inbox\n    table: x\n")
                .problem();

        assertThat(problem.line()).isEqualTo(3);
        assertThat(problem.message()).contains("quoted scalar", "unexpected end of stream");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing\n", "[a]\n", "just text\n"})
    void refusesAFileThatIsNoMapping(String yaml) {
        assertThat(project.yaml(yaml).problem().code()).isIn("DEF-YAML-SYNTAX", "DEF-WRONG-SHAPE");
    }

    @Test
    void refusesASecondDocument() {
        assertThat(project.yaml(FILES + "---\nproject: b\n").problem().code()).isEqualTo("DEF-YAML-SYNTAX");
    }

    @Test
    void refusesAliases() {
        project.yaml(
                FILES + "  more: {type: files, path: &p inbox, table: x}\n  last: {type: files, path: *p, table: y}\n");

        assertThat(project.problems()).extracting(Problem::code).contains("DEF-YAML-SYNTAX");
    }

    @Test
    void refusesAKeyThatStandsTwice() {
        Problem problem = project.yaml(FILES + "flush: 1s\nflush: 2s\n").problem();

        assertThat(problem.code()).isEqualTo("DEF-DUPLICATE-KEY");
        assertThat(problem.line()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({
        "tabels, tables",
        "Flush, flush",
        "querys, queries",
    })
    void suggestsTheNearestKnownKey(String written, String meant) {
        Problem problem = project.yaml(FILES + written + ": {}\n").problem();

        assertThat(problem.code()).isEqualTo("DEF-UNKNOWN-KEY");
        assertThat(problem.message()).contains("Did you mean `" + meant + "`?");
    }

    @Test
    void refusesKeysOfAnotherTypeOfSource() {
        Problem problem =
                project.yaml(FILES.replace("table:", "url: x, table:")).problem();

        assertThat(problem.code()).isEqualTo("DEF-UNKNOWN-KEY");
        assertThat(problem.key()).isEqualTo("sources.sales.url");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kafka: {bootstrap: x}",
                "engine: athena",
                "warehouse: {engine: redshift}",
                "tables: {curated.x: {sql: curations/sales.sql, mode: incremental}}",
                "tables: {curated.x: {sql: curations/sales.sql, mode: merge}}",
                "tables: {curated.x: {sql: curations/sales.sql, key: [id]}}",
                "tables: {curated.x: {sql: curations/sales.sql, checks: [{unique: [id]}]}}",
                "queries: {q: {sql: curations/sales.sql, on: [raw.sales_orders]}}",
                "queries: {q: {sql: curations/sales.sql, schedule: '0 6 * * *'}}",
                "queries: {q: {sql: curations/sales.sql, deliver: [{file: x.csv}]}}",
            })
    void refusesWhatIsDesignedButNotBuilt(String yaml) {
        assertThat(project.yaml(FILES + yaml + "\n").problem().code()).isEqualTo("DEF-NOT-IMPLEMENTED");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "registry: {user: u, password: p}|DEF-MISSING-KEY|registry.url",
                "registry: {url: 'registry:8081'}|DEF-BAD-VALUE|registry.url",
                "registry: {url: 'http://u:p@registry'}|DEF-BAD-VALUE|registry.url",
                "registry: {url: 'http://registry', user: u}|DEF-MISSING-KEY|registry.password",
                "registry: {url: 'http://registry', password: p}|DEF-MISSING-KEY|registry.user",
                "registry: {url: 'http://registry', user: u, password: p, token: t}|DEF-BAD-VALUE|registry.token",
                "lineage: {namespace: 'a b'}|DEF-BAD-VALUE|lineage.namespace",
                "lineage: {openlineage: {api-key: k}}|DEF-MISSING-KEY|lineage.openlineage.url",
                "lineage: {openlineage: {url: 'http://h/x', topic: t}}|DEF-BAD-VALUE|lineage.openlineage.topic",
                "lineage: {openlineage: {topic: t, api-key: k}}|DEF-BAD-VALUE|lineage.openlineage.api-key",
                "lineage: {openlineage: {topic: 'a b'}}|DEF-BAD-VALUE|lineage.openlineage.topic"
            })
    void refusesRegistriesAndReceiversOfLineageThatCanNotBe(String yaml, String code, String key) {
        Problem problem = project.yaml(FILES + yaml + "\n").problem();

        assertThat(problem.code()).isEqualTo(code);
        assertThat(problem.key()).isEqualTo(key);
    }

    @Test
    void refusesKeysThatADatabaseWithABinaryLogDoesNotHave() {
        project.yaml("""
                sources:
                  vendas: {type: mariadb, url: "jdbc:mariadb://h/vendas", user: u, tables: [t], log-limit: 1GB}
                """);

        assertThat(project.problem().code()).isEqualTo("DEF-UNKNOWN-KEY");
    }

    @Test
    void refusesSourcesThatAreUnknown() {
        project.yaml("sources:\n  bank: {type: oracle}\n");

        assertThat(project.problem().code()).isEqualTo("DEF-BAD-VALUE");
    }

    @Test
    void reportsWhatElseIsWrongInASourceOfUnknownType() {
        project.yaml("""
                sources:
                  bank:
                    type: postgress
                    url: jdbc:postgresql://localhost/bank
                    colour: red
                    on-schema-change: evolv
                    load: {connections: many}
                    columns: {customer: {name: hsh}}
                    tables: [customer]
                """);

        assertThat(project.problems())
                .extracting(Problem::code, Problem::line, Problem::key)
                .containsExactly(
                        tuple("DEF-BAD-VALUE", 3, "sources.bank.type"),
                        tuple("DEF-UNKNOWN-KEY", 5, "sources.bank.colour"),
                        tuple("DEF-BAD-VALUE", 6, "sources.bank.on-schema-change"),
                        tuple("DEF-BAD-VALUE", 7, "sources.bank.load.connections"),
                        tuple("DEF-BAD-VALUE", 8, "sources.bank.columns.customer.name"));
        assertThat(project.problems().get(1).message())
                .containsOnlyOnce("columns")
                .containsOnlyOnce("on-schema-change");
    }

    @Test
    void reportsATextInPlaceOfTheListOfTablesOnce() {
        project.yaml(POSTGRES.replace("tables: [customer]", "tables: customer\n    as: {customer: client}"));

        assertThat(project.problems())
                .extracting(Problem::code, Problem::line, Problem::key)
                .containsExactly(tuple("DEF-WRONG-SHAPE", 6, "sources.bank.tables"));
    }

    @Test
    void namesTheLineOfAnEmptyListOfTables() {
        assertThat(project.yaml(POSTGRES.replace("[customer]", "[]")).problem().line())
                .isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "url: \"mongodb://h:27017\", tables: [t]",
                "url: \"jdbc:mongodb://h/suporte\", tables: [t]",
                "url: \"mongodb://u:p@h/suporte\", tables: [t]",
                "url: \"mongodb://h/suporte\", tables: [\"t*\"]",
                "url: \"mongodb://h/suporte\", tables: [system.users]"
            })
    void refusesWhatIsNoDatabaseOfMongoDb(String keys) {
        project.yaml("sources:\n  suporte: {type: mongodb, " + keys + "}\n");

        assertThat(project.problem().code()).isEqualTo("DEF-BAD-VALUE");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "format: xml",
                "changed-files: never",
                "on-schema-change: ignore",
                "format: json, csv: {header: true}",
                "csv: {delimiter: ab}",
                "csv: {encoding: klingon}",
                "csv: {header: maybe}",
            })
    void refusesValuesOfFilesThatItDoesNotKnow(String key) {
        assertThat(project.yaml(FILES.replace("type: files", "type: files, " + key))
                        .problem()
                        .code())
                .isEqualTo("DEF-BAD-VALUE");
    }

    @Test
    void wantsColumnsWhereFilesHaveNoHeader() {
        assertThat(project.yaml(FILES.replace("type: files", "type: files, csv: {header: false}"))
                        .problem()
                        .code())
                .isEqualTo("DEF-MISSING-KEY");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "flush: 5",
                "flush: soon",
                "flush: 1ms",
                "flush: 2h",
                "flush: {bytes: 1KB}",
                "flush: {bytes: lots}",
                "flush: {bytes: 999999999999GB}",
            })
    void refusesAFlushOutsideItsLimits(String flush) {
        Problem problem = project.yaml(FILES + flush + "\n").problem();

        assertThat(problem.code()).isEqualTo("DEF-BAD-VALUE");
        assertThat(problem.message()).contains("allowed is");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"connections: 0", "connections: 17", "connections: two", "chunk: 1KB", "chunk: 5GB", "chunk: x"})
    void refusesALoadOutsideItsLimits(String load) {
        Problem problem = project.yaml(POSTGRES + "    load: {" + load + "}\n").problem();

        assertThat(problem.code()).isEqualTo("DEF-BAD-VALUE");
        assertThat(problem.message()).contains("allowed is");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sources: {}|DEF-MISSING-KEY",
                "sources: text|DEF-WRONG-SHAPE",
                "sources: {sales: text}|DEF-WRONG-SHAPE",
                "sources: {sales: {path: inbox, table: t}}|DEF-MISSING-KEY",
                "sources: {sales: {type: ftp}}|DEF-BAD-VALUE",
                "sources: {sales: {type: files, table: t}}|DEF-MISSING-KEY",
                "sources: {sales: {type: files, path: inbox}}|DEF-MISSING-KEY",
                "sources: {sales: {type: files, path: 's3://b/p', table: t}}|DEF-BAD-VALUE",
                "sources: {sales: {type: files, path: 'gs://bucket/p', table: t}}|DEF-BAD-VALUE",
                "sources: {sales: {type: files, path: in, table: t, s3: {region: x}}}|DEF-BAD-VALUE",
                "sources: {sales: {type: files, path: 's3://bucket/p', table: t, s3: {endpoint: 'host:9000'}}}|DEF-BAD-VALUE",
                "sources: {sales: {type: files, path: 's3://bucket/p', table: t, s3: {list-every: 1d}}}|DEF-BAD-VALUE",
                "sources: {sales: {type: files, path: 's3://bucket/p', table: t, s3: {notifications: 'arn:aws:sqs:x:1:q'}}}|DEF-BAD-VALUE",
                "sources: {sales: {type: files, path: 's3://bucket/p', table: t, s3: {notifications: 'https://host/'}}}|DEF-BAD-VALUE",
                "sources: {sales: {type: files, path: 's3://bucket/p', table: t, s3: {endpoint: '//host:9000'}}}|DEF-BAD-VALUE",
                "sources: {sales: {type: files, path: 's3://bucket/p', table: t, s3: {notifications: '//host/1/q'}}}|DEF-BAD-VALUE",
                "sources: {sales: {type: files, path: 's3://bucket/p', table: t, s3: {notifications: {list-every: 5m}}}}|DEF-MISSING-KEY",
                "sources: {sales: {type: files, path: in, table: t, s3: {notifications: 'http://host/1/q'}}}|DEF-BAD-VALUE",
                "sources: {sales: {type: files, path: inbox, table: T}}|DEF-BAD-NAME",
                "sources: {sales: {type: files, path: inbox, table: t, table-name: quarantine}}|DEF-BAD-NAME",
                "sources: {Sales: {type: files, path: inbox, table: t}}|DEF-BAD-NAME",
                "sources: {quarantine: {type: files, path: inbox, table: t}}|DEF-BAD-NAME",
                "sources: {sales: {type: files, path: inbox, table: t, columns: {a: money}}}|DEF-BAD-VALUE",
                "sources: {sales: {type: files, path: inbox, table: t, columns: {a: 'decimal(39,2)'}}}|DEF-BAD-VALUE",
                "sources: {sales: {type: files, path: levada.yaml, table: t}}|DEF-BAD-VALUE",
                "sources: {sales: {type: files, path: [inbox], table: t}}|DEF-WRONG-SHAPE",
            })
    void refusesASourceThatCanNotBe(String yaml, String code) {
        assertThat(project.yaml(yaml + "\n").problem().code()).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tables: [customer]|tables: []|DEF-BAD-VALUE",
                "tables: [customer]|tables: customer|DEF-WRONG-SHAPE",
                "tables: [customer]|tables: ['a.b.c']|DEF-BAD-VALUE",
                "tables: [customer]|tables: ['public.*']|DEF-BAD-VALUE",
                "tables: [customer]|tables: [{customer: x}]|DEF-WRONG-SHAPE",
                "localhost/bank|localhost|DEF-BAD-VALUE",
                "user: levada|user:|DEF-MISSING-KEY",
            })
    void refusesAPostgresSourceThatCanNotBe(String written, String instead, String code) {
        assertThat(project.yaml(POSTGRES.replace(written, instead)).problems())
                .extracting(Problem::code)
                .contains(code);
    }

    @Test
    void refusesTwoReadersOfOneQueue() {
        Problem problem = project.yaml("""
                        sources:
                          sales:
                            {type: files, path: 's3://shop/a', table: t, s3: {notifications: 'https://host/1/queue'}}
                          orders:
                            {type: files, path: 's3://shop/b', table: t, s3: {notifications: {queue: 'https://host/1/queue'}}}
                        """).problem();

        assertThat(problem.code()).isEqualTo("DEF-BAD-VALUE");
        assertThat(problem.message()).contains("`sales`", "a queue of its own");
    }

    @Test
    void refusesCredentialsInAUrlWithoutShowingThem() {
        Problem problem =
                project.yaml(POSTGRES.replace("/bank", "/bank?password=s3cret")).problem();

        assertThat(problem.code()).isEqualTo("DEF-BAD-VALUE");
        assertThat(problem.message()).doesNotContain("s3cret");
    }

    @Test
    void showsTheVariableAndNotItsValueInMessages() {
        Problem problem = project.variable("URL", "s3cret")
                .yaml(POSTGRES.replace("jdbc:postgresql://localhost/bank", "${URL}"))
                .problem();

        assertThat(problem.message()).contains("${URL}").doesNotContain("s3cret");
    }

    @Test
    void namesAVariableThatIsNotSet() {
        Problem problem = project.yaml(POSTGRES.replace("user: levada", "user: ${NOBODY}"))
                .problem();

        assertThat(problem.code()).isEqualTo("DEF-ENVIRONMENT");
        assertThat(problem.message()).contains("NOBODY");
    }

    @Test
    void refusesDefaultValuesOfVariables() {
        assertThat(project.yaml(POSTGRES.replace("levada", "${A:-b}")).problem().code())
                .isEqualTo("DEF-ENVIRONMENT");
    }

    @Test
    void refusesTablesThatWouldCollide() {
        project.yaml(POSTGRES.replace("customer", "a_b") + "  bank_a: {type: files, path: inbox, table: b}\n");

        Problem problem = project.problem();

        assertThat(problem.code()).isEqualTo("DEF-NAME-COLLISION");
        assertThat(problem.message()).contains("raw.bank_a_b").contains("public.a_b");
    }

    @Test
    void tablesThatDifferInCaseOnlyNeedAnotherNameInTheLake() {
        String both = POSTGRES.replace("[customer]", "[customer, Customer]");
        assertThat(project.yaml(both).problems())
                .extracting(Problem::code, Problem::message)
                .first()
                .satisfies(problem -> assertThat(problem.toString())
                        .contains("DEF-NAME-COLLISION")
                        .contains("`as:`"));

        PipelineDefinition definition =
                project.yaml(both + "    as: {Customer: customer_2}\n").valid();
        assertThat(definition.sources().get("bank"))
                .isInstanceOfSatisfying(
                        DatabaseSource.class,
                        source -> assertThat(source.tables())
                                .extracting(table -> table.rawTable("bank"))
                                .containsExactly("raw.bank_customer", "raw.bank_customer_2"));

        assertThat(project.yaml(both + "    as: {Customer: Two}\n").problems())
                .extracting(Problem::code)
                .contains("DEF-BAD-NAME");
        assertThat(project.yaml(POSTGRES + "    as: {customers: other}\n")
                        .problem()
                        .message())
                .contains("none of the source's tables");
    }

    @Test
    void refusesATableThatIsNamedTwice() {
        assertThat(project.yaml(POSTGRES.replace("[customer]", "[customer, public.customer]"))
                        .problems())
                .extracting(Problem::code)
                .containsOnly("DEF-NAME-COLLISION");
    }

    @Test
    void refusesNamesThatLeaveNoRoomForTheSlot() {
        project.yaml("project: " + "p".repeat(40) + "\n" + POSTGRES.replace("bank:", "b".repeat(30) + ":"));

        assertThat(project.problem().code()).isEqualTo("DEF-BAD-NAME");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../outside.sql", "/etc/passwd", "curations/../../outside.sql"})
    void refusesSqlFilesOutsideTheProject(String file) {
        Problem problem = project.file("../outside.sql", "SELECT 1 FROM raw.sales_orders")
                .yaml(FILES + "tables: {curated.x: {sql: " + file + "}}\n")
                .problem();

        assertThat(problem.code()).isEqualTo("DEF-BAD-VALUE");
        assertThat(problem.message()).contains("outside the project directory");
    }

    @Test
    void refusesALinkThatLeadsOutsideTheProject() throws IOException {
        project.file("../outside.sql", "SELECT 1 FROM raw.sales_orders")
                .yaml(FILES + "tables: {curated.x: {sql: link.sql}}\n");
        Files.createSymbolicLink(project.directory().resolve("link.sql"), parent.resolve("outside.sql"));

        assertThat(project.problem().message()).contains("outside the project directory");
    }

    @Test
    void reportsWhatIsWrongWithCrawls() {
        assertThat(project.yaml(FILES + """
                        crawls:
                          A: {location: /x}
                          b: {}
                          c: {location: "s3://bucket/c", every: often}
                          d: {location: /d, table: curated.d}
                          e: {location: /e, table: raw.same}
                          f: {location: /f, table: same}
                          g: {location: "gs://bucket/g"}
                        """).problems())
                .extracting(Problem::code)
                .containsExactlyInAnyOrder(
                        "DEF-BAD-NAME",
                        "DEF-MISSING-KEY",
                        "DEF-BAD-VALUE",
                        "DEF-BAD-VALUE",
                        "DEF-BAD-VALUE",
                        "DEF-BAD-NAME",
                        "DEF-NAME-COLLISION");
    }

    @Test
    void saysWhatIsPossibleWhereOnlyTheCrawlIsInABucket() {
        assertThat(project.yaml(FILES + "crawls: {c: {location: 's3://bucket/c'}}\n")
                        .problem()
                        .message())
                .contains("s3://bucket/c")
                .contains("lake: {location: s3://...}")
                .contains("format: parquet");
    }

    @Test
    void passesOnWhatIsWrongInAnSqlFile() {
        Problem problem = project.file("curations/sales.sql", "DROP TABLE x")
                .yaml(FILES + "tables: {curated.x: {sql: curations/sales.sql}}\n")
                .problem();

        assertThat(problem.code()).isEqualTo("DEF-SQL-REFUSED");
        assertThat(problem.file()).isEqualTo("curations/sales.sql");
        assertThat(problem.message()).contains("not a SELECT");
    }

    @Test
    void refusesACuratedTableThatReadsItsInputsAsTheyWere() {
        Problem problem = project.file("curations/sales.sql", "SELECT * FROM raw.sales_orders FOR VERSION AS OF 1")
                .yaml(FILES + "tables: {curated.x: {sql: curations/sales.sql}}\n")
                .problem();

        assertThat(problem.code()).isEqualTo("DEF-SQL-REFUSED");
        assertThat(problem.message()).contains("follows what its inputs are now");
    }

    @Test
    void takesANamedQueryThatReadsATableAsItWas() {
        PipelineDefinition definition = project.file(
                        "queries/sales.sql", "SELECT * FROM raw.sales_orders FOR VERSION AS OF 1")
                .yaml(FILES + "queries: {sales: {sql: queries/sales.sql}}\n")
                .valid();

        assertThat(definition.queries()).containsKey("sales");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sales", "raw.x", "curated.Upper", "curated.a.b"})
    void refusesNamesOfTablesOutsideCurated(String name) {
        assertThat(project.yaml(FILES + "tables: {" + name + ": {sql: curations/sales.sql}}\n")
                        .problem()
                        .code())
                .isEqualTo("DEF-BAD-NAME");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Top", "a-b", "a.b"})
    void refusesNamesOfQueriesThatAreNoNames(String name) {
        assertThat(project.yaml(FILES + "queries: {" + name + ": {sql: curations/sales.sql}}\n")
                        .problem()
                        .code())
                .isEqualTo("DEF-BAD-NAME");
    }

    @ParameterizedTest
    @ValueSource(strings = {"orders", "Shop.orders", "a.b.c"})
    void refusesTargetsThatAreNotSchemaAndTable(String target) {
        assertThat(project.yaml(FILES + "warehouse: {loads: {" + target + ": {from: raw.sales_orders}}}\n")
                        .problem()
                        .code())
                .isEqualTo("DEF-BAD-NAME");
    }

    @Test
    void namesTablesThatAreReadButNotDeclared() {
        Problem problem = project.file("curations/sales.sql", "SELECT * FROM raw.nothing")
                .yaml(FILES + "queries: {q: {sql: curations/sales.sql}}\n")
                .problem();

        assertThat(problem.code()).isEqualTo("DEF-UNKNOWN-TABLE");
        assertThat(problem.message()).contains("raw.nothing").contains("raw.quarantine, raw.sales_orders");
    }

    @Test
    void saysThatFilesHaveNoMirror() {
        Problem problem = project.yaml(FILES + "warehouse: {loads: {shop.orders: {from: stage.sales_orders}}}\n")
                .problem();

        assertThat(problem.message())
                .contains("Tables of files have a mirror only with `changed-files: replace`: read raw.sales_orders");
    }

    @Test
    void namesACycleByItsPath() {
        project.file("a.sql", "SELECT * FROM curated.b")
                .file("b.sql", "SELECT * FROM curated.c")
                .file("c.sql", "SELECT * FROM curated.b JOIN raw.sales_orders")
                .yaml(FILES + "tables: {curated.a: {sql: a.sql}, curated.b: {sql: b.sql}, curated.c: {sql: c.sql}}\n");

        Problem problem = project.problem();

        assertThat(problem.code()).isEqualTo("DEF-CYCLE");
        assertThat(problem.message()).contains("curated.b -> curated.c -> curated.b");
    }

    @Test
    void refusesATableThatReadsItself() {
        project.file("a.sql", "SELECT * FROM curated.a").yaml(FILES + "tables: {curated.a: {sql: a.sql}}\n");

        assertThat(project.problem().message()).contains("curated.a -> curated.a");
    }

    @Test
    void asksForAProjectNameWhereTheDirectoryHasNone() throws IOException {
        Path directory = Files.createDirectories(parent.resolve("My Shop"));
        Files.writeString(directory.resolve("levada.yaml"), FILES);

        DefinitionOutcome outcome =
                DefinitionReader.read(directory, name -> null, sql -> new SelectInspector.Inspection.Refused("none"));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        DefinitionOutcome.Invalid.class,
                        invalid -> assertThat(invalid.problems())
                                .singleElement()
                                .satisfies(problem -> assertThat(problem.message())
                                        .contains("`My Shop`")
                                        .contains("`project:`")));
    }
}
