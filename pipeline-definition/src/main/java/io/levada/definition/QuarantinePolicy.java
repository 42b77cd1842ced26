package io.levada.definition;

/// When a source stops because too many of its rows go to quarantine: once more than `rows` of `window` rows did.
///
/// @param rows Long.MAX_VALUE where it never stops
/// @param window how many rows are looked at before counting begins anew
public record QuarantinePolicy(long rows, long window) {
    public static final QuarantinePolicy DEFAULT = of(1000, 0.05);
    public static final QuarantinePolicy NEVER = new QuarantinePolicy(Long.MAX_VALUE, Long.MAX_VALUE);

    /// Whether so many bad rows of so many are too many.
    public boolean isExceeded(long bad, long of) {
        return bad > rows && (double) bad / of > (double) rows / window;
    }

    static QuarantinePolicy of(long rows, double share) {
        return new QuarantinePolicy(rows, Math.max(rows, Math.round(rows / share)));
    }
}
