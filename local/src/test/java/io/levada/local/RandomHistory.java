package io.levada.local;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The rows of a raw table after random work on its source: inserts, updates with values that are not sent, moves and
/// swaps of keys, deletes, truncates, loads that are resumed, begun anew or left behind, and repairs that raise the
/// epoch. Rows land on days that only ever grow; a load's, days after changes that stand behind it.
///
/// A wild one also has changes that no source makes: of rows that are not there, onto keys that are taken.
final class RandomHistory {
    private static final List<String> VALUES = List.of("note", "tags");

    /// @param number of the row
    /// @param day that it landed on
    record Entry(
            int number,
            int day,
            String op,
            String pos,
            @Nullable Key key,
            int amount,
            List<String> unchanged,
            @Nullable Key oldKey,
            @Nullable Integer load) {
        String sql() {
            return "(%d, %d, %s, %s, %s, %s, %s, '%s', '%s', %s, %s, %s)"
                    .formatted(
                            number,
                            day,
                            key == null ? null : "'" + key.region() + "'",
                            key == null ? null : key.id(),
                            op.equals("d") || op.equals("t") ? null : amount,
                            value("note"),
                            value("tags"),
                            op,
                            pos,
                            unchanged.isEmpty() ? null : "['" + String.join("', '", unchanged) + "']",
                            oldKey == null
                                    ? null
                                    : "{'region': '%s', 'id': %d}".formatted(oldKey.region(), oldKey.id()),
                            load);
        }

        private @Nullable String value(String name) {
            return unchanged.contains(name) || op.equals("d") || op.equals("t")
                    ? null
                    : "'" + name + " of " + number + "'";
        }
    }

    record Key(String region, int id) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byRegion = region.compareTo(other.region);
            return byRegion != 0 ? byRegion : Integer.compare(id, other.id);
        }
    }

    private final Random random;
    private final boolean wild;
    private final int keys;
    private final TreeSet<Key> rows = new TreeSet<>();
    private final TreeSet<Key> written = new TreeSet<>();
    private final List<Entry> entries = new ArrayList<>();
    private long sequence;
    private int epoch = 1;
    private int day;
    private int generation;
    private String loadPos = "";
    private String lastPos = "";

    RandomHistory(long seed) {
        random = new Random(seed);
        wild = random.nextInt(3) == 0;
        keys = 2 + random.nextInt(5);
        work(random.nextInt(10));
        load();
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

    int day() {
        return day;
    }

    /// Some time passes.
    void goOn() {
        work(random.nextInt(25));
        int dice = random.nextInt(12);
        if (dice == 0) {
            load();
        } else if (dice == 1) {
            epoch++;
            sequence++;
            work(random.nextInt(4));
        }
    }

    private String pos() {
        return "%04d-%020d".formatted(epoch, sequence);
    }

    private void work(int changes) {
        for (int i = 0; i < changes; i++) {
            if (random.nextInt(4) == 0) {
                day++;
            }
            change();
        }
    }

    private void change() {
        int dice = random.nextInt(100);
        if (dice < 25 || rows.isEmpty()) {
            Key key = anyKey();
            if (wild || !rows.contains(key)) {
                add("c", key, wild ? unchanged() : List.of(), null);
            }
        } else if (dice < 50) {
            add("u", source(), unchanged(), null);
        } else if (dice < 75) {
            Key from = source();
            Key to = anyKey();
            if (wild || !rows.contains(to)) {
                rows.remove(from);
                add("u", to, unchanged(), from);
            }
        } else if (dice < 78) {
            swap();
        } else if (dice < 95) {
            Key key = source();
            add("d", key, List.of(), null);
            rows.remove(key);
        } else {
            add("t", null, List.of(), null);
            rows.clear();
        }
    }

    /// Two rows change keys by way of a third key.
    private void swap() {
        Key one = source();
        Key other = source();
        Key third = new Key("swap", random.nextInt(2));
        if (!one.equals(other) && !rows.contains(third)) {
            add("u", third, unchanged(), one);
            add("u", one, unchanged(), other);
            add("u", other, unchanged(), third);
            rows.remove(third);
        }
    }

    private Key source() {
        List<Key> known = List.copyOf(rows);
        return wild && random.nextInt(3) == 0 ? anyKey() : known.get(random.nextInt(known.size()));
    }

    private Key anyKey() {
        return new Key(random.nextBoolean() ? "a" : "b", random.nextInt(keys));
    }

    private List<String> unchanged() {
        return VALUES.stream().filter(_ -> random.nextInt(3) > 0).toList();
    }

    private void add(String op, @Nullable Key key, List<String> unchanged, @Nullable Key oldKey) {
        sequence++;
        entries.add(new Entry(entries.size(), day, op, pos(), key, random.nextInt(1000), unchanged, oldKey, null));
        if (key != null) {
            rows.add(key);
            written.add(key);
        }
    }

    /// A load whose steps are read from up to three snapshots, with changes in between, and land days later.
    private void load() {
        if (random.nextInt(4) == 0 && generation > 0) {
            generation++;
            List.copyOf(rows).stream().filter(_ -> random.nextBoolean()).forEach(this::loaded);
        }
        generation++;
        loadPos = pos();
        written.clear();
        int parts = random.nextInt(3);
        for (int part = 0; part < parts; part++) {
            lastPos = pos();
            List.copyOf(rows).stream().filter(_ -> random.nextBoolean()).forEach(this::loaded);
            work(random.nextInt(8));
        }
        lastPos = pos();
        if (parts == 0) {
            loadPos = lastPos;
        }
        TreeSet<Key> last = new TreeSet<>(rows);
        last.removeIf(key -> parts > 0 && !written.contains(key) && random.nextInt(5) > 0);
        last.forEach(this::loaded);
    }

    private void loaded(Key key) {
        if (random.nextInt(3) == 0) {
            day++;
        }
        entries.add(new Entry(entries.size(), day, "r", pos(), key, random.nextInt(1000), List.of(), null, generation));
    }
}
