package io.levada.events;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a snapshot was made of, and its form in the snapshot's summary: the tables that a derived result was computed
/// from; the ranges of change topics, chunks of loads and files of sources that raw files were written from.
///
/// A summary stays small however many events a commit has: ranges that touch are one, and beyond [#MAX_CHARACTERS] what
/// is left out is only counted. Inputs that are tables are never left out.
///
/// @param tables by name
/// @param ranges one for each partition of a topic, from the first offset to the end of the last; in
///     `raw.quarantine` not all between were put aside
/// @param chunks one for each load
/// @param fileNumbers one for each table that takes files in; names all, also those that `files` does not
/// @param files as far as there is room for them
/// @param unnamed how many ranges, loads and files there was no room for
public record SnapshotInputs(
        List<TableInput> tables,
        List<OffsetRange> ranges,
        List<LoadedChunks> chunks,
        List<FileNumbers> fileNumbers,
        List<FileIdentity> files,
        int unnamed) {
    /// Bounds what a summary holds of ranges, chunks and files together, names and values.
    public static final int MAX_CHARACTERS = 4_096;

    private static final String NONE = "-";

    public SnapshotInputs {
        tables = List.copyOf(tables);
        ranges = List.copyOf(ranges);
        chunks = List.copyOf(chunks);
        fileNumbers = List.copyOf(fileNumbers);
        files = List.copyOf(files);
    }

    /// Steps of one load.
    ///
    /// @param table the raw table that is loaded, `namespace.name`
    /// @param first number of the first chunk
    /// @param last number of the last chunk
    /// @param chunks how many the load has
    /// @param pos the `_pos` of the first chunk's rows
    public record LoadedChunks(String table, int generation, int first, int last, int chunks, String pos) {
        private LoadedChunks and(LoadedChunks other) {
            LoadedChunks begin = other.first < first ? other : this;
            return new LoadedChunks(
                    table,
                    generation,
                    begin.first,
                    Math.max(last, other.last),
                    Math.max(chunks, other.chunks),
                    begin.pos);
        }
    }

    /// Files that a table took in, by their numbers.
    ///
    /// @param table the raw table that takes them in, `namespace.name`
    public record FileNumbers(String source, String table, long first, long last) {
        private FileNumbers and(FileNumbers other) {
            return new FileNumbers(source, table, Math.min(first, other.first), Math.max(last, other.last));
        }
    }

    /// What the events of one commit hold.
    public static SnapshotInputs of(List<FilesWritten> events) {
        Map<String, TableInput> tables = new TreeMap<>();
        Map<String, OffsetRange> ranges = new TreeMap<>();
        Map<String, LoadedChunks> chunks = new TreeMap<>();
        Map<String, FileNumbers> numbers = new TreeMap<>();
        Map<String, FileIdentity> files = new LinkedHashMap<>();
        for (FilesWritten event : events) {
            event.inputs()
                    .forEach(input ->
                            tables.merge(input.table(), input, (a, b) -> new TableInput(a.table(), a.from(), b.to())));
            event.ranges().forEach(range -> ranges.merge(key(range), range, SnapshotInputs::span));
            LoadChunk chunk = event.chunk();
            if (chunk != null) {
                LoadedChunks step = new LoadedChunks(
                        chunk.table(), chunk.generation(), chunk.chunk(), chunk.chunk(), chunk.chunks(), chunk.pos());
                chunks.merge(key(step), step, LoadedChunks::and);
            }
            FileIdentity file = event.file();
            if (file != null) {
                FileNumbers number = new FileNumbers(file.source(), file.table(), file.number(), file.number());
                numbers.merge(key(number), number, FileNumbers::and);
                files.putIfAbsent(key(file), file);
            }
        }
        return new SnapshotInputs(
                List.copyOf(tables.values()),
                List.copyOf(ranges.values()),
                List.copyOf(chunks.values()),
                List.copyOf(numbers.values()),
                List.copyOf(files.values()),
                0);
    }

    private static OffsetRange span(OffsetRange one, OffsetRange other) {
        return new OffsetRange(
                one.clusterId(),
                one.topicId(),
                other.topic(),
                one.partition(),
                Math.min(one.start(), other.start()),
                Math.max(one.end(), other.end()));
    }

    private static String key(OffsetRange range) {
        return TableProperties.SUMMARY_RANGE + range.clusterId() + "." + range.topicId() + "." + range.partition();
    }

    private static String key(LoadedChunks load) {
        return TableProperties.SUMMARY_CHUNKS + load.table() + "." + load.generation();
    }

    private static String key(FileNumbers numbers) {
        return TableProperties.SUMMARY_FILE_NUMBERS + numbers.source() + "." + numbers.table();
    }

    private static String key(FileIdentity file) {
        return TableProperties.SUMMARY_FILE + file.source() + "." + file.table() + "." + file.number();
    }

    /// The entries of the snapshot's summary, bounded. [#in] reads them.
    public Map<String, String> entries() {
        Map<String, String> named = new LinkedHashMap<>();
        fileNumbers.forEach(numbers -> named.put(key(numbers), numbers.first() + " " + numbers.last()));
        chunks.forEach(load ->
                named.put(key(load), load.first() + " " + load.last() + " " + load.chunks() + " " + load.pos()));
        ranges.forEach(range -> named.put(key(range), range.start() + " " + range.end() + " " + range.topic()));
        files.forEach(file -> named.put(key(file), file.sha256() + " " + file.path()));

        Map<String, String> entries = new LinkedHashMap<>();
        tables.forEach(input -> entries.put(
                TableProperties.SUMMARY_INPUT + input.table(),
                (input.from() == null ? NONE : input.from().toString()) + " " + input.to()));
        int room = MAX_CHARACTERS;
        int left = unnamed;
        for (Map.Entry<String, String> entry : named.entrySet()) {
            int size = entry.getKey().length() + entry.getValue().length();
            if (size <= room) {
                entries.put(entry.getKey(), entry.getValue());
                room -= size;
            } else {
                left++;
            }
        }
        if (left > 0) {
            entries.put(TableProperties.SUMMARY_UNNAMED, Integer.toString(left));
        }
        return entries;
    }

    /// What a snapshot's summary says; of a snapshot that an engine outside committed, nothing.
    ///
    /// @throws IllegalArgumentException where an entry is not in the form that [#entries] gives it
    public static SnapshotInputs in(Map<String, String> summary) {
        List<TableInput> tables = new ArrayList<>();
        List<OffsetRange> ranges = new ArrayList<>();
        List<LoadedChunks> chunks = new ArrayList<>();
        List<FileNumbers> numbers = new ArrayList<>();
        List<FileIdentity> files = new ArrayList<>();
        new TreeMap<>(summary).forEach((name, text) -> {
            if (name.startsWith(TableProperties.SUMMARY_INPUT)) {
                tables.add(input(rest(name, TableProperties.SUMMARY_INPUT), parts(name, text, 2)));
            } else if (name.startsWith(TableProperties.SUMMARY_RANGE)) {
                ranges.add(range(name, parts(name, text, 3)));
            } else if (name.startsWith(TableProperties.SUMMARY_CHUNKS)) {
                chunks.add(load(name, parts(name, text, 4)));
            } else if (name.startsWith(TableProperties.SUMMARY_FILE_NUMBERS)) {
                String[] named = dotted(name, rest(name, TableProperties.SUMMARY_FILE_NUMBERS), true);
                String[] parts = parts(name, text, 2);
                numbers.add(new FileNumbers(named[0], named[1], Long.parseLong(parts[0]), Long.parseLong(parts[1])));
            } else if (name.startsWith(TableProperties.SUMMARY_FILE)) {
                files.add(file(name, parts(name, text, 2)));
            }
        });
        files.sort(Comparator.comparingLong(FileIdentity::number));
        int unnamed = Integer.parseInt(summary.getOrDefault(TableProperties.SUMMARY_UNNAMED, "0"));
        return new SnapshotInputs(tables, ranges, chunks, numbers, files, unnamed);
    }

    private static TableInput input(String table, String[] parts) {
        @Nullable Long from = parts[0].equals(NONE) ? null : Long.valueOf(parts[0]);
        return new TableInput(table, from, Long.parseLong(parts[1]));
    }

    private static OffsetRange range(String name, String[] parts) {
        String[] partition = dotted(name, rest(name, TableProperties.SUMMARY_RANGE), false);
        String[] topic = dotted(name, partition[0], false);
        return new OffsetRange(
                topic[0],
                topic[1],
                parts[2],
                Integer.parseInt(partition[1]),
                Long.parseLong(parts[0]),
                Long.parseLong(parts[1]));
    }

    private static LoadedChunks load(String name, String[] parts) {
        String[] table = dotted(name, rest(name, TableProperties.SUMMARY_CHUNKS), false);
        return new LoadedChunks(
                table[0],
                Integer.parseInt(table[1]),
                Integer.parseInt(parts[0]),
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2]),
                parts[3]);
    }

    private static FileIdentity file(String name, String[] parts) {
        String[] source = dotted(name, rest(name, TableProperties.SUMMARY_FILE), true);
        String[] table = dotted(name, source[1], false);
        return new FileIdentity(source[0], table[0], Long.parseLong(table[1]), parts[1], parts[0]);
    }

    private static String rest(String name, String prefix) {
        return name.substring(prefix.length());
    }

    private static String[] parts(String name, String text, int count) {
        String[] parts = text.split(" ", count);
        if (parts.length != count) {
            throw new IllegalArgumentException("Summary entry " + name + " is '" + text + "', not " + count + " words");
        }
        return parts;
    }

    private static String[] dotted(String name, String text, boolean first) {
        int dot = first ? text.indexOf('.') : text.lastIndexOf('.');
        if (dot < 0) {
            throw new IllegalArgumentException("Summary entry " + name + " has no dot in '" + text + "'");
        }
        return new String[] {text.substring(0, dot), text.substring(dot + 1)};
    }
}
