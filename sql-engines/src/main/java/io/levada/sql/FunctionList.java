package io.levada.sql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/// The functions that a SELECT from outside may call, and those that it may not.
///
/// @param scalar aggregates, window functions and scalar macros as well; lower case
/// @param table in FROM; lower case
/// @param refused as `scalar x`, `table x` or `pragma x`; lower case
record FunctionList(Set<String> scalar, Set<String> table, Set<String> refused) {
    FunctionList {
        scalar = Set.copyOf(scalar);
        table = Set.copyOf(table);
        refused = Set.copyOf(refused);
    }

    static FunctionList load() {
        Set<String> scalar = new HashSet<>();
        Set<String> table = new HashSet<>();
        Set<String> refused = new HashSet<>();
        try (InputStream in =
                Objects.requireNonNull(FunctionList.class.getResourceAsStream("duckdb-functions.txt"), "resource")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
            for (String line : text.lines().filter(l -> !l.startsWith("#")).toList()) {
                String[] parts = line.split(" ", 3);
                if (parts[0].equals("refuse")) {
                    refused.add(parts[1] + " " + parts[2]);
                } else {
                    (parts[1].equals("table") ? table : scalar).add(parts[2]);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new FunctionList(scalar, table, refused);
    }
}
