package io.levada.definition;

import static io.levada.definition.DefinitionKey.Form.LIST;
import static io.levada.definition.DefinitionKey.Form.NAMES;
import static io.levada.definition.DefinitionKey.Form.SECTION;
import static io.levada.definition.DefinitionKey.Form.TEXT;
import static io.levada.definition.DefinitionKey.Form.TEXT_OR_SECTION;
import static io.levada.definition.DefinitionKey.Form.UNBUILT;

/// Every key of levada.yaml: the reader allows these and no others, and the reference page is generated from them.
enum DefinitionKey {
    PROJECT(
            "project",
            TEXT,
            "the directory's name",
            "Names replication slots and transactional ids: `[a-z0-9_]`, up to 40."),
    LAKE("lake", SECTION, "", "Where the lake's files are."),
    LAKE_LOCATION(
            "lake.location",
            TEXT,
            "`./lake`",
            "A folder, relative to the data directory, or an absolute one; or `s3://bucket/prefix`."),
    LAKE_ENDPOINT("lake.endpoint", TEXT, "AWS", "Of a bucket: a server that speaks S3, such as `http://host:9000`."),
    LAKE_REGION("lake.region", TEXT, "as AWS's default chain finds it", "Of a bucket: its region."),
    LAKE_PATH_STYLE(
            "lake.path-style",
            TEXT,
            "`true` with an `endpoint`, else `false`",
            "Of a bucket: whether it stands in the path of requests, not in the host's name."),
    LAKE_CACHE("lake.cache", SECTION, "", "Of a bucket: the local copies of data files that DuckDB reads."),
    LAKE_CACHE_SIZE(
            "lake.cache.size",
            TEXT,
            "`10GB`",
            "How large they may become together, from `64MB` on. What one query, model or load reads must fit."),
    FLUSH(
            "flush",
            TEXT_OR_SECTION,
            "`5s`",
            "When landing closes a file: an age such as `500ms`, `5s`, `1m`, or a mapping."),
    FLUSH_INTERVAL("flush.interval", TEXT, "`5s`", "Age at which a file is closed, from `100ms` to `1h`."),
    FLUSH_BYTES("flush.bytes", TEXT, "`64MB`", "Size at which a file is closed, from `64KB` to `4GB`."),
    QUARANTINE("quarantine", SECTION, "", "What happens when rows go to `raw.quarantine`."),
    QUARANTINE_STOP_AT(
            "quarantine.stop-at",
            TEXT_OR_SECTION,
            "1000 of 20,000 rows",
            "When a database source stops because of its quarantined rows: `never`, or a mapping."),
    QUARANTINE_ROWS(
            "quarantine.stop-at.rows", TEXT, "1000", "So many quarantined rows of `rows / share` rows are borne."),
    QUARANTINE_SHARE("quarantine.stop-at.share", TEXT, "0.05", "With `rows`: how many rows are looked at at a time."),
    SOURCES("sources", NAMES, "", "The places that changes come from, by name: `[a-z][a-z0-9_]*`. At least one."),
    SOURCE("sources.*", SECTION, "", "One source."),
    SOURCE_TYPE("sources.*.type", TEXT, "required", "`postgres`, `mariadb`, `mysql`, `mongodb` or `files`."),
    POSTGRES_URL(
            "sources.*.url",
            TEXT,
            "required",
            "`jdbc:postgresql://host:port/database`, `jdbc:mariadb://...`, `jdbc:mysql://...`, `mongodb://host:port/database` or `mongodb+srv://...`, without user and password.",
            Of.DATABASES),
    POSTGRES_USER(
            "sources.*.user",
            TEXT,
            "required",
            "The role that reads; it needs SELECT and the right to read the log. Of `mongodb` optional.",
            Of.DATABASES),
    POSTGRES_PASSWORD(
            "sources.*.password",
            TEXT,
            "none",
            "Its password: write `${NAME}`, not the password itself.",
            Of.DATABASES),
    POSTGRES_TABLES(
            "sources.*.tables",
            LIST,
            "required",
            "`table` or `schema.table` (`database.table`), as the database spells them; of `mongodb` names of collections.",
            Of.DATABASES),
    POSTGRES_LOAD("sources.*.load", SECTION, "", "How the tables that are there at first are read.", Of.DATABASES),
    POSTGRES_LOAD_CONNECTIONS(
            "sources.*.load.connections",
            TEXT,
            "`2`",
            "Connections that read tables at a time, from 1 to 16. Each takes about 100 MB of memory while it reads.",
            Of.DATABASES),
    POSTGRES_LOAD_CHUNK(
            "sources.*.load.chunk",
            TEXT,
            "`32MB`",
            "Size of a table that one step reads, from `64KB` to `4GB`; a load that was cut off goes on with the first step that"
                    + " is missing. A table has 1,000 steps at most.",
            Of.DATABASES),
    POSTGRES_COLUMNS(
            "sources.*.columns",
            NAMES,
            "none",
            "Rules by table and column, such as `customer: {email: hash}`, applied before anything is written.",
            Of.DATABASES),
    POSTGRES_TABLE_COLUMNS("sources.*.columns.*", NAMES, "none", "Rules of one table's columns.", Of.DATABASES),
    POSTGRES_COLUMN_RULE(
            "sources.*.columns.*.*",
            TEXT,
            "required",
            "`hash`: HMAC-SHA-256 with `hash-key`. `mask`: the text `***`. `drop`: left out.",
            Of.DATABASES),
    POSTGRES_AS(
            "sources.*.as",
            NAMES,
            "none",
            "Names in the lake by table, such as `Customer: customer_2`, for tables whose names would be the same there.",
            Of.DATABASES),
    POSTGRES_TABLE_AS(
            "sources.*.as.*",
            TEXT,
            "required",
            "The table is `raw.<source>_<name>` and `stage.<source>_<name>`.",
            Of.DATABASES),
    POSTGRES_HASH_KEY(
            "sources.*.hash-key",
            TEXT,
            "none",
            "The secret of `hash`, at least 16 characters: write `${NAME}`, not the secret itself.",
            Of.DATABASES),
    POSTGRES_ON_SCHEMA_CHANGE(
            "sources.*.on-schema-change",
            TEXT_OR_SECTION,
            "`evolve`",
            "`evolve`, `freeze` or `quarantine`, for all tables of the source or by table.",
            Of.DATABASES),
    POSTGRES_TABLE_ON_SCHEMA_CHANGE(
            "sources.*.on-schema-change.*", TEXT, "`evolve`", "The same, of one table.", Of.DATABASES),
    POSTGRES_LOG_LIMIT(
            "sources.*.log-limit",
            TEXT,
            "`10GB`",
            "Log that the server may keep for the source before status raises an alarm: `500MB`, `10GB`, `1TB`.",
            "postgres"),
    FILES_PATH(
            "sources.*.path",
            TEXT,
            "required",
            "The watched folder, relative to the project directory, or `s3://bucket/prefix`.",
            "files"),
    FILES_S3("sources.*.s3", SECTION, "", "How the bucket of an `s3://` path is reached.", "files"),
    FILES_S3_ENDPOINT(
            "sources.*.s3.endpoint", TEXT, "AWS", "A server that speaks S3, such as `http://host:9000`.", "files"),
    FILES_S3_REGION("sources.*.s3.region", TEXT, "as AWS's default chain finds it", "The bucket's region.", "files"),
    FILES_S3_PATH_STYLE(
            "sources.*.s3.path-style",
            TEXT,
            "`true` with an `endpoint`, else `false`",
            "Whether the bucket stands in the path of requests, not in the host's name.",
            "files"),
    FILES_S3_LIST_EVERY(
            "sources.*.s3.list-every",
            TEXT,
            "`10s`",
            "How long it is from one listing to the next, from `100ms` to `1h`. Each 1,000 objects are one request.",
            "files"),
    FILES_S3_NOTIFICATIONS(
            "sources.*.s3.notifications",
            TEXT_OR_SECTION,
            "none",
            "URL of the SQS queue, of this source alone, that is told of the bucket's objects; or a mapping.",
            "files"),
    FILES_S3_NOTIFICATIONS_QUEUE(
            "sources.*.s3.notifications.queue",
            TEXT,
            "required",
            "The queue's URL, such as `https://sqs.eu-west-1.amazonaws.com/123456789012/name`.",
            "files"),
    FILES_S3_NOTIFICATIONS_LIST_EVERY(
            "sources.*.s3.notifications.list-every",
            TEXT,
            "`15m`",
            "How long it is from one listing to the next while the queue can be read and no object fails, from `100ms`"
                    + " to `1h`; else `s3.list-every` holds.",
            "files"),
    FILES_FORMAT(
            "sources.*.format",
            TEXT,
            "`csv`",
            "`csv`, `json` (lines or one array), `extended-json` (exports of MongoDB) or `parquet`.",
            "files"),
    FILES_TABLE("sources.*.table", TEXT, "required", "The table: it is `raw.<source>_<table>` in the lake.", "files"),
    FILES_TABLE_NAME(
            "sources.*.table-name", TEXT, "none", "The whole name in `raw`, instead of `<source>_<table>`.", "files"),
    FILES_COLUMNS("sources.*.columns", NAMES, "inferred", "Types by column; the others are inferred.", "files"),
    FILES_COLUMN(
            "sources.*.columns.*",
            TEXT,
            "inferred",
            "`boolean`, `int`, `long`, `float`, `double`, `decimal(p,s)`, `date`, `time`, `timestamp`, `timestamptz`, `string`, `uuid`, `binary`.",
            "files"),
    FILES_CSV(
            "sources.*.csv", SECTION, "found out", "The form of CSV files, where it is not to be found out.", "files"),
    CSV_DELIMITER("sources.*.csv.delimiter", TEXT, "found out", "One character, or `tab`.", "files"),
    CSV_QUOTE("sources.*.csv.quote", TEXT, "`\"`", "One character, or `none`.", "files"),
    CSV_ESCAPE(
            "sources.*.csv.escape",
            TEXT,
            "none",
            "Makes the next character plain inside quotes, such as `\\`. Doubled quotes always do.",
            "files"),
    CSV_HEADER(
            "sources.*.csv.header",
            TEXT,
            "`true`",
            "`false`: the files have no header line, and `columns:` names every column in their order.",
            "files"),
    CSV_NULL(
            "sources.*.csv.null",
            TEXT,
            "an empty field",
            "The text of a field without a value, such as `\\N`; an empty field is then an empty string.",
            "files"),
    CSV_ENCODING(
            "sources.*.csv.encoding",
            TEXT,
            "found out",
            "`utf-8`, `utf-16`, `utf-16le`, `utf-16be`, `latin-1` or `windows-1252`.",
            "files"),
    FILES_CHANGED(
            "sources.*.changed-files",
            TEXT,
            "`refuse`",
            "What becomes of a file whose path was taken before with other content: `refuse`, `append`, or `replace`, which"
                    + " gives the table `stage.<source>_<table>` with the rows of each file's newest version.",
            "files"),
    FILES_ON_SCHEMA_CHANGE(
            "sources.*.on-schema-change",
            TEXT,
            "`evolve`",
            "What becomes of files whose columns are not those of the table: `evolve`, `freeze` or `quarantine`.",
            "files"),
    CRAWLS(
            "crawls",
            NAMES,
            "none",
            "Parquet files that lie elsewhere, registered in place and looked at again and again, by name."),
    CRAWL("crawls.*", SECTION, "", "One table of such files."),
    CRAWL_LOCATION(
            "crawls.*.location",
            TEXT,
            "required",
            "The folder, absolute or relative to the project directory; or `s3://bucket/prefix`, where the lake is in S3."),
    CRAWL_TABLE("crawls.*.table", TEXT, "`raw.<name of the crawl>`", "The table of all files below the location."),
    CRAWL_EVERY("crawls.*.every", TEXT, "`15m`", "How long it is from one look to the next, from `100ms` to `1h`."),
    TABLES("tables", NAMES, "none", "Curated tables, by name: `curated.<name>`."),
    TABLE("tables.*", SECTION, "", "One table."),
    TABLE_SQL("tables.*.sql", TEXT, "required", "File with one SELECT, inside the project directory."),
    TABLE_MODE("tables.*.mode", TEXT, "`full`", "`full`: computed whole and replaced atomically."),
    TABLE_PARTITION_BY(
            "tables.*.partition-by", LIST, "none", "Columns of the result whose values partition the files."),
    TABLE_KEY("tables.*.key", UNBUILT, "", "Key of `mode: merge`."),
    TABLE_CHECKS("tables.*.checks", UNBUILT, "", "Rules that a result must pass before it is published."),
    QUERIES("queries", NAMES, "none", "Named queries: `GET /api/<name>` of query-service answers them."),
    QUERY("queries.*", SECTION, "", "One query."),
    QUERY_SQL("queries.*.sql", TEXT, "required", "File with one SELECT, `:named` parameters allowed."),
    QUERY_ON("queries.*.on", UNBUILT, "", "Tables whose commits run the query."),
    QUERY_SCHEDULE("queries.*.schedule", UNBUILT, "", "A schedule that runs the query."),
    QUERY_DELIVER("queries.*.deliver", UNBUILT, "", "Where results are sent."),
    WAREHOUSE("warehouse", SECTION, "", "The warehouse."),
    WAREHOUSE_LOADS(
            "warehouse.loads",
            NAMES,
            "none",
            "Tables that the warehouse keeps equal to the lake, by target: `schema.table`."),
    WAREHOUSE_LOAD("warehouse.loads.*", SECTION, "", "One load."),
    LOAD_FROM("warehouse.loads.*.from", TEXT, "required", "The lake's table."),
    LOAD_KEY("warehouse.loads.*.key", LIST, "none", "Columns to merge by; without them the table is replaced."),
    WAREHOUSE_ENGINE("warehouse.engine", UNBUILT, "", "Another warehouse than DuckDB."),
    RAW("raw", SECTION, "", "How long raw tables keep their history."),
    RAW_KEEP(
            "raw.keep",
            TEXT,
            "for ever",
            "Of every table of a source that has a key, whole days from `7d`: older rows go unless a current row depends"
                    + " on them, so mirrors stay the same."),
    RAW_TABLES(
            "raw.tables",
            NAMES,
            "none",
            "Other bounds, by table. Tables without a key, such as those of files, have one only here."),
    RAW_TABLE(
            "raw.tables.*",
            TEXT,
            "required",
            "The same of one table. Of a table without a key, and of `raw.quarantine`, all older rows go."),
    MAINTENANCE("maintenance", SECTION, "", "How tables are kept small and clean."),
    MAINTENANCE_ENABLED(
            "maintenance.enabled", TEXT, "`true`", "`false`: tables are maintained by `./levada maintain` only."),
    MAINTENANCE_INTERVAL(
            "maintenance.interval",
            TEXT,
            "`1h`",
            "From one look at all tables to the next, from `1m`: `30m`, `6h`, `1d`."),
    MAINTENANCE_COMPACTION("maintenance.compaction", SECTION, "", "How small files become larger ones."),
    MAINTENANCE_TARGET(
            "maintenance.compaction.target-file-size",
            TEXT,
            "`128MB`",
            "Size of the files that small ones are made into, from `1MB` to `4GB`. Files below three quarters of it are small."),
    MAINTENANCE_MIN_FILES(
            "maintenance.compaction.min-input-files",
            TEXT,
            "5",
            "So many small files of a partition are rewritten, from 2; fewer where they fill a file."),
    MAINTENANCE_SNAPSHOTS("maintenance.snapshots", SECTION, "", "Which snapshots of a table are kept."),
    MAINTENANCE_MAX_AGE("maintenance.snapshots.max-age", TEXT, "`5d`", "Younger snapshots are kept, from `1h`."),
    MAINTENANCE_MIN_TO_KEEP(
            "maintenance.snapshots.min-to-keep", TEXT, "10", "So many of the newest are kept, whatever their age."),
    MAINTENANCE_CONSUMER_LAG(
            "maintenance.snapshots.max-consumer-lag",
            TEXT,
            "`30d`",
            "A snapshot that a derived table follows from is kept up to this age."),
    MAINTENANCE_MAX_TO_KEEP(
            "maintenance.snapshots.max-to-keep",
            TEXT,
            "1000",
            "Of more snapshots than that some go before their age, from 20: the newer half stays, and all of the last"
                    + " hour; the others are spread evenly over the time before."),
    MAINTENANCE_ORPHANS("maintenance.orphans", SECTION, "", "What becomes of files that nothing names."),
    MAINTENANCE_OLDER_THAN(
            "maintenance.orphans.older-than",
            TEXT,
            "`3d`",
            "They are deleted at this age, from `1d`. Until then they may be those of a write that goes on."),
    KAFKA("kafka", UNBUILT, "", "A Kafka cluster instead of the embedded broker."),
    ENGINE("engine", UNBUILT, "", "Another SQL engine than DuckDB."),
    REGISTRY(
            "registry", SECTION, "catalog-service's", "Another schema registry, one that speaks Confluent's REST API."),
    REGISTRY_URL("registry.url", TEXT, "required", "The base of its API, such as `https://registry:8081`."),
    REGISTRY_USER("registry.user", TEXT, "none", "The user of basic authentication."),
    REGISTRY_PASSWORD("registry.password", TEXT, "none", "Its password: write `${NAME}`, not the password itself."),
    REGISTRY_TOKEN("registry.token", TEXT, "none", "A bearer token in place of user and password: write `${NAME}`."),
    LINEAGE("lineage", SECTION, "", "Who is told where each snapshot comes from."),
    LINEAGE_NAMESPACE(
            "lineage.namespace",
            TEXT,
            "the project",
            "Namespace of jobs and of the lake's tables in OpenLineage events."),
    LINEAGE_OPENLINEAGE("lineage.openlineage", SECTION, "none", "Where OpenLineage events go: a URL or a topic."),
    LINEAGE_URL(
            "lineage.openlineage.url",
            TEXT,
            "none",
            "A server that takes events by POST, with its path, such as `https://host/api/v1/lineage`."),
    LINEAGE_API_KEY("lineage.openlineage.api-key", TEXT, "none", "Sent to the URL as a bearer token: write `${NAME}`."),
    LINEAGE_TOPIC("lineage.openlineage.topic", TEXT, "none", "A topic of the pipeline's Kafka in place of a URL."),
    CATALOG("catalog", SECTION, "", "What keeps the lake's catalog, and who may ask for it."),
    CATALOG_TYPE(
            "catalog.type",
            TEXT,
            "`embedded`",
            "`embedded`: SQLite in the data directory. `postgres`: a PostgreSQL database. `glue`: AWS Glue's Data"
                    + " Catalog, with credentials from AWS's default chain."),
    CATALOG_TOKENS(
            "catalog.tokens",
            NAMES,
            "none: everybody may",
            "Tokens that catalog-service demands, by the name of who sends them. One is `levada`: Levada's own services"
                    + " send it."),
    CATALOG_TOKEN(
            "catalog.tokens.*",
            TEXT,
            "required",
            "20 to 512 letters, digits and `._~+/-`: write `${NAME}`, not the token itself."),
    CATALOG_JWT(
            "catalog.jwt",
            SECTION,
            "none",
            "Who signs JWTs that catalog-service takes as well, as its own users or engines get them by OAuth 2."),
    CATALOG_JWT_ISSUER(
            "catalog.jwt.issuer",
            TEXT,
            "required",
            "As `iss` of the JWTs: `https://...`. Its keys are found by `/.well-known/openid-configuration`."),
    CATALOG_JWT_AUDIENCE(
            "catalog.jwt.audience", TEXT, "required", "A JWT has to name it in `aud`, and a time when it ends."),
    CATALOG_URL(
            "catalog.url",
            TEXT,
            "required",
            "`jdbc:postgresql://host:port/database`, without user and password.",
            Of.CATALOG_POSTGRES),
    CATALOG_USER("catalog.user", TEXT, "required", "The role that owns the catalog's tables.", Of.CATALOG_POSTGRES),
    CATALOG_PASSWORD(
            "catalog.password",
            TEXT,
            "none",
            "Its password: write `${NAME}`, not the password itself.",
            Of.CATALOG_POSTGRES),
    CATALOG_REGION("catalog.region", TEXT, "AWS's default chain", "The region of the Data Catalog.", Of.CATALOG_GLUE),
    CATALOG_ENDPOINT(
            "catalog.endpoint",
            TEXT,
            "AWS's own",
            "`http(s)://host:port` of another server that speaks Glue's protocol, or of a VPC endpoint.",
            Of.CATALOG_GLUE),
    CATALOG_ID(
            "catalog.catalog-id",
            TEXT,
            "the credentials' account",
            "The account whose Data Catalog it is: 12 digits.",
            Of.CATALOG_GLUE),
    CATALOG_DATABASE_PREFIX(
            "catalog.database-prefix",
            TEXT,
            "`<project>_`",
            "Stands before the name of each layer's database, such as `<prefix>raw`: `[a-z0-9_]`, 1 to 64. Databases"
                    + " without it are not Levada's.",
            Of.CATALOG_GLUE);

    /// What stands behind a key.
    enum Form {
        TEXT,
        LIST,
        SECTION,
        TEXT_OR_SECTION,
        /// A mapping whose keys the user chooses.
        NAMES,
        /// Designed, and refused until it is built.
        UNBUILT
    }

    /// The types of sources, or of the catalog, that a key is of, as the reference lists them.
    private static final class Of {
        static final String DATABASES = "postgres, mariadb, mysql, mongodb";
        static final String CATALOG_POSTGRES = "postgres";
        static final String CATALOG_GLUE = "glue";
    }

    private final String pattern;
    private final Form form;
    private final String byDefault;
    private final String meaning;
    private final String type;

    DefinitionKey(String pattern, Form form, String byDefault, String meaning) {
        this(pattern, form, byDefault, meaning, "");
    }

    DefinitionKey(String pattern, Form form, String byDefault, String meaning, String type) {
        this.pattern = pattern;
        this.form = form;
        this.byDefault = byDefault;
        this.meaning = meaning;
        this.type = type;
    }

    /// The path, with `*` for a name that the user chooses.
    String pattern() {
        return pattern;
    }

    Form form() {
        return form;
    }

    String byDefault() {
        return byDefault;
    }

    String meaning() {
        return meaning;
    }

    /// The types of source, or of the catalog, that have this key; empty: every place with this path.
    String type() {
        return type;
    }
}
