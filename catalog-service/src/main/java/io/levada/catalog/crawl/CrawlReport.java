package io.levada.catalog.crawl;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a crawl found and did.
///
/// @param problems the first [Problems#MOST] of `problemCount`
/// @param advice file sources to write for CSV and JSON that was found
/// @param ignored files that are neither
record CrawlReport(
        List<CrawledTable> tables, List<Problem> problems, long problemCount, List<Advice> advice, long ignored) {
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
        private final Problems problems = new Problems();
        private final List<Advice> advice = new ArrayList<>();
        private long ignored;

        void table(CrawledTable table) {
            tables.add(table);
        }

        void problem(CrawlProblem problem) {
            problems.add(problem);
        }

        void problems(Problems found) {
            problems.addAll(found);
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

        void ignored(long files) {
            ignored += files;
        }

        long ignored() {
            return ignored;
        }

        /// Whether there is nothing to say.
        boolean isEmpty() {
            return tables.isEmpty() && advice.isEmpty() && problems.count() == 0;
        }

        CrawlReport build() {
            return new CrawlReport(
                    tables,
                    problems.named().stream()
                            .map(problem -> new Problem(
                                    problem.code().name(), problem.path(), problem.detail(), problem.nextStep()))
                            .toList(),
                    problems.count(),
                    advice,
                    ignored);
        }
    }
}
