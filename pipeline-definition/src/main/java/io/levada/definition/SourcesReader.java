package io.levada.definition;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads `sources:`.
final class SourcesReader {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");
    private static final int LONGEST_SOURCE_NAME = 40;
    /// PostgreSQL cuts names at 63 bytes, and slots are called `levada_<project>_<source>`.
    private static final int LONGEST_PROJECT_AND_SOURCE = 63 - "levada__".length();

    private static final String TYPES = "postgres, mariadb, mysql, mongodb or files";
    static final Pattern POSTGRES_URL = Pattern.compile("jdbc:postgresql://[^/\\s]+/[^/\\s?]+(\\?\\S*)?");
    private static final Pattern BINLOG_URL =
            Pattern.compile("jdbc:(mariadb|mysql)://[^/,\\s]+/(?<database>[^/\\s?]+)(\\?\\S*)?");
    private static final Pattern MONGO_URL =
            Pattern.compile("mongodb(\\+srv)?://[^/@\\s]+/(?<database>[^/\\s?.$]+)(\\?\\S*)?");

    /// Blanks may stand within a name, as in `Order Details`.
    private static final Pattern TABLE_NAME =
            Pattern.compile("[^\\s\"'.*,;]+( +[^\\s\"'.*,;]+)*(\\.[^\\s\"'.*,;]+( +[^\\s\"'.*,;]+)*)?");

    private static final Pattern COLLECTION = Pattern.compile("[^\\s\"'*$]+");

    private final Path directory;
    private final String project;
    private final Problems problems;
    private final DeclaredTables declared;

    SourcesReader(Path directory, String project, Problems problems, DeclaredTables declared) {
        this.directory = directory;
        this.project = project;
        this.problems = problems;
        this.declared = declared;
    }

    Map<String, SourceDefinition> read(Section document) {
        Map<String, SourceDefinition> sources = new LinkedHashMap<>();
        Map<String, Section> sections = document.section("sources").sections();
        if (!document.has("sources")
                || (document.isMapping("sources") && document.section("sources").isEmpty())) {
            document.missing("sources", "at least one source");
        }
        sections.forEach((name, section) -> {
            checkName(name, section.line(), section.path(), "source");
            source(name, section).ifPresent(source -> sources.put(name, source));
        });
        new NotificationsReader(problems).checkReadOnce(sources, sections);
        return sources;
    }

    private Optional<SourceDefinition> source(String name, Section section) {
        Optional<Section.Text> type = section.requiredText("type", TYPES);
        if (type.isEmpty()) {
            checkWithoutType(section);
            return Optional.empty();
        }
        return switch (type.get().value()) {
            case "postgres" -> Optional.of(postgres(name, section));
            case "mariadb" -> Optional.of(binlog(name, BinlogSource.Product.MARIADB, section));
            case "mysql" -> Optional.of(binlog(name, BinlogSource.Product.MYSQL, section));
            case "mongodb" -> Optional.of(mongo(name, section));
            case "files" -> new FileSourceReader(directory, problems, declared, this::checkName).read(name, section);
            default -> {
                problems.add(
                        DefinitionCode.BAD_VALUE,
                        type.get().line(),
                        type.get().path(),
                        "`" + type.get().written() + "` is unknown; allowed is " + TYPES + ".");
                checkWithoutType(section);
                yield Optional.empty();
            }
        };
    }

    /// What is wrong in a source of whatever type, so that it is not found out one by one.
    private void checkWithoutType(Section section) {
        new TableSettingsReader(problems, section, "").check(List.of());
        load(section);
        password(section);
    }

    private PostgresSource postgres(String name, Section section) {
        if (project.length() + name.length() > LONGEST_PROJECT_AND_SOURCE) {
            problems.add(
                    DefinitionCode.BAD_NAME,
                    section.line(),
                    section.path(),
                    "Project `" + project + "` and source `" + name + "` together have "
                            + (project.length() + name.length())
                            + " characters; a replication slot's name leaves room for "
                            + LONGEST_PROJECT_AND_SOURCE + ". Shorten one.");
        }
        String url = url(section, POSTGRES_URL, "jdbc:postgresql://host:port/database");
        return new PostgresSource(
                name,
                url,
                user(section),
                password(section),
                tables(name, section, "public"),
                new GuardsReader(problems).logLimit(section),
                load(section));
    }

    private BinlogSource binlog(String name, BinlogSource.Product product, Section section) {
        String url = url(section, BINLOG_URL, "jdbc:" + product.type() + "://host:port/database");
        Matcher parts = BINLOG_URL.matcher(url);
        String database = parts.matches() ? parts.group("database") : "";
        return new BinlogSource(
                name, product, url, user(section), password(section), tables(name, section, database), load(section));
    }

    private MongoSource mongo(String name, Section section) {
        String url = url(section, MONGO_URL, "mongodb://host:port/database or mongodb+srv://host/database");
        Matcher parts = MONGO_URL.matcher(url);
        String database = parts.matches() ? parts.group("database") : "";
        return new MongoSource(
                name,
                url,
                database,
                section.text("user").map(Section.Text::value).orElse(""),
                password(section),
                tables(name, section, database, text -> collection(text, database)),
                load(section));
    }

    private String url(Section section, Pattern allowed, String example) {
        return section.requiredText("url", example)
                .map(text -> {
                    checkUrl(problems, text, allowed, example);
                    return text.value();
                })
                .orElse("");
    }

    private LoadSettings load(Section section) {
        return new LoadReader(problems).read(section.section("load"));
    }

    private static String user(Section section) {
        return section.requiredText("user", "the role that reads")
                .map(Section.Text::value)
                .orElse("");
    }

    private static Secret password(Section section) {
        return new Secret(section.text("password").map(Section.Text::value).orElse(""));
    }

    static void checkUrl(Problems problems, Section.Text url, Pattern allowed, String example) {
        boolean holdsCredentials = url.value().toLowerCase(Locale.ROOT).matches(".*([?&](user|password)=|//[^/]*@).*");
        if (holdsCredentials) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    url.line(),
                    url.path(),
                    "The URL holds a user or a password (not shown here). Move them to `user:` and `password:`.");
        } else if (!allowed.matcher(url.value()).matches()) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    url.line(),
                    url.path(),
                    "`" + url.written() + "`: allowed is " + example + ".");
        }
    }

    /// @param defaultSchema whose tables stand in the lake without it
    private List<SourceTable> tables(String source, Section section, String defaultSchema) {
        return tables(source, section, defaultSchema, text -> table(text, defaultSchema));
    }

    private List<SourceTable> tables(
            String source,
            Section section,
            String defaultSchema,
            Function<Section.Text, Optional<SourceTable>> reader) {
        List<SourceTable> tables = new ArrayList<>();
        List<Section.Text> texts = section.texts("tables");
        if (!section.has("tables")) {
            section.missing("tables", "a list of `table` or `schema.table`");
        } else if (section.isEmptyList("tables")) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    section.lineOf("tables"),
                    section.pathOf("tables"),
                    "The list is empty. Name at least one `table` or `schema.table`.");
        }
        TableSettingsReader settings = new TableSettingsReader(problems, section, defaultSchema);
        for (Section.Text text : texts) {
            reader.apply(text).map(settings::named).map(settings::of).ifPresent(table -> {
                tables.add(table);
                String origin = "table " + table.qualifiedName() + " of source " + source;
                declared.declare(table.rawTable(source), text.line(), text.path(), origin);
                declared.declare(table.stageTable(source), text.line(), text.path(), "the mirror of " + origin);
            });
        }
        settings.check(tables);
        return tables;
    }

    private Optional<SourceTable> table(Section.Text text, String defaultSchema) {
        String[] parts = text.value().split("\\.", -1);
        if (!TABLE_NAME.matcher(text.value()).matches()) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    text.line(),
                    text.path(),
                    "`" + text.written()
                            + "`: allowed is `table` or `schema.table`, without quotes, commas and wildcards.");
            return Optional.empty();
        }
        String schema = parts.length == 2 ? parts[0] : defaultSchema;
        String table = parts[parts.length - 1];
        String lakeName = (schema.equals(defaultSchema) ? "" : folded(schema) + "_") + folded(table);
        return Optional.of(new SourceTable(schema, table, lakeName));
    }

    /// A collection's name may hold dots; they part nothing.
    private Optional<SourceTable> collection(Section.Text text, String database) {
        if (!COLLECTION.matcher(text.value()).matches() || text.value().startsWith("system.")) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    text.line(),
                    text.path(),
                    "`" + text.written()
                            + "`: allowed is the name of a collection of the URL's database, without quotes,"
                            + " blanks and wildcards, and none of the server's own (system.*).");
            return Optional.empty();
        }
        return Optional.of(new SourceTable(database, text.value(), folded(text.value())));
    }

    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
    }

    private void checkName(String name, int line, String path, String what) {
        boolean reserved = name.equals("quarantine");
        if (reserved || !NAME.matcher(name).matches() || name.length() > LONGEST_SOURCE_NAME) {
            problems.add(
                    DefinitionCode.BAD_NAME,
                    line,
                    path,
                    "The " + what + "'s name is `" + name + "`; allowed is [a-z][a-z0-9_]*, up to "
                            + LONGEST_SOURCE_NAME + " characters"
                            + (reserved ? ", but `quarantine` is Levada's own" : "") + ".");
        }
    }
}
