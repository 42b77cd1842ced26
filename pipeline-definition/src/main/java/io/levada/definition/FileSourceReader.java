package io.levada.definition;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads a source of type `files`.
final class FileSourceReader {
    private static final Pattern COLUMN_TYPE = Pattern.compile(
            "boolean|int|long|float|double|date|time|timestamp|timestamptz|string|uuid|binary|decimal\\(\\s*(\\d{1,2})\\s*,\\s*(\\d{1,2})\\s*\\)");
    private static final List<String> FORMATS = List.of("csv", "json", "extended-json", "parquet");
    private static final Map<String, Charset> ENCODINGS = encodings();

    private final Path directory;
    private final Problems problems;
    private final DeclaredTables declared;
    private final NameCheck names;

    /// Reports names that can not be those of tables.
    interface NameCheck {
        void check(String name, int line, String path, String what);
    }

    FileSourceReader(Path directory, Problems problems, DeclaredTables declared, NameCheck names) {
        this.directory = directory;
        this.problems = problems;
        this.declared = declared;
        this.names = names;
    }

    private static Map<String, Charset> encodings() {
        Map<String, Charset> encodings = new LinkedHashMap<>();
        encodings.put("utf-8", StandardCharsets.UTF_8);
        encodings.put("utf-16", StandardCharsets.UTF_16);
        encodings.put("utf-16le", StandardCharsets.UTF_16LE);
        encodings.put("utf-16be", StandardCharsets.UTF_16BE);
        encodings.put("latin-1", StandardCharsets.ISO_8859_1);
        encodings.put("windows-1252", Charset.forName("windows-1252"));
        return encodings;
    }

    Optional<SourceDefinition> read(String name, Section section) {
        Optional<FilePlace> place = new FilePlaceReader(directory, problems).read(section);
        String format = section.text("format").map(text -> oneOf(text, FORMATS)).orElse("csv");
        Optional<Section.Text> table = section.requiredText("table", "the table's name");
        table.ifPresent(text -> names.check(text.value(), text.line(), text.path(), "table"));
        Optional<Section.Text> tableName = section.text("table-name");
        tableName.ifPresent(text -> names.check(text.value(), text.line(), text.path(), "table"));
        Map<String, String> columns = new LinkedHashMap<>();
        section.section("columns").textsByName().forEach((column, type) -> {
            checkColumnType(column, type);
            columns.put(column, type.value());
        });
        if (section.has("csv") && !format.equals("csv")) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    section.lineOf("csv"),
                    section.pathOf("csv"),
                    "The files are `" + format + "`; `csv:` is for `format: csv`.");
        }
        CsvSettings csv = csv(section.section("csv"), List.copyOf(columns.keySet()));
        ChangedFiles changedFiles = section.text("changed-files")
                .map(text -> choice(text, ChangedFiles.values(), ChangedFiles.REFUSE))
                .orElse(ChangedFiles.REFUSE);
        OnSchemaChange onSchemaChange = section.text("on-schema-change")
                .map(text -> choice(text, OnSchemaChange.values(), OnSchemaChange.EVOLVE))
                .orElse(OnSchemaChange.EVOLVE);
        if (place.isEmpty() || table.isEmpty()) {
            return Optional.empty();
        }
        Section.Text naming = tableName.orElse(table.get());
        String rawTable = "raw." + (tableName.isPresent() ? naming.value() : name + "_" + naming.value());
        FileSource source =
                new FileSource(name, place.get(), format, rawTable, columns, csv, changedFiles, onSchemaChange);
        String origin = "table " + table.get().value() + " of source " + name;
        declared.declare(rawTable, naming.line(), naming.path(), origin);
        source.stageTable()
                .ifPresent(stage -> declared.declare(stage, naming.line(), naming.path(), "the mirror of " + origin));
        return Optional.of(source);
    }

    private CsvSettings csv(Section section, List<String> columns) {
        CsvSettings defaults = CsvSettings.DEFAULT;
        boolean header = section.text("header")
                .map(text -> oneOf(text, List.of("true", "false")))
                .orElse("true")
                .equals("true");
        if (!header && columns.isEmpty()) {
            problems.add(
                    DefinitionCode.MISSING_KEY,
                    section.line(),
                    section.pathOf("header"),
                    "Without a header line `columns:` must name every column, in the files' order, with its type.");
        }
        return new CsvSettings(
                section.text("delimiter").map(this::character).orElse(defaults.delimiter()),
                section.text("quote")
                        .map(text -> text.value().equals("none")
                                ? Optional.<Character>empty()
                                : Optional.ofNullable(character(text)))
                        .orElse(Optional.ofNullable(defaults.quote()))
                        .orElse(null),
                section.text("escape").map(this::character).orElse(defaults.escape()),
                header ? List.of() : columns,
                section.text("null").map(Section.Text::value).orElse(defaults.nullText()),
                section.text("encoding")
                        .map(text -> ENCODINGS.get(oneOf(text, List.copyOf(ENCODINGS.keySet()))))
                        .orElse(defaults.charset()));
    }

    private @Nullable Character character(Section.Text text) {
        if (text.value().equals("tab")) {
            return '\t';
        }
        boolean fits = text.value().length() == 1
                && text.value().charAt(0) < 0x7f
                && (text.value().charAt(0) >= ' ' || text.value().equals("\t"));
        if (!fits) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    text.line(),
                    text.path(),
                    "`" + text.written() + "`: allowed is one ASCII character, or `tab`.");
            return null;
        }
        return text.value().charAt(0);
    }

    private String oneOf(Section.Text text, List<String> allowed) {
        if (allowed.contains(text.value())) {
            return text.value();
        }
        problems.add(
                DefinitionCode.BAD_VALUE,
                text.line(),
                text.path(),
                "`" + text.written() + "` is unknown; allowed are " + String.join(", ", allowed) + ".");
        return allowed.getFirst();
    }

    private <E extends Enum<E>> E choice(Section.Text text, E[] values, E byDefault) {
        List<String> allowed = Stream.of(values)
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.toList());
        String chosen = oneOf(text, allowed);
        return Stream.of(values)
                .filter(value -> value.name().toLowerCase(Locale.ROOT).equals(chosen))
                .findFirst()
                .orElse(byDefault);
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
                            + " timestamp, timestamptz, string, uuid, binary."
                            + (type.value().contains("(") && !type.value().contains(")")
                                    ? " YAML ended it at the comma: inside braces put it in quotes, as in `\"decimal(10,2)\"`."
                                    : ""));
        }
    }
}
