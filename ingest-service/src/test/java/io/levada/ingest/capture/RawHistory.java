package io.levada.ingest.capture;

import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import io.levada.events.Topics;
import io.levada.events.WrittenFile;
import io.levada.ingest.changes.Change;
import io.levada.ingest.changes.ChangeDecoder;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// What raw holds of a table `t (id int, n int, big text)`: the files that were offered, as the committer takes
/// them, and the changes.
public final class RawHistory {
    private static final String NEVER_SENT = "a value that nobody sent";

    private final List<FilesWritten> offered;
    private final List<Entry> entries;
    private final int changes;

    private record Entry(
            String order,
            String op,
            @Nullable Integer id,
            @Nullable Integer oldId,
            @Nullable Integer n,
            @Nullable String big,
            boolean unsent) {}

    private RawHistory(List<FilesWritten> offered, List<Entry> entries, int changes) {
        this.offered = offered;
        this.entries = entries;
        this.changes = changes;
    }

    public static RawHistory read(CaptureKafka kafka, String source) throws Exception {
        List<FilesWritten> offered = offered(kafka, source);
        List<Entry> entries = loaded(offered);
        List<Entry> changes = changes(kafka, Topics.changes(source, "t"));
        entries.addAll(changes);
        return new RawHistory(offered, entries, changes.size());
    }

    /// What was offered of loads of table `t`.
    public static List<FilesWritten> offered(CaptureKafka kafka, String source) {
        return kafka.read(Topics.FILES_WRITTEN).stream()
                .map(message -> JsonMapper.shared().readValue(message, FilesWritten.class))
                .filter(event -> event.table().equals("raw." + source + "_t") && event.chunk() != null)
                .toList();
    }

    public static String text(int n, String big) {
        return n + "|" + big;
    }

    public List<LoadChunk> chunks() {
        return offered.stream().map(FilesWritten::chunk).toList();
    }

    /// The paths of all files that were offered, quoted.
    public static String files(CaptureKafka kafka, String table) {
        return kafka.read(Topics.FILES_WRITTEN).stream()
                .map(message -> JsonMapper.shared().readValue(message, FilesWritten.class))
                .filter(event -> event.chunk() != null
                        && event.chunk().table().contains(table.substring(table.indexOf('/') + 1))
                        && event.table().equals(table.substring(0, table.indexOf('/'))))
                .flatMap(event -> event.files().stream())
                .map(file -> "'" + file.path() + "'")
                .collect(Collectors.joining(", ", "[", "]"));
    }

    /// Whether the last step of a load is there.
    public boolean isComplete() {
        return !chunks().isEmpty()
                && chunks().getLast().chunk() == chunks().getLast().chunks() - 1;
    }

    public int changes() {
        return changes;
    }

    public long loadedRows() {
        return entries.stream().filter(entry -> entry.op().equals("r")).count();
    }

    /// The rows by key, when everything is applied in its order: a loaded row is what its key has at its place.
    public Map<Integer, String> current() {
        Map<Integer, String> rows = new TreeMap<>();
        List<Entry> ordered = new ArrayList<>(entries);
        ordered.sort(Comparator.comparing(Entry::order));
        String first = ordered.stream()
                .filter(entry -> entry.op().equals("r"))
                .map(Entry::order)
                .findFirst()
                .orElse("");
        for (Entry entry : ordered) {
            if (entry.order().compareTo(first) < 0) {
                continue;
            }
            Integer id = entry.id();
            switch (entry.op()) {
                case "t" -> rows.clear();
                case "d" -> rows.remove(id);
                default -> {
                    Integer from = entry.oldId() == null ? id : entry.oldId();
                    String before = rows.remove(from);
                    String big = entry.unsent()
                            ? before == null ? NEVER_SENT : before.substring(before.indexOf('|') + 1)
                            : entry.big();
                    rows.put(id, entry.n() + "|" + big);
                }
            }
        }
        return rows;
    }

    /// The rows of the newest generation.
    private static List<Entry> loaded(List<FilesWritten> offered) throws Exception {
        List<Entry> rows = new ArrayList<>();
        int generation = offered.stream()
                .mapToInt(
                        event -> java.util.Objects.requireNonNull(event.chunk()).generation())
                .max()
                .orElse(0);
        String files = offered.stream()
                .filter(event -> java.util.Objects.requireNonNull(event.chunk()).generation() == generation)
                .flatMap(event -> event.files().stream())
                .map(WrittenFile::path)
                .map(path -> "'" + path + "'")
                .collect(Collectors.joining(", "));
        if (files.isEmpty()) {
            return rows;
        }
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(
                        "SELECT _pos, id, n, big FROM read_parquet([" + files + "], hive_partitioning=false)")) {
            while (result.next()) {
                rows.add(new Entry(
                        result.getString(1) + "r",
                        "r",
                        result.getInt(2),
                        null,
                        result.getInt(3),
                        result.getString(4),
                        false));
            }
        }
        return rows;
    }

    private static List<Entry> changes(CaptureKafka kafka, String topic) throws Exception {
        List<Entry> entries = new ArrayList<>();
        Map<Integer, ChangeDecoder> decoders = new HashMap<>();
        for (byte[] message : kafka.read(topic)) {
            int schema = ByteBuffer.wrap(message, 1, 4).getInt();
            if (!decoders.containsKey(schema)) {
                decoders.put(
                        schema,
                        new ChangeDecoder(kafka.registry().schema(schema).orElseThrow()));
            }
            entries.add(entry(decoders.get(schema).decode(message)));
        }
        return entries;
    }

    private static Entry entry(Change change) {
        Record row = change.op().equals("d") ? change.before() : change.after();
        Record oldKey = change.oldKey();
        return new Entry(
                change.pos(),
                change.op(),
                row == null ? null : (Integer) row.getField("id"),
                oldKey == null ? null : (Integer) oldKey.getField("id"),
                row == null ? null : (Integer) row.getField("n"),
                row == null ? null : (String) row.getField("big"),
                change.unchanged().contains("big"));
    }
}
