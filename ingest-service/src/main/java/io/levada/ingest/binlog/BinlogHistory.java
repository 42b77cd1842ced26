package io.levada.ingest.binlog;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The global transaction ids up to a place in MariaDB's log: the last one of each domain, as `BINLOG_GTID_POS` gives
/// them. For MySQL it is the server's UUID, and stays.
public final class BinlogHistory {
    private final Map<Long, String> last = new TreeMap<>();
    private final @Nullable String fixed;
    private @Nullable Long domain;
    private String id = "";

    public BinlogHistory(String text) {
        boolean gtids = text.isEmpty() || text.matches("(\\d+-\\d+-\\d+,?)+");
        this.fixed = gtids ? null : text;
        if (gtids && !text.isEmpty()) {
            Arrays.stream(text.split(","))
                    .forEach(gtid -> last.put(Long.valueOf(gtid.substring(0, gtid.indexOf('-'))), gtid));
        }
    }

    void begun(long inDomain, String gtid) {
        domain = inDomain;
        id = gtid;
    }

    void completed() {
        if (domain != null) {
            last.put(domain, id);
            domain = null;
        }
    }

    String text() {
        return fixed != null ? fixed : last.values().stream().collect(Collectors.joining(","));
    }

    /// Whether two texts name the same transactions, in whatever order.
    static boolean same(String one, String other) {
        return one.equals(other) || new BinlogHistory(one).text().equals(new BinlogHistory(other).text());
    }
}
