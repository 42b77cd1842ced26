package io.levada.definition;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads `crawls:`.
final class CrawlsReader {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");
    private static final Pattern TABLE = Pattern.compile("raw\\.[a-z_][a-z0-9_]{0,126}");

    private final Path directory;
    private final Problems problems;
    private final DeclaredTables declared;

    CrawlsReader(Path directory, Problems problems, DeclaredTables declared) {
        this.directory = directory;
        this.problems = problems;
        this.declared = declared;
    }

    Map<String, CrawlDefinition> read(Section section) {
        Map<String, CrawlDefinition> crawls = new LinkedHashMap<>();
        section.sections().forEach((name, crawl) -> {
            if (!NAME.matcher(name).matches()) {
                problems.add(
                        DefinitionCode.BAD_NAME,
                        crawl.line(),
                        crawl.path(),
                        "The crawl's name is `" + name + "`; allowed is [a-z][a-z0-9_]*, up to 63 characters.");
            }
            Optional<String> location = crawl.requiredText("location", "a folder with Parquet files")
                    .flatMap(this::folder);
            String table = crawl.text("table").flatMap(this::table).orElse("raw." + name);
            declared.declare(table, crawl.line(), crawl.path(), "crawl " + name);
            Duration every = crawl.text("every")
                    .flatMap(new FlushReader(problems)::interval)
                    .orElse(CrawlDefinition.DEFAULT_EVERY);
            location.ifPresent(folder -> crawls.put(name, new CrawlDefinition(name, folder, table, every)));
        });
        return crawls;
    }

    private Optional<String> folder(Section.Text location) {
        if (DefinitionReader.isRemote(location.value())) {
            problems.add(
                    DefinitionCode.NOT_IMPLEMENTED,
                    location.line(),
                    location.path(),
                    "`" + location.written() + "` is not built yet; allowed is a folder.");
            return Optional.empty();
        }
        try {
            return Optional.of(directory.resolve(location.value()).normalize().toString());
        } catch (InvalidPathException e) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    location.line(),
                    location.path(),
                    "`" + location.written() + "` is no path.");
            return Optional.empty();
        }
    }

    private Optional<String> table(Section.Text table) {
        String name = table.value().contains(".") ? table.value() : "raw." + table.value();
        if (TABLE.matcher(name).matches()) {
            return Optional.of(name);
        }
        problems.add(
                DefinitionCode.BAD_NAME,
                table.line(),
                table.path(),
                "The table is `" + table.written() + "`; allowed is raw.<name> or <name> with [a-z_][a-z0-9_]*.");
        return Optional.empty();
    }
}
