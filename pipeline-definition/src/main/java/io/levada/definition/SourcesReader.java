package io.levada.definition;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads `sources:`.
final class SourcesReader {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");
    private static final int LONGEST_SOURCE_NAME = 40;
    private static final int MOST_LOAD_CONNECTIONS = 16;
    private static final long LEAST_LOAD_CHUNK = 64L << 10;
    private static final long MOST_LOAD_CHUNK = 4L << 30;
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*(KB|MB|GB)");
    /// PostgreSQL cuts names at 63 bytes, and slots are called `levada_<project>_<source>`.
    private static final int LONGEST_PROJECT_AND_SOURCE = 63 - "levada__".length();

    private static final Pattern COLUMN_TYPE = Pattern.compile(
            "boolean|int|long|float|double|date|time|timestamp|timestamptz|string|uuid|binary|decimal\\(\\s*(\\d{1,2})\\s*,\\s*(\\d{1,2})\\s*\\)");
    private static final Set<String> UNBUILT_TYPES = Set.of("mysql", "mariadb", "mongodb");
    private static final Set<String> UNBUILT_FORMATS = Set.of("json", "parquet");
    private static final String TYPES = "postgres or files";

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
        return sources;
    }

    private Optional<SourceDefinition> source(String name, Section section) {
        Optional<Section.Text> type = section.requiredText("type", TYPES);
        if (type.isEmpty()) {
            return Optional.empty();
        }
        return switch (type.get().value()) {
            case "postgres" -> Optional.of(postgres(name, section));
            case "files" -> files(name, section);
            default -> {
                refuse(type.get(), UNBUILT_TYPES, TYPES);
                yield Optional.empty();
            }
        };
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
        String url = section.requiredText("url", "jdbc:postgresql://host:port/database")
                .map(text -> {
                    checkUrl(text);
                    return text.value();
                })
                .orElse("");
        String user = section.requiredText("user", "the role that reads")
                .map(Section.Text::value)
                .orElse("");
        Secret password =
                new Secret(section.text("password").map(Section.Text::value).orElse(""));
        List<SourceTable> tables = postgresTables(name, section);
        return new PostgresSource(name, url, user, password, tables, loadSettings(section.section("load")));
    }

    private LoadSettings loadSettings(Section load) {
        return new LoadSettings(
                load.text("connections")
                        .flatMap(this::loadConnections)
                        .orElse(LoadSettings.DEFAULT.connections()),
                load.text("chunk").flatMap(this::loadChunk).orElse(LoadSettings.DEFAULT.chunkBytes()));
    }

    private Optional<Integer> loadConnections(Section.Text text) {
        boolean number = text.value().matches("[1-9][0-9]?");
        if (number && Integer.parseInt(text.value()) <= MOST_LOAD_CONNECTIONS) {
            return Optional.of(Integer.valueOf(text.value()));
        }
        problems.add(
                DefinitionCode.BAD_VALUE,
                text.line(),
                text.path(),
                "`" + text.written() + "`: allowed is a number from 1 to " + MOST_LOAD_CONNECTIONS + ".");
        return Optional.empty();
    }

    private Optional<Long> loadChunk(Section.Text text) {
        Matcher size = SIZE.matcher(text.value());
        if (size.matches()) {
            long unit = size.group(2).equals("GB") ? 1L << 30 : size.group(2).equals("MB") ? 1L << 20 : 1L << 10;
            long bytes = Long.parseLong(size.group(1)) * unit;
            if (bytes >= LEAST_LOAD_CHUNK && bytes <= MOST_LOAD_CHUNK) {
                return Optional.of(bytes);
            }
        }
        problems.add(
                DefinitionCode.BAD_VALUE,
                text.line(),
                text.path(),
                "`" + text.written() + "`: allowed is a size from 64KB to 4GB, such as 32MB.");
        return Optional.empty();
    }

    private void checkUrl(Section.Text url) {
        boolean holdsCredentials = url.value().toLowerCase(Locale.ROOT).matches(".*([?&](user|password)=|//[^/]*@).*");
        if (holdsCredentials) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    url.line(),
                    url.path(),
                    "The URL holds a user or a password (not shown here). Move them to `user:` and `password:`.");
        } else if (!url.value().matches("jdbc:postgresql://[^/\\s]+/[^/\\s?]+(\\?\\S*)?")) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    url.line(),
                    url.path(),
                    "`" + url.written() + "`: allowed is jdbc:postgresql://host:port/database.");
        }
    }

    private List<SourceTable> postgresTables(String source, Section section) {
        List<SourceTable> tables = new ArrayList<>();
        List<Section.Text> texts = section.texts("tables");
        if (texts.isEmpty() && !section.has("tables")) {
            section.missing("tables", "a list of `table` or `schema.table`");
        } else if (texts.isEmpty()) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    section.line(),
                    section.pathOf("tables"),
                    "The list is empty. Name at least one `table` or `schema.table`.");
        }
        for (Section.Text text : texts) {
            postgresTable(text).ifPresent(table -> {
                tables.add(table);
                String origin = "table " + table.qualifiedName() + " of source " + source;
                declared.declare(table.rawTable(source), text.line(), text.path(), origin);
                declared.declare(table.stageTable(source), text.line(), text.path(), "the mirror of " + origin);
            });
        }
        return tables;
    }

    private Optional<SourceTable> postgresTable(Section.Text text) {
        String[] parts = text.value().split("\\.", -1);
        boolean plain = parts.length <= 2 && text.value().matches("[^\\s\"'.*]+(\\.[^\\s\"'.*]+)?");
        if (!plain) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    text.line(),
                    text.path(),
                    "`" + text.written()
                            + "`: allowed is `table` or `schema.table`, without quotes, blanks and wildcards.");
            return Optional.empty();
        }
        String schema = parts.length == 2 ? parts[0] : "public";
        String table = parts[parts.length - 1];
        String lakeName = (schema.equals("public") ? "" : folded(schema) + "_") + folded(table);
        return Optional.of(new SourceTable(schema, table, lakeName));
    }

    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
    }

    private Optional<SourceDefinition> files(String name, Section section) {
        Optional<Path> path = section.requiredText("path", "the watched folder").flatMap(this::folder);
        Optional<Section.Text> format = section.text("format");
        format.filter(text -> !text.value().equals("csv")).ifPresent(text -> refuse(text, UNBUILT_FORMATS, "csv"));
        Optional<Section.Text> table = section.requiredText("table", "the table's name");
        table.ifPresent(text -> checkName(text.value(), text.line(), text.path(), "table"));
        Optional<Section.Text> tableName = section.text("table-name");
        tableName.ifPresent(text -> checkName(text.value(), text.line(), text.path(), "table"));
        Map<String, String> columns = new LinkedHashMap<>();
        section.section("columns").textsByName().forEach((column, type) -> {
            checkColumnType(column, type);
            columns.put(column, type.value());
        });
        if (path.isEmpty() || table.isEmpty()) {
            return Optional.empty();
        }
        Section.Text naming = tableName.orElse(table.get());
        String rawTable = "raw." + (tableName.isPresent() ? naming.value() : name + "_" + naming.value());
        declared.declare(
                rawTable, naming.line(), naming.path(), "table " + table.get().value() + " of source " + name);
        return Optional.of(new FileSource(name, path.get(), "csv", rawTable, columns));
    }

    private Optional<Path> folder(Section.Text text) {
        if (DefinitionReader.isRemote(text.value())) {
            problems.add(
                    DefinitionCode.NOT_IMPLEMENTED,
                    text.line(),
                    text.path(),
                    "`" + text.written() + "` is not built yet; allowed is a folder.");
            return Optional.empty();
        }
        try {
            Path folder = directory.resolve(text.value()).normalize();
            if (Files.exists(folder) && !Files.isDirectory(folder)) {
                problems.add(
                        DefinitionCode.BAD_VALUE,
                        text.line(),
                        text.path(),
                        "`" + text.written() + "` is a file; allowed is a folder, whose files are taken in.");
            }
            return Optional.of(folder);
        } catch (InvalidPathException e) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    text.line(),
                    text.path(),
                    "`" + text.written() + "` is no path: " + e.getReason());
            return Optional.empty();
        }
    }

    private void checkColumnType(String column, Section.Text type) {
        Matcher matcher = COLUMN_TYPE.matcher(type.value());
        boolean known = matcher.matches();
        boolean fits = known
                && (matcher.group(1) == null
                        || (Integer.parseInt(matcher.group(1)) >= 1
                                && Integer.parseInt(matcher.group(1)) <= 38
                                && Integer.parseInt(matcher.group(2)) <= Integer.parseInt(matcher.group(1))));
        if (!fits) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    type.line(),
                    type.path(),
                    "Column `" + column + "` has type `" + type.written()
                            + "`; allowed are boolean, int, long, float, double, decimal(p,s) with p up to 38, date, time,"
                            + " timestamp, timestamptz, string, uuid, binary.");
        }
    }

    private void refuse(Section.Text text, Set<String> unbuilt, String allowed) {
        boolean designed = unbuilt.contains(text.value());
        problems.add(
                designed ? DefinitionCode.NOT_IMPLEMENTED : DefinitionCode.BAD_VALUE,
                text.line(),
                text.path(),
                "`" + text.written() + "` is " + (designed ? "not built yet" : "unknown") + "; allowed is " + allowed
                        + ".");
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
