package io.levada.catalog.rest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.apache.iceberg.exceptions.BadRequestException;
import org.jspecify.annotations.Nullable;

/// A page of a listing in the order of its names. The token of the next page holds the last name, so that what is
/// created or dropped in between neither hides nor doubles anything else.
///
/// @param nextToken null on the last page
record ListingPage<T>(List<T> entries, @Nullable String nextToken) {
    private static final int MOST_ENTRIES = 1_000;
    private static final String TOKEN_PREFIX = "after:";

    ListingPage {
        entries = List.copyOf(entries);
    }

    /// As Iceberg's responses want it: they ask a list whether it contains null.
    List<T> mutable() {
        return new ArrayList<>(entries);
    }

    /// @param token of the page before, empty for the first one, null where the client does not know pages
    /// @param size the client's bound, null where it gives none
    /// @throws BadRequestException where token or size are none
    static <T> ListingPage<T> of(List<T> all, Function<T, String> name, @Nullable String token, @Nullable String size) {
        List<T> sorted = all.stream().sorted(Comparator.comparing(name)).toList();
        if (token == null && size == null) {
            return new ListingPage<>(sorted, null);
        }
        String after = token == null || token.isEmpty() ? null : lastName(token);
        int most = size == null ? MOST_ENTRIES : Math.min(bound(size), MOST_ENTRIES);
        List<T> rest = sorted.stream()
                .filter(entry -> after == null || name.apply(entry).compareTo(after) > 0)
                .toList();
        return rest.size() <= most
                ? new ListingPage<>(rest, null)
                : new ListingPage<>(rest.subList(0, most), token(name.apply(rest.get(most - 1))));
    }

    private static String token(String lastName) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((TOKEN_PREFIX + lastName).getBytes(StandardCharsets.UTF_8));
    }

    private static String lastName(String token) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            if (text.startsWith(TOKEN_PREFIX)) {
                return text.substring(TOKEN_PREFIX.length());
            }
        } catch (IllegalArgumentException _) {
            // said below
        }
        throw new BadRequestException("The page token is none that this catalog gave: list from the first page");
    }

    private static int bound(String size) {
        try {
            int bound = Integer.parseInt(size);
            if (bound > 0) {
                return bound;
            }
        } catch (NumberFormatException _) {
            // said below
        }
        throw new BadRequestException("pageSize is `%s`; allowed is a number from 1", size);
    }
}
