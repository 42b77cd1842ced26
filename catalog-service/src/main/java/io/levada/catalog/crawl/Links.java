package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// The symbolic links in a crawled folder that may stand for data. A crawl follows none: what a link leads to can
/// change, and a registered file must not.
final class Links {
    private static final int MOST_NAMED = 100;

    private final CrawlLocation location;

    /// The first ones by name.
    private final TreeSet<String> named = new TreeSet<>();

    private long count;

    Links(CrawlLocation location) {
        this.location = location;
    }

    void take(String link) {
        List<String> parts =
                List.of(link.substring(location.root().length() + 1).split("/"));
        if (Found.isHidden(parts) || isOfNoUse(link)) {
            return;
        }
        count++;
        named.add(link);
        if (named.size() > MOST_NAMED) {
            named.pollLast();
        }
    }

    /// A link to a file that would be left out anyway.
    private static boolean isOfNoUse(String link) {
        return Files.isRegularFile(Path.of(link))
                && Found.formatByName(link.substring(link.lastIndexOf('/') + 1))
                        .map(String::isEmpty)
                        .orElse(false);
    }

    /// Each link by name, and the others by number.
    List<CrawlProblem> problems() {
        List<CrawlProblem> problems = new ArrayList<>();
        named.forEach(link -> problems.add(new CrawlProblem(
                CatalogError.CRAWL_LINK,
                link,
                "It is a link" + target(Path.of(link)) + ", and links are not followed")));
        if (count > named.size()) {
            problems.add(new CrawlProblem(
                    CatalogError.CRAWL_LINK,
                    location.root(),
                    "There are " + (count - named.size()) + " more links below it, and links are not followed"));
        }
        return problems;
    }

    private static String target(Path link) {
        try {
            return " to " + Files.readSymbolicLink(link);
        } catch (IOException _) {
            return "";
        }
    }
}
