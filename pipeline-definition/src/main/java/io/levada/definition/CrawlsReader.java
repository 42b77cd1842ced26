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

    private static final Pattern BUCKET = Pattern.compile("s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?");

    private final Path directory;
    private final LakeDefinition lake;
    private final Problems problems;
    private final DeclaredTables declared;

    /// @param lake whose settings say how buckets are reached
    CrawlsReader(Path directory, LakeDefinition lake, Problems problems, DeclaredTables declared) {
        this.directory = directory;
        this.lake = lake;
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
            Optional<String> location = crawl.requiredText("location", "a folder or prefix with Parquet files")
                    .flatMap(this::location);
            String table = crawl.text("table").flatMap(this::table).orElse("raw." + name);
            declared.declare(table, crawl.line(), crawl.path(), "crawl " + name);
            Duration every = crawl.text("every")
                    .flatMap(new FlushReader(problems)::interval)
                    .orElse(CrawlDefinition.DEFAULT_EVERY);
            location.ifPresent(folder -> crawls.put(name, new CrawlDefinition(name, folder, table, every)));
        });
        return crawls;
    }

    private Optional<String> location(Section.Text location) {
        return DefinitionReader.isRemote(location.value()) ? prefix(location) : folder(location);
    }

    private Optional<String> prefix(Section.Text location) {
        if (!BUCKET.matcher(location.value()).matches()) {
            bad(location, "`" + location.written() + "`: allowed is a folder or s3://bucket/prefix.");
            return Optional.empty();
        }
        if (!lake.isBucket()) {
            bad(
                    location,
                    "`" + location.written() + "` is in a bucket, which a crawl reaches where the lake is in one"
                            + " too: write `lake: {location: s3://...}`, or take the files in through a source with"
                            + " `type: files` and `format: parquet`.");
            return Optional.empty();
        }
        return Optional.of(location.value().replaceAll("/+$", ""));
    }

    private void bad(Section.Text location, String message) {
        problems.add(DefinitionCode.BAD_VALUE, location.line(), location.path(), message);
    }

    private Optional<String> folder(Section.Text location) {
        try {
            return Optional.of(directory.resolve(location.value()).normalize().toString());
        } catch (InvalidPathException e) {
            bad(location, "`" + location.written() + "` is no path.");
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
