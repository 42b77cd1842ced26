package io.levada.transform.mirror;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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

    private final Random random;
    private final TreeMap<Key, Values> rows = new TreeMap<>();
    private final Set<Key> used = new TreeSet<>();
    private final List<Entry> entries = new ArrayList<>();
    private long sequence;
    private int generation;
    private String loadPos = "";
    private boolean freshKeysOnly;
    private boolean moves = true;

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

    static String pos(long sequence) {
        return "0001-%020d".formatted(sequence);
    }

    /// Changes while the table loads: planned first, read after `meanwhile` changes. A key that is used again while
    /// rows
    /// move between keys can not be told apart afterwards, so either no row moves or no key is used again.
    void load(int meanwhile) {
        loadPos = pos(++sequence);
        generation++;
        moves = random.nextBoolean();
        freshKeysOnly = moves;
        work(meanwhile);
        moves = true;
        freshKeysOnly = false;
        rows.forEach((key, values) -> entries.add(new Entry("r", loadPos, key, values, List.of(), null, generation)));
    }

    /// Rows of a load that is not complete.
    void abandonedLoad() {
        String pos = pos(++sequence);
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
            } else if (dice < 80 && moves) {
                move();
            } else if (dice < 97) {
                delete();
            } else {
                truncate();
            }
        }
    }

    void insert(Key key, Values values) {
        rows.put(key, values);
        used.add(key);
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
        rows.put(newKey, after);
        used.add(newKey);
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
        if (freshKeysOnly) {
            return new Key("f", used.size() + 1000);
        }
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
