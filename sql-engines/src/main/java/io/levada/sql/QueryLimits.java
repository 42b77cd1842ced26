package io.levada.sql;

/// What queries may use.
///
/// @param concurrency queries that run at the same time
/// @param queued queries that wait; more are refused
/// @param maxRows rows of one result, whatever the request says
/// @param resultBytes of one result, as kept in memory; what is beyond is cut off and said so
/// @param retainedResults ended queries whose results are kept
/// @param retainedBytes of all kept results; the oldest go first
public record QueryLimits(
        int concurrency, int queued, int maxRows, long resultBytes, int retainedResults, long retainedBytes) {
    public static final QueryLimits DEFAULT = new QueryLimits(4, 64, 100_000, 32L << 20, 200, 64L << 20);

    public QueryLimits {
        if (concurrency < 1 || queued < 1 || maxRows < 1 || resultBytes < 1 || retainedResults < 1) {
            throw new IllegalArgumentException("Every limit of queries is at least 1");
        }
        if (retainedBytes < resultBytes) {
            throw new IllegalArgumentException("Kept results need at least the bytes of one result, " + resultBytes
                    + ", and have " + retainedBytes);
        }
    }
}
