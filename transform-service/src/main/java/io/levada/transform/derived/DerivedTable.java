package io.levada.transform.derived;

import io.levada.definition.CuratedTable;
import io.levada.definition.DatabaseSource;
import io.levada.definition.FileSource;
import io.levada.definition.PipelineDefinition;
import io.levada.events.Cause;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// A table that is computed from others.
sealed interface DerivedTable {
    /// `namespace.name`
    String name();

    /// `namespace.name` of the tables that it is computed from.
    Set<String> inputs();

    Cause cause();

    List<String> partitionBy();

    /// The rows of a source as they are now, computed from its raw table alone.
    sealed interface OfRaw extends DerivedTable {
        String raw();

        @Override
        default Set<String> inputs() {
            return Set.of(raw());
        }

        @Override
        default Cause cause() {
            return Cause.MIRROR;
        }

        @Override
        default List<String> partitionBy() {
            return List.of();
        }
    }

    /// The current rows of a source table.
    record Mirror(String name, String raw) implements OfRaw {}

    /// The rows of the newest version of each file, where changed files replace their earlier versions.
    record FileMirror(String name, String raw) implements OfRaw {}

    /// A SELECT's result.
    record Curation(CuratedTable table) implements DerivedTable {
        @Override
        public String name() {
            return table.name();
        }

        @Override
        public Set<String> inputs() {
            return table.inputs();
        }

        @Override
        public Cause cause() {
            return Cause.CURATION;
        }

        @Override
        public List<String> partitionBy() {
            return table.partitionBy();
        }

        /// The SELECT without the semicolon that may end it.
        String select() {
            String sql = table.sql().strip();
            return sql.endsWith(";") ? sql.substring(0, sql.length() - 1) : sql;
        }

        /// Changes with what the definition says of the table.
        String fingerprint() {
            try {
                byte[] hash = MessageDigest.getInstance("SHA-256")
                        .digest((String.join("\0", table.partitionBy()) + "\0\0" + select())
                                .getBytes(StandardCharsets.UTF_8));
                return "sha256:" + HexFormat.of().formatHex(hash);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /// The derived tables of a pipeline, each after those that it reads.
    static List<DerivedTable> of(PipelineDefinition definition) {
        Map<String, DerivedTable> all = new LinkedHashMap<>();
        definition.sources().values().forEach(source -> {
            switch (source) {
                case DatabaseSource database ->
                    database.tables().forEach(table -> {
                        String name = table.stageTable(database.name());
                        all.put(name, new Mirror(name, table.rawTable(database.name())));
                    });
                case FileSource files ->
                    files.stageTable().ifPresent(name -> all.put(name, new FileMirror(name, files.rawTable())));
            }
        });
        definition.tables().values().forEach(table -> all.put(table.name(), new Curation(table)));
        List<DerivedTable> ordered = new ArrayList<>();
        Set<String> placed = new TreeSet<>();
        all.values().forEach(table -> place(table, all, placed, ordered));
        return List.copyOf(ordered);
    }

    private static void place(
            DerivedTable table, Map<String, DerivedTable> all, Set<String> placed, List<DerivedTable> ordered) {
        if (!placed.add(table.name())) {
            return;
        }
        for (String input : new TreeSet<>(table.inputs())) {
            DerivedTable before = all.get(input);
            if (before != null) {
                place(before, all, placed, ordered);
            }
        }
        ordered.add(table);
    }
}
