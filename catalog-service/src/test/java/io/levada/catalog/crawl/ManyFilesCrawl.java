package io.levada.catalog.crawl;

import java.nio.file.Path;

/// Crawls in a process of its own, whose heap is small.
final class ManyFilesCrawl {
    private ManyFilesCrawl() {}

    /// @param arguments the lake's directory, and how many files are to be registered, known and left out
    public static void main(String[] arguments) throws Exception {
        try (CrawledLake lake = new CrawledLake(Path.of(arguments[0]))) {
            CrawlReport.CrawledTable table =
                    lake.crawl(lake.data().toString(), "raw.many").tables().getFirst();
            String said = table.registered() + " " + table.known() + " " + table.left();
            if (!said.equals(arguments[1])) {
                throw new IllegalStateException("Registered, known and left out are " + said);
            }
        }
    }
}
