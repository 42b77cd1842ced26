package io.levada.transform.mirror;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A source table that is worked on at random, with the entries that capture and loads would write of it.
///
/// The table itself is the model: a mirror is right where it equals [#rows], which knows nothing of entries.
final class SourceHistory {
    /// A row's values; `note` and `tags` may be left out of an update that does not touch them.
    record Values(
            int amount, @Nullable String note, @Nullable List<Integer> tags) {}

    record Key(String region, int id) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byRegion = region.compareTo(other.region);
            return byRegion != 0 ? byRegion : Integer.compare(id, other.id);
        }
    }

    /// One row of the raw table.
    record Entry(
            String op,
            String pos,
            @Nullable Key key,
            @Nullable Values values,
            List<String> unchanged,
            @Nullable Key oldKey,
            @Nullable Integer load) {}

    private static final int KEYS = 6;
    private static final int PAGES = 4;

    private final Random random;
    private final TreeMap<Key, Values> rows = new TreeMap<>();
    private final Map<Key, Integer> pages = new TreeMap<>();
    private final Map<Key, Long> written = new TreeMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private long sequence;
    private int generation;
    private String loadPos = "";
    private String lastPos = "";
    private boolean truncates = true;

    SourceHistory(long seed) {
        this.random = new Random(seed);
    }

    Map<Key, Values> rows() {
        return rows;
    }

    List<Entry> entries() {
        return entries;
    }

    int generation() {
        return generation;
    }

    String loadPos() {
        return loadPos;
    }

    String lastPos() {
        return lastPos;
    }

    static String pos(long sequence) {
        return "0001-%020d".formatted(sequence);
    }

    /// A load from one snapshot.
    void load() {
        begin();
        rows.keySet().forEach(this::loaded);
    }

    /// A load that is cut off and resumed after `meanwhile` changes, as often as there are numbers: some of its
    /// steps are read from each of several snapshots. What was written since the first to pages that an earlier
    /// one read is read again in the end, and a few rows more.
    void loadInParts(int... meanwhile) {
        begin();
        int next = 0;
        long first = sequence;
        for (int changes : meanwhile) {
            int read = next + random.nextInt(PAGES - next + 1);
            readPages(next, read);
            next = read;
            truncates = false;
            work(changes);
            truncates = true;
            lastPos = pos(sequence);
        }
        readPages(next, PAGES);
        int done = next;
        rows.keySet().stream()
                .filter(key -> page(key) < done && (written.getOrDefault(key, 0L) > first || random.nextInt(9) == 0))
                .forEach(this::loaded);
    }

    private void begin() {
        loadPos = pos(sequence);
        lastPos = loadPos;
        generation++;
    }

    private void readPages(int from, int to) {
        rows.keySet().stream()
                .filter(key -> page(key) >= from && page(key) < to)
                .forEach(this::loaded);
    }

    /// The load goes on here from a new snapshot and reads these rows.
    void resumeAndRead(Key... keys) {
        lastPos = pos(sequence);
        for (Key key : keys) {
            loaded(key);
        }
    }

    /// A row that is in the source before the load and is not read by its first snapshot.
    void insertUnseen(Key key, Values values) {
        put(key, values);
    }

    /// The load reads a row as it is now.
    void loaded(Key key) {
        entries.add(new Entry("r", lastPos, key, rows.get(key), List.of(), null, generation));
    }

    private int page(Key key) {
        return pages.getOrDefault(key, 0);
    }

    private void put(Key key, Values values) {
        rows.put(key, values);
        pages.put(key, random.nextInt(PAGES));
        written.put(key, sequence + 1);
    }

    /// Rows of a load that is not complete.
    void abandonedLoad() {
        String pos = pos(sequence);
        for (int i = 0; i < 3; i++) {
            entries.add(new Entry("r", pos, newKey(), new Values(-1, "never", null), List.of(), null, generation + 1));
        }
    }

    void work(int changes) {
        for (int i = 0; i < changes; i++) {
            int dice = random.nextInt(100);
            if (dice < 30 || rows.isEmpty()) {
                insert();
            } else if (dice < 65) {
                update();
            } else if (dice < 80) {
                move();
            } else if (dice < 97 || !truncates) {
                delete();
            } else {
                truncate();
            }
        }
    }

    void insert(Key key, Values values) {
        put(key, values);
        add("c", key, values, List.of(), null);
    }

    private void insert() {
        Key key = newKey();
        if (!rows.containsKey(key)) {
            insert(key, values());
        }
    }

    /// Updates what is not named in `unchanged`, which the source does not send.
    void update(Key key, Key newKey, Values wanted, List<String> unchanged) {
        Values before = rows.remove(key);
        if (before == null) {
            throw new IllegalStateException("No row " + key);
        }
        Values after = new Values(
                wanted.amount(),
                unchanged.contains("note") ? before.note() : wanted.note(),
                unchanged.contains("tags") ? before.tags() : wanted.tags());
        put(newKey, after);
        Values sent = new Values(
                after.amount(),
                unchanged.contains("note") ? null : after.note(),
                unchanged.contains("tags") ? null : after.tags());
        add("u", newKey, sent, unchanged, newKey.equals(key) ? null : key);
    }

    private void update() {
        Key key = anyRow();
        update(key, key, values(), unchanged());
    }

    private void move() {
        Key key = anyRow();
        Key target = newKey();
        if (!rows.containsKey(target)) {
            update(key, target, values(), unchanged());
        }
    }

    void delete(Key key) {
        rows.remove(key);
        add("d", key, null, List.of(), null);
    }

    private void delete() {
        delete(anyRow());
    }

    void truncate() {
        rows.clear();
        add("t", null, null, List.of(), null);
    }

    private void add(
            String op, @Nullable Key key, @Nullable Values values, List<String> unchanged, @Nullable Key oldKey) {
        entries.add(new Entry(op, pos(++sequence), key, values, unchanged, oldKey, null));
    }

    private Key newKey() {
        return new Key(random.nextBoolean() ? "a" : "b'\"", random.nextInt(KEYS));
    }

    private Key anyRow() {
        List<Key> keys = List.copyOf(rows.keySet());
        return keys.get(random.nextInt(keys.size()));
    }

    private Values values() {
        return new Values(
                random.nextInt(1000),
                random.nextInt(5) == 0 ? null : "note " + random.nextInt(100_000),
                random.nextInt(5) == 0 ? null : List.of(random.nextInt(9), random.nextInt(100_000)));
    }

    private List<String> unchanged() {
        List<String> names = new ArrayList<>();
        if (random.nextInt(3) > 0) {
            names.add("note");
        }
        if (random.nextInt(3) > 0) {
            names.add("tags");
        }
        return names;
    }
}
