package io.levada.catalog.crawl;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a crawl found and did. Problems beyond [#MOST_PROBLEMS] are counted only.
///
/// @param advice file sources to write for CSV and JSON that was found
/// @param ignored files that are neither
record CrawlReport(
        List<CrawledTable> tables, List<Problem> problems, long problemCount, List<Advice> advice, long ignored) {
    static final int MOST_PROBLEMS = 10_000;

    CrawlReport {
        tables = List.copyOf(tables);
        problems = List.copyOf(problems);
        advice = List.copyOf(advice);
    }

    /// @param registered files that this crawl registered
    /// @param known files that were registered before
    /// @param left files that were left out, each with a problem
    record CrawledTable(String table, String location, long registered, long known, long left, long rows, long bytes) {}

    record Problem(String code, String path, String detail, String nextStep) {}

    /// @param yaml for levada.yaml
    record Advice(String format, String path, String yaml) {}

    static final class Builder {
        private final List<CrawledTable> tables = new ArrayList<>();
        private final List<Problem> problems = new ArrayList<>();
        private final List<Advice> advice = new ArrayList<>();
        private long problemCount;

        void table(CrawledTable table) {
            tables.add(table);
        }

        void problem(CrawlProblem problem) {
            problemCount++;
            if (problems.size() < MOST_PROBLEMS) {
                problems.add(new Problem(problem.code().name(), problem.path(), problem.detail(), problem.nextStep()));
            }
        }

        void advise(String format, String path) {
            String name = path.substring(path.lastIndexOf('/') + 1)
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^a-z0-9_]", "_");
            String source = name.matches("[a-z].*") ? name : "files_" + name;
            advice.add(new Advice(format, path, """
                    sources:
                      %s:
                        type: files
                        path: %s
                        format: %s
                        table: %s
                    """.formatted(source, path, format, source)));
        }

        CrawlReport build(long ignored) {
            return new CrawlReport(tables, problems, problemCount, advice, ignored);
        }
    }
}
