package io.levada.catalog.registry;

import java.util.List;

/// Parts of long answers, as `offset` and `limit` ask for them.
final class Page {
    private Page() {}

    /// @param limit negative for no limit
    static <T> List<T> of(List<T> all, int offset, int limit) {
        return all.stream()
                .skip(Math.max(0, offset))
                .limit(limit < 0 ? Long.MAX_VALUE : limit)
                .toList();
    }

    /// A prefix of subjects without the default context, by which some clients write it: `:*:` is any context.
    static String prefix(String written) {
        for (String context : List.of(":*:", ":.:")) {
            if (written.startsWith(context)) {
                return written.substring(context.length());
            }
        }
        return written;
    }
}
