package io.levada.definition;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How long raw tables keep their history.
///
/// @param keep of every table of a source that has a key; null: for ever
/// @param tables other bounds by table (`raw.x`), also of tables without a key, which have none otherwise
public record RawSettings(@Nullable Duration keep, Map<String, Duration> tables) {
    public static final RawSettings DEFAULT = new RawSettings(null, Map.of());

    public RawSettings {
        tables = Collections.unmodifiableMap(new LinkedHashMap<>(tables));
    }

    /// @param keyed whether the table has a key, so that only what no current row depends on goes
    /// @return whole days; empty where the table keeps all
    public Optional<Duration> keepOf(String table, boolean keyed) {
        Duration own = tables.get(table);
        return own != null || !keyed ? Optional.ofNullable(own) : Optional.ofNullable(keep);
    }
}
