package io.levada.catalog.crawl;

import java.util.ArrayList;
import java.util.List;

/// What stands against files, so far: the first [#MOST] by name, and all of them counted.
final class Problems {
    static final int MOST = 10_000;

    private final List<CrawlProblem> named = new ArrayList<>();
    private long count;

    void add(CrawlProblem problem) {
        count++;
        if (named.size() < MOST) {
            named.add(problem);
        }
    }

    void addAll(Problems others) {
        others.named.forEach(this::add);
        count += others.count - others.named.size();
    }

    List<CrawlProblem> named() {
        return List.copyOf(named);
    }

    long count() {
        return count;
    }
}
