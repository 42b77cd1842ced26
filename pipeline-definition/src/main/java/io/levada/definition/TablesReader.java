package io.levada.definition;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Reads `tables:`, `queries:` and `warehouse.loads:`, and checks that they read only what is declared.
final class TablesReader {
    private static final Pattern CURATED = Pattern.compile("curated\\.[a-z][a-z0-9_]{0,62}");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");
    private static final Pattern TARGET = Pattern.compile("[a-z_][a-z0-9_]{0,62}\\.[a-z_][a-z0-9_]{0,62}");
    private static final Set<String> UNBUILT_MODES = Set.of("incremental", "merge");

    private final SqlFiles sqlFiles;
    private final Problems problems;
    private final DeclaredTables declared;

    TablesReader(SqlFiles sqlFiles, Problems problems, DeclaredTables declared) {
        this.sqlFiles = sqlFiles;
        this.problems = problems;
        this.declared = declared;
    }

    Map<String, CuratedTable> curated(Section section) {
        Map<String, Section> sections = section.sections();
        sections.forEach((name, table) -> {
            if (!CURATED.matcher(name).matches()) {
                badName(table, "table", name, "curated.<name> with [a-z][a-z0-9_]*, up to 63 characters");
            }
            declared.declare(name, table.line(), table.path(), "table " + name);
        });
        Map<String, CuratedTable> tables = new LinkedHashMap<>();
        sections.forEach((name, table) -> {
            table.text("mode").ifPresent(this::checkMode);
            List<String> partitionBy = table.texts("partition-by").stream()
                    .map(Section.Text::value)
                    .toList();
            select(table).ifPresent(select -> {
                refusePast(select);
                tables.put(name, new CuratedTable(name, select.sql(), select.inputs(), partitionBy));
            });
        });
        reportCycles(tables, sections);
        return tables;
    }

    /// A curated table follows the newest snapshots of its inputs.
    private void refusePast(SqlFiles.Select select) {
        if (select.ofPast()) {
            problems.addInFile(
                    DefinitionCode.SQL_REFUSED,
                    select.file().written(),
                    select.file().line(),
                    select.file().path(),
                    "A curated table follows what its inputs are now. FOR VERSION AS OF and FOR TIMESTAMP AS OF are"
                            + " for queries; take the clause out.");
        }
    }

    private void checkMode(Section.Text mode) {
        if (!mode.value().equals("full")) {
            boolean designed = UNBUILT_MODES.contains(mode.value());
            problems.add(
                    designed ? DefinitionCode.NOT_IMPLEMENTED : DefinitionCode.BAD_VALUE,
                    mode.line(),
                    mode.path(),
                    "`" + mode.written() + "` is " + (designed ? "not built yet" : "unknown") + "; allowed is full.");
        }
    }

    Map<String, NamedQuery> queries(Section section) {
        Map<String, NamedQuery> queries = new LinkedHashMap<>();
        section.sections().forEach((name, query) -> {
            if (!NAME.matcher(name).matches()) {
                badName(query, "query", name, "[a-z][a-z0-9_]*, up to 63 characters");
            }
            select(query).ifPresent(select -> queries.put(name, new NamedQuery(name, select.sql(), select.inputs())));
        });
        return queries;
    }

    Map<String, WarehouseLoad> loads(Section section) {
        Map<String, WarehouseLoad> loads = new LinkedHashMap<>();
        section.sections().forEach((target, load) -> {
            if (!TARGET.matcher(target).matches()) {
                badName(load, "load", target, "schema.table in lower case, each [a-z_][a-z0-9_]*");
            }
            List<String> key =
                    load.texts("key").stream().map(Section.Text::value).toList();
            load.requiredText("from", "the lake's table").ifPresent(from -> {
                if (!declared.contains(from.value())) {
                    unknown(from.line(), from.path(), "The load reads `" + from.written() + "`", from.value());
                }
                loads.put(target, new WarehouseLoad(target, from.value(), key));
            });
        });
        return loads;
    }

    private Optional<SqlFiles.Select> select(Section section) {
        Optional<SqlFiles.Select> select = sqlFiles.read(section);
        select.ifPresent(found -> new TreeSet<>(found.inputs())
                .stream()
                        .filter(table -> !declared.contains(table))
                        .forEach(table -> unknown(
                                found.file().line(),
                                found.file().path(),
                                "`" + found.file().written() + "` reads `" + table + "`",
                                table)));
        return select;
    }

    private void unknown(int line, String path, String subject, String table) {
        String hint = table.startsWith("stage.") && declared.contains("raw." + table.substring("stage.".length()))
                ? " Tables of files have a mirror only with `changed-files: replace`: read raw."
                        + table.substring("stage.".length()) + "."
                : "";
        problems.add(
                DefinitionCode.UNKNOWN_TABLE,
                line,
                path,
                subject + ", which the definition does not declare." + hint + " Declared: "
                        + String.join(", ", declared.names()) + ".");
    }

    private void badName(Section section, String what, String name, String allowed) {
        problems.add(
                DefinitionCode.BAD_NAME,
                section.line(),
                section.path(),
                "The " + what + "'s name is `" + name + "`; allowed is " + allowed + ".");
    }

    private void reportCycles(Map<String, CuratedTable> tables, Map<String, Section> sections) {
        Set<String> finished = new LinkedHashSet<>();
        for (String table : tables.keySet()) {
            visit(table, tables, sections, new LinkedHashSet<>(), finished);
        }
    }

    private void visit(
            String table,
            Map<String, CuratedTable> tables,
            Map<String, Section> sections,
            LinkedHashSet<String> path,
            Set<String> finished) {
        CuratedTable curated = tables.get(table);
        Section section = sections.get(table);
        if (curated == null || section == null || finished.contains(table)) {
            return;
        }
        if (!path.add(table)) {
            List<String> cycle =
                    path.stream().dropWhile(step -> !step.equals(table)).toList();
            problems.add(
                    DefinitionCode.CYCLE,
                    section.line(),
                    section.path(),
                    "The tables read each other in a circle: " + String.join(" -> ", cycle) + " -> " + table
                            + ". Let one of them read something else.");
            return;
        }
        new TreeSet<>(curated.inputs()).forEach(input -> visit(input, tables, sections, path, finished));
        path.remove(table);
        finished.add(table);
    }
}
