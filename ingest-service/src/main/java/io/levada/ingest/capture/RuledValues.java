package io.levada.ingest.capture;

import io.levada.definition.ColumnRule;
import io.levada.definition.ColumnRules;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Applies the rules of a table's columns to the text of their values. Not safe for use by several threads.
public final class RuledValues {
    public static final String MASK = "***";

    private final @Nullable ColumnHash hash;

    public RuledValues(ColumnRules rules) {
        hash = rules.hashKey() == null ? null : new ColumnHash(rules.hashKey());
    }

    /// What is written in place of a value; NULL stays NULL.
    ///
    /// @param text as the database writes the value
    public @Nullable String text(@Nullable String text, @Nullable ColumnRule rule) {
        if (text == null || rule == null) {
            return text;
        }
        return switch (rule) {
            case HASH -> Objects.requireNonNull(hash).of(text);
            case MASK -> MASK;
            case DROP -> throw new IllegalArgumentException("A dropped column has no text");
        };
    }
}
