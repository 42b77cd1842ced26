package io.levada.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DefinitionReaderTest {
    private static final String MINIMAL = """
            sources:
              sales: {type: files, path: inbox, table: orders}
            """;

    @TempDir
    private Path parent;

    private ProjectFixture project;

    @BeforeEach
    void project() {
        project = new ProjectFixture(parent);
    }

    @Test
    void readsCrawlsAndLetsQueriesReadTheirTables() {
        PipelineDefinition definition = project.file("queries/q.sql", "SELECT * FROM raw.events, raw.old_orders")
                .yaml("""
                        sources: {sales: {type: files, path: inbox, format: csv, table: orders}}
                        crawls:
                          events: {location: /data/events}
                          orders: {location: old/orders, table: old_orders, every: 5m}
                        queries: {q: {sql: queries/q.sql}}
                        """)
                .valid();

        assertThat(definition.crawls().values())
                .containsExactly(
                        new CrawlDefinition("events", "/data/events", "raw.events", Duration.ofMinutes(15)),
                        new CrawlDefinition(
                                "orders",
                                project.directory().resolve("old/orders").toString(),
                                "raw.old_orders",
                                Duration.ofMinutes(5)));
    }

    @Test
    void readsCrawlsOfABucketWhereTheLakeIsInOne() {
        PipelineDefinition definition = project.yaml("""
                        lake: {location: "s3://lake/prod"}
                        sources: {sales: {type: files, path: inbox, format: csv, table: orders}}
                        crawls:
                          events: {location: "s3://data/the events/"}
                        """).valid();

        assertThat(definition.crawls().values())
                .extracting(CrawlDefinition::location)
                .containsExactly("s3://data/the events");
    }

    @Test
    void aFolderWhoseFilesAreReplacedHasAMirror() {
        project.file("sql/now.sql", "SELECT * FROM stage.sales_orders");

        PipelineDefinition definition = project.yaml("""
                        sources:
                          sales: {type: files, path: inbox, table: orders, changed-files: replace}
                        tables:
                          curated.now: {sql: sql/now.sql}
                        """).valid();

        assertThat(definition.sources().values())
                .extracting(source -> ((FileSource) source).stageTable())
                .containsExactly(Optional.of("stage.sales_orders"));
    }

    @Test
    void readsAPrefixOfABucket() {
        project.yaml("""
                sources:
                  sales:
                    type: files
                    path: s3://shop-exports/daily
                    table: orders
                    s3: {endpoint: 'http://127.0.0.1:9000', region: eu-west-1, list-every: 30s}
                  more: {type: files, path: s3://shop-exports, table: orders}
                  told:
                    type: files
                    path: s3://shop-exports/told
                    table: orders
                    s3: {notifications: 'https://sqs.eu-west-1.amazonaws.com/123456789012/told'}
                  seldom:
                    type: files
                    path: s3://shop-exports/seldom
                    table: orders
                    s3: {notifications: {queue: 'http://127.0.0.1:9324/000000000000/seldom', list-every: 1h}}
                """);

        PipelineDefinition definition = project.valid();

        assertThat(definition.sources().values())
                .extracting(source -> ((FileSource) source).place())
                .containsExactly(
                        new FilePlace.S3Prefix(
                                "shop-exports",
                                "daily/",
                                new S3Settings(URI.create("http://127.0.0.1:9000"), "eu-west-1", true),
                                Duration.ofSeconds(30)),
                        new FilePlace.S3Prefix("shop-exports", "", S3Settings.DEFAULT, FilePlace.S3Prefix.LIST_EVERY),
                        new FilePlace.S3Prefix(
                                "shop-exports",
                                "told/",
                                S3Settings.DEFAULT,
                                FilePlace.S3Prefix.LIST_EVERY,
                                new S3Notifications(
                                        URI.create("https://sqs.eu-west-1.amazonaws.com/123456789012/told"),
                                        S3Notifications.LIST_EVERY)),
                        new FilePlace.S3Prefix(
                                "shop-exports",
                                "seldom/",
                                S3Settings.DEFAULT,
                                FilePlace.S3Prefix.LIST_EVERY,
                                new S3Notifications(
                                        URI.create("http://127.0.0.1:9324/000000000000/seldom"), Duration.ofHours(1))));
    }

    @Test
    void givesDefaultsForWhatIsNotSaid() {
        PipelineDefinition definition = project.yaml(MINIMAL).valid();

        assertThat(definition)
                .isEqualTo(new PipelineDefinition(
                        project.directory(),
                        "shop",
                        new LakeDefinition("./lake"),
                        new FlushPolicy(Duration.ofSeconds(5), 64L * 1024 * 1024),
                        Map.of(
                                "sales",
                                new FileSource(
                                        "sales",
                                        project.directory().resolve("inbox"),
                                        "csv",
                                        "raw.sales_orders",
                                        Map.of())),
                        Map.of(),
                        Map.of(),
                        Map.of()));
    }

    @Test
    void readsWhichRegistryAndWhoIsToldOfLineage() {
        PipelineDefinition basic =
                project.variable("PW", "s3cret").yaml(MINIMAL + """
                registry: {url: "https://registry:8081/", user: levada, password: "${PW}"}
                lineage: {openlineage: {url: "https://marquez/api/v1/lineage", api-key: "${PW}"}, namespace: prod.lake}
                """).valid();
        PipelineDefinition token = project.yaml(MINIMAL + """
                registry: {url: "http://127.0.0.1:8080/apis/ccompat/v7", token: "${PW}"}
                lineage: {openlineage: {topic: openlineage.events}}
                """).valid();
        PipelineDefinition neither = project.yaml(MINIMAL).valid();

        assertThat(basic.registry())
                .isEqualTo(new RegistryDefinition.Outside(
                        URI.create("https://registry:8081"),
                        new RegistryDefinition.Login.Basic("levada", new Secret("s3cret"))));
        assertThat(basic.lineage())
                .isEqualTo(new LineageDefinition(
                        "prod.lake",
                        new LineageDefinition.Target.Http(
                                URI.create("https://marquez/api/v1/lineage"), new Secret("s3cret"))));
        assertThat(token.registry())
                .isEqualTo(new RegistryDefinition.Outside(
                        URI.create("http://127.0.0.1:8080/apis/ccompat/v7"),
                        new RegistryDefinition.Login.Token(new Secret("s3cret"))));
        assertThat(token.lineage())
                .isEqualTo(new LineageDefinition("shop", new LineageDefinition.Target.Topic("openlineage.events")));
        assertThat(neither.registry()).isEqualTo(new RegistryDefinition.BuiltIn());
        assertThat(neither.lineage().openLineage()).isEqualTo(new LineageDefinition.Target.None());
    }

    @Test
    void readsEveryKey() {
        project.file("queries/top.sql", "SELECT * FROM curated.sales JOIN stage.bank_audit_log_entry")
                .variable("PASSWORD", "s3cret")
                .variable("HOST", "db.example")
                .yaml("""
                        project: other_name
                        lake: {location: /srv/lake}
                        flush: {interval: 500ms, bytes: 128MB}
                        sources:
                          bank:
                            type: postgres
                            url: jdbc:postgresql://${HOST}:5432/bank
                            user: levada
                            password: ${PASSWORD}
                            tables: [public.customer, ledger, audit.Log_Entry]
                            load: {connections: 4, chunk: 64MB}
                          sales:
                            type: files
                            path: /srv/inbox
                            format: csv
                            table: orders
                            table-name: sales_orders
                            columns: {id: long, price: "decimal(18,2)"}
                            csv: {delimiter: tab, quote: none, escape: '\\', header: false, null: '\\N', encoding: latin-1}
                            changed-files: append
                            on-schema-change: freeze
                        tables:
                          curated.sales: {sql: curations/sales.sql, mode: full, partition-by: [ano, mes]}
                        queries:
                          top: {sql: queries/top.sql}
                        warehouse:
                          loads:
                            shop.sales: {from: curated.sales, key: [id]}
                            shop.ledger: {from: stage.bank_ledger}
                        """);

        PipelineDefinition definition = project.valid();

        assertThat(definition.project()).isEqualTo("other_name");
        assertThat(definition.lake()).isEqualTo(new LakeDefinition("/srv/lake"));
        assertThat(definition.flush()).isEqualTo(new FlushPolicy(Duration.ofMillis(500), 128L * 1024 * 1024));
        assertThat(definition.sources())
                .containsExactly(
                        Map.entry(
                                "bank",
                                new PostgresSource(
                                        "bank",
                                        "jdbc:postgresql://db.example:5432/bank",
                                        "levada",
                                        new Secret("s3cret"),
                                        List.of(
                                                new SourceTable("public", "customer", "customer"),
                                                new SourceTable("public", "ledger", "ledger"),
                                                new SourceTable("audit", "Log_Entry", "audit_log_entry")),
                                        PostgresSource.DEFAULT_LOG_LIMIT,
                                        new LoadSettings(4, 64L << 20))),
                        Map.entry(
                                "sales",
                                new FileSource(
                                        "sales",
                                        new FilePlace.Folder(Path.of("/srv/inbox")),
                                        "csv",
                                        "raw.sales_orders",
                                        Map.of("id", "long", "price", "decimal(18,2)"),
                                        new CsvSettings(
                                                '\t',
                                                null,
                                                '\\',
                                                List.of("id", "price"),
                                                "\\N",
                                                StandardCharsets.ISO_8859_1),
                                        ChangedFiles.APPEND,
                                        OnSchemaChange.FREEZE)));
        assertThat(definition.tables())
                .containsExactly(Map.entry(
                        "curated.sales",
                        new CuratedTable(
                                "curated.sales",
                                "SELECT id FROM raw.sales_orders",
                                Set.of("raw.sales_orders"),
                                List.of("ano", "mes"))));
        assertThat(definition.queries())
                .containsExactly(Map.entry(
                        "top",
                        new NamedQuery(
                                "top",
                                "SELECT * FROM curated.sales JOIN stage.bank_audit_log_entry",
                                Set.of("curated.sales", "stage.bank_audit_log_entry"))));
        assertThat(definition.loads())
                .containsExactly(
                        Map.entry("shop.sales", new WarehouseLoad("shop.sales", "curated.sales", List.of("id"))),
                        Map.entry("shop.ledger", new WarehouseLoad("shop.ledger", "stage.bank_ledger", List.of())));
    }

    @Test
    void readsHowTablesAreMaintained() {
        assertThat(project.yaml(MINIMAL).valid().maintenance()).isEqualTo(MaintenanceSettings.DEFAULT);
        assertThat(project.yaml(MINIMAL + """
                                maintenance:
                                  enabled: false
                                  interval: 30m
                                  compaction: {target-file-size: 1GB, min-input-files: 2}
                                  snapshots: {max-age: 12h, min-to-keep: 1, max-consumer-lag: 60d, max-to-keep: 250}
                                  orphans: {older-than: 7d}
                                """).valid().maintenance())
                .isEqualTo(new MaintenanceSettings(
                        false,
                        Duration.ofMinutes(30),
                        new MaintenanceSettings.Compaction(1L << 30, 2),
                        new MaintenanceSettings.Snapshots(Duration.ofHours(12), 1, Duration.ofDays(60), 250),
                        new MaintenanceSettings.Orphans(Duration.ofDays(7))));
    }

    @Test
    void refusesMaintenanceThatWouldDeleteWhatIsWritten() {
        assertThat(project.yaml(MINIMAL + """
                                maintenance:
                                  enabled: sometimes
                                  interval: 10s
                                  compaction: {target-file-size: 8GB, min-input-files: 1}
                                  snapshots: {max-age: 5m, min-to-keep: 0, max-to-keep: 19}
                                  orphans: {older-than: 23h}
                                """).problems())
                .hasSize(8)
                .extracting(Problem::code)
                .containsOnly("DEF-BAD-VALUE");
    }

    @Test
    void readsHowLongTheHistoryIsKept() {
        RawSettings kept = project.yaml(MINIMAL + """
                        raw:
                          keep: 90d
                          tables: {raw.sales_orders: 30d, raw.quarantine: 7d}
                        """).valid().raw();

        assertThat(project.yaml(MINIMAL).valid().raw()).isEqualTo(RawSettings.DEFAULT);
        assertThat(kept)
                .isEqualTo(new RawSettings(
                        Duration.ofDays(90),
                        Map.of("raw.sales_orders", Duration.ofDays(30), "raw.quarantine", Duration.ofDays(7))));
        assertThat(kept.keepOf("raw.shop_orders", true)).contains(Duration.ofDays(90));
        assertThat(kept.keepOf("raw.shop_orders", false)).isEmpty();
        assertThat(kept.keepOf("raw.sales_orders", false)).contains(Duration.ofDays(30));
    }

    @Test
    void refusesToBoundTheHistoryOfTablesThatHaveNone() throws Exception {
        java.nio.file.Files.writeString(project.directory().resolve("x.sql"), "SELECT 1");
        assertThat(project.yaml(MINIMAL + """
                        crawls: {logs: {location: ./logs}}
                        tables: {curated.x: {sql: x.sql}}
                        raw:
                          keep: 6d
                          tables: {raw.nobody: 30d, raw.logs: 30d, curated.x: 30d, raw.sales_orders: 30h}
                        """).problems())
                .extracting(Problem::code)
                .containsExactlyInAnyOrder(
                        "DEF-BAD-VALUE", "DEF-UNKNOWN-TABLE", "DEF-NO-HISTORY", "DEF-NO-HISTORY", "DEF-BAD-VALUE");
    }

    @Test
    void readsAFlushThatIsOneDuration() {
        assertThat(project.yaml(MINIMAL + "flush: 1s\n").valid().flush())
                .isEqualTo(new FlushPolicy(Duration.ofSeconds(1), FlushPolicy.DEFAULT.bytes()));
    }

    @Test
    void keepsOneIntervalOrSizeWhereTheOtherIsNotSaid() {
        assertThat(project.yaml(MINIMAL + "flush: {bytes: 1GB}\n").valid().flush())
                .isEqualTo(new FlushPolicy(Duration.ofSeconds(5), 1L << 30));
        assertThat(project.yaml(MINIMAL + "flush: {interval: 2m}\n").valid().flush())
                .isEqualTo(new FlushPolicy(Duration.ofMinutes(2), FlushPolicy.DEFAULT.bytes()));
    }

    @Test
    void allowsTheQuarantineTableAsAnInput() {
        project.file("curations/sales.sql", "SELECT 1 FROM raw.quarantine")
                .yaml(MINIMAL + "tables: {curated.bad_rows: {sql: curations/sales.sql}}\n");

        assertThat(project.valid().tables()).containsKey("curated.bad_rows");
    }

    @Test
    void keepsNumbersAsTheyAreWrittenWhereTextsBelong() {
        project.yaml(MINIMAL.replace("orders", "orders, columns: {0123: string}"));

        assertThat(project.valid().sources().get("sales"))
                .isInstanceOfSatisfying(
                        FileSource.class,
                        source -> assertThat(source.columns()).containsExactly(Map.entry("0123", "string")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mariadb", "mysql"})
    void readsADatabaseWithABinaryLog(String type) {
        project.yaml("""
                sources:
                  vendas:
                    type: %1$s
                    url: jdbc:%1$s://db.example/vendas
                    user: levada
                    tables: [orders, vendas.order_items, audit.Log, Order Details]
                """.formatted(type));

        assertThat(project.valid().sources().get("vendas")).isInstanceOfSatisfying(BinlogSource.class, source -> {
            assertThat(source.type()).isEqualTo(type);
            assertThat(source.tables())
                    .extracting(SourceTable::qualifiedName)
                    .containsExactly("vendas.orders", "vendas.order_items", "audit.Log", "vendas.Order Details");
            assertThat(source.tables())
                    .extracting(table -> table.rawTable(source.name()))
                    .containsExactly(
                            "raw.vendas_orders",
                            "raw.vendas_order_items",
                            "raw.vendas_audit_log",
                            "raw.vendas_order_details");
        });
    }

    @Test
    void readsADatabaseOfMongoDb() {
        project.yaml("""
                sources:
                  suporte:
                    type: mongodb
                    url: mongodb://a.example:27017,b.example:27017/suporte?replicaSet=rs0
                    tables: [tickets, agent.Notes]
                    columns: {agent.Notes: {text: drop}}
                """);

        assertThat(project.valid().sources().get("suporte")).isInstanceOfSatisfying(MongoSource.class, source -> {
            assertThat(source.database()).isEqualTo("suporte");
            assertThat(source.user()).isEmpty();
            assertThat(source.tables())
                    .extracting(table -> table.rawTable(source.name()))
                    .containsExactly("raw.suporte_tickets", "raw.suporte_agent_notes");
            assertThat(source.tables().getLast().table()).isEqualTo("agent.Notes");
            assertThat(source.tables().getLast().rules().byColumn()).containsOnlyKeys("text");
        });
    }

    @Test
    void neverShowsAPassword() {
        project.variable("PASSWORD", "s3cret").yaml("""
                        sources:
                          bank: {type: postgres, url: "jdbc:postgresql://h/b", user: u, password: "${PASSWORD}", tables: [t]}
                        """);

        assertThat(project.valid().toString()).doesNotContain("s3cret");
    }
}
